"""Commands in bubblewrap that were granted the network: what they reach, and that nothing else changes for them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import psutil
import pytest

from tests.tools.conftest import until
from tests.tools.web import Web, web
from tools.sandbox import Permit, held_to_hosts, protection
from tools.shell import Shell
from tools.traffic import Traffic, kept

pytestmark = pytest.mark.skipif(not held_to_hosts(), reason=f"no bubblewrap here: {protection().why}")

FETCH = """
import sys, urllib.error, urllib.request
for address in sys.argv[1:]:
    try:
        print(urllib.request.urlopen(address, timeout=20).read().decode().strip())
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode().strip())
    except OSError as error:
        print("failed:", error)
"""
DIRECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5); print('reached')"


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with web(monkeypatch) as made:
        yield made


def led(shell: Shell, *hosts: str) -> Permit:
    return Permit(shell.workspace, network=True, hosts=hosts)


def said(shell: Shell, command: str | list[str], permit: Permit | None = None) -> str:
    return shell.run(command, name="x", permit=permit).log.read_text()


def test_a_program_reaches_the_hosts_of_its_permit_and_no_other(host: Web, shell: Shell) -> None:
    one, two = f"one.example:{host.port}", f"two.example:{host.port}"
    argv = [sys.executable, "-c", FETCH, f"http://{one}/a", f"http://{two}/b"]
    finished = shell.run(argv, name="fetch", permit=led(shell, "one.example"))
    first, second = finished.log.read_text().splitlines()
    assert first == f"GET /a at {one}"
    assert second.startswith(f"403 {two} may not be reached")
    assert kept(finished.log) == Traffic((one,), (two,))
    assert not list(shell.logs.glob("*.proxy"))


def test_the_same_by_a_tunnel(host: Web, shell: Shell) -> None:
    one, two = f"one.example:{host.port}", f"two.example:{host.port}"
    line = f"curl -sSp http://{one}/a; curl -sSp http://{two}/b"
    finished = shell.run(line, name="fetch", permit=led(shell, one))
    assert f"GET /a at {one}" in finished.log.read_text() and "403" in finished.log.read_text()
    assert kept(finished.log) == Traffic((one,), (two,))


def test_there_is_no_way_but_the_proxy(host: Web, shell: Shell) -> None:
    for permit in (led(shell, "*", "127.0.0.1"), None):
        argv = [sys.executable, "-c", DIRECT, "127.0.0.1", str(host.port)]
        assert "refused" in said(shell, argv, permit)
        argv = [
            sys.executable,
            "-c",
            FETCH.replace("urllib.request.urlopen", OPENED),
            f"http://one.example:{host.port}",
        ]
        assert "failed: <urlopen error" in said(shell, argv, permit)
    assert host.heads == []


OPENED = "urllib.request.build_opener(urllib.request.ProxyHandler({})).open"
"""What takes no notice of the environment."""


def test_a_command_may_talk_to_itself(shell: Shell) -> None:
    script = (
        "import http.server, threading, urllib.request\n"
        "server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n"
        "threading.Thread(target=server.serve_forever, daemon=True).start()\n"
        "for name in ('127.0.0.1', 'localhost'):\n"
        "    print(urllib.request.urlopen(f'http://{name}:{server.server_port}/').status)\n"
    )
    finished = shell.run([sys.executable, "-c", script], name="own", permit=led(shell), capture=True)
    assert finished.stdout and finished.stdout.read_text() == "200\n200\n"
    assert kept(finished.log) == Traffic()


def test_the_end_of_a_command_is_its_own(shell: Shell) -> None:
    permit = led(shell)
    assert shell.run("exit 7", name="x", permit=permit).exit_status == 7
    assert shell.run("kill -TERM $$", name="x", permit=permit).killed_by == signal.SIGTERM
    assert shell.run([sys.executable, "-c", "import os; os.abort()"], name="x", permit=permit).killed_by == 6
    assert shell.run("trap 'exit 5' USR1; kill -USR1 $$; sleep 20", name="x", permit=permit).exit_status == 5
    assert "no-such" in said(shell, "./no-such", permit)
    stopped = shell.run("sleep 60 & sleep 60", name="x", permit=permit, timeout_s=0.5)
    assert stopped.timed_out


def test_the_walls_and_everything_else_are_as_without_the_network(shell: Shell) -> None:
    status = "grep -E 'Cap|Seccomp|NoNew|Sig[BIC]|Uid' /proc/self/status; cat /proc/self/limits; umask; "
    status += "env | grep -iv proxy | sort"
    bare, open_ = said(shell, status), said(shell, status, led(shell, "one.example"))
    known = [line for line in open_.splitlines() if "RIGIL" not in line]
    assert known == [line for line in bare.splitlines() if "RIGIL" not in line]
    assert "CapEff:\t0000000000000000" in open_
    # Its descriptors are those that it had before, and what forwards is no child of it.
    script = 'ls /proc/self/fd | wc -l; wait; children=$(ps -o pid= --ppid $$); echo "$children" | wc -l'
    assert said(shell, script, led(shell)) == said(shell, script)
    outside = shell.workspace.parent / "outside"
    said(shell, f"echo PLANTED > {outside}", led(shell))
    assert not outside.exists()


def test_its_own_proxy_is_named_in_place_of_the_persons(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "ftp_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "http://proxy.invalid:3128")
    named = dict(line.split("=", 1) for line in said(shell, "env | grep -i proxy", led(shell)).splitlines())
    assert len({named.pop(name) for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY")}) == 1
    assert named.pop("no_proxy").startswith("localhost") and "proxy.invalid" not in str(named)
    assert "ftp_proxy" not in named


def test_nothing_is_left_when_it_ends(host: Web, shell: Shell) -> None:
    def left() -> list[int]:
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("TMPDIR", "").startswith(str(shell.workspace)):
                    found.append(process.pid)
            except psutil.Error:
                continue
        return found

    shell.run("curl -s http://one.example & sleep 0.2; true", name="x", permit=led(shell))
    assert until(lambda: not left(), 5)


def test_it_may_end_what_forwards_and_then_has_no_network(host: Web, shell: Shell) -> None:
    fetch = f"{sys.executable} -c '{FETCH}' http://one.example:{host.port}/a"
    forwarders = "for each in /proc/[0-9]*; do grep -q forwarder[.]py $each/cmdline && kill -9 ${each#/proc/}; done"
    log = said(shell, f"{forwarders}; {fetch}", led(shell, "one.example"))
    assert "failed: <urlopen error" in log and host.heads == []


def test_a_deep_folder_is_no_hindrance(host: Web, shell: Shell) -> None:
    deep = Shell(
        shell.workspace.parent / ("deep" * 40) / "workspace", shell.logs.parent / ("deep" * 40) / "logs", shell.settings
    )
    argv = [sys.executable, "-c", FETCH, f"http://one.example:{host.port}/a"]
    assert "GET /a" in said(deep, argv, led(deep, "one.example"))


def test_what_runs_with_the_persons_rights_has_their_network(host: Web, shell: Shell) -> None:
    permit = Permit(shell.workspace, network=True, machine=True)
    assert said(shell, [sys.executable, "-c", DIRECT, "127.0.0.1", str(host.port)], permit) == "reached\n"
