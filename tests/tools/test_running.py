"""Adapters that a person wrote are run too, one circuit after another, whatever they raise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.tiny_home import home_with
from tools.adapters import CircuitFileError
from tools.running import Job, Runnable, run_file, swept

ADAPTER = """
from .base import *

class Own(BaseBackendAdapter):
    def get_name(self): return "own"
    def get_version(self): return "2"
    def get_capabilities(self): return Capabilities([SimulatorType.CUSTOM], 4)
    def validate_circuit(self, circuit): return ValidationResult(True)
    def estimate_resources(self, circuit): return ResourceEstimate()
    def supports_simulator(self, sim_type): return False
    def execute(self, circuit, options=None):
        if circuit == "bad":
            raise TypeError("not this one")
        data = {"counts": {"0": options["shots"]}, "statevector": [1, 0]}
        return ExecutionResult("own", SimulatorType.CUSTOM, 12.0, 1, options["shots"], ResultType.COUNTS, data, options)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = home_with(tmp_path / "home", {})
    (home / "backends" / "own.py").write_text(ADAPTER)
    entry = {"module": "own", "class": "Own", "version": "2"}
    (home / "backends.json").write_text(json.dumps({"backends": {"own": entry}}))
    return home


def test_an_adapter_of_a_persons_own_is_run(home: Path, tmp_path: Path) -> None:
    jobs = [Job("a", "good", {"shots": 3, "angle": 1}), Job("b", "bad", {"shots": 3}), Job("c", "good", {"shots": 4})]

    first, second, third = Runnable(home, "own").run(jobs, tmp_path)

    assert (first.counts, first.version, first.seconds, first.error) == ({"0": 3}, "2", 0.012, None)
    assert first.metadata == {"shots": 3, "angle": 1}  # the options are its own, and no state was asked for
    assert Path(first.statevector or "").exists()
    assert (second.error, second.counts) == ("not this one", {})
    assert third.counts == {"0": 4}


def test_a_file_with_one_circuit_is_run_or_refused(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.qasm"
    path.write_text("bad")
    with pytest.raises(CircuitFileError, match=r"a\.qasm: not this one"):
        run_file(path, home=home, backend="own")
    path.write_text("good")
    assert run_file(path, home=home, backend="own", shots=7)["counts"] == {"0": 7}


def test_every_choice_of_values_is_swept() -> None:
    assert swept({"a": [1, 2], "b": ["x", "y"], "c": [0]}) == [
        {"a": 1, "b": "x", "c": 0},
        {"a": 1, "b": "y", "c": 0},
        {"a": 2, "b": "x", "c": 0},
        {"a": 2, "b": "y", "c": 0},
    ]
