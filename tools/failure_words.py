"""Words that tell of a failure: which lines of any tool say that something failed, and how surely."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

SURE = ("error", "fatal", "killed", "abort", "traceback", "exception")
LIKELY = ("failed", "failure")
"""People also write these of probes that may fail; the remaining words, of what is merely absent."""
WEAK = re.compile(rb"\b(?:warnings?|passed|ok|success(?:ful(?:ly)?)?)\b")
TERMINAL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
CONTROL = bytes([*range(9), *range(14, 32), 127])
WORD_ENDS = re.compile(rb"(?:s|ed)?(?![\w/-]|\.\w)")
AROUND = 1 << 16
"""Bytes read before and after a place; of a longer line, a part is seen."""
OTHER_THAN_NONE = bytes(ord("7") if byte in b"123456789" else byte for byte in range(256))
"""Makes all digits but 0 alike: whether a line tells of a failure depends on no other digit."""
ALIKE, SHORT = 4096, 400
"""So many lines' verdicts are remembered, of at most so many bytes each."""
Verdict = Literal["strong", "weak"] | None


class Tier:
    """Failure words of the same weight, and how a line is judged by them."""

    def __init__(self, words: Sequence[str]) -> None:
        some = "|".join(map(re.escape, words))
        name = "|".join(re.escape(word.title()) for word in words)
        self.needles = [word.lower().encode() for word in words]
        self._alike = lru_cache(ALIKE)(self._judge)
        self.tells = re.compile(rf"(?<![\w./-])(?i:{some})(?:s|ed)?(?![\w/-]|\.\w)|\b[A-Z]\w*(?:{name})(?=:|$)")
        self.denies = re.compile(
            rf"\b(?:0|no|zero|without)\s+(?:\w+\s+)?(?:{some})s?\b|\b(?:{some})s?\s*[:=]\s*0\b", re.IGNORECASE
        )

    def judge(self, line: bytes) -> Verdict:
        """Whether a line tells of a failure."""
        return self._alike(line.translate(OTHER_THAN_NONE)) if len(line) <= SHORT else self._judge(line)

    def _judge(self, line: bytes) -> Verdict:
        text = shown(line)
        if not self.tells.search(text) or not self.tells.search(self.denies.sub("", text)):
            return None
        return "weak" if WEAK.search(text.lower().encode()) else "strong"

    def may_tell(self, line: bytes) -> bool:
        """Whether a line holds one of the words in any way."""
        lower = line.lower()
        return any(needle in lower for needle in self.needles)

    def first(self, block: bytes, lower: bytes, weak_wanted: bool) -> tuple[int | None, int | None]:
        """Where the first strong line lies in a block, and the first weak one before it if that is wanted."""
        strong = weak = None
        for needle in self.needles:
            limit = len(lower) if strong is None else strong
            place = lower.find(needle, 0, limit)
            while place >= 0:
                end = place + len(needle)
                if WORD_ENDS.match(lower, end) and lower[place - 1 : place] not in (b"_", b"/", b"-"):
                    start = max(lower.rfind(b"\n", 0, place) + 1, place - AROUND // 2)
                    end = lower.find(b"\n", place, place + AROUND // 2)
                    end = min(place + AROUND // 2, len(lower)) if end < 0 else end
                    verdict = None
                    if weak_wanted or not WEAK.search(lower, start, end):
                        verdict = self.judge(block[start:end])
                    if verdict == "strong":
                        strong = start
                        break
                    if verdict == "weak" and (weak is None or start < weak):
                        weak = start
                place = lower.find(needle, end, limit)
        return strong, weak


def tiers_of(words: Sequence[str]) -> list[Tier]:
    """The words by weight, the surest first."""
    others = [word for word in words if word not in (*SURE, *LIKELY)]
    groups = ([word for word in words if word in SURE], [word for word in words if word in LIKELY], others)
    return [Tier(group) for group in groups if group]


def telling(words: Sequence[str]) -> Callable[[str], bool]:
    """A check of single lines: whether one tells of a failure, as `excerpt` takes it, and of no success as well."""
    tiers = tiers_of(words)
    return lambda line: any(tier.judge(line.encode("utf-8", "replace")) == "strong" for tier in tiers)


def shown(line: bytes) -> str:
    """A line as a terminal shows it: after the last carriage return, without escape sequences."""
    return plain(line.rstrip(b"\r\n").rpartition(b"\r")[2])


def plain(text: bytes) -> str:
    """A text without terminal sequences and control characters."""
    return bare(text).decode("utf-8", "replace")


def bare(text: bytes) -> bytes:
    """The same before it is decoded."""
    if b"\x1b" in text:
        text = TERMINAL.sub(b"", text)
    return text.translate(None, CONTROL)
