"""A whole bring-up whose build fetches: what the command line asks, and that the answer stays."""

from __future__ import annotations

import sys

import pytest

from graph.runner import PARTIAL, WAITING
from tests.e2e.machine import Machine
from tests.tools.web import web
from tools.sandbox import held_to_hosts, protection

GET = "import urllib.request\nurllib.request.urlopen(open('from').read().strip(), timeout=20)\n"


@pytest.mark.whole
@pytest.mark.skipif(not held_to_hosts(), reason=f"no bubblewrap here: {protection().why}")
def test_the_person_is_asked_for_the_network_and_for_its_host(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web(monkeypatch) as host:
        place = f"one.example:{host.port}"
        makefile = machine.source / "Makefile"
        makefile.write_text(makefile.read_text().replace("\t$(CC)", f"\t{sys.executable} get.py\n\t$(CC)"))
        (machine.source / "get.py").write_text(GET)
        (machine.source / "from").write_text(f"http://{place}/a\n")
        machine.with_header()
        up = [*machine.up(approve="ask"), "--until", "build"]

        said = machine.here(*up)
        assert said.code == WAITING and "allow the command to use the network" in said.out, said.out
        said = machine.here("resume", "--answer", "yes")
        assert said.code == WAITING, said.out
        assert f"May commands that fetch reach {place}?" in said.out and "answers: yes | always | no" in said.out
        done = machine.here("resume", "--answer", "always")
        assert done.code == PARTIAL and "build.replay" in machine.settled(), done.out
        report = machine.newest().report.read_text()
        assert f"hosts reached: {place}" in report and f"hosts refused: {place}" in report
        assert f"- {place}" in (machine.folder / "settings.yaml").read_text()
        assert len(host.heads) > 1
