"""What can be set on a backend beside the circuit: options of its command line, or arguments of a script's calls."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from configs import TEMPLATES
from nodes.session import Session
from nodes.verify.interface import help_of, usage
from nodes.verify.trial import printed
from tools.circuits import bell
from tools.documents import sentences
from tools.driver import DriverError
from tools.keywords import Call, calls_in, insert
from tools.options import Option, asked_program, fragment, options_in, stands_in_help

MARK = "keyword "
SAID = 240


class Settable(NamedTuple):
    """An option or an argument."""

    option: Option
    forms: tuple[str | dict[str, Any], ...]
    """What it may add to the command, or to a line of the script; the likeliest first."""
    default: str | None = None
    """What a signature gives it."""

    @property
    def name(self) -> str:
        """How the backend calls it."""
        return self.option.name


def settable(session: Session, dialect: dict[str, Any], shown: str) -> list[Settable]:
    """All that can be set, by the help that is shown or by signatures, but for what the dialect sets already."""
    if dialect["kind"] == "program":
        return _arguments(session, dialect)
    return [
        Settable(option, _forms(option))
        for option in options_in(shown)
        if not stands_in_help(option.name, dialect["command"])
    ]


def help_text(session: Session, dialect: dict[str, Any]) -> str:
    """What a program prints of itself; nothing for a backend that is driven from Python."""
    if dialect["kind"] != "file":
        return ""
    target = (session.recipe.get("interface") or {}).get("target", "")
    return help_of(session, asked_program(dialect["command"], target))[1]


def widened(dialect: dict[str, Any], name: str, form: str | dict[str, Any]) -> dict[str, Any]:
    """The dialect with a form for a parameter."""
    key = "options" if isinstance(form, str) else "inserts"
    return {**dialect, key: {**dialect.get(key, {}), name: form}}


def _forms(option: Option) -> tuple[str, ...]:
    if not option.value:
        return (option.name,)
    return tuple(dict.fromkeys((fragment(option), f"{option.name} ⟨value⟩", f"{option.name}=⟨value⟩")))


def _arguments(session: Session, dialect: dict[str, Any]) -> list[Settable]:
    """The arguments with a default of whatever the script calls, as the backend's own interpreter shows them."""
    calls = calls_in([*dialect["before"], *dialect["after"]])
    listed = ", ".join(call.callee for call in calls)
    listing = [*(TEMPLATES / "list_keywords.txt").read_text().splitlines(), f"_list_keywords([{listed}])"]
    try:
        output = printed(session, {**dialect, "after": [*dialect["after"], *listing]}, bell(), shots=1)
    except DriverError as error:
        session.run.record("integrate.parameters", f"the arguments of the script's calls were not listed: {error}")
        return []
    told = sentences(usage(session, 100_000))
    found: dict[str, Settable] = {}
    for line in output.splitlines():
        if line.startswith(MARK):
            number, place, name, default, said = json.loads(line.removeprefix(MARK))
            call = calls[number]
            if name not in call.given and not 0 <= place < call.positional:
                found.setdefault(name, _argument(call, name, default, said, told))
    return list(found.values())


def _argument(call: Call, name: str, default: str, said: str, told: list[str]) -> Settable:
    """An argument with what its docstring says of it, or else the documents."""
    said = said or next((text for text in told if stands_in_help(name, text)), "")
    text = f"{name}={default}  {said}".strip()[:SAID]
    return Settable(Option(name, True, True, text), (insert(call, name),), default)
