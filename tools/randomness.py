"""Tells words that were drawn at random, as keys and tokens are, from those that people and programs write."""

from __future__ import annotations

import re
from itertools import pairwise

SHORTEST, SURELY = 16, 32
"""Letters and digits without a break from which a word may be random, and from which one with both surely is."""
CHANGES, COMMON_SHARE = 0.25, 0.2
"""A random word changes between small letters, capitals and digits more often, and has fewer common pairs."""
PAIRS = (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic "
    "ne ea ra ce li ch ll be ma si om ur el la ta us un ot ac ct il lo di fo pr tr ad ut no ca pe po so ge et"
)
"""The most frequent pairs of letters in English words: about two thirds of their pairs, an eighth of random ones."""
COMMON = frozenset(PAIRS.split())
WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9+/_=-]{16,}")
BREAK = re.compile(r"[^A-Za-z0-9]+")
MANGLED = "_Z"
"""What the name of a function begins with in object files, by the Itanium C++ ABI."""
COMMIT = re.compile(r"[0-9a-f]{40}")
"""The hash of a commit names public text and is no secret."""
DIGEST = re.compile(r"(?i)(?:sha|md)-?[0-9]{1,3}[:=][ '\"]?$")
"""What stands before the digest of a file."""


def without_random_words(text: str, instead: str) -> str:
    """The text with ``instead`` in the place of every word that looks random; hashes of commits and files stay."""

    def mended(match: re.Match[str]) -> str:
        word = match[0]
        if DIGEST.search(text, max(0, match.start() - 12), match.start()) or word.startswith(MANGLED):
            return word
        if word[0] == "/" or text[match.start() - 1 : match.start()] in ("/", ".", "~"):
            return "/".join(instead if _random(segment) else segment for segment in word.split("/"))
        return instead if _random(word) else word

    return WORD.sub(mended, text)


def _random(word: str) -> bool:
    return any(_drawn(part) for part in BREAK.split(word))


def _drawn(part: str) -> bool:
    if len(part) < SHORTEST or part.isdigit() or COMMIT.fullmatch(part):
        return False
    if len(part) >= SURELY and not part.isalpha():
        return True
    changes = sum(_kind(a) != _kind(b) and (_kind(a), _kind(b)) != (0, 1) for a, b in pairwise(part))
    if changes >= CHANGES * (len(part) - 1):
        return True
    pairs = [f"{a}{b}".lower() for a, b in pairwise(part) if (a + b).isalpha()]
    return sum(pair in COMMON for pair in pairs) < COMMON_SHARE * len(pairs)


def _kind(letter: str) -> int:
    return 2 if letter.isdigit() else 1 if letter.islower() else 0
