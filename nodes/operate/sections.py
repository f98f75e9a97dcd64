"""How a report tells a failure: the model's words beside the facts that they were held to."""

from __future__ import annotations

from graph.state import State
from nodes.operate.incident import Incident
from nodes.operate.prose import Prose
from nodes.session import Session
from tools.page import Part, Section, Verbatim
from tools.page import Prose as Paragraph

ANSWERS = ("retry", "skip", "stop", "hint: WORDS")
"""What the person can answer to an escalation."""


def words_of(prose: Prose | None) -> list[Section]:
    """The summary and the analysis."""
    if prose is None or not prose.summary:
        return []
    parts = (Paragraph(" ".join(prose.summary)),)
    return [Section("Summary", parts), Section("Analysis", (Paragraph(prose.analysis),))]


def told_of(session: Session, state: State, incident: Incident, prose: Prose | None) -> list[Section]:
    """All that is told of a failure; without prose it is told by its facts."""
    run, shown = session.run, incident.excerpt
    excerpts: list[Part] = []
    if shown and incident.log:
        excerpts.append(Verbatim(shown.text, f"From {incident.log}, {shown.total_lines} lines:"))
        if prose:
            excerpts.append([f"line {line}: {says}" for line, says in prose.notes])
            noise = sum(count for count, _ in prose.noise)
            told = [f"{noise} of the {shown.total_lines} lines are noise, as the model sees it:"] if noise else []
            excerpts.append([*told, *(f"{count} lines: {shape}" for count, shape in prose.noise)])
    steps: list[Part] = [prose.steps] if prose else []
    steps.append([f"rigil resume {run.id} --answer ANSWER, where ANSWER is {', '.join(ANSWERS)}"])
    return [
        *(words_of(prose) or [Section("Summary", ([f"{state_words(incident)}"],))]),
        Section("What failed", ([*incident.what, *incident.diagnosis],)),
        Section("What the log shows", tuple(excerpts)),
        Section(
            "The system at the failure", (incident.system, Verbatim(incident.samples, "The command's last seconds:"))
        ),
        Section("What was tried", (incident.tried or ["nothing"],)),
        Section("Next steps", tuple(steps)),
        Section(
            "What a bug report needs",
            ([*incident.needed, f"all of it in one archive: rigil report {run.id} --bundle"],),
        ),
    ]


def state_words(incident: Incident) -> str:
    """A failure in a sentence of facts."""
    tried = len(incident.tried)
    attempts = "nothing was tried" if not tried else f"{tried} attempt{'s' if tried > 1 else ''} did not mend it"
    return f"{incident.failure['step']} failed: {incident.failure['what'].rstrip('.')}; {attempts}."
