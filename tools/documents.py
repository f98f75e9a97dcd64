"""What a project says of itself: its documents, their code blocks and the sections they stand in."""

from __future__ import annotations

import ast
import re
import subprocess
import warnings
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tools.filesystem import Entry, listing, read_text

TOLD = re.compile(r"readme|install|usage|getting.?started|quick.?start|tutorial|manual|building", re.IGNORECASE)
PROSE = {".md", ".rst", ".txt", ".adoc", ".org", ""}
LONGEST = 200_000


class Block(NamedTuple):
    """A code block of a document."""

    file: str
    heading: str
    tag: str
    """What the fence says it is, often nothing."""
    text: str


def documents(root: Path, *, most: int = 6) -> list[Path]:
    """The documents that tell how to build and use a project, the nearest to the root first."""

    def tells(entry: Entry) -> bool:
        path = Path(entry.path)
        return path.suffix.lower() in PROSE and bool(TOLD.search(path.stem)) and entry.size > 0

    found = [entry for entry in listing(root, depth=3) if tells(entry)]
    found.sort(key=lambda entry: (entry.path.count("/"), "readme" not in entry.path.lower(), entry.path))
    return [root / entry.path for entry in found[:most]]


def blocks(path: Path, root: Path) -> Iterator[Block]:
    """The fenced and indented code blocks of a document, in order."""
    from markdown_it import MarkdownIt

    heading, expecting = "", False
    for token in MarkdownIt("commonmark").parse(read_text(path, LONGEST)):
        if token.type == "heading_open":
            expecting = True
        elif token.type == "inline" and expecting:
            heading, expecting = token.content, False
        elif token.type in ("fence", "code_block") and token.content.strip():
            yield Block(str(path.relative_to(root)), heading, token.info.strip(), token.content.rstrip())


def command_lines(text: str) -> list[str]:
    """The commands of a block: prompts and comments taken off, continued lines joined, outputs left out."""
    joined = re.sub(r"[ \t]*\\\n\s*", " ", text)
    lines = [line.strip() for line in joined.splitlines()]
    prompted = [line[1:].strip() for line in lines if re.match(r"[$%>]\s+\S", line)]
    chosen = prompted or [line for line in lines if line and not line.startswith("#")]
    return [re.sub(r"\s+#\s.*$", "", line).strip() for line in chosen if line]


def is_program_text(text: str) -> bool:
    """Whether a code block is Python that does something: it parses, and imports, assigns, defines or calls."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    doing = (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef, ast.ClassDef, ast.Call, ast.For, ast.With)
    return any(isinstance(node, doing) for node in ast.walk(tree))


def shell_accepts(line: str) -> bool:
    """Whether the machine's shell could parse a line; nothing is run."""
    try:
        return subprocess.run(["sh", "-n", "-c", line], capture_output=True, check=False).returncode == 0
    except ValueError:  # a character that no argument of a program may hold
        return False


def names_one_of(line: str, names: Iterable[str]) -> bool:
    """Whether a word of a command line is one of the names, as package tools write them.

    Case, ``-`` for ``_``, a version and extras in brackets do not count; the name may be that of an archive.
    """

    def folded(name: str) -> str:
        return re.sub(r"[-_.]+", "-", re.sub(r"[-_.]v?\d.*$", "", name)).lower()

    known = {folded(name) for name in names}
    words = [re.split(r"[\[=<>~!@;]", word.strip("'\""))[0] for word in line.split()[1:]]
    return any(folded(word) in known for word in words)


def sections(text: str) -> list[tuple[str, str]]:
    """(heading, text with its heading) of a Markdown document, cut at headings outside code fences."""
    from markdown_it import MarkdownIt

    lines = text.splitlines()
    starts = [
        token.map[0]
        for token in MarkdownIt("commonmark").parse(text)
        if token.type == "heading_open" and token.map is not None
    ]
    bounds = [0, *[start for start in starts if start], len(lines)]
    parts = ["\n".join(lines[a:b]).strip() for a, b in pairwise(bounds)]
    return [(part.splitlines()[0].lstrip("# "), part) for part in parts if part]


def sentences(text: str) -> list[str]:
    """The sentences, list items and table rows of a document's prose, each once, between 8 and 240 characters."""
    prose = re.sub(r"```.*?```", "\n\n", text, flags=re.DOTALL)
    parts = re.split(r"(?<=[.!?])\s+|\n\s*\n|\n(?=\s*[-*|#])", prose)
    plain = dict.fromkeys(" ".join(part.split()).strip("|*-# ") for part in parts)
    return [text for text in plain if 8 < len(text) < 240]


def telling(text: str, words: tuple[str, ...], characters: int) -> str:
    """The sections that speak most of ``words`` for their length, in the document's order, up to a size.

    A section longer than what is left is cut at a line.
    """

    def density(part: str) -> float:
        found = sum(len(re.findall(rf"\b{re.escape(word)}", part, re.IGNORECASE)) for word in words)
        return found / (len(part) + 400)

    parts = [part for _, part in sections(text)]
    left, kept = characters, {}
    for index in sorted(range(len(parts)), key=lambda i: density(parts[i]), reverse=True):
        if left < 80 or density(parts[index]) == 0:
            break
        kept[index] = parts[index] if len(parts[index]) <= left else parts[index][:left].rsplit("\n", 1)[0]
        left -= len(kept[index])
    return "\n\n".join(kept[index] for index in sorted(kept)) or text[:characters]
