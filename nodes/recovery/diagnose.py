"""Says what went wrong: the model names it, and its quotation has to stand in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from graph.state import Attempt, Failure, State, ended
from models.errors import BudgetSpent, Rejected
from models.fencing import fence
from models.look import calls_tools, look
from nodes.execute.plan import LOST
from nodes.grants import hosts_to_ask
from nodes.recovery import for_jobs, mishap
from nodes.recovery.actions import undo
from nodes.recovery.answers import Diagnosis, Symptom
from nodes.recovery.candidates import candidates, place_of, plain, signature, told
from nodes.recovery.facts import facts
from nodes.session import Session, session_of
from tools.excerpts import excerpt
from tools.filesystem import OutsideWorkspace, inside, read_text
from tools.locations import Location
from tools.lookaround import make_tools
from tools.mishaps import why_not
from tools.postmortem import kept
from tools.quotations import stands_in

WINDOW = 16
"""Lines that a small model is shown around the first failure, each cut at WIDTH."""
WIDTH = 150
MEANT = 12
"""Characters from which a cause that stands in the output is taken for its line."""


def diagnose(state: State) -> dict[str, Any]:
    """Diagnose the failure, unless the recipe knows what helped against it before or nothing is left to judge."""
    session = session_of(state)
    failure = state["failure"]
    assert failure is not None
    attempts, failure = _ended(session, failure, state.get("attempts", []))
    state = {**state, "failure": failure}
    found = _known(session, failure, attempts)
    if found is None and failure["step"] == for_jobs.JOB:
        found = mishap.diagnosed(session, failure, attempts, state.get("hint"))
        session.say(f"  diagnosis: {mishap.in_words(found)}", step="recovery.diagnose")
        session.say(f"    “{found['quote']}”", step="recovery.diagnose")
    if found is None and failure["log"] and (session.recipe.get("survey") or hosts_to_ask(session, failure["log"])):
        evident = plain(session, failure, candidates(session, failure, attempts), attempts)
        found = _diagnosis("evident", facts(session, failure) or failure["what"]) if evident else None
    if found is None and failure["log"]:
        try:
            ask = _quoted if session.asker.form == "free" else _named
            found = ask(session, state, attempts)
            session.say(f"  diagnosis: {found['kind']}: {found['cause']}", step="recovery.diagnose")
            for line in _shown(found):
                session.say(f"    {line}", step="recovery.diagnose")
        except (Rejected, BudgetSpent) as error:
            session.say(f"  no diagnosis: {error}", step="recovery.diagnose")
    return {
        "diagnosis": found or _diagnosis("unclear", failure["what"]),
        "attempts": attempts,
        "failure": failure,
    }


def _diagnosis(kind: str, cause: str) -> dict[str, Any]:
    """A diagnosis without the model."""
    return {"kind": kind, "cause": cause, "quote": "", "file": "", "line": None, "fix": "", "automatic": True}


def _known(session: Session, failure: Failure, attempts: list[Attempt]) -> dict[str, Any] | None:
    """What the recipe says helped against a failure of this step, if it was not tried in this run."""
    tried = [attempt["action"].get("text") for attempt in attempts]
    fixes = session.recipe.get("fixes") or []
    mark = signature(session, failure)
    known = next(
        (
            fix
            for fix in fixes
            if fix["step"] == failure["step"] and fix["text"] not in tried and fix.get("against") in (None, mark)
        ),
        None,
    )
    if known is None:
        return None
    session.say(f"  known from the recipe: {known['text']}", step="recovery.diagnose")
    return {**_diagnosis("known", failure["what"]), "fix": known}


def _ended(session: Session, failure: Failure, attempts: list[Attempt]) -> tuple[list[Attempt], Failure]:
    """Say what came of the attempts on this step; a change after which the same thing fails is taken back."""
    mark = signature(session, failure)
    closed = []
    for attempt in attempts:
        if attempt["step"] == failure["step"] and not attempt["outcome"]:
            same, action = attempt["signature"] == mark, attempt["action"]
            line = _failure_line(session, failure)
            # A replacement that succeeded did something: what it is good for is not settled yet.
            worked = action["kind"] == "replace" and failure["status"] == 0
            printed = f" It printed: {line.strip()[:160]}" if line else ""
            ending = f"then {'the same' if same else 'another'} failure: {failure['what'][:160]}{printed}"
            attempt = ended(attempt, ending)
            # The same words of another line may be told after an edit that was right.
            other = action["kind"] == "edit" and action.get("seen") != line
            worse = LOST in failure["what"] or _blamed(action, line)
            if ((same and not worked and not other) or worse) and undo(session, action):
                session.say(f"  taken back: {action['text']}", step="recovery.diagnose")
                if action["kind"] == "replace":
                    failure = Failure(**{**failure, "command": action["old"]})
        closed.append(attempt)
    return closed, failure


def _blamed(action: dict[str, Any], line: str | None) -> bool:
    """Whether a failure names what a replacement put into the command."""
    if action["kind"] != "replace" or not line:
        return False
    added = set(action["new"].split()) - set(action["old"].split())
    return any(len(word) > 2 and word.startswith("-") and word in line for word in added)


def _failure_line(session: Session, failure: Failure) -> str | None:
    return session.excerpt(failure["log"]).failure if failure["log"] else None


def _quoted(session: Session, state: State, attempts: list[Attempt]) -> dict[str, Any]:
    """The diagnosis of a model that can quote; the quotation, file and line have to be there."""
    failure = state["failure"]
    assert failure is not None and failure["log"] is not None
    log = Path(failure["log"])

    def quoted(answer: Diagnosis) -> str | None:
        if len(answer.quote.strip()) < 4 or not stands_in(answer.quote, log):
            return "The quoted line does not stand in the log. Copy one line of it, word for word."
        return None

    def located(answer: Diagnosis) -> str | None:
        if not answer.file or answer.kind in ("something_missing", "no_network"):
            return None
        lines = _own_lines(session, answer.file)
        if lines is None and not stands_in(answer.file, log):
            return f"The file {answer.file!r} is neither in the log nor in the source."
        if lines is not None and answer.line and answer.line > len(lines):
            return f"{answer.file} has no line {answer.line}."
        return None

    answer = session.ask(
        "diagnosis",
        Diagnosis,
        oracles=[quoted, located, _seen(failure)],
        command=failure["command"],
        what=failure["what"],
        log=session.excerpt(log).text,
        looked=_looked(session, state, log),
        facts=facts(session, failure),
        attempts=told(attempts, failure["step"], whole=True),
        hint=state.get("hint"),
    )
    found = answer.model_dump()
    lines = _own_lines(session, answer.file) or []
    if answer.line and answer.line <= len(lines):
        found["source"] = _beside(Location(answer.file, answer.line, lines[answer.line - 1]))
    return found


def _seen(failure: Failure) -> Callable[[Symptom], str | None]:
    """The oracle of a want of memory: something besides the model's word has to tell of it."""
    seen = kept(failure["log"])
    return lambda answer: why_not(answer.kind, seen) if seen and answer.kind == "out_of_memory" else None


