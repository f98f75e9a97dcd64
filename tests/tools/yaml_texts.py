"""Generates YAML texts as people, editors and programs leave them behind."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# ruff: noqa: E501
SCALARS = (
    *(
        "1",
        "010",
        "0x1F",
        "1_000",
        "1e3",
        "-0.5",
        ".inf",
        ".nan",
        "2024-01-01",
        "12:30:45",
        "~",
        "null",
        "yes",
        "on",
        "true",
    ),
    *("plain", "two words", "a#b", "http://x/y?z=1#w", "C:\\path", "naïve ü", "量子", "-x", "?x", "=", "a, b", "100%"),
    *("''", "'it''s'", "'a: b # c'", '""', '"\\x41\\t\\"q\\""', '"\\u263a"', '"#no"', "'{}'", "!!str 5", "!!int '7'"),
)
FLOW_SCALARS = ("1", "a", "'b, c'", '"d}"', "~", "x y", "http://x", "!!str 5", "1.5")
KEYS = (
    "general",
    '"quoted"',
    "'single'",
    "1",
    "true",
    "3.5",
    "naïve",
    "svsim",
    "backends2",
    '"my backends"',
    "a b",
    "x-y",
    "2024-01-01",
    "_",
)
NAMES = (
    "one",
    '"two"',
    "'three'",
    "svsim2",
    '"svsim "',
    "SVSIM",
    "1",
    "größe",
    "a b",
    "null_",
    "'sv: sim'",
    "svsim-2",
    "on",
)
HEADERS = ("|", ">", "|-", ">-", "|+", ">+", "|{n}", ">{n}-", "|{n}+")
COMMENTS = ("# plain", "#", "# svsim: 1", "# backends:", "#  - 'quote", "# ünï", "#\tTab", "# }")
SECTIONS = ("block",) * 10 + ("absent", "empty", "empty", "braces", "flow", "flow lines", "null")
MARKS = ("",) * 8 + ("---", "--- # begin", "%YAML 1.2\n---", "%YAML 1.1\n---", "# top\n---")


class Writer:
    """Draws the lines of one document."""

    def __init__(self, draw: Any):
        self.draw = draw
        self.lines: list[str] = []
        self.anchors: list[str] = []
        self.step = self.pick((1, 2, 2, 3, 4, 7))

    def pick(self, values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def chance(self, one_of: int) -> bool:
        return bool(self.draw(st.integers(1, one_of)) == one_of)

    def noise(self, column: int) -> None:
        """Comments and empty lines between two entries."""
        while self.chance(4):
            if self.chance(2):
                self.lines.append(self.pick(("", "", "  ")))
            else:
                self.lines.append(" " * self.pick((0, column, column, column + 2)) + self.pick(COMMENTS))

    def behind(self) -> str:
        """What stands behind a value on its line."""
        return str(self.pick(("",) * 9 + ("  # behind", " #", " ", "   ", *(("\t",) if self.chance(20) else ()))))

    def mapping(self, column: int, keys: list[str], depth: int) -> None:
        step = self.step if self.chance(3) else self.pick((1, 2, 3, 4, 7))
        for number, key in enumerate(keys):
            if number:
                self.noise(column)
            self.pair(column, key, step, depth)

    def pair(self, column: int, key: str, step: int, depth: int) -> None:
        lead = f"{' ' * column}{key}{' ' if self.chance(12) else ''}:"
        kind = self.pick(("scalar",) * 6 + ("flow", "flow", "nothing", "block", "list", "alias", "lines", "map", "map"))
        if kind == "alias" and self.anchors:
            self.lines.append(f"{lead} *{self.pick(self.anchors)}{self.behind()}")
        elif kind == "flow":
            self.lines.append(f"{lead} {self.flow()}{self.behind()}")
        elif kind == "nothing":
            self.lines.append(lead + self.behind())
        elif kind == "block":
            self.block_scalar(lead, column, step)
        elif kind == "lines":
            self.lines += [f"{lead} begins", *(" " * (column + step) + word for word in ("goes on", "ends"))]
        elif kind == "list":
            self.sequence(lead, column, step)
        elif kind == "map" and depth < 3:
            self.nested(lead, column + step, depth)
        else:
            self.lines.append(f"{lead} {self.pick(SCALARS)}{self.behind()}")

    def nested(self, lead: str, column: int, depth: int) -> None:
        anchor = f"a{len(self.anchors)}" if self.chance(2) else ""
        self.lines.append(f"{lead}{f' &{anchor}' if anchor else ''}{self.behind()}")
        self.noise(column)
        if self.anchors and self.chance(2):
            self.lines.append(f"{' ' * column}<<: *{self.pick(self.anchors)}")
        keys = self.draw(st.lists(st.sampled_from(("k", "path", "'q'", "7", "n")), min_size=1, max_size=3, unique=True))
        self.mapping(column, keys, depth + 1)
        if anchor:
            self.anchors.append(anchor)

    def block_scalar(self, lead: str, column: int, step: int) -> None:
        header = self.pick(HEADERS).format(n=step)
        self.lines.append(f"{lead} {header}{'  # said' if self.chance(6) else ''}")
        extra = 1 if "{" not in header and self.chance(4) else 0
        for number in range(self.draw(st.integers(1, 4))):
            text = (
                self.pick(("text", "# no comment", "svsim: 1", "a\tb", "'open"))
                if number != 1
                else self.pick(("", "more"))
            )
            self.lines.append(f"{' ' * (column + step)}{' ' * extra * number}{text}" if text else "")
        self.lines += [""] * self.pick((0, 0, 1, 2))

    def sequence(self, lead: str, column: int, step: int) -> None:
        self.lines.append(lead + self.behind())
        inner = column if self.chance(2) else column + step
        for _ in range(self.draw(st.integers(1, 3))):
            self.lines.append(f"{' ' * inner}- {self.pick((*SCALARS, '{a: 1}', 'k: 1'))}{self.behind()}")

    def flow(self) -> str:
        pairs = self.draw(st.lists(st.sampled_from(("a", '"b"', "c d", "'e'")), max_size=3, unique=True))
        alias = [f"*{self.pick(self.anchors)} "] if self.anchors else []
        held = ", ".join(f"{key}: {self.pick((*FLOW_SCALARS, *alias))}" for key in pairs)
        return f"{{{held}}}" if self.chance(2) else f"[{held}]"

    def section(self, column: int) -> None:
        kind = self.pick(SECTIONS)
        if kind == "absent":
            return
        key = f"{' ' * column}{self.pick(('backends', 'backends', chr(34) + 'backends' + chr(34), chr(39) + 'backends' + chr(39)))}:"
        names = self.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
        if kind == "empty":
            self.lines.append(key + self.behind())
        elif kind == "null":
            self.lines.append(f"{key} {self.pick(('~', 'null'))}")
        elif kind == "braces":
            self.lines.append(key + self.pick((" {}", " { }", " {} # none")))
        elif kind == "flow":
            self.lines.append(
                f"{key} {{{', '.join(f'{name}: {self.pick((*FLOW_SCALARS, self.flow()))}' for name in names)}}}{self.behind()}"
            )
        elif kind == "flow lines":
            self.lines.append(f"{key} {{{self.pick(('', '  # open'))}")
            inner = " " * (column + self.step)
            self.lines += [
                f"{inner}{name}: {self.pick((*FLOW_SCALARS, self.flow()))}{',' if name != names[-1] or self.chance(2) else ''}{self.pick(('', ' # c'))}"
                for name in names
            ]
            self.lines.append(f"{inner}}}")
        else:
            anchor = self.pick(("", "", "", " &all", " !!map"))
            self.lines.append(f"{key}{anchor}{self.behind()}")
            self.noise(column)
            if self.anchors and self.chance(5):
                self.lines.append(f"{' ' * (column + self.step)}<<: *{self.pick(self.anchors)}")
                self.lines += [" " * (column + self.step) + "after: 1"] * self.chance(2)
                return
            self.mapping(column + self.step, names, 1)


@st.composite
def texts(draw: Any) -> str:
    """A document with a section `backends` or without, whole or broken."""
    writer = Writer(draw)
    if writer.chance(25):
        inside = writer.pick(('"a": 1', '"a": 1, "backends": {}', '"backends": {"one": {"b": [null]}},\n "z": 2', ""))
        return f"{{{inside}}}{writer.pick(('', chr(10)))}"
    if writer.chance(40):
        return str(
            writer.pick(("", "\n", "# only a comment", "---\n", "---\n...\n", "\ufeff", "--- # c\n\n...\n# end\n"))
        )
    column = 2 if writer.chance(10) else 0
    keys = draw(st.lists(st.sampled_from(KEYS), max_size=5, unique=True))
    place = draw(st.integers(0, len(keys)))
    writer.noise(column)
    writer.mapping(column, keys[:place], 0)
    writer.noise(column)
    writer.section(column)
    writer.noise(column)
    writer.mapping(column, keys[place:], 0)
    writer.noise(column)
    mark = writer.pick(MARKS)
    lines = [*mark.splitlines(), *writer.lines, *(["..."] if mark and writer.chance(4) else [])]
    ends = writer.pick((("\n",),) * 5 + (("\r\n",),) * 3 + (("\n", "\r\n"), ("\r",)))
    text = "".join(line + writer.pick(ends) for line in lines)
    if writer.chance(4):
        text = text.rstrip("\r\n")
    return ("\ufeff" if writer.chance(12) else "") + text
