"""Adds one entry to a section of a person's YAML file, or takes it out; every other byte stays as it is.

Text is inserted or cut, never written anew from what was parsed. A change is accepted only if the new text
parses to the old content plus, or less, that one entry; otherwise it is refused.

Taking an added entry out gives the old text again, byte for byte. There is one exception: where the section was not
there, it was made, and stays without an entry.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from tools.yaml_marks import Part, root_of
from tools.yaml_write import STEP, block, flow

BREAK = re.compile(r"\r\n|\n|\r")
LAST_BREAK = re.compile(rf"({BREAK.pattern})\Z")
MOST = 1_000_000
"""Values that a file may hold where everything that it refers to is written out."""


class YamlRefused(ValueError):
    """The file cannot be changed without touching more than the entry; the message says why."""


def entries(text: str, section: str) -> dict[str, Any]:
    """What the section holds, by name; empty where there is no section.

    Raises:
        YamlRefused: if the text is not YAML, or the section holds something other than named entries.
    """
    content = _parsed(text)
    found = content.get(section)
    if not isinstance(found, dict | None):
        raise YamlRefused(f"`{section}:` does not hold `name: value` entries.")
    return dict(found or {})


def with_entry(text: str, section: str, name: str, entry: Mapping[str, Any]) -> str:
    """The text with the entry added to the section, at its end where that can be; the section is made if need be.

    Args:
        text: a YAML document, perhaps empty.
        section: a key of its top level.
        name: of the entry, which must not be there yet.
        entry: plain JSON.

    Raises:
        YamlRefused: if it cannot be done by an insertion.
    """
    content, old = _parsed(text), entries(text, section)
    if name in old:
        raise YamlRefused(f"`{section}:` already has an entry {name!r}.")
    new = {name: dict(entry)}
    wanted = [{**content, section: {**old, **new}}, {**content, section: {**new, **old}}]
    if section not in content:
        wanted.append({section: new, **content})
    what = f"{name!r} cannot be added to `{section}:`"
    return _proven(_insertions(text, section, name, entry), wanted, what)


def without_entry(text: str, section: str, name: str) -> str:
    """The text without the entry; comments that follow it stay.

    Raises:
        YamlRefused: if there is no such entry, or other parts of the file hang on its text.
    """
    content, left = _parsed(text), entries(text, section)
    if name not in left:
        raise YamlRefused(f"`{section}:` has no entry {name!r}.")
    del left[name]
    wanted = [{**content, section: left}] + ([] if left else [{**content, section: None}])
    return _proven(_cuts(text, section, name), wanted, f"{name!r} cannot be cut out of `{section}:`")


def _parsed(text: str) -> dict[Any, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError, YAMLWarning

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", YAMLWarning)  # how the person writes is theirs
            content = YAML(typ="safe", pure=True).load(text)
    # A date that is none, a key that can be none, brackets a thousand deep.
    except (YAMLError, ValueError, TypeError, RecursionError) as error:
        raise YamlRefused(f"This is not one valid YAML document: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict | None):
        raise YamlRefused("The file does not hold `name: value` lines.")
    if _written_out(content, {}) > MOST:
        raise YamlRefused(f"The file stands for more than {MOST} values: write out what its anchors repeat.")
    return dict(content or {})


def _written_out(value: Any, known: dict[int, int]) -> int:
    """How many values it holds, those that are referred to counted each time; ``known`` by id."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = 1  # one that holds itself is written as dots
        held = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_written_out(each, known) for each in held)
    return known[id(value)]


def _proven(candidates: Iterator[str], wanted: list[Any], what: str) -> str:
    """The first candidate that parses to what is wanted; by repr, in which true is not 1 and nan is nan."""
    accepted = {repr(content) for content in wanted}
    for candidate in candidates:
        try:
            if repr(_parsed(candidate)) in accepted:
                return candidate
        except YamlRefused:
            continue
    raise YamlRefused(f"{what} without touching the rest of the file; do it by hand.")


