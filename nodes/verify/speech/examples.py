"""Finds circuits in a backend's own format: example files, code blocks of the documents, texts in its tests."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from textwrap import dedent

from nodes.build.inspect import products
from nodes.session import Session
from tools.documents import command_lines, is_program_text
from tools.environment import environment
from tools.filesystem import listing, read_text

SMALL = 3000
"""Characters of an example."""
SHORTEST, LONGEST = 3, 40
"""Lines of an example."""
WHOLE = 8
QUOTED = re.compile(r'"""(.*?)"""|\'\'\'(.*?)\'\'\'|R"\w*\((.*?)\)\w*"', re.DOTALL)
"""A text of several lines in a program, as several languages write one."""
TRIED = re.compile(r"test|example|demo|sample", re.IGNORECASE)


def example_files(session: Session) -> tuple[str, list[str]]:
    """The ending of circuit files, and small examples of them: from the documents and from the tree."""
    survey = session.recipe.get("survey")
    named = [Path(word) for line in survey["commands"]["run"] for word in line.split() if not word.startswith("-")]
    endings = [path.suffix for path in named if path.suffix and re.fullmatch(r"\.[A-Za-z]\w*", path.suffix)]
    small = [entry for entry in listing(session.tree, depth=4) if 0 < entry.size < SMALL]
    for ending in dict.fromkeys(endings):
        files = [entry for entry in small if entry.path.endswith(ending)]
        files.sort(key=lambda entry: entry.size)
        if files:
            return ending, [read_text(session.tree / entry.path) for entry in files[:5]]
    return (endings[0] if endings else ".txt"), shown_circuits(session) or quoted_circuits(session)


def shown_circuits(session: Session) -> list[str]:
    """Code blocks of the documents that are neither commands nor Python nor drawings, the shortest first.

    What the survey took single lines for does not count: a circuit's line and a command look alike.
    """
    blocks = [block["text"] for block in session.recipe.get("survey")["blocks"]]
    likely = [text for text in blocks if text.isascii() and not is_program_text(text) and not _runs(session, text)]
    return sorted((text for text in likely if SHORTEST <= len(text.splitlines()) <= LONGEST), key=len)


def _runs(session: Session, text: str) -> bool:
    """Whether a block shows commands: a prompt, a program that the build made, or mostly programs of the machine."""
    made = {Path(name).name for name in products(session)["programs"]}
    first = [line.split()[0] for line in command_lines(text)]
    path = environment(session.shell.workspace)["PATH"]
    known = [word for word in first if Path(word).name in made or shutil.which(word, path=path)]
    prompted = re.search(r"^\s*[$%>]+\s+\S", text, re.MULTILINE) is not None
    return prompted or any(Path(word).name in made for word in first) or len(known) * 2 > len(first)


def quoted_circuits(session: Session) -> list[str]:
    """Texts of several lines in the project's tests and examples that begin alike, as files of one format do."""
    found: list[str] = []
    for entry in listing(session.tree, depth=4):
        file = session.tree / entry.path
        if TRIED.search(entry.path) and 0 < entry.size < 100_000 and file.is_file():
            for match in QUOTED.finditer(read_text(file)):
                text = dedent(next(part for part in match.groups() if part is not None)).strip()
                if SHORTEST <= len(text.splitlines()) <= LONGEST and text.isascii() and not is_program_text(text):
                    found.append(text)
    beginnings = Counter(text.splitlines()[0].strip() for text in found)
    alike = [text for text in dict.fromkeys(found) if beginnings[text.splitlines()[0].strip()] > 1]
    # The shortest texts of tests show one thing each; a whole small circuit has some lines more, and no nesting.
    nested = re.compile(r"^\s", re.MULTILINE)
    return sorted(alike, key=lambda text: (bool(nested.search(text)), abs(len(text.splitlines()) - WHOLE)))
