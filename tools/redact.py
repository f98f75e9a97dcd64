"""Takes out of a text what is nobody else's business: keys, tokens, passwords, and who the person is."""

from __future__ import annotations

import base64
import json
import os
import pwd
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from tools.environment import PASSED
from tools.randomness import without_random_words

GONE, PERSON = "⟨redacted⟩", "⟨user⟩"
NAMED_SO, OTHERWISE = 4, 8
"""Characters from which a variable's value is taken out wherever it stands: of one named as a secret, of another."""
WHO = ("HOME", "USER", "LOGNAME")
"""Variables that say who the person is; these become ``~`` and ``⟨user⟩``."""
OURS = ("RIGIL_*", "PROXIMA_*")
_LONG = "passw(?:or)?d|passphrase|passcode|secret|credentials?|api[_-]?key|(?:access|private|secret)[_-]?key"
_SHORT = "key|auth|pwd|token"
_CALLED = rf"(?:(?i:{_LONG})|(?<![A-Za-z])(?i:{_SHORT})|(?<=[a-z])(?:Key|Auth|Pwd|Token))\d*[\"']?[ \t]*"
_VALUE = r"""(?:"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|(?i:bearer|basic|token|digest)[ \t]+\S+|\S+)"""
_PASS = r"(?i:passw(?:or)?d|passphrase|passcode|pwd)"
"""What people choose in words, with spaces between them."""
_WORD_ONLY = r"(?:[ \t]+[A-Za-z]{1,12}\b(?![^\s,;.)]))"
"""What may follow ``key:`` in a sentence."""
SECRET_NAME = re.compile(rf"(?i)(?:{_LONG}|token|cookie|private)|(?:^|[^a-z])(?:{_SHORT}|dsn)(?:[^a-z]|$)")
"""Names of variables that say so themselves."""
_BASE64 = r"[A-Za-z0-9+/=]"
_BEFORE = r"[ \t>|\d]*"
"""What a tool, or an excerpt that numbers its lines, may put before a line."""
KEY_BEGINS = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----"
    rf"(?:.*?-----END [A-Z0-9 ]*-----|(?:\s*\n{_BEFORE}[^\s:]*:? ?{_BASE64}*)*)",
    re.DOTALL,
)
KEY_ENDS = re.compile(
    rf"(?:^{_BEFORE}{_BASE64}+[ \t]*\n)*{_BEFORE}-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----", re.MULTILINE
)
RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (KEY_BEGINS, GONE),
    (KEY_ENDS, GONE),
    (re.compile(r"(?i)((?:authorization|cookie)[\"']?[ \t]*[:=][ \t]*)[^\n]+"), rf"\g<1>{GONE}"),
    (re.compile(r"(?i)\b(bearer[ \t]+)[\w.~+/-]{8,}=*"), rf"\g<1>{GONE}"),
    (re.compile(r"(?<=://)[^\s/?#<>]*@"), f"{GONE}@"),
    (re.compile(r"(?<![\w/])[\w.%+-]+:[^\s/@:]{3,}@(?=[\w-]+\.)"), f"{GONE}@"),
    (re.compile(rf"(?<![\w-])(--?[\w-]*?{_CALLED},?[ \t]+)(?![-\s]){_VALUE}"), rf"\g<1>{GONE}"),
    (re.compile(rf"({_PASS}[\"']?[ \t]*(?:=|:(?!{_WORD_ONLY}))[ \t]*)(?![\"'])[^\n,;}}]+"), rf"\g<1>{GONE}"),
    (re.compile(rf"({_CALLED}=+>?[ \t]*){_VALUE}"), rf"\g<1>{GONE}"),
    (re.compile(rf"({_CALLED}:(?!{_WORD_ONLY})[ \t]*){_VALUE}"), rf"\g<1>{GONE}"),
)
HOMES = re.compile(r"(?<![\w.])(/(?:home|Users)/)[^/\s:\"'`]+")


