"""Works the mapping of ProximA's parameters out: pairs, candidates for a transform, and what runs bear out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodes.integrate.answers import LEVELS, PARAMETERS
from nodes.integrate.entries import complete, entry, place, stated_beside, unsupported
from nodes.integrate.levels import is_switch, transforms
from nodes.integrate.objects import made_of
from nodes.integrate.observe import Observed, observe_noise, observe_seed, observe_shots, observe_values, refuses
from nodes.integrate.observe_inside import observe_precision, observe_threads
from nodes.integrate.pairing import paired
from nodes.integrate.settable import Settable, settable, widened
from nodes.session import Session
from tools.options import options_in

TRIED: dict[str, tuple[Any, ...]] = {"optimization_level": (0, 1, 2), "parallelization": (1, 2)}
NONSENSE = "nosuchword"
PARTS = ("before", "after")
FEW_QUBITS = 8


def observed(session: Session, dialect: dict[str, Any], name: str, known: Mapping[str, Any]) -> Observed:
    """What is seen of a parameter whose transform is known."""
    if name == "shots":
        return observe_shots(session, dialect)
    if name == "seed":
        return observe_seed(session, dialect)
    if name == "noise_level":
        return observe_noise(session, dialect, known)
    return observe_values(session, dialect, name, known, _values(name, known))


def work_out(session: Session, dialect: dict[str, Any], shown: str) -> dict[str, Any]:
    """The mapping of every standard parameter, and what it adds to the dialect.

    Args:
        session: the run.
        dialect: without any parameter's option.
        shown: the program's help, empty where it has none.

    Returns mapping (parameter -> entry), options and inserts (of `tools.driver`, by parameter), appended (to the
    command), lines (of the script -> the line instead) and names (of all that can be set).
    """
    found: dict[str, Any] = {"mapping": {}, "options": {}, "inserts": {}, "appended": "", "lines": {}}
    mapping = found["mapping"]
    mapping["num_qubits"] = entry("num_qubits", "the circuit itself", "the circuits of the verification")
    every = settable(session, dialect, shown)
    found["names"] = [each.name for each in every]
    for name in ("shots", "seed"):
        dialect, added = _always_given(session, dialect, every, name, found)
        every = settable(session, dialect, shown) if added else every
        if found["mapping"][name]["supported"] and not added:
            mapping[name] = stated_beside(name, mapping[name], options_in(shown))
    for name in PARAMETERS:
        if name not in mapping:
            _map_option(session, dialect, every, name, found)
    mapping["timeout"] = entry(
        "timeout", "the wrapper, which stops the backend", "by the wrapper's checks: a run was stopped"
    )
    return found


def _always_given(
    session: Session, dialect: dict[str, Any], every: list[Settable], name: str, found: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    """Map shots or the seed, which every run has; (the dialect with it, whether something was added)."""
    mapping = found["mapping"]
    whole = "\n".join(str(part) for part in (*dialect["before"], *dialect["after"], dialect["command"]))
    seen = observed(session, dialect, name, {})
    if f"⟨{name}⟩" in whole:
        at = place(whole, name)
        mapping[name] = entry(name, at, seen.sentence) if seen.works else unsupported(seen.sentence)
    elif seen.works:  # a backend that prints probabilities is sampled by the wrapper
        mapping[name] = entry(name, "the wrapper's own sampling", seen.sentence)
    elif option := paired(session, every, name, _taken(mapping)):
        for form in option.forms:
            wider, words, lines = _with(dialect, form, name)
            again = observed(session, wider, name, {})
            if again.works:
                mapping[name] = complete(name, entry(name, words, again.sentence), option)
                if lines:
                    found["lines"] = _chained(found["lines"], lines)
                else:
                    found["appended"] = f"{found['appended']} {words}".strip()
                return wider, True
    mapping.setdefault(name, unsupported(seen.sentence))
    return dialect, False


def _with(dialect: dict[str, Any], form: str | dict[str, Any], name: str) -> tuple[dict[str, Any], str, dict[str, str]]:
    """(the dialect in which a run has its shots or seed, the words that give it, the lines of a script that change)."""
    slot = f"⟨{name}⟩"
    if isinstance(form, str):
        words = form.replace("⟨value⟩", slot)
        return {**dialect, "command": f"{dialect['command']} {words}"}, words, {}
    line, at, words = form["line"], form["at"], form["text"].replace("⟨value⟩", slot)
    lines = {line: line[:at] + words + line[at:]}
    made = {
        part: [lines.get(text, text) if isinstance(text, str) else text for text in dialect[part]] for part in PARTS
    }
    return {**dialect, **made}, words.strip(", "), lines


def _chained(known: dict[str, str], lines: dict[str, str]) -> dict[str, str]:
    """Line -> line instead, where a line may be one that was put instead of another before."""
    longer = {first: lines.get(last, last) for first, last in known.items()}
    return {**longer, **{first: last for first, last in lines.items() if first not in known.values()}}


def _map_option(
    session: Session, dialect: dict[str, Any], every: list[Settable], name: str, found: dict[str, Any]
) -> None:
    mapping = found["mapping"]
    option = paired(session, every, name, _taken(mapping))
    if option is None:
        mapping[name] = unsupported(
            "no option of it was found" if every else "the backend shows no options that could be set"
        )
        return
    sentence, ignored = "", False
    for transform in transforms(session, option, name):
        for form in option.forms:
            wider = widened(dialect, name, form)
            shown = form if isinstance(form, str) else f"{option.name}=⟨value⟩"
            tried = entry(name, shown, "", **transform)
            seen = observed(session, wider, name, tried)
            sentence, ignored = sentence or seen.sentence, ignored or seen.ignored
            if seen.works:
                mapping[name] = complete(name, tried, option, seen.taken)
                _effect(session, wider, name, option, mapping[name], seen)
                found["options" if isinstance(form, str) else "inserts"][name] = form
                return
    if made := made_of(session, dialect, option, name):
        lines = {
            part: [made.lines.get(line, line) if isinstance(line, str) else line for line in dialect[part]]
            for part in PARTS
        }
        wider = widened({**dialect, **lines}, name, made.insert)
        tried = entry(name, made.shown, "")
        seen = observed(session, wider, name, tried)
        if seen.works:
            mapping[name] = complete(name, tried, option, seen.taken)
            _effect(session, wider, name, option, mapping[name], seen)
            found["inserts"][name] = made.insert
            found["lines"] = _chained(found["lines"], made.lines)
            return
        sentence = f"with the object {made.shown} {seen.sentence}"
    mapping[name] = unsupported(f"{option.name} was tried: {sentence}")
    if made:
        mapping[name]["doubt"] = f"{option.name} takes an object, and none that was made for it worked: {sentence}"
    if ignored:
        mapping[name]["doubt"] = f"{option.name} is taken and changes nothing, though the help states it"


def _effect(
    session: Session, dialect: dict[str, Any], name: str, option: Settable, made: dict[str, Any], seen: Observed
) -> None:
    """Observe the effect where it can be, and say what was seen where it cannot."""
    if seen.effect:
        made["observed"] = seen.sentence
        return
    notes = [seen.sentence]
    inside = None
    if name == "precision" and set(seen.taken) == {"single", "double"}:
        inside = observe_precision(session, dialect, made)
    elif name == "parallelization" and made["validation"]["type"] == "integer" and {1, 2} <= set(seen.taken):
        most = (session.recipe.get("metadata") or {}).get("tried_qubits", FEW_QUBITS)
        inside = observe_threads(session, dialect, made, most)
    if inside:
        notes.append(inside.sentence)
        if inside.effect:
            made["observed"] = "; ".join(notes)
            return
    chosen = not is_switch(option) and (made["transform"] == "map" or made["validation"]["type"] == "word")
    if chosen and len(seen.taken) > 1 and refuses(session, dialect, name, NONSENSE):
        notes.append("a word that does not exist is refused")
        made["observed"] = "; ".join(notes)
        return
    made["note"] = "; ".join(notes)


def _values(name: str, known: Mapping[str, Any]) -> tuple[Any, ...]:
    if known.get("validation", {}).get("choices"):
        return tuple(known["validation"]["choices"])
    return TRIED.get(name) or tuple(LEVELS[name])


def _taken(mapping: Mapping[str, Any]) -> set[str]:
    return {str(known["backend_param"]) for known in mapping.values() if known.get("backend_param")}
