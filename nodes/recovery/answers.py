"""What recovery asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, create_model

from nodes.choice import meant

Kind = Literal[
    "something_missing",
    "no_network",
    "wrong_version",
    "wrong_command",
    "source_error",
    "link_error",
    "out_of_memory",
    "stale_files",
    "permission",
    "passing_fault",
    "wrong_result",
    "unclear",
]


class Symptom(BaseModel):
    """What went wrong, of a line that code has found."""

    kind: Kind = Field(
        json_schema_extra={
            "options": {
                "something_missing": "a file, header, library, module, package or program that is needed was not found",
                "no_network": "a download failed or a host could not be reached",
                "wrong_version": "a tool or library is too old or too new",
                "wrong_command": "the command itself is wrong: an unknown option, a missing argument, a wrong folder",
                "source_error": "the project's own code has an error",
                "link_error": "a symbol is undefined or a library is not linked",
                "out_of_memory": "a process was killed or memory ran out",
                "stale_files": "files of an earlier build or another folder are in the way",
                "permission": "something may not be read, written or executed",
                "passing_fault": "it would work at another try: busy, locked, timed out",
                "wrong_result": "the program ran but its result is wrong",
                "unclear": "none of these",
            }
        }
    )
    cause: str = Field(max_length=240)
    """The root cause in one sentence."""


class Diagnosis(Symptom):
    """What went wrong, in the words of the log, by a model that can quote."""

    quote: str = Field(max_length=320)
    """The line of the log that says so, copied."""
    file: str = Field(max_length=200)
    """The file that has to change, or nothing."""
    line: int | None = Field(ge=1)
    fix: str = Field(max_length=240)
    """What would mend it."""
    automatic: bool
    """Whether that can be done without the person."""


MISHAPS = {
    "crash": "the program was ended by the system for what it did, or gave itself up",
    "program_error": "the program ended by itself with an error of its own",
    "out_of_memory": "there was not enough memory",
    "timeout": "it was working, and had not finished when its time was over",
    "hang": "it did not get on any more: a deadlock, or the same again and again",
    "waits_for_input": "it waits for something that a person should type",
    "disk_full": "there was no room for a file",
    "permission": "something may not be read, written or executed",
    "something_missing": "a file, library, module or program that is needed was not found",
    "not_runnable": "the program's file cannot be run on this machine",
    "busy": "something that it needs is in use by another: a port, a lock, a file",
    "interrupted": "somebody or something outside ended it",
    "wrong_result": "it ended well, but what it gave cannot be right",
    "wrong_request": "the circuit or a parameter is nothing that this backend can run",
    "unclear": "none of these",
}
FAULTS = {
    "user": "what was asked for has to change",
    "backend": "the backend has a fault",
    "environment": "the machine or its surroundings have to change",
}
SEVERITIES = {
    "critical": "it will fail again until somebody mends it",
    "recoverable": "with something changed, it can work",
    "transient": "the same again may work",
}


class Mishap(BaseModel):
    """What went wrong with a job."""

    category: str = Field(json_schema_extra={"options": {**MISHAPS}})
    cause: str = Field(min_length=8, max_length=240)
    """The root cause, in a sentence that a person understands."""
    fault: str = Field(json_schema_extra={"options": {**FAULTS}})
    severity: str = Field(json_schema_extra={"options": {**SEVERITIES}})


def mishap_among(categories: Sequence[str], faults: Sequence[str], severities: Sequence[str]) -> type[Mishap]:
    """A Mishap whose category, fault and severity are among these."""
    literal: Any = Literal
    options: dict[str, dict[str, str]] = {
        "category": {name: MISHAPS[name] for name in categories},
        "fault": {name: FAULTS[name] for name in faults},
        "severity": {name: SEVERITIES[name] for name in severities},
    }
    fields: dict[str, Any] = {
        field: (literal[tuple(names)], Field(json_schema_extra={"options": {**names}}))
        for field, names in options.items()
    }
    return create_model("Mishap", __base__=Mishap, **fields)


CHANGES = {
    "recover": "change something, then do it again",
    "escalate": "ask the person; nothing that can be done here would help",
}


class Decision(BaseModel):
    """What to do about a failure."""

    choice: Literal["retry", "recover", "escalate"] = Field(
        json_schema_extra={"options": {"retry": "do the same again; the fault will pass by itself", **CHANGES}}
    )


class SecondDecision(BaseModel):
    """What to do where the same again would fail in the same way."""

    choice: Literal["recover", "escalate"] = Field(json_schema_extra={"options": {**CHANGES}})


class Action(BaseModel):
    """One thing to do before the failed step is tried again."""

    action: str
    """One of the candidates, word for word."""
    risk: Literal["low", "medium", "high"]
    chance: int = Field(ge=0, le=100)
    """Percent."""


def action_among(texts: Sequence[str]) -> type[Action]:
    """An Action whose ``action`` is one of the texts; one that was copied with a changed quote is taken for it."""
    literal: Any = Literal
    annotated: Any = Annotated
    listed = annotated[literal[tuple(texts)], BeforeValidator(lambda answer: meant(str(answer), texts) or answer)]
    return create_model("Action", __base__=Action, action=(listed, ...))


RemedyKind = Literal["install", "command", "replace", "omit", "variable", "edit", "network", "clean", "wait"]


class Remedy(BaseModel):
    """One thing to do before the failed step is tried again, complete; what a kind does not need is empty."""

    kind: RemedyKind = Field(
        json_schema_extra={
            "options": {
                "install": "install from the machine's packages what `name` says, as the output names it",
                "command": "run `command` once before the failed command, which then runs again",
                "replace": "use `command` in the place of the failed command from now on",
                "omit": "leave the failed command out, because what it should make is made already by another way",
                "variable": "set the environment variable `name` to `value`",
                "edit": "in `file`, put `new` in the place of `old`, which has to stand there exactly once",
                "network": "let the failed command use the network",
                "clean": "remove what the build made and build anew",
                "wait": "wait and try again",
            }
        }
    )
    command: str = Field(max_length=400)
    name: str = Field(max_length=80)
    value: str = Field(max_length=300)
    file: str = Field(max_length=200)
    old: str = Field(max_length=2000)
    new: str = Field(max_length=2000)
    changes: str = Field(max_length=200)
    """What should be different afterwards."""
    risk: Literal["low", "medium", "high"]
    chance: int = Field(ge=0, le=100)
    """Percent."""


class Remedies(BaseModel):
    """What to do, the best first."""

    remedies: list[Remedy] = Field(min_length=1, max_length=3)


class JobRemedy(BaseModel):
    """One thing to do before a job is run again."""

    kind: Literal["candidate", "parameter", "variable"] = Field(
        json_schema_extra={
            "options": {
                "candidate": "one of the candidates, which `name` gives word for word",
                "parameter": "run it with the parameter `name` set to `value`",
                "variable": "set the environment variable `name`, which the output or the documents name, to `value`",
            }
        }
    )
    name: str = Field(max_length=300)
    value: str = Field(max_length=300)
    changes: str = Field(max_length=200)
    """What should be different afterwards."""
    risk: Literal["low", "medium", "high"]
    chance: int = Field(ge=0, le=100)
    """Percent."""


class JobRemedies(BaseModel):
    """What to do, the best first."""

    remedies: list[JobRemedy] = Field(min_length=1, max_length=3)


class Variable(BaseModel):
    """An environment variable and its value."""

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=60)
    value: str = Field(min_length=1, max_length=200)


def variable_among(names: Sequence[str]) -> type[Variable]:
    """A Variable whose name is one of these."""
    literal: Any = Literal
    name: Any = literal[tuple(names)]
    return create_model("Variable", __base__=Variable, name=(name, ...))


class NewLine(BaseModel):
    """What stands in the place of a line."""

    line: str = Field(max_length=300, pattern=r"^[^\r\n]*$")


class Missing(BaseModel):
    """What a log says is missing."""

    name: str = Field(min_length=2, max_length=80)
    """Copied from the log."""


class Package(BaseModel):
    """One of the packages that the machine's index lists."""

    package: str


class PackageManager(BaseModel):
    """How this machine finds and installs packages."""

    search: str
    """A command with {word} in it."""
    install: str
    """A command with {package} in it that asks nothing."""


class Unpacking(BaseModel):
    """How this machine gets the files of a package without root."""

    command: str = Field(max_length=300)
    """With {package} and $PREFIX in it; empty where there is no way."""


class NewCommand(BaseModel):
    """A command to use in the place of one that failed."""

    command: str = Field(min_length=2, max_length=400)


class Place(BaseModel):
    """Where a command that shall help goes."""

    does: str = Field(max_length=60)
    """What it does, in a few words; said first, it settles the place."""
    place: Literal["before", "instead"] = Field(
        json_schema_extra={
            "options": {
                "before": "it gets or makes what the failed command needs, and then the failed one is run again",
                "instead": "it does what the failed command should have done",
            }
        }
    )


def missing_among(words: Sequence[str]) -> type[Missing]:
    """A Missing whose name is one of the words of a line."""
    literal: Any = Literal
    name: Any = literal[tuple(words)]
    return create_model("Missing", __base__=Missing, name=(name, ...))
