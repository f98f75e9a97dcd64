"""How listings of tests are read: patterns inferred from copied names, and the oracles that they meet."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.listing import learn, read
from tools.listing_lines import Unreadable
from tools.stated_counts import count_pattern, totals

NUMBERED = """Test project /src/bell
  Test  #1: bell
  Test  #2: ghz
  Test  #3: bell-pair
  Test #10: qft.5

Total Tests: 4
"""
COLLECTED = """tests/test_a.py::test_norm
tests/test_a.py::test_qft[2]
tests/test_a.py::test_qft[a b]
tests/test_b.py::Noise::test_t1

4 tests collected in 0.03s
"""
SUFFIXED = """ghz: test
core::bell: test

2 tests, 0 benchmarks
io::load: test

1 test, 0 benchmarks
"""
BARE = "TestBell\nTestGHZ\nTestQFT_5\nok  \tsim/core\t0.004s\n"
INDENTED = """All available test cases:
  bell state
      [quick]
  two qubits meet
      [slow][all]
  measure
3 test cases

"""
NESTED = "Bell.\n  Counts\n  Phase\nGhz.\n  Three  # GetParam() = 3\n  Four\n"
STARRED = "gates*\n    h*\n    x*\nnoise*\n    h*\n    t1*\n"
JSON = '{"tests": [\n  {\n    "name" : "bell",\n    "labels" : ["x"]\n  },\n  {\n    "name" : "ghz"\n  }\n]}\n'
PREFIXED = "sim / bell\nsim:slow / ghz\nsim / qft\n"
HEADED = "tests:\nbell\nghz\ntwo-qubit\nlast\n"
SENTENCE = "Available tests: bell, ghz, qft\n"


@pytest.mark.parametrize(
    ("listing", "copied", "words", "names", "stated"),
    [
        (NUMBERED, ["bell", "ghz", "qft.5"], "Total Tests: 4", ["bell", "ghz", "bell-pair", "qft.5"], 4),
        (NUMBERED, ["bell", "ghz", "qft.5"], "none", ["bell", "ghz", "bell-pair", "qft.5"], None),
        (
            COLLECTED,
            ["tests/test_a.py::test_norm", "tests/test_b.py::Noise::test_t1"],
            "4 tests collected",
            COLLECTED.split("\n")[:4],
            4,
        ),
        (
            COLLECTED,
            ["tests/test_a.py::test_norm", "tests/test_b.py::Noise::test_t1"],
            "none",
            COLLECTED.split("\n")[:4],
            None,
        ),
        (SUFFIXED, ["ghz", "core::bell", "io::load"], "2 tests, 0 benchmarks", ["ghz", "core::bell", "io::load"], 3),
        (BARE, ["TestBell", "TestQFT_5"], "none", ["TestBell", "TestGHZ", "TestQFT_5"], None),
        (INDENTED, ["bell state", "measure"], "3 test cases", ["bell state", "two qubits meet", "measure"], 3),
        (INDENTED, ["bell state", "measure"], "", ["bell state", "two qubits meet", "measure"], None),
        (NESTED, ["Counts", "Phase", "Four"], "none", ["Counts", "Phase", "Three", "Four"], None),
        (
            NESTED,
            ["Bell.Counts", "Bell.Phase", "Ghz.Four"],
            "none",
            ["Bell.Counts", "Bell.Phase", "Ghz.Three", "Ghz.Four"],
            None,
        ),
        (STARRED, ["gates/h", "gates/x", "noise/t1"], "none", ["gates/h", "gates/x", "noise/h", "noise/t1"], None),
        (JSON, ["bell", "ghz"], "none", ["bell", "ghz"], None),
        (PREFIXED, ["bell", "ghz", "qft"], "none", ["bell", "ghz", "qft"], None),
        (HEADED, ["bell", "ghz", "last"], "none", ["bell", "ghz", "two-qubit", "last"], None),
        (SENTENCE, ["bell", "ghz", "qft"], "none", ["bell", "ghz", "qft"], None),
    ],
)
def test_names_are_found_by_what_stands_around_some_of_them(
    listing: str, copied: list[str], words: str, names: list[str], stated: int | None
) -> None:
    found = learn(listing, copied, words)

    assert (found.names, found.stated) == (names, stated)
    assert read(listing, found.rule)[1:] == found[1:]


@pytest.mark.parametrize(
    ("copied", "words", "why"),
    [
        (["bell", "invented"], "Total Tests: 4", "`invented` does not stand"),
        (["bell", "qft.5"], "Total Checks: 4", "do not stand in the listing"),
        (["bell", "ghz"], "none", "looks like a test as well"),
        (["qft.5", "bell"], "none", "does not stand before"),
        (["ell", "qft.5"], "Total Tests: 4", "`ell` does not stand"),
    ],
)
def test_what_the_listing_contradicts_is_refused(copied: list[str], words: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        learn(NUMBERED, copied, words)


def test_the_stated_number_decides_where_no_first_and_last_do() -> None:
    assert len(learn(NUMBERED, ["bell", "ghz"], "Total Tests: 4").names) == 4
    with pytest.raises(Unreadable, match="The listing says 9, but"):
        learn(NUMBERED.replace("Tests: 4", "Tests: 9"), ["bell", "qft.5"], "Total Tests: 9")


def test_a_line_that_looks_like_a_tests_is_not_left_out() -> None:
    rule = learn(NUMBERED, ["bell", "qft.5"], "none").rule
    grown = NUMBERED.replace("  Test  #3:", "  Demo  #3:")
    with pytest.raises(Unreadable, match="Demo  #3"):
        read(grown, rule)


def test_a_rule_holds_of_a_later_listing_with_other_tests_and_another_number() -> None:
    rule = learn(NUMBERED, ["bell", "qft.5"], "Total Tests: 4").rule
    later = "Test project /elsewhere\n  Test #1: one\n  Test #2: two\n\nTotal Tests: 2\n"
    assert read(later, rule).names == ["one", "two"]
    for wrong in (later.replace("2\n", "3\n"), later.replace("Total Tests: 2", ""), "nothing here\n"):
        with pytest.raises(Unreadable):
            read(wrong, rule)


def test_a_name_that_stands_twice_is_one_test_of_a_number_that_counts_both() -> None:
    found = learn("a: test\nb: test\n2 tests\na: test\n1 test\n", ["a", "b", "a"], "2 tests")
    assert (found.names, found.stated) == (["a", "b"], 3)


def test_a_number_that_was_copied_with_the_name_is_no_part_of_it_where_it_only_counts() -> None:
    listing = "1. bell\n2. ghz\n3. qft\n3 in all\n"
    assert learn(listing, ["1. bell", "2. ghz", "3. qft"], "3 in all").names == ["bell", "ghz", "qft"]
    qubits = "5 qubits\n3 qubits\n9 gates\n3 in all\n"
    assert learn(qubits, ["5 qubits", "9 gates"], "3 in all").names == ["5 qubits", "3 qubits", "9 gates"]


def test_a_pattern_that_a_model_wrote_meets_the_same_oracles() -> None:
    listing = "1) add (0.5 s)\n2) load\n3) add twice (1.25 s)\nok, 3 in all\n"
    written = r"^\d+\) (?P<name>.+?)(?: \((?P<seconds>[\d.]+) s\))?$"
    found = learn(listing, ["add", "load", "add twice"], "3 in all", written)
    assert (found.names, found.seconds) == (["add", "load", "add twice"], {"add": 0.5, "add twice": 1.25})
    assert read(listing, found.rule).names == found.names
    for wrong, why in (
        (r"^\d+\) (?P<name>\w+)$", "exactly"),
        (r"^\d+\) (\w+)", "needs a group"),
        (r"^(?P<name>", "no regular expression"),
    ):
        with pytest.raises(Unreadable, match=why):
            learn(listing, ["add", "load", "add twice"], "3 in all", wrong)


def test_a_pattern_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.listing_lines.WRITTEN_S", 1.0)
    listing = f"{'a' * 60}!\nb\n"
    with pytest.raises(Unreadable, match="too long"):
        learn(listing, ["b"], "none", r"^(?P<name>(\w+)+)$")


@pytest.mark.parametrize(
    ("words", "text", "sums"),
    [
        ("2 tests, 0 benchmarks", "2 tests, 0 benchmarks\n1 test, 3 benchmarks", [3, 3]),
        ("20,000 tests collected in 1.5s", "20,000 tests collected in 9.25s", [20000]),
        ("12/15 tests", "12/15 tests (3 deselected)", [12, 15]),
        ("Total Tests: 7", "Total Tests: 11", [11]),
        ("Total Tests: 7", "no number", []),
    ],
)
def test_the_words_that_say_how_many_hold_for_every_number(words: str, text: str, sums: list[int]) -> None:
    assert totals(text, count_pattern(words)) == sums


word = st.text(string.ascii_letters, min_size=2, max_size=8)
FORMS: list[Any] = [
    ("  Test #{n}: {name}", "", "", "Total: {count}"),
    ("{name}: test", "", "", "{count} tests, 0 benchmarks"),
    ("src/{name}", "collecting", "", "{count} items"),
    ("  - {name}", "All of them:", "    [tag]", "{count} in all"),
    ("{n}) {name} ({n} s)", "# plan", "", "{count} planned"),
    ('  {{"id": "{name}"}},', "[", "", "] // {count}"),
]


@settings(max_examples=150, deadline=None)
@given(
    form=st.sampled_from(FORMS),
    names=st.lists(
        st.lists(word, min_size=1, max_size=3).flatmap(
            lambda words: st.sampled_from(["_", "::", "-", " "]).map(lambda mark: mark.join(words))
        ),
        min_size=3,
        max_size=30,
        unique=True,
    ),
    middle=st.integers(0, 1000),
    says=st.booleans(),
)
def test_any_names_in_a_form_are_found_whole_or_not_at_all(
    form: tuple[str, str, str, str], names: list[str], middle: int, says: bool
) -> None:
    line, head, after, count = form
    lines = [text for n, name in enumerate(names, 1) for text in (line.format(n=n, name=name), after) if text]
    stated = count.format(count=len(names))
    listing = "\n".join([head, *lines, "", stated, ""])
    copied = [names[0], names[middle % len(names)], names[-1]]

    try:
        found = learn(listing, copied, stated if says else "none")
    except Unreadable:
        assert not says, listing
        return
    assert found.names == names
