"""What lies outside the walls, and what an attack did to it: seen by code that stands outside too."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import psutil

from tools.process_tree import COOKIE

SECRET = "PLANTED-7f3a"


class Outside:
    """A home folder, a neighbour, the run's records, and sockets that nobody may call.

    Attributes:
        names: what an attack may write in braces.
    """

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.home, self.near = folder / "person", folder / "near"
        for name in (".ssh/id_rsa", ".bashrc", ".netrc", ".gitconfig", ".config/git/hooks/post-commit"):
            self._plant(self.home / name)
        self._plant(self.near / "kept")
        self._plant(folder / "run.json")
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(str(folder / "agent"))
        self.unix.listen()
        self.names = {
            "home": self.home,
            "near": self.near,
            "record": folder / "run.json",
            "port": self.tcp.getsockname()[1],
            "agent": folder / "agent",
            "python": python,
        }
        self._before = self._snapshot()

    def close(self) -> None:
        """Stop listening."""
        self.tcp.close()
        self.unix.close()

    def harm(self, *seen: str) -> list[str]:
        """What got through, a sentence each; ``seen`` is what the attack could show to anybody."""
        found = [f"{path} changed" for path, state in self._snapshot().items() if self._before.get(path) != state]
        found += [f"{path} is gone" for path in self._before if not path.exists()]
        for server, name in ((self.tcp, "tcp"), (self.unix, "unix")):
            server.settimeout(0)
            with suppress(BlockingIOError):
                server.accept()[0].close()
                found.append(f"{name} was called")
        if any(SECRET in text for text in [*seen, *self._written()]):
            found.append("the secret was read")
        return found + [f"process {pid} is left" for pid in self.left()]

    def _plant(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{SECRET}\n")

    def _snapshot(self) -> dict[Path, object]:
        paths = [self.folder / "run.json", *self.home.rglob("*"), *self.near.rglob("*")]
        return {
            path: (path.lstat().st_mtime_ns, path.lstat().st_mode, path.lstat().st_nlink, _content(path))
            for path in paths
            if path.exists() or path.is_symlink()
        }

    def _written(self) -> list[str]:
        made = [*self.folder.glob("logs/*"), *self.folder.glob("workspace/**/*")]
        # Through a link of ours the secret could be read out here, but it was not read in there.
        return [path.read_text(errors="replace") for path in made if path.is_file() and not path.is_symlink()]

    def left(self) -> list[int]:
        """The processes that work in the workspace or were given its temporary folder."""
        inside = f"{self.folder}/workspace"
        return [
            process.pid
            for process in psutil.process_iter()
            if _cwd(process).startswith(inside) or _folder_of(process).startswith(inside)
        ]


def _cwd(process: psutil.Process) -> str:
    with suppress(psutil.Error, OSError):  # some end while they are looked at
        return process.cwd()
    return ""


def _folder_of(process: psutil.Process) -> str:
    """The temporary folder that one of our commands was given."""
    with suppress(psutil.Error, OSError):
        given = process.environ()
        return given.get("TMPDIR", "") if COOKIE in given else ""
    return ""


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
