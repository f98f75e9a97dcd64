"""The check before `rigil run`, and watching from beside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import OLD, workspace
from tests.tools.conftest import until
from tools.proxima import backends
from tools.sandbox import protection

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(protection().name == "none", reason="no sandbox here: every status is unknown")


def test_an_old_check_is_repeated_before_a_run_and_a_fresh_one_is_not(call: Any, home: Path, tmp_path: Path) -> None:
    Path("a.qasm").write_text('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; h q[0];')
    run = ("run", "a.qasm", "--backend", "wavelet", "--shots", "10", "--wait")

    assert call(*run).exit_code == 0
    checked = backends(home)["wavelet"]["health"]
    assert checked["at"] > OLD and len(checked["history"]) == 2
    assert call(*run).exit_code == 0
    assert backends(home)["wavelet"]["health"] == checked  # nothing was checked again

    started = workspace(tmp_path) / "wavelet"
    text = started.read_text()
    started.write_text(text.replace('if name == "CX":', 'if name == "CX":\n            continue'))
    call("health", "wavelet", "--no-model")
    refused = call(*run)
    assert refused.exit_code == 1 and refused.stdout == ""
    assert "wavelet is unhealthy" in refused.stderr and "`rigil health wavelet`" in refused.stderr
    (tmp_path / "settings.yaml").write_text("health: {max_age_s: 0}\n")
    assert call(*run).exit_code == 0
    (tmp_path / "settings.yaml").unlink()
    # It was mended: the next run looks again at once.
    started.write_text(text)
    assert call(*run).exit_code == 0


def test_a_degraded_backend_runs_with_a_warning(call: Any, tmp_path: Path) -> None:
    Path("a.qasm").write_text('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; h q[0];')
    started = workspace(tmp_path) / "wavelet"
    started.write_text(started.read_text().replace("wavelet runs circuits.", "wavelet."))

    result = call("run", "a.qasm", "--backend", "wavelet", "--shots", "10", "--wait")

    assert result.exit_code == 0 and "wavelet is degraded: answer" in result.stderr


def test_a_fresh_check_loads_nothing_for_the_run(call: Any, home: Path, tmp_path: Path) -> None:
    call("health", "toy", "--no-model")
    (tmp_path / "a.qasm").write_text('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; h q[0];')
    arguments = ["run", "a.qasm", "--backend", "toy", "--wait", "--proxima-home", str(home)]
    program_ = (
        f"import sys; sys.argv = ['rigil', *{arguments!r}]\nfrom cli.main import main\n"
        "try: main()\nexcept SystemExit as end: assert end.code == 0\nprint('LOADED', *sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program_], env=environment, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"cli.health", "tools.examining", "tools.standing", "scipy"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watching_prints_changes_until_it_is_stopped(home: Path, tmp_path: Path, number: signal.Signals) -> None:
    arguments = ["health", "wavelet", "--watch", "--every", "1s", "--no-model", "--json", "--proxima-home", str(home)]
    output = tmp_path / "watched"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with output.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "cli.main", *arguments], env=environment, stdout=file)

    def statuses() -> list[str]:
        return [json.loads(line)["status"] for line in output.read_text().splitlines()]

    def checks() -> int:
        return len(backends(home)["wavelet"]["health"]["history"])

    try:
        assert until(lambda: statuses() == ["healthy"])
        assert until(lambda: checks() > 3)
        assert statuses() == ["healthy"]  # checked again, and nothing had changed
        (workspace(tmp_path) / "wavelet").chmod(0o644)
        assert until(lambda: len(statuses()) == 2)
        process.send_signal(number)
        assert process.wait(20) == 1
    finally:
        process.kill()
    assert statuses() == ["healthy", "unhealthy"]
