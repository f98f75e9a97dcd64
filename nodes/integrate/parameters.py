"""Maps ProximA's parameters to the backend's: what the model pairs, the help must show and a run bear out."""

from __future__ import annotations

from typing import Any

from graph.state import State
from models.errors import Rejected
from nodes.integrate.answers import PARAMETERS, OptionMeaning, one_of
from nodes.integrate.observe import Observed, observe_option, observe_seed, observe_shots
from nodes.integrate.speech import dialect_of
from nodes.session import Session
from nodes.step import step
from nodes.verify.interface import help_of
from tools.documents import telling
from tools.options import Option, asked_program, fragment, options_in, stands_in_help

MOST = 24
"""Options that are listed in a question; a help with more is cut to those that its words fit best."""
Mapping_ = dict[str, dict[str, Any]]


@step("integrate")
def parameters(session: Session, state: State) -> str:
    """Map every standard parameter or name it as unsupported, and observe the effect of each mapped one."""
    dialect = dialect_of(session)
    help_text = _help(session, dialect)
    known = session.recipe.get("parameters")
    if known and (why := _fails(session, known, help_text)):
        session.say(f"  the known mapping no longer holds: {why}", step="integrate.parameters")
        session.recipe.forget("parameters")
        known = None
    if known is None:
        session.recipe.forget("parameters")
        known = _mapped(session, dialect_of(session), help_text)
        session.recipe.put("parameters", known, in_words(known["mapping"]))
    words = in_words(known["mapping"])
    doubts = [f"{name}: {entry['doubt']}" for name, entry in known["mapping"].items() if entry.get("doubt")]
    return f"RESERVATION: {'; '.join(doubts)}; {words}" if doubts else words


def in_words(mapping: Mapping_) -> str:
    """Which parameters are mapped and observed, mapped only, and not supported."""
    groups: dict[str, list[str]] = {"observed": [], "mapped, effect not observed": [], "not supported": []}
    for name, entry in mapping.items():
        kind = "not supported" if not entry["supported"] else "observed" if entry["observed"] else ""
        groups[kind or "mapped, effect not observed"].append(name)
    return "; ".join(f"{group}: {', '.join(names)}" for group, names in groups.items() if names)


def _help(session: Session, dialect: dict[str, Any]) -> str:
    """What the program prints of itself; nothing for a backend that is driven from Python."""
    if dialect["kind"] != "file":
        return ""
    target = (session.recipe.get("interface") or {}).get("target", "")
    return help_of(session, asked_program(dialect["command"], target))[1]


def _fails(session: Session, known: dict[str, Any], help_text: str) -> str | None:
    """Why a known mapping does not hold any more: an option that is gone, or an effect that is not seen."""
    dialect = dialect_of(session)
    for name, entry in known["mapping"].items():
        if entry.get("option") and not stands_in_help(entry["option"], help_text):
            return f"{entry['option']} does not stand in the help"
        if not entry["observed"] or name in ("num_qubits", "timeout"):
            continue
        seen = _observed(session, dialect, name)
        if not seen.works:
            return f"{name}: {seen.sentence}"
    return None


def _observed(session: Session, dialect: dict[str, Any], name: str) -> Observed:
    if name == "shots":
        return observe_shots(session, dialect)
    return observe_seed(session, dialect) if name == "seed" else observe_option(session, dialect, name)


