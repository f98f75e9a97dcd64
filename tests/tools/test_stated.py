from __future__ import annotations

import pytest

from tools.stated import choices_in, default_in, range_in, templates_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("--opt {none,light,aggressive} how much is optimised", ["none", "light", "aggressive"]),
        ("--format text|json output format (default text)", ["text", "json"]),
        ("--mode [seq|omp|mpi] how it works", ["seq", "omp", "mpi"]),
        ("--bits N 32 or 64", ["32", "64"]),
        ("--opt LEVEL one of none, light or aggressive", ["none", "light", "aggressive"]),
        ("--real T 'float', 'double', or 'quad'", ["float", "double", "quad"]),
        ("--opt L none (fast), full (slow) or 'auto'", ["none", "full", "auto"]),
        ("dtype=f64 precision of amplitudes: complex128, or complex64 for half", ["complex128", "complex64"]),
        ("--threads N number of threads", []),
        ("--noise P depolarising probability per gate, from 0 to 1", []),
    ],
)
def test_words_to_choose_from(text: str, words: list[str]) -> None:
    assert choices_in(text) == words


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("number of runs, at least 1 (default 1024)", "1024", "default 1024"),
        ("[default: light]", "light", "default: light"),
        ("Defaults to 0.5.", "0.5", "Defaults to 0.5"),
        ("error rate (default=1e-3)", "1e-3", "default=1e-3"),
    ],
)
def test_a_default_with_its_words(text: str, value: str, words: str) -> None:
    assert default_in(text) == (value, words)


def test_no_default_is_stated() -> None:
    assert default_in("number of runs") is None


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("probability per gate, from 0 to 1 (default 0)", 0, 1),
        ("a level between 0 and 3", 0, 3),
        ("level (0-3)", 0, 3),
        ("level [0, 3]", 0, 3),
        ("level 0..3", 0, 3),
        ("rate, 0 <= p <= 0.5", 0, 0.5),
        ("number of runs, at least 1", 1, None),
        ("threads, 1 or more, at most 64", 1, 64),
    ],
)
def test_a_range(text: str, least: float | None, most: float | None) -> None:
    found = range_in(text)
    assert found is not None and (found.least, found.most) == (least, most)


@pytest.mark.parametrize("text", ["seed of the random numbers", "use 2 threads", "see chapter 3"])
def test_no_range(text: str) -> None:
    assert range_in(text) is None


def test_texts_around_a_number() -> None:
    assert templates_in("--noise MODEL noise, such as depol:0.01 or damp:P") == ["depol:{value}", "damp:{value}"]
    assert templates_in("--noise MODEL e.g. depolarize(0.1)") == ["depolarize({value})"]
    assert templates_in("--noise P error probability (default 0)") == []
