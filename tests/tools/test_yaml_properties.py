from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.tools.yaml_texts import texts
from tools.yaml_edit import YamlRefused, with_entry, without_entry

ENTRY = {"name": "svsim: the 2nd", "enabled": True, "noise": 1e-05, "tags": ["a", "b"], "limits": {"qubits": 28}}
EXAMPLES = 80
SEEDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def parsed(text: str) -> Any:
    """The content; None where the parser takes it for no document of names and values."""
    try:
        with warnings.catch_warnings(action="ignore"):
            found = YAML(typ="safe", pure=True).load(text)
    except Exception:
        return None
    found = {} if found is None else found
    return found if isinstance(found, dict) and isinstance(found.get("backends"), dict | None) else None


def without_the_slice(changed: str, text: str) -> bool:
    """Whether the old text is the new one with one slice of it deleted."""
    added = len(changed) - len(text)
    at = next((i for i, (a, b) in enumerate(zip(text, changed, strict=False)) if a != b), len(text))
    return added > 0 and any(changed[:i] + changed[i + added :] == text for i in range(max(0, at - added), at + 1))


@SEEDED
@given(texts())
def test_an_entry_is_one_slice_and_can_be_taken_out_again(text: str) -> None:
    before = parsed(text)
    try:
        changed = with_entry(text, "backends", "svsim", ENTRY)
    except YamlRefused as error:
        assert str(error).endswith(".") or before is None
        return

    assert before is not None and without_the_slice(changed, text)
    after = parsed(changed)
    assert repr(after["backends"].pop("svsim")) == repr(ENTRY)
    assert repr(after["backends"]) == repr(before.get("backends") or {})
    others = [{key: held for key, held in content.items() if key != "backends"} for content in (before, after)]
    assert repr(others[0]) == repr(others[1])
    back = without_entry(changed, "backends", "svsim")
    if "backends" in before:
        assert back == text
    else:
        assert without_the_slice(back, text) and len(back) - len(text) < 24
        assert not parsed(back).pop("backends")


@SEEDED
@given(texts())
def test_another_parser_reads_the_same(text: str) -> None:
    try:
        before = yaml.safe_load(text) or {}
        changed = with_entry(text, "backends", "svsim", ENTRY)
    except (yaml.YAMLError, ValueError, TypeError):
        assume(False)
    assume(isinstance(before, dict) and isinstance(before.get("backends"), dict | None))

    after = yaml.safe_load(changed)

    assert repr(after["backends"].pop("svsim")) == repr(ENTRY)
    assert repr(after | {"backends": None}) == repr(before | {"backends": None}) or "backends" not in before
    assert repr(after["backends"]) == repr(before.get("backends") or {})


@SEEDED
@given(texts(), st.data())
def test_what_was_there_can_be_taken_out_and_its_neighbours_stay(text: str, data: st.DataObject) -> None:
    before = parsed(text)
    names = [name for name in ((before or {}).get("backends") or {}) if isinstance(name, str)]
    assume(names)
    name = data.draw(st.sampled_from(names))
    try:
        changed = without_entry(text, "backends", name)
    except YamlRefused:
        return

    assert without_the_slice(text, changed)
    after = parsed(changed)
    del before["backends"][name]
    assert repr(after | {"backends": after["backends"] or {}}) == repr(before)


def test_few_texts_are_refused() -> None:
    seen: Counter[str] = Counter()

    @settings(SEEDED, max_examples=600)
    @given(texts())
    def sample(text: str) -> None:
        before = parsed(text)
        if before is None:
            return
        try:
            with_entry(text, "backends", "svsim", ENTRY)
        except YamlRefused as error:
            seen["said" if "take that word away" in str(error) else "refused"] += 1
        else:
            seen["added"] += 1

    sample()
    assert seen["added"] > 300
    assert seen["refused"] <= seen["added"] * 0.01, seen
    assert seen["said"] <= seen["added"] * 0.1, seen


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@SEEDED
@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=12), VALUES, max_size=4),
    st.text(min_size=1, max_size=12),
)
@pytest.mark.parametrize("text", ["backends:\n  one: 1\n", "backends: {one: 1}\n"])
def test_any_entry_reads_as_it_was_in_both_versions_of_yaml(text: str, entry: dict[str, Any], name: str) -> None:
    assume(name != "one")

    changed = with_entry(text, "backends", name, entry)

    for load in (YAML(typ="safe", pure=True).load, yaml.safe_load):
        assert repr(load(changed)["backends"][name]) == repr(entry)
    assert without_entry(changed, "backends", name) == text
