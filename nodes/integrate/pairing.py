"""Pairs ProximA's parameters with what can be set on the backend: a pairing has to be named from both ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from models.errors import Rejected
from nodes.integrate.answers import PARAMETERS, OptionMeaning, one_of
from nodes.integrate.settable import Settable
from nodes.session import Session
from tools.documents import telling

MOST = 24
"""Options that are listed in a question; a help with more is cut to those that its words fit best."""


def paired(session: Session, every: Sequence[Settable], name: str, taken: Collection[str]) -> Settable | None:
    """The option that the model pairs with the parameter, asked from both ends; one that is taken sets another."""
    if not every:
        return None
    listed = list(every)
    if len(listed) > MOST:
        shown = "\n".join(f"# {each.name}\n{each.option.text}" for each in every)
        text = telling(shown, tuple(PARAMETERS[name].split()), 2000)
        listed = [each for each in every if each.option.text in text][:MOST]
    names = [each.name for each in listed]
    try:
        answer: Any = session.ask(
            "parameter_option",
            one_of("ParameterOption", "option", [*names, "none"]),
            lines=[each.option.text for each in listed],
            what=PARAMETERS[name],
        )
        if answer.option == "none" or answer.option in taken:
            return None
        found = listed[names.index(answer.option)]
        back = session.ask("option_parameter", OptionMeaning, line=found.option.text).parameter
    except Rejected:  # a parameter without an option is named as unsupported
        return None
    if back == name:
        return found
    session.run.record("integrate.parameters", f"{found.name} was named for {name}, but asked for its meaning: {back}")
    return None
