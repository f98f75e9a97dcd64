"""A page of facts: titled lists, verbatim parts and prose, as plain text, as Markdown and as HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import NamedTuple

from configs import TEMPLATES

WIDTH = 100
MARKUP = re.compile(r"([\\`*_\[\]<>|~#&])")


class Verbatim(NamedTuple):
    """Text that is shown as it is."""

    text: str
    label: str = ""


class Prose(NamedTuple):
    """A paragraph of the model's words."""

    text: str


Part = list[str] | Verbatim | Prose
"""A list of facts, or one of these."""


class Section(NamedTuple):
    """A titled part of a page; without parts it is left out."""

    title: str
    parts: tuple[Part, ...]


class Page(NamedTuple):
    """A whole page."""

    title: str
    head: list[str]
    sections: list[Section]

    def mended(self, mend: Callable[[str], str]) -> Page:
        """The page with every text of it mended."""

        def part(old: Part) -> Part:
            if isinstance(old, list):
                return [mend(line) for line in old]
            return Verbatim(mend(old.text), mend(old.label)) if isinstance(old, Verbatim) else Prose(mend(old.text))

        sections = [Section(section.title, tuple(map(part, section.parts))) for section in self.sections]
        return Page(mend(self.title), [mend(line) for line in self.head], sections)


def _filled(page: Page) -> list[Section]:
    told = [Section(section.title, tuple(filter(_full, section.parts))) for section in page.sections]
    return [section for section in told if section.parts]


def _full(part: Part) -> bool:
    return bool(part if isinstance(part, list) else part.text.strip())


def as_text(page: Page) -> str:
    """Plain text, its lists wrapped."""
    lines = [page.title, *page.head, ""]
    for section in _filled(page):
        lines.append(section.title)
        for part in section.parts:
            if isinstance(part, Verbatim):
                lines += [*([part.label] if part.label else []), *(f"  {line}" for line in part.text.splitlines())]
            else:
                for line in part if isinstance(part, list) else [part.text]:
                    lines += _wrapped(line)
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent="  ",
        subsequent_indent="      ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_markdown(page: Page) -> str:
    """Markdown; what the facts hold is no markup."""
    lines = [f"# {_plain(page.title)}", "", *(f"- {_plain(line)}" for line in page.head), ""]
    for section in _filled(page):
        lines += [f"## {_plain(section.title)}", ""]
        for part in section.parts:
            if isinstance(part, list):
                lines += [*(f"- {_plain(line)}" for line in part), ""]
            elif isinstance(part, Prose):
                lines += [_plain(part.text), ""]
            else:
                ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", part.text)), default=0))
                lines += [*([_plain(part.label), ""] if part.label else []), ticks, part.text.strip("\n"), ticks, ""]
    return "\n".join(lines).rstrip() + "\n"


def _plain(text: str) -> str:
    """A text on one line that Markdown shows as it is."""
    text = MARKUP.sub(r"\\\1", " ".join(text.split()))
    return re.sub(
        r"^(\d+)([.)])|^([-+=])", lambda start: f"{start[1]}\\{start[2]}" if start[1] else f"\\{start[3]}", text
    )


def as_html(page: Page) -> str:
    """One HTML file that needs no other."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    body = Markup(MarkdownIt("commonmark", {"html": False}).render(as_markdown(page)))
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("report.html.jinja").render(title=page.title, body=body)
