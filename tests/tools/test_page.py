from __future__ import annotations

from tools.page import Page, Prose, Section, Verbatim, as_html, as_markdown, as_text

PAGE = Page(
    "sim: ESCALATED at <b>build</b>",
    ["run 1"],
    [
        Section("What failed", (["`make` failed | *hard*", "<script>alert(1)</script>"],)),
        Section("Log", (Verbatim("a ``` b\n</pre><script>x</script>", "From a.log:"),)),
        Section("Summary", (Prose("It did not build."),)),
        Section("Empty", ([],)),
    ],
)


def test_nothing_in_a_fact_is_markup() -> None:
    html = as_html(PAGE)
    assert "<script>" not in html and "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<h2>What failed</h2>" in html and "<h2>Empty</h2>" not in html
    assert "a ``` b" in html


def test_the_html_needs_no_other_file() -> None:
    html = as_html(PAGE)
    assert "src=" not in html and "href=" not in html and "@import" not in html


def test_markdown_and_text_hold_the_same_facts() -> None:
    markdown, text = as_markdown(PAGE), as_text(PAGE)
    assert "## Log" in markdown and "````\na ``` b" in markdown
    assert "Log\nFrom a.log:\n  a ``` b" in text
    assert "It did not build." in markdown and "It did not build." in text
