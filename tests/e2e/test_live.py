"""The main job on the example backends, with the model that Rigil brings along and the real machine around it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from configs.settings import cache_folder
from models.catalogue import entry
from models.fetch import is_complete
from tests.e2e.machine import ROOT

SPEC = "embedded:qwen2.5-coder-1.5b"
CACHE = cache_folder()
BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\nh q[0];\ncx q[0],q[1];\nmeasure q -> c;\n'

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not is_complete(entry(SPEC)), reason="the model is not there; see `rigil models pull`"),
]


@pytest.mark.parametrize("backend", ["statevec-cpp", "pysv"])
def test_an_example_is_brought_up_and_the_second_time_asks_nothing(backend: str, tmp_path: Path) -> None:
    def rigil(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            env={**os.environ, "RIGIL_CACHE": str(CACHE), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    up = ["up", str(ROOT / "examples" / "backends" / backend), "--name", backend, "--model", SPEC, "--approve", "all"]
    assert f"{backend} is verified and registered." in rigil(*up)
    again = rigil(*up)
    assert f"{backend} is verified and registered." in again
    assert "model calls: 0" in " ".join(again.split())
    circuit = tmp_path / "bell.qasm"
    circuit.write_text(BELL)
    result = json.loads(rigil("run", str(circuit), "--backend", backend, "--shots", "2000", "--json"))
    assert set(result["counts"]) == {"00", "11"}
    assert sum(result["counts"].values()) == 2000
