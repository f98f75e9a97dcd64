from __future__ import annotations

from nodes.choice import meant

CANDIDATES = ['run `pip install ".[test]"`, which the documents state', "use another command", "wait and try again"]


def test_a_copy_with_another_quote_is_the_candidate() -> None:
    assert meant("run `pip install '.[test]'`, which the documents state", CANDIDATES) == CANDIDATES[0]
    assert meant("use another command", CANDIDATES) == CANDIDATES[1]


def test_another_command_is_not_the_candidate() -> None:
    assert meant("run `pip install -r requirements.txt`, which the documents state", CANDIDATES) is None
    assert meant("rm -rf /", CANDIDATES) is None
