"""What a command may touch, and the walls around it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from tools import forwarder
from tools.closed import closed
from tools.confined import all_but, confined, confinement
from tools.histories import histories
from tools.limits import few
from tools.overlay import PACKAGES, laid
from tools.syscalls import filter_of, filtered


@dataclass(frozen=True)
class Permit:
    """What one command may touch; decided by policy and by the person, never by the model."""

    workspace: Path
    """Where it may write."""
    network: bool = False
    """Whether it may call hosts: those below, where there are walls that hold it to them."""
    machine: bool = False
    """Anything that the person themselves may touch: no walls at all."""
    read_only: bool = False
    """Whether the workspace itself may not be written either, but for its own temporary files."""
    readable: tuple[Path, ...] = ()
    """What it may read although it lies in a place that is hidden otherwise."""
    instead: tuple[tuple[Path, Path | None], ...] = ()
    """What it meets in the place of a file: another file, or nothing. Only walls can do that."""
    history: bool = False
    """Whether it may write in the tree's own version control, as what brings in a missing part of it does."""
    hosts: tuple[str, ...] = ()
    """What it may reach with the network, as `tools.hosts.covered` takes it."""
    packages: bool = False
    """Whether it sees the packages that were unpacked into the workspace as if they were installed."""
    filling: Path | None = None
    """A folder beside those packages that it may write."""

    @property
    def tier(self) -> Literal[1, 2, 3]:
        """1: the workspace alone, 2: hosts of the network or the tree's history too, 3: the machine."""
        return 3 if self.machine else 2 if self.network or self.history else 1


class Protection(NamedTuple):
    """What stands between a command and the machine."""

    name: Literal["bubblewrap", "landlock", "none"]
    why: str


SHELTER = ("--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc", "--unshare-uts")
ROOT = ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
HIDDEN = (Path("/tmp"), Path("/run"))
"""Sockets of the machine's services lie there, such as a container engine's or a key agent's."""
PROXY = "/run/rigil-proxy"
"""Where a sandbox has the socket of the proxy through which it reaches its hosts."""
FILTER = 9
"""The file descriptor from which bubblewrap reads the filter of system calls."""
FORWARDER = Path(forwarder.__file__).resolve()
DEVICES = ("nvidia*", "dri", "kfd")
OWN = ("home", "tmp", "tree", "python")
BESIDE_BIN = ("lib", "lib64", "libexec", "include")


@cache
def protection() -> Protection:
    """Whether commands can be walled in here, found out by doing it."""
    return _walls()[1]


def held_to_hosts() -> bool:
    """Whether commands with the network can be held to the hosts of their permit here.

    That takes a network of their own, from which nothing but a proxy's socket leads out.
    """
    return _walls()[1].name == "bubblewrap"


@cache
def lays_over() -> bool:
    """Whether packages can be laid over the machine's folders here, found out by doing it."""
    if not held_to_hosts():
        return False
    with tempfile.TemporaryDirectory(prefix="rigil-") as name:
        folder = Path(name)
        probe = Path(_walls()[0][0]).resolve().parts[1]
        (folder / PACKAGES / "probe" / probe).mkdir(parents=True)
        (folder / PACKAGES / "probe" / probe / folder.name).touch()
        argv = _bubblewrap(["test", "-e", f"/{probe}/{folder.name}"], Permit(folder, packages=True), folder)
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


@cache
def _walls() -> tuple[tuple[str, ...], Protection]:
    """The options that work on this machine, strictest first."""
    program = shutil.which("bwrap")
    if program is None:
        return (), _without("bubblewrap (bwrap) is not installed")
    user: tuple[str, ...] = ("--unshare-user",)
    if os.geteuid() == 0:
        # Root inside would keep every capability and could mount its way out.
        nobody = pwd.getpwnam("nobody")
        user = ("--unshare-user", "--uid", str(nobody.pw_uid), "--gid", str(nobody.pw_gid))
    said = ""
    for options in ((*user, "--disable-userns"), user, ("--cap-drop", "ALL")):
        command = [program, *options, *SHELTER, "--unshare-net", *ROOT, "true"]
        tried = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if tried.returncode == 0:
            return (program, *options, *SHELTER), Protection("bubblewrap", f"{program} works here")
        said = said or tried.stderr.strip()
    return (), _without(f"bubblewrap is installed but may not be used here: {said}")


def _without(why: str) -> Protection:
    able, said = confinement()
    return Protection("landlock" if able else "none", f"{why}; {said}")


def sandboxed(
    argv: Sequence[str], permit: Permit, cwd: Path, *, processes: int = 0, proxy: Path | None = None
) -> list[str]:
    """The command line that runs ``argv`` within its permit; unchanged where there are no walls.

    Inside, the machine can be read but not written, the home folder and others' temporary files are hidden
    except for what the programs on PATH need, and there is no network but through the socket of a ``proxy``; Landlock
    opens all of it where it is permitted. Where ``processes`` is not 0, the kernel allows no more than some times as
    many.
    """
    _, protected = _walls()
    if permit.machine or protected.name == "none":
        return list(argv)
    if protected.name == "landlock":
        return _confined(argv, permit)
    if permit.packages and not lays_over():
        permit = replace(permit, packages=False)
    return _bubblewrap(argv, permit, cwd, processes, proxy)