def _insertions(text: str, section: str, name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    root, last = root_of(text)
    if root is None or root.null:
        yield _lines_at(text, last, block({section: {name: entry}}, 0, STEP))
        return
    if root.kind != "mapping":
        raise YamlRefused(f"The file holds `{root.value}` alone; take that word away.")
    held = [(key, value) for key, value in root.pairs if key.value == section]
    if not held and root.flow:
        yield from _into_flow(text, root, flow({section: {name: entry}})[1:-1])
    elif not held:
        lines = block({section: {name: entry}}, root.pairs[0][0].column, _step(root))
        yield from _below(text, root, lines, last)
    for key, value in held:
        column = key.column + _step(root)
        if value.flow and value.kind == "mapping":
            yield from _into_flow(text, value, flow({name: entry})[1:-1])
        elif value.null:
            yield _lines_at(text, _after_line(text, value.end), block({name: entry}, column, _step(root)))
        elif value.kind == "mapping":
            column = value.pairs[0][0].column
            yield from _below(text, value, block({name: entry}, column, _step(root)), last)
        elif value.kind == "alias":
            raise YamlRefused(f"`{section}:` is an alias, so an entry would be another part's too; write it out.")
        else:
            raise YamlRefused(f"`{section}:` holds `{value.value}`; take that word away, so that entries fit below it.")


def _below(text: str, mapping: Part, lines: list[str], last: int) -> Iterator[str]:
    """Whole lines after the last content of a block mapping, or else before its first."""
    for place in _ends(text, mapping):
        yield _lines_at(text, place, lines)
    yield _lines_at(text, last, lines)
    first = _line_start(text, mapping.pairs[0][0].start)
    yield _lines_at(text, first, lines)


def _into_flow(text: str, mapping: Part, pair: str) -> Iterator[str]:
    if not mapping.pairs:
        opening = text.index("{", mapping.start) + 1
        yield text[:opening] + pair + text[opening:]
        return
    end = max(part.end for part in mapping.pairs[-1])
    yield f"{text[:end]}, {pair}{text[end:]}"


def _cuts(text: str, section: str, name: str) -> Iterator[str]:
    root, _ = root_of(text)
    for key, value in root.pairs if root is not None else ():
        if key.value != section:
            continue
        for number, (inner, held) in enumerate(value.pairs):
            if inner.value != name:
                continue
            if value.flow:
                end = max(inner.end, held.end)
                before = max(part.end for part in value.pairs[number - 1]) if number else inner.start
                yield from _flow_cuts(text, before, inner.start, end)
                continue
            start = _line_start(text, inner.start)
            for end in _ends(text, Part("mapping", inner.start, max(inner.end, held.end), inner.column)):
                if end == len(text) and not text.endswith(("\n", "\r")):
                    yield LAST_BREAK.sub("", text[:start])
                yield text[:start] + text[end:]


def _flow_cuts(text: str, before: int, start: int, end: int) -> Iterator[str]:
    """An entry of ``{...}`` with the comma before it, the one behind it, or none; comments stay."""
    if before < start and not text[before:start].strip(", \t\r\n"):
        yield text[:before] + text[end:]
    if behind := re.compile(r"\s*,[ \t]*").match(text, end):
        yield text[:start] + text[behind.end() :]
    yield text[:start] + text[end:]


def _step(root: Part) -> int:
    """How far the first nested mapping of the file is indented."""
    for key, value in root.pairs:
        if value.kind == "mapping" and not value.flow and not root.flow:
            return max(value.pairs[0][0].column - key.column, 1)
    return STEP


def _ends(text: str, part: Part) -> list[int]:
    """Where the line after a part begins: the empty lines at its end may be a block scalar's, or nobody's."""
    shown = len(text[: part.end].rstrip())
    return list(dict.fromkeys((_after_line(text, shown), _after_line(text, part.end))))


def _line_start(text: str, place: int) -> int:
    start = max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1
    return start + text.startswith("\ufeff", start)


def _after_line(text: str, place: int) -> int:
    """Where the line after the one that holds ``place`` begins; ``place`` itself where it begins one."""
    if place and text[place - 1] in "\r\n":
        return place
    found = BREAK.search(text, place)
    return found.end() if found else len(text)


def _lines_at(text: str, place: int, lines: list[str]) -> str:
    """The text with whole lines put in; at its end without a line break behind them where it has none."""
    newline = _newline(text, place)
    if (place in (0, 1) and not text[:place].strip("\ufeff")) or text[place - 1] in "\r\n":
        return text[:place] + "".join(line + newline for line in lines) + text[place:]
    return text[:place] + "".join(newline + line for line in lines) + text[place:]


def _newline(text: str, place: int) -> str:
    """The line break nearest before a place, or the first behind it."""
    before = [match[0] for match in BREAK.finditer(text, 0, place)]
    behind = BREAK.search(text, place)
    return before[-1] if before else behind[0] if behind else "\n"


def with_values(text: str, section: str, name: str, values: Mapping[str, Any]) -> str:
    """The text with these values in an entry that is there; its other keys, their order and comments stay.

    Raises:
        YamlRefused: if the entry is no mapping, or it takes more than an insertion or another value.
    """
    for key, value in values.items():
        content, entry = _parsed(text), entries(text, section).get(name)
        if not isinstance(entry, dict):
            raise YamlRefused(f"The entry {name!r} of `{section}:` does not hold `name: value` lines.")
        if key in entry and repr(entry[key]) == repr(value):
            continue
        wanted = {**content, section: {**content[section], name: {**entry, key: value}}}
        text = _proven(_settings(text, (section, name), key, value), [wanted], f"{key!r} of {name!r} cannot be set")
    return text


def _settings(text: str, way: tuple[str, str], key: str, value: Any) -> Iterator[str]:
    root, last = root_of(text)
    part = root
    for name in way:
        part = next((held for inner, held in part.pairs if inner.value == name), None) if part else None
    if root is None or part is None or part.kind != "mapping":
        return
    for inner, held in part.pairs:
        if inner.value == key:
            if held.empty:
                colon = text.index(":", inner.end) + 1
                yield f"{text[:colon]} {flow(value)}{text[colon:]}"
            else:
                yield text[: held.start] + flow(value) + text[held.end :]
            return
    if part.flow:
        yield from _into_flow(text, part, flow({key: value})[1:-1])
    else:
        yield from _below(text, part, block({key: value}, part.pairs[0][0].column, _step(root)), last)
