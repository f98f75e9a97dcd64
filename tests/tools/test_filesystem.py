from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tools.filesystem import (
    OutsideWorkspace,
    backup,
    changed,
    inside,
    listing,
    read_inside,
    read_text,
    remove_tree,
    sha256,
    snapshot,
    update_copy,
    write_atomic,
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for name in ("b", "a/deep/er/file", "a/x", ".git/config", "a/.svn/entries", ".hidden"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (root / "b").chmod(0o755)
    return root


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "out", "out/passwd", "loop/../../.."])
def test_paths_that_lead_out_are_refused(tree: Path, path: str) -> None:
    (tree / "out").symlink_to("/etc")
    (tree / "loop").symlink_to("loop")
    with pytest.raises(OutsideWorkspace, match="leads out of"):
        inside(tree, path)


def test_paths_inside_are_made_real(tree: Path) -> None:
    (tree / "in").symlink_to("a")
    assert inside(tree, "in/x") == tree / "a" / "x"
    assert inside(tree, tree / "new" / "file") == tree / "new" / "file"
    assert inside(tree, ".") == tree


def test_a_root_that_is_a_link_has_an_inside(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree)
    assert inside(tmp_path / "link", "b") == tree / "b"


def test_listing_is_nearest_first_without_version_control(tree: Path) -> None:
    entries = listing(tree)
    assert [entry.path for entry in entries] == [".hidden", "b", "a/x", "a/deep/er/file"]
    assert [entry.executable for entry in entries] == [False, True, False, False]
    assert entries[1].size == 1
    assert entries[1].mtime == (tree / "b").stat().st_mtime


def test_listing_stops_at_its_depth_and_limit(tree: Path) -> None:
    assert [entry.path for entry in listing(tree, depth=1)] == [".hidden", "a/", "b"]
    assert [entry.path for entry in listing(tree, depth=2)] == [".hidden", "b", "a/deep/", "a/x"]
    assert [entry.path for entry in listing(tree, limit=2)] == [".hidden", "b"]


def test_listing_leaves_out_what_is_no_file_inside(tree: Path) -> None:
    (tree / "out").symlink_to("/etc/passwd")
    (tree / "broken").symlink_to("nowhere")
    (tree / "loop").symlink_to("loop")
    (tree / "up").symlink_to("..")
    (tree / "good").symlink_to("b")
    os.mkfifo(tree / "pipe")
    assert {entry.path for entry in listing(tree, depth=1)} == {".hidden", "a/", "b", "good"}


def test_read_text_is_bounded_and_total(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"ab\xff" + b"c" * 100)
    assert read_text(tmp_path / "f", 4) == "ab\ufffdc"


def test_a_snapshot_tells_what_changed(tree: Path) -> None:
    before = snapshot(tree)
    assert set(before) == {"b", "a/x", "a/deep/er/file", ".hidden"}
    (tree / "a" / "x").write_text("changed")
    (tree / "b").unlink()
    (tree / "new").symlink_to("a")
    assert changed(before, snapshot(tree)) == (["new"], ["a/x"], ["b"])
    assert changed(before, before) == ([], [], [])


def test_contents_decide_where_both_snapshots_have_them(tree: Path) -> None:
    before = snapshot(tree, hashes=True)
    os.utime(tree / "b", (1, 1))
    kept = (tree / "a" / "x").stat()
    (tree / "a" / "x").write_text("b/x")
    os.utime(tree / "a" / "x", ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert changed(before, snapshot(tree, hashes=True)) == ([], ["a/x"], [])
    assert changed(before, snapshot(tree)) == ([], ["b"], [])
    assert before["b"].sha256 == sha256(tree / "b")


def test_a_write_keeps_the_mode_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomic(path, "ä\n")
    assert path.read_bytes() == "ä\n".encode()
    path.chmod(0o750)
    write_atomic(path, b"\xff")
    assert path.read_bytes() == b"\xff"
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert [item.name for item in tmp_path.iterdir()] == ["f"]


def test_a_write_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real/f")
    write_atomic(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "f").read_text() == "x"


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["f"]


WRITER = """
import sys
from pathlib import Path
from tools.filesystem import write_atomic
print("up", flush=True)
while True:
    for letter in "ab":
        write_atomic(Path(sys.argv[1]), letter * 1_000_000)
"""


def test_a_killed_writer_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("a" * 1_000_000)
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            for _ in range(50):
                assert path.read_text() in ("a" * 1_000_000, "b" * 1_000_000)
            writer.kill()
        assert path.read_text() in ("a" * 1_000_000, "b" * 1_000_000)


def test_backups_never_overwrite_one_another(tmp_path: Path) -> None:
    path = tmp_path / "proxima.yaml"
    assert backup(path) is None
    copies = []
    for content in ("one", "two", "three"):
        path.write_text(content)
        path.chmod(0o640)
        copies.append(backup(path))
    assert len(set(copies)) == 3
    assert [copy.read_text() for copy in copies if copy] == ["one", "two", "three"]
    assert copies[0] is not None
    assert copies[0].name.startswith("proxima.yaml.bak-20")
    assert stat.S_IMODE(copies[0].stat().st_mode) == 0o640


def test_a_copy_is_brought_up_inside_itself_whatever_a_build_put_in_its_place(tmp_path: Path) -> None:
    source, tree, near = (tmp_path / name for name in ("source", "tree", "near"))
    for folder in (source / "conf" / "deep", near, tree):
        folder.mkdir(parents=True)
    for name in ("conf/a", "conf/deep/b", "c"):
        (source / name).write_text("ours\n")
    (near / "a").write_text("theirs\n")
    (tree / "conf").symlink_to(near)
    (tree / "c").mkdir()
    (tree / "c" / "d").touch()

    update_copy(source, tree, [Path("conf/a"), Path("conf/deep/b"), Path("c")], {"conf/a": b"edited\n"})

    assert (near / "a").read_text() == "theirs\n" and list(near.iterdir()) == [near / "a"]
    assert {name: (tree / name).read_text() for name in ("conf/a", "conf/deep/b", "c")} == {
        "conf/a": "edited\n",
        "conf/deep/b": "ours\n",
        "c": "ours\n",
    }


def test_a_tree_goes_whatever_is_in_it_and_nothing_that_it_leads_to(tmp_path: Path) -> None:
    tree, near = tmp_path / "tree", tmp_path / "near"
    near.mkdir(mode=0o500)
    (tree / "shut" / "deep").mkdir(parents=True)
    (tree / "link").symlink_to(near)
    (tree / "shut").chmod(0)
    deep = "import os\nfor _ in range(30): os.mkdir('a' * 200); os.chdir('a' * 200)"
    subprocess.run([sys.executable, "-c", deep], cwd=tree, check=True)
    remove_tree(tree)
    remove_tree(tmp_path / "none")
    (tmp_path / "other").symlink_to(near)
    remove_tree(tmp_path / "other")
    assert near.is_dir() and (tmp_path / "other").is_symlink() and not tree.exists()
    assert stat.S_IMODE(near.stat().st_mode) == 0o500


def test_what_is_read_of_a_tree_stays_in_it(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tmp_path / "key").write_text("secret")
    (tree / "README").write_text("told")
    (tree / "inner").symlink_to("README")
    (tree / "outer").symlink_to("../key")
    os.mkfifo(tree / "pipe")
    found = {name: read_inside(tree, name) for name in ("README", "inner", "outer", "pipe", "gone", "../key")}
    assert found == {"README": "told", "inner": "told", "outer": "", "pipe": "", "gone": "", "../key": ""}
