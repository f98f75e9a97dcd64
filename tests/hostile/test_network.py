"""Attacks by commands that were granted the network, and every host of the internet with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hostile.attacks import COMMANDS
from tests.hostile.outside import Outside
from tests.tools.conftest import until
from tools.sandbox import Permit, held_to_hosts, protection
from tools.shell import Shell
from tools.traffic import kept

pytestmark = pytest.mark.skipif(not held_to_hosts(), reason=f"no bubblewrap here: {protection().why}")

CURL = "curl -sS -m 5 --noproxy ''"
RAW = """{python} -c '
import os, socket, sys
from urllib.parse import urlsplit
place = urlsplit(os.environ["HTTP_PROXY"])
with socket.create_connection((place.hostname, place.port)) as proxy:
    proxy.sendall(sys.argv[1].encode().decode("unicode_escape").encode("latin-1"))
    print(proxy.recv(999))
' """
SECOND = "GET http://127.0.0.1:{port}/ HTTP/1.0"
HEAD = "HTTP/1.1\\r\\nHost: allowed.example"
CALLS = {
    "by its address": f"{CURL} http://127.0.0.1:{{port}}",
    "by its name": f"{CURL} http://localhost:{{port}}",
    "by another way to write it": f"{CURL} http://2130706433:{{port}} http://0x7f.1:{{port}} http://127.1:{{port}}",
    "by an address within another": f"{CURL} 'http://[::ffff:127.0.0.1]:{{port}}' 'http://[::1]:{{port}}'",
    "by no address": f"{CURL} http://0.0.0.0:{{port}} 'http://[::]:{{port}}'",
    "by a tunnel": f"{CURL} -p http://127.0.0.1:{{port}}; {CURL} -p http://localhost:{{port}}",
    "by a login that looks like a host": f"{CURL} http://allowed.example@127.0.0.1:{{port}}",
    "by a tunnel that is told another host": f"{RAW}'CONNECT 127.0.0.1:{{port}} {HEAD}\\r\\n\\r\\n'",
    "by a line in a line": f"{RAW}'GET http://a.invalid/ {HEAD}\\r\\nX: a\\nGET http://127.0.0.1:{{port}}/\\r\\n\\r\\n'",
    "then by another": f"{RAW}'GET http://a.invalid/ {HEAD}\\r\\n\\r\\n{SECOND}\\r\\n\\r\\n'",
    "by a scheme of files": f"{CURL} -x $HTTP_PROXY file://{{home}}/.ssh/id_rsa ftp://127.0.0.1:{{port}}/",
}
AS_EVER = ("calls out", "calls out by shell", "calls an agent", "calls an abstract socket", "reads a key")
QUICK = ("by its name", "by a tunnel", "by a tunnel that is told another host", "then by another")
QUICK += ("by an address within another", "calls out", "calls an abstract socket")


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(attack, id=name, marks=[] if name in QUICK else [pytest.mark.whole])
        for name, attack in {**CALLS, **{name: COMMANDS[name] for name in AS_EVER}}.items()
    ],
)
def test_nothing_of_this_machine_is_called(attack: str, outside: Outside, shell: Shell, record_property: Any) -> None:
    record_property("attacks tried", 1)
    for name, value in outside.names.items():
        attack = attack.replace(f"{{{name}}}", str(value))
    permit = Permit(shell.workspace, network=True, hosts=("*", "allowed.example"))
    finished = shell.run(attack, name="attack", permit=permit, timeout_s=12)
    assert finished.started
    until(lambda: not outside.left(), seconds=5)
    assert outside.harm(finished.log.read_text()) == []
    assert not kept(finished.log).reached


def test_the_same_call_arrives_where_it_is_allowed(outside: Outside, shell: Shell) -> None:
    place = f"127.0.0.1:{outside.names['port']}"
    permit = Permit(shell.workspace, network=True, hosts=(place,))
    finished = shell.run(f"{CURL} -m 1 http://{place}", name="call", permit=permit, timeout_s=12)
    assert outside.harm() == ["tcp was called"]
    assert kept(finished.log).reached == (place,)
