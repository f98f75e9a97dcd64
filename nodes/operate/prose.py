"""The model's part of a report: words about facts, kept only where they hold."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from graph.state import State
from models.errors import ModelError, Rejected
from nodes.operate.answers import Annotations, NextSteps, NoiseLines, ReportSummary
from nodes.operate.grounded import grounded, ungrounded
from nodes.operate.incident import Incident, quiet_shapes
from nodes.session import Session
from tools.filesystem import write_atomic
from tools.page import Page, as_text
from tools.redact import redactor
from tools.scanning import blocks_of
from tools.shapes import ShapeClass, counted_in

KEPT = "report.json"
WIDTH = 150
"""Characters of a line that a model is shown."""
MANY = 200
"""Lines from which a log is asked about its noise."""
KINDS, SHARE = 8, 0.02
"""So many shapes at most are asked about, each of which is at least this share of the lines."""


class Prose(NamedTuple):
    """What the model said and what the facts bear out; empty where it said nothing that holds."""

    summary: list[str]
    analysis: str
    notes: list[tuple[int, str]]
    """(line, what it means)."""
    steps: list[str]
    noise: list[tuple[int, str]]
    """(how many lines, their shape), counted by code."""
    new: bool


def prose_of(session: Session, state: State, incident: Incident | None, page: Page) -> Prose:
    """Ask for the words of a report, or take those that were said of the same facts before."""
    mend = redactor().text
    facts = "\n".join(map(mend, _facts(incident, page)))
    log = (
        "\n".join(line[:WIDTH] for line in incident.excerpt.text.splitlines()) if incident and incident.excerpt else ""
    )
    mark = hashlib.sha256(f"{facts}\n{log}".encode("utf-8", "replace")).hexdigest()
    file = session.run.folder / KEPT
    if file.exists() and (kept := json.loads(file.read_text())).get("of") == mark:
        return Prose(**kept["said"], new=False)
    diagnosis = mend("; ".join(incident.diagnosis)) if incident else ""
    evidence = {"facts": facts, "log": log, "diagnosis": diagnosis}
    found = _Asked(session, f"{facts}\n{log}").all(incident, page, evidence)
    said = {key: value for key, value in found._asdict().items() if key != "new"}
    if found.summary or found.steps:
        write_atomic(file, json.dumps({"of": mark, "said": said}, indent=2) + "\n")
    return found


def _facts(incident: Incident | None, page: Page) -> list[str]:
    if incident is None:
        costs = [section for section in page.sections if section.title != "What it cost"]
        return as_text(Page(page.title, [], costs)).splitlines()
    memory = [line for line in incident.system if line.startswith(("memory", "disk"))]
    return [*incident.what, *memory, *(f"tried: {line}" for line in incident.tried)]


class _Asked:
    """The questions of one report; once the model cannot be asked, none of them is."""

    def __init__(self, session: Session, facts: str) -> None:
        self._session, self._facts, self._over = session, facts, False

    def all(self, incident: Incident | None, page: Page, evidence: dict[str, Any]) -> Prose:
        noise = self._noise(incident) if incident else []
        fields = ("what", "why", "effect", "analysis")
        holds = grounded(f"{self._facts}\n{page.title}", *fields)
        summary = self._ask(
            "report_summary",
            ReportSummary,
            [holds, _one_sentence],
            name=self._session.run.name,
            verdict=page.title.rpartition(": ")[2],
            **evidence,
        )
        notes: list[tuple[int, str]] = []
        steps: list[str] = []
        if incident and incident.excerpt and evidence["log"]:
            answer = self._ask(
                "annotate_excerpt",
                Annotations,
                [self._of_the_log(evidence["log"])],
                what=incident.what[0],
                log=evidence["log"],
                failure_line=incident.excerpt.failure_line,
            )
            notes = sorted({note.line: note.says for note in answer.notes}.items()) if answer else []
        if incident:
            tried = redactor().text("; ".join(incident.tried))
            answer = self._ask("next_steps", NextSteps, [self._doable], tried=tried, **evidence)
            steps = answer.steps if answer else []
        told = [summary.what, summary.why, summary.effect] if summary else []
        return Prose(told, summary.analysis if summary else "", notes, steps, noise, new=True)

    def _ask(self, question: str, answer: type[Any], oracles: Sequence[Any], **evidence: Any) -> Any:
        """The answer, None where none was accepted, the budget is spent or the model is out of reach."""
        if self._over:
            return None
        try:
            return self._session.ask(question, answer, oracles=oracles, **evidence)
        except Rejected:
            return None
        except ModelError as error:
            self._over = True
            self._session.run.record("operate.report", f"the report says its facts alone: {error}")
            return None

    def _noise(self, incident: Incident) -> list[tuple[int, str]]:
        """What of a long log is noise: the model names the kinds, code counts their lines."""
        total, shown = incident.shapes.lines, incident.excerpt
        if incident.log is None or shown is None or shown.total_lines < MANY:
            return []
        kinds = [kind for kind in quiet_shapes(self._session, incident).classes() if kind.shape][:KINDS]
        kinds = [kind for kind in kinds if kind.lines >= SHARE * total]
        if not kinds:
            return []

        def listed(answer: NoiseLines) -> str | None:
            wrong = next((number for number in answer.noise if not 1 <= number <= len(kinds)), None)
            return None if wrong is None else f"There is no kind {wrong}; they go from 1 to {len(kinds)}."

        answer = self._ask(
            "noise_lines",
            NoiseLines,
            [listed],
            failure=(shown.failure or incident.what[0])[:WIDTH],
            kinds="\n".join(f"{n}. {redactor().text(kind.shape)[:WIDTH]}" for n, kind in enumerate(kinds, 1)),
        )
        chosen = [kinds[number - 1] for number in sorted(set(answer.noise))] if answer else []
        return [(_counted(incident, kind), kind.shape[:WIDTH]) for kind in chosen]

    def _of_the_log(self, log: str) -> Any:
        numbers = {int(found) for found in re.findall(r"(?m)^ *(\d+)\|", log)}

        def oracle(answer: Annotations) -> str | None:
            for note in answer.notes:
                if note.line not in numbers:
                    return f"Line {note.line} is not among those shown."
                if wrong := ungrounded(note.says, self._facts):
                    return wrong
            return None

        return oracle

    def _doable(self, answer: NextSteps) -> str | None:
        return next(filter(None, (ungrounded(step, self._facts) for step in answer.steps)), None)


def _counted(incident: Incident, kind: ShapeClass) -> int:
    """How many lines there are of a kind; counted again where some of the log was passed over."""
    if incident.shapes.whole or incident.log is None:
        return kind.lines
    return counted_in((block for _, block in blocks_of(incident.log)), kind.members)


def _one_sentence(answer: ReportSummary) -> str | None:
    for field in ("what", "why", "effect"):
        if re.search(r"[.!?]\s+[A-Z]", getattr(answer, field)):
            return f"`{field}` has to be one sentence."
    return None
