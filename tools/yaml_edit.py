"""Adds one entry to a section of a person's YAML file, or takes it out; every other byte stays as it is.

Text is inserted or cut, never written anew from what was parsed. A change is accepted only if the new text
parses to the old content plus, or less, that one entry; otherwise it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node

STEP = 2
"""Columns that a level is indented by, where the file has no example."""


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
    """The text with the entry added at the end of the section, which is made where there is none.

    Args:
        text: a YAML document, perhaps empty.
        section: a key of its top level.
        name: of the entry, which must not be there yet.
        entry: plain JSON.

    Raises:
        YamlRefused: if it cannot be done by an insertion.
    """
    content = _parsed(text)
    if name in entries(text, section):
        raise YamlRefused(f"`{section}:` already has an entry {name!r}.")
    wanted = {**content, section: {**(content.get(section) or {}), name: dict(entry)}}
    return _proven(_insertions(text, section, name, entry), wanted, f"{name!r} cannot be added to `{section}:`")


def without_entry(text: str, section: str, name: str) -> str:
    """The text without the entry; comments that follow it stay.

    Raises:
        YamlRefused: if there is no such entry, or other parts of the file hang on its text.
    """
    content = _parsed(text)
    left = entries(text, section)
    if left.pop(name, None) is None:
        raise YamlRefused(f"`{section}:` has no entry {name!r}.")
    wanted = {**content, section: left or None}
    what = f"{name!r} cannot be cut out of `{section}:`"
    return _proven(_cuts(text, section, name), wanted, what, also={**content, section: left})


def _parsed(text: str) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise YamlRefused(f"This is not one valid YAML document: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict | None):
        raise YamlRefused("The file does not hold `name: value` lines.")
    return dict(content or {})


def _proven(candidates: Iterator[str], wanted: Any, what: str, also: Any = None) -> str:
    """The first candidate that parses to what is wanted; by repr, in which true is not 1 and nan is nan."""
    accepted = {repr(wanted), repr(also if also is not None else wanted)}
    for candidate in candidates:
        try:
            if repr(_parsed(candidate)) in accepted:
                return candidate
        except YamlRefused:
            continue
    raise YamlRefused(f"{what} without touching the rest of the file; do it by hand.")


def _insertions(text: str, section: str, name: str, entry: Mapping[str, Any]) -> Iterator[str]:
    root = _composed(text)
    if root is None or not root.value:
        yield from _appended(text, [len(text)], _block({section: {name: entry}}, 0, STEP))
        return
    step = _step(root)
    column = root.value[0][0].start_mark.column
    flow = json.dumps({name: dict(entry)}, ensure_ascii=False)
    places = [_content_end(root, text), len(text)]
    for key, value in root.value:
        if key.value != section:
            continue
        if getattr(value, "flow_style", False):
            place = value.end_mark.index - 1
            for before in (", ", "", " "):
                yield text[:place] + (before if value.value else "") + flow[1:-1] + text[place:]
        elif not value.value:
            places = [key.end_mark.index]
            yield from _appended(text, places, _block({name: entry}, column + step, step))
        elif isinstance(value.value, list):
            inner = value.value[0][0].start_mark.column
            places = [_content_end(value, text), value.end_mark.index]
            yield from _appended(text, places, _block({name: entry}, inner, step))
        return
    if root.flow_style:
        place = root.end_mark.index - 1
        whole = json.dumps({section: {name: dict(entry)}}, ensure_ascii=False)[1:-1]
        for before in (", ", ""):
            yield text[:place] + before + whole + text[place:]
    else:
        yield from _appended(text, places, _block({section: {name: entry}}, column, step))


def _cuts(text: str, section: str, name: str) -> Iterator[str]:
    root = _composed(text)
    for key, value in root.value if root is not None else ():
        if key.value != section:
            continue
        for inner, held in value.value:
            if inner.value != name:
                continue
            start, end = inner.start_mark.index, _content_end_of(inner, held, text)
            if value.flow_style:
                for before, after in (
                    (text[:start].rstrip(), text[end:]),
                    (text[:start], text[end:].lstrip()),
                ):
                    yield before.removesuffix(",") + after
                    yield before + after.removeprefix(",").lstrip(" ")
            else:
                yield text[: _line_start(text, start)] + text[_next_line(text, end) :]


def _composed(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="rt", pure=True).compose(text)


def _step(root: Any) -> int:
    """How far the first nested mapping of the file is indented."""
    for key, value in root.value:
        nested = getattr(value, "value", None)
        if isinstance(nested, list) and nested and not value.flow_style and isinstance(nested[0], tuple):
            inner: int = nested[0][0].start_mark.column - key.start_mark.column
            return max(inner, 1)
    return STEP


def _content_end(node: Node, text: str) -> int:
    """Where the last value of a node ends; its own mark comes after the comments behind it."""
    if not isinstance(node.value, list) or getattr(node, "flow_style", False) or not node.value:
        end: int = node.end_mark.index
        return end
    last = node.value[-1]
    if isinstance(last, tuple):
        return _content_end_of(last[0], last[1], text)
    return _content_end(last, text)


def _content_end_of(key: Node, value: Node, text: str) -> int:
    key_end: int = key.end_mark.index
    empty = value.start_mark.index == value.end_mark.index
    return key_end if empty else max(key_end, _content_end(value, text))


def _line_start(text: str, place: int) -> int:
    return max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1


def _next_line(text: str, place: int) -> int:
    """Where the line after the one that holds ``place`` begins; ``place`` itself where it begins one."""
    if place and text[place - 1] in "\r\n":
        return place
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1


def _appended(text: str, places: list[int], lines: list[str]) -> Iterator[str]:
    """The text with whole lines put in after the line of each place."""
    newline = "\r\n" if "\r\n" in text else "\n"
    block = "".join(line + newline for line in lines)
    for place in places:
        at = _next_line(text, place)
        before = newline if at and text[at - 1] not in "\r\n" else ""
        yield text[:at] + before + block + text[at:]


def _block(content: Mapping[str, Any], column: int, step: int) -> list[str]:
    """Block-style lines; every scalar and list is written as JSON, which YAML contains."""
    lines = []
    for key, value in content.items():
        label = key if key.isidentifier() and key.lower() not in RESERVED else json.dumps(key, ensure_ascii=False)
        if isinstance(value, Mapping) and value:
            lines.append(f"{' ' * column}{label}:")
            lines += _block(value, column + step, step)
        else:
            shown = json.dumps(dict(value) if isinstance(value, Mapping) else value, ensure_ascii=False)
            lines.append(f"{' ' * column}{label}: {shown}")
    return lines


RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"})
"""Names that some YAML readers take for something else."""


def with_values(text: str, section: str, name: str, values: Mapping[str, Any]) -> str:
    """The text with these values in an entry that is there; its other keys, their order and comments stay.

    Raises:
        YamlRefused: if the entry is no mapping, or it takes more than an insertion or another value.
    """
    for key, value in values.items():
        content = _parsed(text)
        entry = entries(text, section).get(name)
        if not isinstance(entry, dict):
            raise YamlRefused(f"The entry {name!r} of `{section}:` does not hold `name: value` lines.")
        if key in entry and repr(entry[key]) == repr(value):
            continue
        held = {**entry, key: value}
        wanted = {**content, section: {**content[section], name: held}}
        what = f"{key!r} of {name!r} cannot be set"
        text = _proven(_settings(text, (section, name), key, value), wanted, what)
    return text


def _settings(text: str, way: tuple[str, str], key: str, value: Any) -> Iterator[str]:
    node = _composed(text)
    step = _step(node)
    for part in way:
        node = next(inner for name, inner in node.value if name.value == part)
    shown = json.dumps(value, ensure_ascii=False)
    for name, inner in node.value:
        if name.value == key:
            start, end = inner.start_mark.index, _content_end(inner, text)
            yield text[:start] + shown + text[end:]
            colon = text.index(":", name.end_mark.index) + 1
            yield f"{text[:colon]} {shown}{text[colon:]}"
            return
    if getattr(node, "flow_style", False):
        place = node.end_mark.index - 1
        yield text[:place] + (", " if node.value else "") + f"{json.dumps(key)}: {shown}" + text[place:]
    else:
        column = node.value[0][0].start_mark.column
        yield from _appended(text, [_content_end(node, text)], _block({key: value}, column, step))
