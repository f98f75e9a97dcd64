from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.conftest import walled
from tools.finished import Finished
from tools.sandbox import Permit
from tools.shell import Shell
from tools.source import SourceError, fetch_source, kind_of, tree_hash


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "README").write_text("read me")
    (root / "src" / "run").write_text("#!/bin/sh\n")
    (root / "src" / "run").chmod(0o755)
    os.utime(root / "README", (1_000_000_000, 1_000_000_000))
    return root


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=e@e", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(project: Path) -> Path:
    for arguments in (
        ("init",),
        ("add", "."),
        ("commit", "-m", "one"),
        ("commit", "--allow-empty", "-m", "two"),
    ):
        git(project, *arguments)
    return project


def test_a_folder_is_copied_with_its_times_and_modes(project: Path, tmp_path: Path) -> None:
    (project / ".git").mkdir()
    (project / ".git" / "config").write_text("x")
    to = tmp_path / "work" / "source"
    origin = fetch_source(str(project), to)
    assert origin == ("folder", str(project), tree_hash(project), None, ())
    assert (to / "README").stat().st_mtime == 1_000_000_000
    assert os.access(to / "src" / "run", os.X_OK)
    assert (to / ".git" / "config").exists()
    assert [path.name for path in to.parent.iterdir()] == ["source"]


def test_the_copy_is_ours_to_change(project: Path, tmp_path: Path) -> None:
    (project / "src").chmod(0o555)
    fetch_source(str(project), tmp_path / "s")
    (project / "src").chmod(0o755)
    assert (tmp_path / "s" / "src").stat().st_mode & 0o700 == 0o700
    (tmp_path / "s" / "README").write_text("changed")
    assert (project / "README").read_text() == "read me"


