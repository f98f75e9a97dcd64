"""Finds out which tests the backend has, and keeps them as the run's manifest."""

from __future__ import annotations

from graph.state import State
from nodes.session import Session
from nodes.step import step
from nodes.verify.suite.listed import listed
from nodes.verify.suite.scripts import scripts_of
from nodes.verify.suite.sorting import UNSORTED, kind_of, sort
from tools.commands import filled
from tools.manifest import ListedTest, Manifest, save


@step("verify")
def discover(session: Session, state: State) -> str:
    """List the tests by a command or, where none lists them, by their files; sort them; write the manifest."""
    manifest = discovered(session, state.get("hint"))
    tests = manifest["tests"]
    if not tests:
        return "no test is known by its name" + ("; the suite is run whole" if manifest["suite"] else "")
    smoke = [test["name"] for test in tests if test["smoke"]]
    first = f"; first {', '.join(smoke)}" if smoke else ""
    return f"{len(tests)} tests by {manifest['listed_by']} ({manifest['verified_by']}){first}"


def discovered(session: Session, hint: str | None) -> Manifest:
    """The manifest, made anew and saved; what the recipe holds costs no question."""
    suite = list(session.recipe.get("survey")["commands"]["test"])
    manifest = Manifest(listed_by="", verified_by="", suite=suite, alone=None, tests=[])
    seconds: dict[str, float] = {}
    if found := listed(session, hint):
        names, alone, command = found.reading.names, None, found.command
        manifest |= {"listed_by": f"`{found.command}`", "verified_by": found.reading.in_words}
        seconds = found.reading.seconds
    elif scripts := scripts_of(session, hint):
        names, alone, command = scripts.files, scripts.alone, None
        manifest |= {"listed_by": "their files", "verified_by": "each is a file of the source"}
    else:
        save(session.run.manifest, manifest)
        return manifest
    order = sort(session, names, command, alone, hint) if len(names) > 1 else {**UNSORTED, "alone": alone}
    measured = session.recipe.get("durations") or {}
    smoke = set(order["smoke"])
    manifest["alone"] = template = order["alone"]
    manifest["tests"] = [
        ListedTest(
            name=name,
            kind=kind_of(name, order),
            smoke=name in smoke,
            command=filled(template, name) if template else None,
            expected_s=seconds.get(name, measured.get(name)),
            needs=order["needs"].get(name, []),
        )
        for name in names
    ]
    save(session.run.manifest, manifest)
    return manifest
