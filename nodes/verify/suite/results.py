"""What the backend's own tests came to: which failed and why, as a sentence and as a file for CI systems."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from models.fencing import plain
from nodes.session import Session
from nodes.verify.suite.alone import LAST, Alone, run_tests
from nodes.verify.suite.answers import TestResults
from tools.excerpts import tail
from tools.filesystem import read_text
from tools.finished import Finished
from tools.junit import Case, save
from tools.manifest import Manifest
from tools.name_patterns import candidates

AROUND, PLACES, CHARACTERS = 4, 3, 1800
"""Lines around a failed test's name, places of it, and characters of a suite's output that are read for it."""
SEARCHED = 2_000_000
MOST_NAMED = 5
MOST_TRIED = 60


def named(results: TestResults, finished: Finished, manifest: Manifest) -> list[str]:
    """The tests that failed, by their names in the manifest where one of those alone is meant.

    Where the output names more than were copied, in lines like theirs, all of them, if they then are as many as failed.
    """
    known = [test["name"] for test in manifest["tests"]]
    there = set(known)

    def meant(name: str) -> str:
        if name in there:
            return name
        whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        within = [one for one in known if whole.search(one)] or [one for one in known if one and one in name]
        return within[0] if len(within) == 1 else name

    copied = results.failed_names
    if copied and len(copied) < results.failed:
        text = _text(finished)
        for candidate in islice(candidates(text, [copied[0], copied[-1]]), MOST_TRIED):
            found = {match["name"] for match in re.finditer(candidate.pattern, text, re.MULTILINE)}
            if len(found) == results.failed and {*map(meant, found)} <= there and found.issuperset(copied):
                copied = sorted(found, key=lambda name: known.index(meant(name)))
                break
    return list(dict.fromkeys(map(meant, copied)))


def failing(
    session: Session, command: str, names: Sequence[str], suite: Finished, alone: Alone, smoke: Mapping[str, Finished]
) -> list[Case]:
    """Look at each test that failed in the suite or as a smoke test; at most as many as the settings say are run.

    Where no command runs one alone, the only one that failed is run again with the others.
    """
    failed = list(dict.fromkeys([*(name for name, finished in smoke.items() if not finished.ok), *names]))
    cases = []
    for number, name in enumerate(failed):
        if number >= session.settings.tests.alone:
            cases.append(Case(name, "failed", "not looked at further", [False]))
            continue
        finished = smoke[name] if name in smoke else alone.run(name)
        if finished is None:
            case = alone.read(name, suite, _around(suite, name)) if not suite.ok else Case(name, "failed", runs=[False])
            if len(failed) == 1 and suite.seconds * session.settings.tests.again <= session.settings.limits.test_s:
                case = alone.again(
                    case, lambda: run_tests(session, command, "tests-again", session.settings.limits.test_s)
                )
            elif case.status == "flaky":
                case.status, case.reason = "failed", f"{case.reason} (believed flaky; no command runs it alone)"
        elif not finished.ok:
            case = alone.failed(name, finished)
            if suite.ok and name not in names:
                case.reason = f"{case.reason} (alone; it passed with the others)"
        else:
            # Where the suite's exit status said nothing, that of one of its tests alone says no more.
            case = alone.read(name, finished) if suite.ok else Case(name, "passed")
            if case.status == "passed":
                reason = "it failed with the others and passed alone"
                case = Case(name, "flaky", reason, [False, True], finished.seconds, tail(finished.log, LAST))
        cases.append(case)
    return cases


def telling_sentence(cases: Sequence[Case], clause: str | None) -> str:
    """What a reservation says of the tests that failed and of what contradicts itself."""
    parts = []
    for case in cases[:MOST_NAMED]:
        flaky = f": flaky, passed {case.record}" if case.status == "flaky" else ""
        parts.append(f"{case.name}{flaky}" + (f": {case.reason[:120]}" if case.reason else ""))
    more = [f"{len(cases) - MOST_NAMED} more"] if len(cases) > MOST_NAMED else []
    names = f" ({'; '.join([*parts, *more])})" if parts else ""
    contradiction = f"; {clause}, so it counts as failed" if clause else ""
    return f"{names}{contradiction}; the project's own tests do not all pass"


def save_results(
    session: Session,
    command: str,
    finished: Finished,
    results: TestResults | None,
    manifest: Manifest,
    cases: Sequence[Case],
    smoke: Mapping[str, Finished],
    clause: str | None,
) -> None:
    """Write the JUnit file: a case for each test of which it is known what it came to.

    Which tests passed is known of the smoke tests, and of all that did not fail where the counts of the suite are
    those of the manifest. Unless the cases are all that the suite counts, the suite is a case of its own.
    """
    looked = {case.name: case for case in cases}
    whole = looked.pop(command, None)
    passed = [name for name, ended in smoke.items() if ended.ok]
    known = [test["name"] for test in manifest["tests"]]
    if results and not clause and not results.skipped and len(known) == results.passed + results.failed:
        told = sum(1 for name in known if name in looked)
        passed = known if told == results.failed or not results.failed else passed
    rest = [
        Case(name, "passed", runs=[True], seconds=smoke[name].seconds if name in smoke else None)
        for name in passed
        if name not in looked
    ]
    complete = results and not clause and len(looked) + len(rest) == results.passed + results.failed + results.skipped
    if whole is None and not complete:
        good = finished.ok and results is not None and results.passed and not results.failed and not clause
        reason = "" if good else clause or finished.in_words
        last = tail(finished.log, LAST)
        whole = Case(command, "passed" if good else "failed", reason, [bool(good)], finished.seconds, last)
    properties = {"command": command, "how it ended": finished.in_words, "known tests": str(len(known))}
    if results:
        properties |= {name: str(getattr(results, name)) for name in ("passed", "failed", "skipped")}
    if clause:
        properties["disagreement"] = clause
    save(session.run.junit, session.run.name, [*([whole] if whole else []), *looked.values(), *rest], properties)


def _around(finished: Finished, name: str) -> str | None:
    """The lines of a suite's output around the places where a test is named; None where it is named nowhere."""
    lines = _text(finished).splitlines()
    places = [number for number, line in enumerate(lines) if name in line][-PLACES:]
    kept = sorted({n for place in places for n in range(max(0, place - AROUND), min(len(lines), place + AROUND + 1))})
    return "\n".join(lines[number][:300] for number in kept)[-CHARACTERS:] or None


def _text(finished: Finished) -> str:
    return plain(read_text(finished.log, SEARCHED))
