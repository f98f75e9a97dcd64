from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.tools.conftest import alive, until, walled
from tools import sandbox
from tools.closed import closed
from tools.environment import environment
from tools.sandbox import Permit, held_to_hosts, protection, sandboxed
from tools.shell import Shell

CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5); print('reached')"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a key, and a program that PATH leads to."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_rsa").write_text("PLANTED KEY")
    tool = home / "tools" / "bin" / "greet"
    tool.parent.mkdir(parents=True)
    tool.write_text('#!/bin/sh\ncat "$(dirname "$0")/../lib/greeting"\n')
    tool.chmod(0o755)
    (home / "tools" / "lib").mkdir()
    (home / "tools" / "lib" / "greeting").write_text("hello\n")
    (home / "tools" / "token").write_text("PLANTED TOKEN")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{tool.parent}:{home}:{os.environ['PATH']}")
    return home


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@walled
def test_it_writes_in_the_workspace_and_nowhere_else(shell: Shell, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    script = f"echo in > in; mkdir -p {outside}; echo out > {outside}/new; rm -f {outside}/kept; touch /etc/new"
    finished = shell.run(script, name="write")
    assert (shell.workspace / "in").read_text() == "in\n"
    assert [path.name for path in outside.iterdir()] == ["kept"]
    assert not Path("/etc/new").exists()
    assert finished.exit_status == 1


@walled
def test_it_cannot_undo_its_walls(shell: Shell) -> None:
    script = "mount -o remount,rw / ; touch /usr/new-file; grep CapEff /proc/self/status"
    finished = shell.run(script, name="escape")
    assert not Path("/usr/new-file").exists()
    assert "CapEff:\t0000000000000000" in finished.log.read_text()


@walled
def test_it_sees_neither_the_home_folder_nor_others_temporary_files(shell: Shell, tmp_path: Path, home: Path) -> None:
    (tmp_path / "other").write_text("PLANTED IN TMP")
    script = f"cat {home}/.ssh/id_rsa {home}/tools/token {tmp_path}/other; ls -A {home} {tmp_path}"
    finished = shell.run(script, name="read")
    assert "PLANTED" not in finished.log.read_text()
    assert ".ssh" not in finished.log.read_text().split()
    assert finished.log.read_text().count("No such file") == 3


@walled
def test_programs_on_path_work_though_they_lie_in_the_home_folder(shell: Shell, home: Path) -> None:
    assert shell.run(["greet"], name="greet").log.read_text() == "hello\n"


@walled
def test_our_own_interpreter_works(shell: Shell, home: Path) -> None:
    finished = shell.run([sys.executable, "-c", "import sys; print(sys.prefix)"], name="python")
    assert finished.log.read_text().strip() == sys.prefix


@walled
def test_what_the_permit_makes_readable_is_read_but_not_written(shell: Shell, home: Path) -> None:
    permit = Permit(shell.workspace, readable=(home / "tools" / "token",))
    finished = shell.run(f"cat {home}/tools/token; echo x > {home}/tools/token", name="read", permit=permit)
    assert "PLANTED TOKEN" in finished.log.read_text()
    assert not finished.ok
    assert (home / "tools" / "token").read_text() == "PLANTED TOKEN"


@walled
def test_a_readable_folder_never_brings_back_the_whole_home(shell: Shell, home: Path) -> None:
    permit = Permit(shell.workspace, readable=(home, home.parent))
    assert "PLANTED" not in shell.run(f"cat {home}/.ssh/id_rsa", name="read", permit=permit).log.read_text()


@walled
@pytest.mark.skipif(os.geteuid() != 0, reason="only root could read them")
def test_root_cannot_read_what_only_root_may_read(shell: Shell) -> None:
    assert Path("/etc/shadow").stat().st_size > 0
    shadow = shell.run("cat /etc/shadow", name="shadow", capture=True).stdout
    assert shadow is not None
    assert shadow.read_bytes() == b""
    assert shell.run("cat /etc/passwd", name="passwd").ok


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_others_is_not_hidden_but_out_of_reach(tmp_path: Path) -> None:
    for name, owner, folder_mode, mode in (
        ("ours", 0, 0o755, 0o600),
        ("theirs", 4711, 0o755, 0o600),
        ("closed", 4711, 0o700, 0o644),
        ("private", 0, 0o700, 0o644),
        ("open", 0, 0o755, 0o644),
    ):
        path = tmp_path / name / "key"
        path.parent.mkdir(mode=folder_mode)
        path.write_text("PLANTED")
        path.chmod(mode)
        for made in (path, path.parent):
            os.chown(made, owner, owner)

    assert set(closed(str(tmp_path))) == {str(tmp_path / name / "key") for name in ("ours", "private")}


@walled
def test_there_is_no_network_of_the_machine(shell: Shell, listener: socket.socket) -> None:
    host, port = listener.getsockname()
    argv = [sys.executable, "-c", CONNECT, host, str(port)]
    assert "refused" in shell.run(argv, name="closed").log.read_text()
    permit = Permit(shell.workspace, network=True, hosts=("*", host))
    named = shell.run(argv, name="named", permit=permit)
    # Landlock cannot tell hosts from each other; what bubblewrap does is in `test_proxied`.
    assert ("refused" in named.log.read_text()) == held_to_hosts()


@walled
def test_sockets_of_the_machines_services_are_out_of_reach(shell: Shell, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "agent"))
        server.listen()
        script = f"import socket; socket.socket(socket.AF_UNIX).connect({str(tmp_path / 'agent')!r})"
        for network in (False, True):
            permit = Permit(shell.workspace, network=network)
            finished = shell.run([sys.executable, "-c", script], name="socket", permit=permit)
            assert "FileNotFoundError" in finished.log.read_text()
    assert shell.run("ls -A /run", name="run").log.read_text() == ""


