from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from tools.yaml_edit import YamlRefused, entries, with_entry, with_values, without_entry

ENTRY = {
    "name": "svsim: the 2nd",
    "enabled": True,
    "max_qubits": 28,
    "noise": 0.5,
    "tags": ["a", "b"],
    "path": "/x y",
}

# ruff: noqa: E501
TEXTS = {
    "empty": "",
    "only a comment": "# nothing here yet\n",
    "no section": "general:\n    verbosity: info  # four columns\n",
    "no newline at the end": "general:\n  a: 1",
    "null section": "a: 1\nbackends:   # none yet\n\n# about b\nb: 2\n",
    "null section at the end": "backends:",
    "scalars beside": "backends:\n  default_backend: auto\n  timeout_seconds: 300\n\nllm:\n  provider: none\n",
    "comments": "# top\nbackends:\n  # the first\n  one:\n    path: '/a'   # quoted so\n\n  # after one\n\n# about llm\nllm: {}\n",
    "odd indentation": "backends:\n     one:\n       path: a\n     two:\n           path: b\nz: 1\n",
    "CRLF": "general:\r\n  a: 1\r\nbackends:\r\n  one:\r\n    path: a\r\nllm:\r\n  b: 2\r\n",
    "anchors": 'base: &base\n  enabled: yes\n  n: 010\nbackends:\n  one:\n    <<: *base\n    path: "\\x41"\nother: *base\n',
    "block scalars": "backends:\n  one:\n    text: |\n      a\n       b\n\n    more: >-\n      folded\n      on\n\nz: 1\n",
    "kept block scalar": "backends:\n  one:\n    text: |+\n      a\n\n\nz: 1\n",
    "kept block scalar at the end": "backends:\n  one:\n    text: |+\n      a\n\n\n",
    "flow section": "backends: {one: {a: 1}, two: {b: [1, 2]}}  # flow\nz: 1\n",
    "flow with a last comma": "backends: {one: {a: 1},\n  }\nz: 1\n",
    "empty flow": "a: 1\nbackends: {}\nz: 1\n",
    "flow root": '{"a": 1, "backends": {"one": {"b": null}}}\n',
    "flow root without": '{"a": 1}\n',
    "several lines plain": "backends:\n  one:\n    text: a\n      b\n      c\nz: 1\n",
    "values of all kinds": "n: .nan\ni: .inf\nd: 2024-01-01\nb: true\no: 1\nbackends:\n  one: ~\n",
    "document marks": "%YAML 1.2\n---\nbackends:\n  one: {}\n...\n",
    "unicode": "naïve: 'ü'\nbackends:\n  größe: {a: \"\u2028\"}\n",
    "lists": "backends:\n  one:\n    tags:\n    - a\n    - b\nz:\n- 1\n",
    "quoted section": "'backends':\n  \"one\": 1\nz: 1\n",
    "explicit keys": "? backends\n: one:\n    a: 1\nz: 2\n",
}


def parsed(text: str) -> dict[str, object]:
    return dict(YAML(typ="safe", pure=True).load(text) or {})


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_entry_is_added_and_nothing_else_changes(text: str) -> None:
    changed = with_entry(text, "backends", "svsim", ENTRY)

    before, after = parsed(text), parsed(changed)
    assert repr(after) == repr({**before, "backends": {**(before.get("backends") or {}), "svsim": ENTRY}})  # type: ignore[dict-item]
    at = next((i for i, (a, b) in enumerate(zip(text, changed, strict=False)) if a != b), len(text))
    added = len(changed) - len(text)
    assert any(changed[:i] + changed[i + added :] == text for i in range(max(0, at - added), at + 1))
    if "\r\n" in text:
        assert "\n" not in changed.replace("\r\n", "")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_added_entry_can_be_taken_out_again(text: str) -> None:
    back = without_entry(with_entry(text, "backends", "svsim", ENTRY), "backends", "svsim")

    assert entries(back, "backends") == entries(text, "backends")
    if "backends" in parsed(text) and text.endswith("\n") and "{" not in text:
        assert back == text


def test_the_entry_is_written_as_a_person_would() -> None:
    text = "backends:\n    one:\n        path: a\n"

    changed = with_entry(text, "backends", "two", {"path": "/b", "limits": {"qubits": 3}})

    assert changed == text + '    two:\n        path: "/b"\n        limits:\n            qubits: 3\n'


def test_comments_behind_a_removed_entry_stay() -> None:
    text = "backends:\n  one: {a: 1}\n  two:\n    b: 1\n\n  # about three\n  three: 3\n"

    assert without_entry(text, "backends", "two") == "backends:\n  one: {a: 1}\n\n  # about three\n  three: 3\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("backends:\n  one: 1\n one: 2\n", "not one valid YAML"),
        ("a: 1\n---\nb: 2\n", "not one valid YAML"),
        ("backends: [one, two]\n", "does not hold"),
        ("- one\n", "does not hold"),
        ("backends: ~\n", "take that word away"),
        ("null\n", "take that word away"),
        ("a: 2024-13-45\n", "not one valid YAML"),
        ("base: &b\n  x: 1\nbackends: *b\n", "write it out"),
        ("base: &b\n  backends: {x: 1}\n<<: *b\n", "by hand"),
        ("backends:\n  svsim: 1\n", "already has"),
    ],
)
def test_what_cannot_be_done_by_insertion_is_refused(text: str, why: str) -> None:
    with pytest.raises(YamlRefused, match=why):
        with_entry(text, "backends", "svsim", ENTRY)


def test_an_entry_that_others_hang_on_is_not_cut_out() -> None:
    text = "backends:\n  svsim: &s\n    a: 1\n  other: *s\n"

    with pytest.raises(YamlRefused, match="by hand"):
        without_entry(text, "backends", "svsim")
    with pytest.raises(YamlRefused, match="no entry"):
        without_entry(text, "backends", "nothing")


def test_values_of_an_entry_change_and_nothing_else() -> None:
    text = (
        "a: 1   # first\nbackends:\n    mine:   # by hand\n        title: 'Mine'   # a title\n"
        "        size: 3\n        empty:\n        list: [1, 2]   # two\n    # the end\n    other: {x: 1}\n"
    )
    changed = with_values(text, "backends", "mine", {"size": 12, "empty": "no", "list": [3], "new": True})
    assert changed == (
        "a: 1   # first\nbackends:\n    mine:   # by hand\n        title: 'Mine'   # a title\n"
        '        size: 12\n        empty: "no"\n        list: [3]   # two\n        new: true\n'
        "    # the end\n    other: {x: 1}\n"
    )
    assert with_values(changed, "backends", "mine", {"size": 12}) == changed
    assert 'other: {x: 2, "y": "z"}' in with_values(text, "backends", "other", {"x": 2, "y": "z"})
    with pytest.raises(YamlRefused, match="name: value"):
        with_values("backends:\n  mine: 3\n", "backends", "mine", {"x": 1})
