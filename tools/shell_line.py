"""A line for the shell as a parser sees it: what each part starts, and every word as far as it is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

HOLE = "\0"
"""Stands in a word for what only running it tells: a substitution, a variable that is not set beforehand."""
WORDS = frozenset({"word", "string", "raw_string", "concatenation", "number", "simple_expansion", "expansion"})
SUBSTITUTED = frozenset({"command_substitution", "arithmetic_expansion"})
BUILT_IN = frozenset({"declaration_command", "unset_command", "test_command"})
NOT_POSIX = frozenset(
    {"process_substitution", "herestring_redirect", "ansi_c_string", "translated_string", "c_style_for_statement"}
) | frozenset({"[[", "((", "&>", "&>>", "|&", "function", "array", "select"})
"""What bash has and ``/bin/sh`` may read as something else (POSIX, XCU 2)."""


class Word(NamedTuple):
    """A word after quotes are taken off and what is set is put in."""

    text: str
    """With `HOLE` for what is not known."""
    role: str
    """``program``, ``argument``, ``output`` or ``input`` (of a redirection), or ``other``."""

    span: tuple[int, int] = (0, 0)
    """Where it stands in the line, in bytes."""

    @property
    def known(self) -> bool:
        """Whether nothing in it is open."""
        return HOLE not in self.text


class Line(NamedTuple):
    """A line, compound or not."""

    words: tuple[Word, ...]
    """Of all its parts, those of the commands that are substituted too, in the order of the line."""
    substitutes: bool
    """Whether the output of a command becomes part of another."""

    @property
    def programs(self) -> list[Word]:
        """What each of its simple commands starts."""
        return [word for word in self.words if word.role == "program"]


def parsed(line: str, variables: Mapping[str, str] | None = None) -> Line | None:
    """The line; None where it cannot be parsed, or the shell may read it otherwise than the parser.

    Args:
        line: for ``/bin/sh``.
        variables: the environment that it runs in.
    """
    if HOLE in line:
        return None
    try:
        root = _parser().parse(line.encode(errors="surrogateescape")).root_node
        return None if root.has_error else _read(root, variables or {})
    except (RecursionError, UnicodeEncodeError):  # nobody writes that deep, or half a character
        return None


def _read(root: Node, variables: Mapping[str, str]) -> Line | None:
    nodes = list(_within(root))
    if any(node.type in NOT_POSIX for node in nodes):
        return None
    # A variable that the line itself sets is not what it was beforehand.
    own = {_raw(node) for node in nodes if node.type == "variable_name" and _sets(node)}
    known = {name: value for name, value in variables.items() if name not in own}
    defined = {_raw(name) for node in nodes if (name := _part(node, "name")) and node.type == "function_definition"}
    words = [word for word in _words(root, known) if word.role != "program" or word.text not in defined]
    return Line(tuple(words), any(node.type == "command_substitution" for node in nodes))


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def _within(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _within(child)


def _part(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def _sets(node: Node) -> bool:
    return node.parent is not None and node.parent.type in (
        "variable_assignment",
        "for_statement",
        "declaration_command",
    )


def _words(node: Node, variables: Mapping[str, str], role: str = "other") -> Iterator[Word]:
    """Every word at or below a node; one within another, as in a substitution, comes after it."""
    if node.type in WORDS:
        yield Word(_text(node, variables), role, (node.start_byte, node.end_byte))
        for inner in _within(node):
            if inner.type in SUBSTITUTED and inner is not node:
                yield from _below(inner, variables)
        return
    if node.type == "heredoc_body":
        yield Word(_filled(node, variables), "argument")
    if node.type in SUBSTITUTED and role != "other":
        yield Word(HOLE, role)
    if node.type in BUILT_IN and node.children:
        yield Word(_raw(node.children[0]), "program")
    yield from _below(node, variables)


def _below(node: Node, variables: Mapping[str, str]) -> Iterator[Word]:
    for child in node.named_children:
        role = "other"
        if node.type == "command_name":
            role = "program"
        elif node.type == "file_redirect" and child.type != "number":
            role = "input" if any(part.type in ("<", "<&") for part in node.children) else "output"
        elif node.type in ("command", *BUILT_IN) and child.type != "command_name":
            role = "argument"
        if child.type not in ("file_descriptor", "heredoc_start", "heredoc_end"):
            yield from _words(child, variables, role)


def _raw(node: Node) -> str:
    return (node.text or b"").decode(errors="surrogateescape")


def _text(node: Node, variables: Mapping[str, str]) -> str:
    if node.type == "raw_string":
        return _raw(node)[1:-1]
    if node.type == "string":
        return _filled(node, variables)[1:-1]
    if node.type == "concatenation":
        return "".join(_text(child, variables) for child in node.children)
    if node.type in ("simple_expansion", "expansion"):
        names = [_raw(child) for child in node.named_children]
        plain = len(names) == 1 and node.named_children[0].type == "variable_name"
        plain = plain and _raw(node) in (f"${names[0]}", f"${{{names[0]}}}")
        # What else an expansion names, such as a default, is looked at as well.
        return variables.get(names[0], HOLE) if plain else f"{HOLE}{HOLE.join(names)}{HOLE}"
    if node.type in SUBSTITUTED:
        return HOLE
    return re.sub(r"\\(\n|.)", lambda found: found[1].strip("\n"), _raw(node))


def _filled(node: Node, variables: Mapping[str, str]) -> str:
    """What stands in quotes: all as it is but for expansions and the backslashes that quote there."""
    whole, at, found = node.text or b"", node.start_byte, ""
    inner = [child for child in node.children if child.type in {*SUBSTITUTED, "simple_expansion", "expansion"}]
    end = at
    for child in inner:
        found += _unescaped(whole[end - at : child.start_byte - at]) + _text(child, variables)
        end = child.end_byte
    return found + _unescaped(whole[end - at :])


def _unescaped(text: bytes) -> str:
    return re.sub(r'\\([$`"\\\n])', lambda found: found[1].strip("\n"), text.decode(errors="surrogateescape"))
