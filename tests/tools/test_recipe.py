from __future__ import annotations

from pathlib import Path

import pytest

from tools.recipe import Recipe, RecipeDamaged


def test_a_recipe_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    recipe = Recipe.load(tmp_path, "sim")
    assert recipe.pieces == {}
    assert recipe.get("build") is None
    assert recipe.source_sha256 is None
    assert list(tmp_path.iterdir()) == []


def test_what_is_put_is_kept_with_its_evidence(tmp_path: Path) -> None:
    recipe = Recipe.load(tmp_path, "sim")
    recipe.source_sha256 = "ab"
    recipe.put("build", ["make", "-j2"], verified_by="exit status", evidence={"log": "001-build.log"})
    recipe.put("gates", {"h": "H {q}"}, "distribution")
    again = Recipe.load(tmp_path, "sim")
    assert again == recipe
    assert again.path == tmp_path / "recipes" / "sim.json"
    assert again.get("build") == ["make", "-j2"]
    assert again.pieces["build"].evidence == {"log": "001-build.log"}
    assert again.pieces["build"].verified_by == "exit status"
    assert again.pieces["build"].at.endswith("+00:00")
    assert again.source_sha256 == "ab"
    assert Recipe.load(tmp_path, "other").get("build") is None


def test_a_later_value_takes_the_place_and_one_can_be_forgotten(tmp_path: Path) -> None:
    recipe = Recipe.load(tmp_path, "sim")
    recipe.put("a", 1, "v")
    recipe.put("a", 2, "v")
    recipe.put("b", False, "v")
    recipe.forget("a")
    recipe.forget("a")
    again = Recipe.load(tmp_path, "sim")
    assert again.get("a") is None
    assert again.get("b") is False


def test_a_change_of_the_source_is_saved(tmp_path: Path) -> None:
    recipe = Recipe.load(tmp_path, "sim")
    recipe.source_sha256 = "cd"
    recipe.save()
    assert Recipe.load(tmp_path, "sim").source_sha256 == "cd"


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "{}", '{"source_sha256": null, "pieces": {"a": 1}}', '{"source_sha256": 1, "pieces": []}'],
)
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "recipes" / "sim.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(RecipeDamaged, match=str(path)):
        Recipe.load(tmp_path, "sim")


def test_a_value_is_the_same_before_and_after_a_restart(tmp_path: Path) -> None:
    recipe = Recipe.load(tmp_path, "sim")
    recipe.put("a", ("x", {1: 2}), "v")
    assert recipe.get("a") == Recipe.load(tmp_path, "sim").get("a") == ["x", {"1": 2}]


def test_a_value_that_is_no_json_changes_nothing(tmp_path: Path) -> None:
    recipe = Recipe.load(tmp_path, "sim")
    recipe.put("a", 1, "v")
    with pytest.raises(TypeError):
        recipe.put("b", {1, 2}, "v")
    assert set(Recipe.load(tmp_path, "sim").pieces) == {"a"}
    assert set(recipe.pieces) == {"a"}
