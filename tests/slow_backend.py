"""A ProximA home with a backend that simulates nothing and goes on for ever where it is told to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.proxima import ensure_home

NAME = "slow"
ADAPTER = """
import subprocess, sys
from pathlib import Path
from .base import *

class SlowAdapter(BaseBackendAdapter):
    def get_name(self): return "slow"
    def get_version(self): return "1"
    def get_capabilities(self): return Capabilities([SimulatorType.CUSTOM], 9)
    def validate_circuit(self, circuit): return ValidationResult(True)
    def estimate_resources(self, circuit): return ResourceEstimate()
    def supports_simulator(self, sim_type): return True
    def execute(self, circuit, options=None):
        with (Path(__file__).parent / "ran").open("a") as file:
            file.write("once\\n")
        if "refused" in circuit:
            raise ValueError("this one is refused")
        if "forever" in circuit:
            print("layer 3 of 1000", file=sys.stderr, flush=True)
            subprocess.run(["sh", "-c", "setsid sleep 1000 & sleep 1000"])
        shots = options["shots"]
        return ExecutionResult("slow", SimulatorType.CUSTOM, 250.0, 2, shots, ResultType.COUNTS,
                               {"counts": {"00": shots - 1, "11": 1}}, {"seed": options.get("seed")})
"""
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;\n'


def make_home(home: Path, **facts: Any) -> None:
    """Make the home; facts go into the backend's entry of the registry."""
    ensure_home(home)
    (home / "backends" / "slow_adapter.py").write_text(ADAPTER)
    entry = {"module": "slow_adapter", "class": "SlowAdapter", "version": "1", "gates": ["h", "cx"], **facts}
    (home / "backends.json").write_text(json.dumps({"backends": {NAME: entry}}))


def times_run(home: Path) -> int:
    """How often a circuit was run."""
    path = home / "backends" / "ran"
    return len(path.read_text().split()) if path.exists() else 0
