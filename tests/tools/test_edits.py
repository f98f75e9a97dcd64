from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools.edits import EditRefused, apply_edit, as_patch, patched


def edit(old: str, new: str, line: int | None = None, file: str = "a.c") -> dict[str, Any]:
    return {"file": file, "old": old, "new": new, "line": line}


def test_a_line_keeps_its_end_and_its_neighbours() -> None:
    assert apply_edit("one\r\ntwo\r\nthree", edit("two", "zwei", 2)) == "one\r\nzwei\r\nthree"
    assert apply_edit("one\ntwo", edit("two", "zwei", 2)) == "one\nzwei"


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (edit("two", "zwei", 1), "Line 1"),
        (edit("two", "zwei", 9), "Line 9"),
        (edit("o", "0"), "2 times"),
        (edit("four", "vier"), "0 times"),
        (edit("", "x"), "0 times"),
        (edit("one", "one"), "nothing"),
    ],
)
def test_what_does_not_fit_is_refused(found: dict[str, Any], word: str) -> None:
    with pytest.raises(EditRefused, match=word):
        apply_edit("one\ntwo\n", found)


@pytest.mark.parametrize("name", ["../outside.c", "none.c", "binary"])
def test_only_text_files_of_the_source_are_edited(tmp_path: Path, name: str) -> None:
    root = tmp_path / "source"
    root.mkdir()
    (tmp_path / "outside.c").write_text("one\n")
    (root / "binary").write_bytes(b"\xff\xfeone")
    with pytest.raises(EditRefused, match="no text file"):
        patched(root, [edit("one", "two", file=name)])


@pytest.mark.skipif(shutil.which("patch") is None, reason="the program patch is not here")
def test_the_patch_is_one_that_the_usual_program_takes(tmp_path: Path) -> None:
    root = tmp_path / "source"
    root.mkdir()
    (root / "a.c").write_text("one\ntwo\nthree")
    (root / "b.c").write_bytes(b"x\r\ny\r\n")
    edits = [edit("three", "drei"), edit("two", "zwei", 2), edit("y", "z", 2, "b.c")]
    wanted = patched(root, edits)
    text = as_patch(root, edits)
    subprocess.run(["patch", "-p1", "--binary"], input=text.encode(), cwd=root, check=True, capture_output=True)
    assert {name: (root / name).read_bytes() for name in wanted} == wanted
    assert (root / "a.c").read_text() == "one\nzwei\ndrei"