@walled
def test_it_does_not_see_other_processes(shell: Shell) -> None:
    finished = shell.run(f"kill -0 {os.getpid()}; ls /proc | grep -c '^[0-9]'", name="processes")
    assert "No such process" in finished.log.read_text()
    assert int(finished.log.read_text().split()[-1]) < 8


@walled
def test_loopback_and_temporary_files_work_inside(shell: Shell) -> None:
    script = (
        "import socket, tempfile\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname())\n"
        "print(tempfile.mkdtemp()); open('/tmp/mine', 'w'); open('/dev/shm/mine', 'w')"
    )
    finished = shell.run([sys.executable, "-c", script], name="inside")
    assert finished.log.read_text().startswith(str(shell.workspace / "tmp"))
    assert finished.ok
    assert not Path("/tmp/mine").exists()


@walled
def test_a_machine_permit_has_no_walls(shell: Shell, tmp_path: Path) -> None:
    permit = Permit(shell.workspace, machine=True)
    assert shell.run(f"echo out > {tmp_path}/out", name="machine", permit=permit).ok
    assert (tmp_path / "out").read_text() == "out\n"


RUNNER = """
import sys
from pathlib import Path
from configs.settings import load_settings
from tools.shell import Shell
folder = Path(sys.argv[1])
shell = Shell(folder / "workspace", folder / "logs", load_settings())
shell.run("setsid sleep 601.25 & echo up > up; sleep 601.25", name="long")
"""


@walled
def test_nothing_survives_when_we_are_killed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", RUNNER, str(tmp_path)])
    up = tmp_path / "workspace" / "up"
    assert until(up.exists)
    assert until(lambda: len(psutil.Process(process.pid).children(recursive=True)) >= 4)
    tree = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert until(lambda: not any(alive(child.pid) for child in tree))


def test_the_environment_holds_no_key(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    monkeypatch.setenv("GITHUB_TOKEN", "planted")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/planted")
    monkeypatch.setenv("PYTHONPATH", "/planted")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:planted@proxy:3128")
    monkeypatch.setenv("SOME_INDEX_URL", "https://index/simple?token=planted")
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    printed = shell.run("env", name="env", variables={"OMP_NUM_THREADS": "2"}).log.read_text()
    assert "planted" not in printed
    lines = printed.splitlines()
    assert {"http_proxy=http://proxy:3128", "LC_ALL=C.UTF-8", "OMP_NUM_THREADS=2", "TERM=dumb"} <= set(lines)
    assert f"HOME={shell.workspace}/home" in lines


def test_the_workspace_comes_first_on_path_and_our_own_environment_is_off_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", "/venv")
    monkeypatch.setattr(sys, "base_prefix", "/python")
    monkeypatch.setenv("PATH", "/venv/bin:/shims:/usr/bin")
    path = environment(tmp_path)["PATH"].split(":")
    own = [f"{tmp_path}/python/bin", f"{tmp_path}/home/.local/bin"]
    assert path == [*own, "/python/bin", "/shims", "/usr/bin"]
    monkeypatch.setenv("PATH", "/usr/bin:/python/bin")
    assert environment(tmp_path)["PATH"].split(":") == [*own, "/usr/bin", "/python/bin"]


def test_variables_of_the_recipe_win(tmp_path: Path) -> None:
    assert environment(tmp_path, {"PATH": "/mine", "X": "1"}).items() >= {"PATH": "/mine", "X": "1"}.items()


@pytest.fixture
def fresh_walls(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for cached in (sandbox._walls, protection):
        cached.cache_clear()
    monkeypatch.setattr(sandbox, "confinement", lambda: (False, "no Landlock"))
    yield
    for cached in (sandbox._walls, protection):
        cached.cache_clear()


@pytest.mark.usefixtures("fresh_walls")
def test_a_machine_without_bubblewrap_is_said_to_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert protection() == ("none", "bubblewrap (bwrap) is not installed; no Landlock")
    assert sandboxed(["make"], Permit(tmp_path), tmp_path) == ["make"]


@pytest.mark.usefixtures("fresh_walls")
def test_a_bubblewrap_that_may_not_be_used_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    name, why = protection()
    assert name == "none"
    assert why.endswith("may not be used here: bwrap: No permissions to create a new namespace; no Landlock")


@pytest.mark.usefixtures("fresh_walls")
def test_landlock_stands_in_where_bubblewrap_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sandbox, "confinement", lambda: (True, "Landlock, with gaps"))
    assert protection() == ("landlock", "bubblewrap (bwrap) is not installed; Landlock, with gaps")
    assert sandboxed(["make"], Permit(tmp_path), tmp_path)[-1] == "make"


@walled
@pytest.mark.skipif(os.geteuid() != 0, reason="others have no walls without user namespaces")
@pytest.mark.usefixtures("fresh_walls")
def test_root_is_walled_in_where_user_namespaces_are_forbidden(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "bwrap"
    program.parent.mkdir()
    real = shutil.which("bwrap")
    program.write_text(f'#!/bin/sh\ncase "$*" in *--unshare-user*) exit 1;; esac\nexec {real} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert protection().name == "bubblewrap"
    test_it_cannot_undo_its_walls(shell)


@pytest.mark.parametrize(
    ("network", "machine", "tier"), [(False, False, 1), (True, False, 2), (False, True, 3), (True, True, 3)]
)
def test_tiers(tmp_path: Path, network: bool, machine: bool, tier: int) -> None:
    assert Permit(tmp_path, network, machine).tier == tier