def _bubblewrap(
    argv: Sequence[str], permit: Permit, cwd: Path, processes: int = 0, proxy: Path | None = None
) -> list[str]:
    hidden = _hidden()
    before, over = laid(permit.workspace.resolve(), kept_back()) if permit.packages else ([], [])
    # Where they are laid we are root in name, which a command must not be.
    who = ["--uid", str(os.geteuid()), "--gid", str(os.getegid())] if before and os.geteuid() != 0 else []
    options = [*_walls()[0], *who, *ROOT, *over, "--unshare-net"]
    for device in _devices():
        options += "--dev-bind-try", device, device
    for folder in hidden:
        options += "--tmpfs", str(folder)
    for file in closed():
        options += "--ro-bind", "/dev/null", file
    for path in _within(_needed(permit), hidden):
        options += "--ro-bind-try", path, path
    if proxy:
        options += "--ro-bind", str(proxy), PROXY
        argv = [sys.executable, "-I", "-S", str(FORWARDER), PROXY, *argv]
    workspace = str(permit.workspace.resolve())
    options += "--ro-bind" if permit.read_only else "--bind", workspace, workspace
    if not permit.read_only:
        options += _fixed(Path(workspace))
    if permit.filling:
        options += "--bind", str(permit.filling), str(permit.filling)
    for target, other in permit.instead:
        options += _absent(target, permit) if other is None else ("--ro-bind", str(other), str(target))
    for path in () if permit.history else _histories(permit.workspace.resolve()):
        options += "--ro-bind-try", path, path
    if permit.read_only:
        options += "--tmpfs", f"{workspace}/tmp"
    if (used := filter_of()).file:
        options += "--seccomp", str(FILTER)
    options += "--chdir", str(cwd.resolve()), "--", *(few(argv, processes) if processes else argv)
    return filtered([*before, *options], used, FILTER)


def _confined(argv: Sequence[str], permit: Permit) -> list[str]:
    hidden, workspace = _hidden(), str(permit.workspace.resolve())
    resolver = [Path("/etc/resolv.conf")] if permit.network else []
    reads = [*all_but([*hidden, *map(Path, closed())]), *_within([*_needed(permit), *resolver], hidden)]
    if permit.read_only:
        reads, workspace = [*reads, workspace], f"{workspace}/tmp"
    return confined(argv, reads=reads, writes=[workspace], devices=_devices(), network=permit.network)


def _hidden() -> list[Path]:
    hidden = [*HIDDEN, *homes()]
    return hidden + [folder for folder in _records() if not any(folder.is_relative_to(other) for other in hidden)]


def kept_back() -> list[Path]:
    """What a command does not see: folders that are hidden as a whole, and files that are closed to it."""
    return [*_hidden(), *map(Path, closed())]


def _needed(permit: Permit) -> list[Path]:
    return [*_programs(), *permit.readable, *([FORWARDER] if permit.network else [])]


def _histories(workspace: Path) -> Iterable[str]:
    """The version control of the trees in a workspace, in which hooks and settings of programs lie."""
    for path in map(Path.resolve, histories(workspace)):
        if path.exists() and path != workspace and path.is_relative_to(workspace):
            yield str(path)


def _records() -> Iterable[Path]:
    """Where the runs' own records lie."""
    from configs.settings import state_folder

    state = state_folder().resolve()
    return [state] if state.is_dir() else []


def _fixed(workspace: Path) -> Iterable[str]:
    """Folders in whose place nothing can be put: what writes there later is outside, or reads a tree's history."""
    for name in dict.fromkeys([*OWN, *(path.parent.name for path in histories(workspace))]):
        folder = str(workspace / name)
        if Path(folder).is_dir() and not Path(folder).is_symlink():
            yield from ("--bind", folder, folder)
    for kept in (workspace / "source", workspace / PACKAGES):
        if kept.is_dir() and not kept.is_symlink():
            yield from ("--ro-bind", str(kept), str(kept))


def _absent(path: Path, permit: Permit) -> Iterable[str]:
    """Everything that lies beside a file, without it."""
    yield from ("--tmpfs", str(path.parent))
    for item in sorted(path.parent.iterdir()):
        if item == path:
            continue
        if item.is_symlink():  # bound, it would bring back what it leads to
            yield from ("--symlink", str(item.readlink()), str(item))
        else:
            yield from ("--ro-bind-try" if permit.read_only else "--bind-try", str(item), str(item))


@cache
def _devices() -> tuple[str, ...]:
    return tuple(str(path) for pattern in DEVICES for path in Path("/dev").glob(pattern))


def homes() -> set[Path]:
    """The person's home folder, by the environment and by the system."""
    names = {os.environ.get("HOME", "/")}
    with suppress(KeyError):  # a container may run under a user id without an entry
        names.add(pwd.getpwuid(os.getuid()).pw_dir)
    homes = {Path(name).resolve() for name in names}
    return {home for home in homes if home.is_dir() and home != Path("/")}


def _programs() -> Iterable[Path]:
    """Where the programs on PATH and the interpreter that runs us lie, with the libraries beside them."""
    yield Path(sys.prefix)
    yield Path(sys.base_prefix)
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        folder = Path(entry)
        if folder.is_absolute():
            yield folder
            yield from (folder.parent / name for name in BESIDE_BIN)


def _within(paths: Iterable[Path], hidden: Sequence[Path]) -> list[str]:
    """Those inside a hidden folder, but none that would bring such a folder back as a whole."""
    real = dict.fromkeys(path.resolve() for path in paths)
    return [
        str(path)
        for path in real
        if any(folder in path.parents for folder in hidden)
        and not any(path in (folder, *folder.parents) for folder in hidden)
    ]
