"""What states something of a backend: its documents, its help, and lines of its source files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nodes.integrate.settable import help_text
from nodes.integrate.speech import dialect_of
from nodes.session import Session
from tools.dialect import gate_word
from tools.documents import sentences
from tools.filesystem import listing, read_inside, read_text
from tools.options import options_in
from tools.quotations import stands_in

LONGEST, LARGEST, LINE = 200_000, 100_000, 160
DEPTH, FILES, MOST = 5, 400, 60
VERSION = re.compile(r"version(?![a-z]).*\d\.\d", re.IGNORECASE)
LIMIT = re.compile(r"(?=.*qubit)(?=.*(?:max|limit|at most|up to))(?=.*\d)", re.IGNORECASE)
SPOKEN = (
    r"\bnois|\berror rate",
    r"\bgpu|\bcuda",
    r"\bthread|\bcores?\b|\bparallel|\bopenmp|single-thread|multi-?thread",
    r"\bmpi|\bcluster",
)
"""Where features are commonly spoken of: a place to look; what a sentence says is the model's to judge."""
EACH = 2
REMARK = re.compile(r"^\s*(?://+|/?\*+|#+(?!\w)|--|;|%)[!<]?\s*(\S.*)")
"""A remark, by the characters that open one in most languages."""


class Sources(NamedTuple):
    """Texts that a quotation may stand in."""

    documents: str
    help: str
    versions: list[str]
    """Lines of files at the top of the tree, and then below it, that name a version."""
    limits: list[str]
    """Lines of any file that name a largest number of qubits."""
    remarks: list[str]
    """Remarks in source files that speak of a feature."""
    gates: list[str]
    """A line of a source file for each word for a gate that one quotes, or follows by a bracket."""
    names: list[str]
    """Where the texts are from."""

    @property
    def whole(self) -> str:
        """All of it."""
        return "\n\n".join([self.documents, self.help, *("\n".join(part) for part in self[2:6])])

    def lines_with(self, pattern: str) -> Iterator[str]:
        """The lines that the pattern is found in."""
        return (line.strip() for line in self.whole.splitlines() if re.search(pattern, line))


def sources(session: Session) -> Sources:
    """Read them; a file that is not text, or large, states nothing."""
    named = session.recipe.get("survey")["documents"]
    told = "\n\n".join(read_inside(session.tree, name, LONGEST) for name in named)
    dialect = dialect_of(session)
    shown = help_text(session, dialect)
    words = [word for word in map(gate_word, dialect["gates"].values()) if word]
    either = "|".join(map(re.escape, words)) or "(?!)"  # a function writes them, and no line says their words
    gate = re.compile(rf"[\"'](?P<quoted>{either})[\"']|(?<![\w.])(?P<called>{either})\s*\(")
    gates: dict[str, str] = {}
    versions: dict[str, None] = {}
    limits: dict[str, None] = {}
    remarks: dict[str, None] = {}
    read: dict[str, None] = {}
    kept = session.recipe.get("good_sources")
    for entry in listing(session.tree, depth=DEPTH, limit=FILES):
        if entry.path.endswith("/") or not 0 < entry.size < LARGEST or entry.path in named:
            continue
        if kept is not None and entry.path not in kept:
            continue  # made by the build, or by others whose sources were fetched
        text = read_text(session.tree / entry.path)
        if "\0" in text:
            continue
        for line in (line.strip() for line in text.splitlines() if len(line) < LINE):
            remark = REMARK.match(line)
            for fits, found in (
                (VERSION.search(line), versions),
                (LIMIT.search(line), limits),
                (remark and any(re.search(pattern, line, re.IGNORECASE) for pattern in SPOKEN), remarks),
            ):
                if fits and len(found) < MOST:
                    found[line] = None
                    read[entry.path] = None
            for match in gate.finditer(line):
                if (word := match["quoted"] or match["called"]) not in gates and of_gates(line, word, words):
                    gates[word] = line
                    read[entry.path] = None
    names = [*named, *(["--help"] if shown.strip() else []), *read]
    return Sources(told, shown, list(versions), list(limits), list(remarks), list(gates.values()), names)


def of_gates(line: str, word: str, words: Iterable[str]) -> bool:
    """Whether a line that holds the word means the gate: a single letter has to stand beside another gate."""
    others = "|".join(re.escape(other) for other in words if other != word)
    return len(word) > 1 or re.search(rf"(?<![\w-])(?:{others})(?!\w)|\b[Gg]ates?\b", line) is not None


def spoken(stated: Sources) -> list[str]:
    """Sentences in which features are commonly spoken of, a few of each; what they say is not judged here.

    Those of the documents come first, then options, then remarks in source files.
    """
    fitting = [text for text in sentences(stated.documents) if stands_in(text, stated.documents)]
    fitting += [option.text for option in options_in(stated.help) if stands_in(option.text, stated.help)]
    fitting += [match[1] for line in stated.remarks if (match := REMARK.match(line))]
    chosen: dict[str, None] = {}
    for pattern in SPOKEN:
        found = [text for text in fitting if re.search(pattern, text, re.IGNORECASE)]
        chosen |= dict.fromkeys(found[:EACH])
    return list(chosen)
