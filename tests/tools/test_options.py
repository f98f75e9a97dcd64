from __future__ import annotations

import pytest

from tools.options import asked_program, fragment, options_in, stands_in_help

HELP = """usage: qlite [-h] [--shots N] FILE

Simulates well-known circuits; writes to /var/lib/q-lite.

options:
  -h, --help            show this and exit
  -s N, --shots N       number of runs (default 1024),
                        at least one
  --noise=P             depolarizing rate
  --format {text,json}  what is printed
  -j [N]                threads
  --fast                less precise
\t--verbose-mode        say more
"""


def test_each_option_with_its_value_and_its_words() -> None:
    found = {option.name: option for option in options_in(HELP)}

    assert list(found) == ["--help", "--shots", "--noise", "--format", "-j", "--fast", "--verbose-mode"]
    assert [name for name, option in found.items() if option.value] == [
        "--shots",
        "--noise",
        "--format",
        "-j",
    ]
    assert fragment(found["--noise"]) == "--noise=⟨value⟩"
    assert fragment(found["--shots"]) == "--shots ⟨value⟩"
    assert fragment(found["--fast"]) == "--fast"
    assert found["--shots"].text == "-s N, --shots N number of runs (default 1024), at least one"


def test_options_of_a_table() -> None:
    table = "| Option | Meaning |\n| --- | --- |\n| `--shots N` | number of runs |\n| `--noise P` | errors |\n"

    assert [(option.name, option.value) for option in options_in(table)] == [
        ("--shots", True),
        ("--noise", True),
    ]


def test_options_that_stand_in_sentences_only() -> None:
    found = options_in("usage: sim FILE -n SHOTS [--seed=S]\nA state-of-the-art tool.\n")

    assert [(option.name, option.value, option.joined) for option in found] == [
        ("-n", True, False),
        ("--seed", True, True),
    ]


@pytest.mark.parametrize(
    ("command", "target", "wanted"),
    [
        ("/w/b/qlite ⟨circuit⟩ --shots ⟨shots⟩", "b/qlite", "/w/b/qlite"),
        ("/w/b/qlite run -n ⟨shots⟩ ⟨circuit⟩", "qlite", "/w/b/qlite run"),
        ("env A=/x /w/qlite --quiet ⟨circuit⟩", "qlite", "env A=/x /w/qlite"),
        ("cd /w && ./qlite ⟨circuit⟩", "build/qlite", "cd /w && ./qlite"),
        ("/w/python -m qlite ⟨circuit⟩", "qlite", "/w/python -m qlite"),
    ],
)
def test_the_program_that_is_asked_for_its_help(command: str, target: str, wanted: str) -> None:
    assert asked_program(command, target) == wanted


def test_an_option_stands_in_the_help_as_a_whole() -> None:
    assert stands_in_help("--shots", HELP)
    assert not stands_in_help("--shot", HELP)
    assert not stands_in_help("--verbose", HELP)
