"""Where the parts of a YAML text stand, from the events of its parser.

A composed node is not enough: an alias becomes the node that it names and stands where that stands, and a block ends
only where the next begins, after the comments between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass
class Part:
    """A node of the text; places are indices into it."""

    kind: Literal["mapping", "sequence", "scalar", "alias"]
    start: int
    end: int
    """Where its last content ends; for a block scalar after the empty lines that may belong to it."""
    column: int
    flow: bool = False
    """Whether it is written in brackets or in quotation marks."""
    value: str = ""
    """Of a scalar."""
    pairs: list[tuple[Part, Part]] = field(default_factory=list)
    """Keys and values of a mapping, in order."""

    @property
    def empty(self) -> bool:
        """Whether nothing is written there at all, as after `key:`."""
        return self.kind == "scalar" and self.start == self.end

    @property
    def null(self) -> bool:
        """Whether nothing, or an anchor or a tag alone, is written there."""
        return self.kind == "scalar" and not self.value and not self.flow


def root_of(text: str) -> tuple[Part | None, int]:
    """(the root of the text's document, where that ends); no root where there is no document.

    Raises:
        ruamel.yaml.error.YAMLError: if the text is not YAML.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.events import DocumentEndEvent, DocumentStartEvent

    events = iter(YAML(typ="safe", pure=True).parse(text))
    root, end = None, len(text)
    for event in events:
        if isinstance(event, DocumentStartEvent):
            root = _part(next(events), events)
        elif isinstance(event, DocumentEndEvent) and event.explicit:
            end = event.start_mark.index
    return root, end


def _part(event: Any, events: Iterator[Any]) -> Part:
    from ruamel.yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

    start, end, column = event.start_mark.index, event.end_mark.index, event.start_mark.column
    if isinstance(event, AliasEvent):
        return Part("alias", start, end, column)
    if isinstance(event, ScalarEvent):
        return Part("scalar", start, end, column, flow=event.style in ("'", '"'), value=event.value)
    flow = bool(event.flow_style)
    if isinstance(event, MappingStartEvent):
        made = Part("mapping", start, end, column, flow)
        while not isinstance(event := next(events), MappingEndEvent):
            key = _part(event, events)
            value = _part(next(events), events)
            if value.empty and not flow:
                value.start = value.end = key.end  # its own mark is where the next token begins
            made.pairs.append((key, value))
            made.end = max(key.end, value.end)
    else:
        made = Part("sequence", start, end, column, flow)
        while not isinstance(event := next(events), SequenceEndEvent):
            item = _part(event, events)
            made.end = max(made.end, item.start if item.empty else item.end)
    if flow:
        made.end = event.end_mark.index
    return made