def test_links_that_lead_outside_are_left_out(project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("planted")
    (project / "out").symlink_to("../secret")
    (project / "etc").symlink_to("/etc")
    (project / "chain").symlink_to("out")
    (project / "loop").symlink_to("loop")
    (project / "inside").symlink_to("src/run")
    (project / "absolute").symlink_to(project / "src")
    origin = fetch_source(str(project), tmp_path / "s")
    assert {path.name for path in (tmp_path / "s").iterdir()} == {
        "README",
        "src",
        "inside",
        "absolute",
        "loop",
    }
    assert (tmp_path / "s" / "absolute").readlink() == Path("src")
    assert sorted(note.split()[0] for note in origin.notes) == ["chain", "etc", "out"]
    assert "etc was left out: it links to /etc, outside." in origin.notes


def test_a_link_out_through_a_link_in_is_left_out(project: Path, tmp_path: Path) -> None:
    (project / "a" / "b" / "c").mkdir(parents=True)
    (project / "a" / "b" / "c" / "up").symlink_to("../../..")
    (project / "evil").symlink_to("a/b/c/up/../secret")
    (tmp_path / "secret").write_text("planted")
    fetch_source(str(project), tmp_path / "s")
    assert not (tmp_path / "s" / "evil").is_symlink()
    assert (tmp_path / "s" / "a" / "b" / "c" / "up").is_symlink()


def test_sockets_and_pipes_are_left_out(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(project / "pipe")
    monkeypatch.chdir(project)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        origin = fetch_source(str(project), tmp_path / "s")
    assert sorted(origin.notes) == [
        "pipe was left out: it is no file.",
        "socket was left out: it is no file.",
    ]


def test_a_workspace_inside_the_source_is_not_copied_into_itself(project: Path) -> None:
    fetch_source(str(project), project / "state" / "source")
    assert sorted(path.name for path in (project / "state" / "source").iterdir()) == [
        "README",
        "src",
        "state",
    ]
    assert list((project / "state" / "source" / "state").iterdir()) == []


def test_a_source_that_is_too_large_is_refused(project: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="larger than 10 bytes"):
        fetch_source(str(project), tmp_path / "s", limit=10)
    assert not (tmp_path / "s").exists()


def test_a_file_that_cannot_be_read_is_named(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(source: str, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", source)

    monkeypatch.setattr(shutil, "copy2", denied)  # for root every file can be read
    with pytest.raises(SourceError, match=r"project/\S+ cannot be copied: .*Permission denied"):
        fetch_source(str(project), tmp_path / "s")


def test_an_archive_is_unpacked(project: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        tar.add(project, "sim-1.0")
        link = tarfile.TarInfo("sim-1.0/out")
        link.type, link.linkname = tarfile.SYMTYPE, "../../x"
        tar.addfile(link)
    origin = fetch_source(str(tmp_path / "a.tar.gz"), tmp_path / "s")
    assert origin.kind == "archive"
    assert origin.sha256 == tree_hash(project)
    assert origin.notes == ("out was left out: it links to ../../x, outside.",)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.write_text("int main;"), "is no archive"),
        (lambda path: tarfile.open(path, "w").close(), "holds no files"),
        (lambda path: path.mkdir(), "holds no files"),
        (lambda path: None, "There is no folder or file"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, make: Callable[[Path], object], why: str) -> None:
    make(tmp_path / "source")
    with pytest.raises(SourceError, match=why):
        fetch_source(str(tmp_path / "source"), tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_an_existing_destination_is_misuse(project: Path, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    with pytest.raises(FileExistsError):
        fetch_source(str(project), tmp_path / "s")


def test_what_a_crash_left_is_replaced(project: Path, tmp_path: Path) -> None:
    (tmp_path / ".s.partial").mkdir()
    (tmp_path / ".s.partial" / "half").write_text("x")
    fetch_source(str(project), tmp_path / "s")
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == ["README", "src"]


@pytest.mark.parametrize(
    "address",
    ["https://host/a/b.git", "https://host/a/b", "ssh://git@host/a", "git@host.org:a/b.git", "file:///a/b"],
)
def test_git_addresses(address: str) -> None:
    assert kind_of(address) == "git"


@pytest.mark.parametrize("source", ["--upload-pack=evil", "ext::sh -c evil", "no/such/folder", "https://host/a.tar.gz"])
def test_what_is_no_source(source: str) -> None:
    with pytest.raises(SourceError):
        kind_of(source)


@walled
def test_a_git_address_is_cloned_by_the_caller(repository: Path, shell: Shell) -> None:
    def clone(argv: list[str]) -> Finished:
        permit = Permit(shell.workspace, network=True, readable=(repository,), history=True)
        return shell.run(argv, name="clone", permit=permit)

    to = shell.workspace / "source"
    origin = fetch_source(f"file://{repository}", to, clone)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True, check=True)
    assert origin.revision == head.stdout.strip()
    assert origin.sha256 == tree_hash(repository)
    log = subprocess.run(["git", "log", "--format=%s"], cwd=to, capture_output=True, text=True, check=True)
    assert log.stdout == "two\n"


def test_a_clone_that_fails_says_where_to_look(tmp_path: Path, shell: Shell) -> None:
    def clone(argv: list[str]) -> Finished:
        return shell.run(argv, name="clone")

    with pytest.raises(SourceError, match=r"cannot be cloned. It ended with exit status 128 .*001-clone.log"):
        fetch_source(f"file://{tmp_path}/none", shell.workspace / "source", clone)


def test_without_leave_nothing_is_cloned(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the network may not be used"):
        fetch_source("https://host/a.git", tmp_path / "s")


def test_packed_references_are_read(repository: Path, shell: Shell) -> None:
    git(repository, "pack-refs", "--all")

    def clone(argv: list[str]) -> Finished:
        git(repository.parent, "clone", str(repository), argv[-1])
        git(Path(argv[-1]), "pack-refs", "--all")
        return shell.run("true", name="clone")

    origin = fetch_source(f"file://{repository}", shell.workspace / "source", clone)
    assert origin.revision is not None
    assert len(origin.revision) == 40


def test_a_tree_hash_sees_contents_names_links_and_execute_bits(project: Path) -> None:
    seen = [tree_hash(project)]
    assert tree_hash(project) == seen[0]
    os.utime(project / "README")
    (project / ".git").mkdir()
    (project / ".git" / "x").write_text("x")
    (project / "empty").mkdir()
    assert tree_hash(project) == seen[0]
    renamed, link = project / "README2", project / "link"
    (project / "README").write_text("read  me")
    seen.append(tree_hash(project))
    (project / "README").rename(renamed)
    seen.append(tree_hash(project))
    renamed.chmod(0o755)
    seen.append(tree_hash(project))
    link.symlink_to("README2")
    seen.append(tree_hash(project))
    link.unlink()
    link.symlink_to("src")
    seen.append(tree_hash(project))
    link.unlink()
    link.write_text("src")
    seen.append(tree_hash(project))
    assert len(set(seen)) == 7