class Redactor:
    """Knows the secrets of an environment and who works in it; does the same to a text every time.

    Args:
        environment: whose variables' values are secrets, unless a command may see them (`tools.environment.PASSED`).
        homes: home folders; each becomes ``~``.
        people: names of the person; each becomes ``⟨user⟩`` where it stands as a word.
    """

    def __init__(self, environment: Mapping[str, str], homes: tuple[str, ...], people: tuple[str, ...]) -> None:
        others = {name: value for name, value in environment.items() if name not in WHO}
        secrets = {form for name, value in others.items() for known in _secret(name, value) for form in _forms(known)}
        self._rules: list[tuple[re.Pattern[str], str]] = []
        if secrets:
            self._rules.append((_any_of(secrets), GONE))
        self._rules += RULES
        self._after = [(HOMES, rf"\g<1>{PERSON}")]
        if folders := {home.rstrip("/") for home in homes} - {""}:
            self._after.insert(0, (re.compile(rf"(?<![\w.~])(?:{_any_of(folders).pattern})(?![\w.-])"), "~"))
        if names := {name for name in people if len(name) >= 3}:
            word = rf"(?i)(?<![A-Za-z0-9])(?:{_any_of(names).pattern})(?![A-Za-z0-9])"
            self._after.append((re.compile(word), PERSON))

    def text(self, text: str) -> str:
        """The text without secrets; numbers, paths and hashes of commits stay."""
        for pattern, instead in self._rules:
            text = pattern.sub(instead, text)
        text = without_random_words(text, GONE)
        for pattern, instead in self._after:
            text = pattern.sub(instead, text)
        return text

    def data(self, value: Any) -> Any:
        """Plain JSON with every text in it redacted; what is called a secret is one."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                self.text(str(key)): GONE if isinstance(part, str) and part and _named_so(str(key)) else self.data(part)
                for key, part in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.data(part) for part in value]
        return value

    def json_lines(self, text: str) -> str:
        """Lines of JSON, redacted; a torn one as a text."""

        def line(text: str) -> str:
            try:
                return json.dumps(self.data(json.loads(text)), ensure_ascii=False)
            except ValueError:
                return self.text(text)

        return "\n".join(line(part) for part in text.split("\n"))


@cache
def redactor() -> Redactor:
    """For the environment and the person of this process."""
    return redactor_of(os.environ)


def redactor_of(environment: Mapping[str, str]) -> Redactor:
    """For an environment and the person who runs this process."""
    homes = {environment.get("HOME", ""), str(Path(environment.get("HOME") or "/").resolve())}
    people = {environment.get("USER", ""), environment.get("LOGNAME", "")}
    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:  # a container may run under a user id without an entry
        pass
    else:
        homes.add(entry.pw_dir)
        people |= {entry.pw_name, entry.pw_gecos.partition(",")[0]}
    return Redactor(environment, tuple(homes), tuple(people - {pwd.getpwuid(0).pw_name, pwd.getpwuid(0).pw_gecos}))


def _named_so(name: str) -> bool:
    return bool(SECRET_NAME.search(name))


def _secret(name: str, value: str) -> Iterator[str]:
    """What of a variable is a secret."""
    if _named_so(name):
        yield value
    elif any(fnmatchcase(name, pattern) for pattern in PASSED):
        for word in value.split():
            if "://" in word and (login := urlsplit(word)).password:
                yield str(login.password)
    elif not any(fnmatchcase(name, pattern) for pattern in OURS) and not _ordinary(value):
        yield value


def _ordinary(value: str) -> bool:
    """Whether a value of a variable that no one calls a secret is a path, a number or too short to tell."""
    parts = value.split(os.pathsep)
    return len(value) < OTHERWISE or value.isdigit() or all(not part or Path(part).exists() for part in parts)


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, and as it stands in JSON, in an address, in Python and in base 64."""
    for whole in {secret, secret.strip(), *(line.strip() for line in secret.splitlines())}:
        if len(whole) < NAMED_SO:
            continue
        raw = whole.encode("utf-8", "surrogateescape")
        yield from (whole, json.dumps(whole)[1:-1], json.dumps(whole, ensure_ascii=False)[1:-1])
        yield from (quote(raw, safe=""), quote(raw), repr(whole)[1:-1], base64.b64encode(raw).decode().rstrip("="))


def _any_of(words: set[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))))