def _own_lines(session: Session, name: str) -> list[str] | None:
    """The lines of a file in the tree; None where there is no such file, or the name leads out of it."""
    try:
        path = inside(session.tree, name)
    except OutsideWorkspace:
        return None
    return read_text(path, 1_000_000).splitlines() if path.is_file() else None


def _looked(session: Session, state: State, log: Path) -> str:
    """What the model saw with the tools, in the source and the whole log, where it calls tools well."""
    most = session.settings.look.calls
    if not most or not calls_tools(session.asker, session.run.state):
        return ""
    failure = state["failure"]
    assert failure is not None
    shown = f"{failure['command']}\n{failure['what']}\n{fence(session.excerpt(log).text, 'its output')}"
    session.looked[str(log)] = look(
        session.asker, "diagnosis", shown, make_tools(session.shell, session.tree, log), most
    )
    return session.looked[str(log)]


def _shown(found: dict[str, Any]) -> Iterator[str]:
    """What the person is told beside the cause: the quotation, the place with its line, the fix."""
    yield f"“{found['quote']}”"
    if "source" in found:
        yield found["source"]
    if found["fix"]:
        yield f"fix: {found['fix']}{'' if found['automatic'] else ' (not without you)'}"


def _beside(place: Location) -> str:
    """The source line for the person."""
    return f"{place.file}:{place.line}: {place.text.strip()}"


def _named(session: Session, state: State, attempts: list[Attempt]) -> dict[str, Any]:
    """The diagnosis of a small model: code finds the line, the model names what it means."""
    failure = state["failure"]
    assert failure is not None and failure["log"] is not None
    shown = excerpt(Path(failure["log"]), session.settings.excerpt.failure_words, WINDOW, WINDOW * 80)
    texts = [text.strip() for line in shown.text.splitlines() if (text := line.partition("|")[2]).strip()]
    quote = (shown.failure or "").strip() or next(reversed(texts), failure["what"])

    def asked(line: str) -> Symptom:
        return session.ask(
            "symptom",
            Symptom,
            oracles=[_seen(failure)],
            command=failure["command"],
            what=failure["what"],
            log="\n".join(text[:WIDTH] for text in shown.text.splitlines()),
            line=line,
            facts=facts(session, failure),
            attempts=told(attempts, failure["step"]),
            hint=state.get("hint"),
        )

    answer = asked((shown.message or quote).strip()[: WIDTH * 2] if shown.failure else quote)
    # Where the model names another line of the output for the cause, that line is the one to be judged.
    named = next((text for text in texts if len(answer.cause) > MEANT and answer.cause.strip() in text), quote)
    if named != quote:
        answer = asked(named)
    found = {**_diagnosis(answer.kind, answer.cause), "quote": named}
    if place := place_of(session, failure):
        found |= {"file": place.file, "line": place.line, "source": _beside(place)}
    return found