def _mapped(session: Session, dialect: dict[str, Any], help_text: str) -> dict[str, Any]:
    whole = "\n".join(str(part) for part in (*dialect["before"], *dialect["after"], dialect["command"]))
    mapping: Mapping_ = {"num_qubits": _entry("the circuit itself", "the circuits of the verification")}
    found: dict[str, Any] = {"mapping": mapping, "options": {}, "appended": ""}
    every = [option for option in options_in(help_text) if not stands_in_help(option.name, dialect["command"])]
    for name in ("shots", "seed"):
        if f"⟨{name}⟩" in whole:
            seen = _observed(session, dialect, name)
            mapping[name] = _entry(_place(whole, name), seen.sentence) if seen.works else _unsupported(seen.sentence)
            continue
        seen = _observed(session, dialect, name)  # a backend that prints probabilities is sampled by the wrapper
        if seen.works:
            mapping[name] = _entry("the wrapper's own sampling", seen.sentence)
        elif option := _paired(session, every, name, mapping):
            appended = fragment(option).replace("⟨value⟩", f"⟨{name}⟩")
            wider = {**dialect, "command": f"{dialect['command']} {appended}"}
            seen = _observed(session, wider, name)
            if seen.works:
                found["appended"] = f"{found['appended']} {appended}".strip()
                dialect = wider
                mapping[name] = _entry(appended, seen.sentence, option.name)
        mapping.setdefault(name, _unsupported(seen.sentence))
    for name in PARAMETERS:
        if name not in mapping:
            _map_option(session, dialect, every, name, found)
    mapping["timeout"] = _entry("the wrapper, which stops the backend", "by the wrapper's checks: a run was stopped")
    return found


def _map_option(
    session: Session, dialect: dict[str, Any], every: list[Option], name: str, found: dict[str, Any]
) -> None:
    option = _paired(session, every, name, found["mapping"])
    if option is None:
        found["mapping"][name] = _unsupported(
            "no option of it was found" if every else "the backend shows no options that could be set"
        )
        return
    forms = dict.fromkeys((fragment(option), f"{option.name} ⟨value⟩", f"{option.name}=⟨value⟩"))
    sentence, ignored = "", False
    for form in forms if option.value else [option.name]:
        wider = {**dialect, "options": {**dialect.get("options", {}), name: form}}
        seen = observe_option(session, wider, name)
        sentence, ignored = sentence or seen.sentence, ignored or seen.ignored
        if seen.works:
            found["options"][name] = form
            found["mapping"][name] = _entry(form, seen.sentence if seen.effect else "", option.name)
            if not seen.effect:
                found["mapping"][name]["note"] = seen.sentence
            return
    found["mapping"][name] = _unsupported(f"{option.name} was tried: {sentence}")
    if ignored:
        found["mapping"][name]["doubt"] = f"{option.name} is taken and changes nothing, though the help states it"


def _paired(session: Session, every: list[Option], name: str, mapping: Mapping_) -> Option | None:
    """The option that the model pairs with the parameter, asked from both ends."""
    if not every:
        return None
    listed = every
    if len(listed) > MOST:
        text = telling("\n".join(f"# {o.name}\n{o.text}" for o in every), tuple(PARAMETERS[name].split()), 2000)
        listed = [option for option in every if option.text in text][:MOST]
    names = [option.name for option in listed]
    try:
        answer: Any = session.ask(
            "parameter_option",
            one_of("ParameterOption", "option", [*names, "none"]),
            lines=[option.text for option in listed],
            what=PARAMETERS[name],
        )
        if answer.option == "none":
            return None
        option = listed[names.index(answer.option)]
        if any(entry.get("option") == option.name for entry in mapping.values()):
            return None  # it sets something else already
        back = session.ask("option_parameter", OptionMeaning, line=option.text).parameter
    except Rejected:  # a parameter without an option is named as unsupported
        return None
    if back == name:
        return option
    session.run.record("integrate.parameters", f"{option.name} was named for {name}, but asked for its meaning: {back}")
    return None


def _entry(to: str, observed: str, option: str | None = None) -> dict[str, Any]:
    return {"supported": True, "to": to, "transform": "direct", "option": option, "observed": observed}


def _unsupported(why: str) -> dict[str, Any]:
    return {"supported": False, "why": why, "observed": ""}


def _place(whole: str, name: str) -> str:
    """The words around a slot, for a person."""
    line = next(line for line in whole.splitlines() if f"⟨{name}⟩" in line)
    words = line.split()
    at = next(i for i, word in enumerate(words) if f"⟨{name}⟩" in word)
    return " ".join(words[max(0, at - 1) : at + 1]) if words[at] == f"⟨{name}⟩" else words[at]
