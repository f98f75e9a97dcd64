from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import scanning
from tools.quotations import standing, stands_in

LOG = "one two\n  three\tfour\r\n\x1b[31mfive\x1b[0m six\nerror: 'x' \u2018y\u2019\n"


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("two three four five", True),
        ("two\n\n three", True),
        ("five six", True),
        ("error: 'x' \u2018y\u2019", True),
        ("  12| five six\n  13| error: 'x'", True),
        ("two four", False),
        ("ONE two", False),
        ("twothree", False),
        ("error: 'x' 'y'", False),
        ("", False),
        (" \n ", False),
        ("  12| ", False),
    ],
)
def test_a_quotation_stands_word_for_word_or_not(tmp_path: Path, quote: str, stands: bool) -> None:
    (tmp_path / "log").write_text(LOG, newline="")
    assert stands_in(quote, LOG) is stands
    assert stands_in(quote, tmp_path / "log") is stands


PIECES = st.sampled_from(
    ["no", "room", "left", "n", "\u2018y\u2019", " ", "  ", "\t", "\n", "\n\n", "\r\n", "\x1b[1m", "\x07"]
)
PLAIN = str.maketrans("", "", "\x07")


@given(st.lists(PIECES, max_size=60), st.lists(st.lists(PIECES, max_size=4), max_size=4), st.integers(1, 40))
def test_several_stand_in_a_log_as_in_its_text_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, written: list[str], quotes: list[list[str]], block: int
) -> None:
    text, wanted = "".join(written), ["".join(quote) for quote in quotes]
    log = tmp_path_factory.mktemp("log") / "log"
    log.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "BLOCK", block)
        found = standing(wanted, log)

    def folded(given: str) -> str:
        return " ".join(given.replace("\x1b[1m", "").translate(PLAIN).split())

    # A log's line that is longer than a block may be cut within a character or a terminal sequence.
    if all(len(line) < block for line in text.encode().splitlines(keepends=True)):
        assert found == [quote for quote in wanted if folded(quote) and folded(quote) in folded(text)]
    assert standing(wanted, text) == [quote for quote in wanted if folded(quote) and folded(quote) in folded(text)]
