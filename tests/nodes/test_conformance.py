from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.integrate import register as registering
from nodes.integrate.metadata import metadata
from nodes.integrate.parameters import parameters
from nodes.integrate.register import register
from nodes.session import close_sessions, session_of
from tests.nodes import tiny_backend, tiny_module
from tests.nodes.conftest import FEW
from tools.adapters import load_adapter
from tools.proxima import backends

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'
FOLDER = 'with tempfile.TemporaryDirectory(prefix="circuit-", dir=folder) as name:'
SHARED = """
import contextlib, shutil
@contextlib.contextmanager
def shared():
    name = Path(tempfile.gettempdir(), "circuit-" + {key})
    name.mkdir(exist_ok=True)
    try:
        yield str(name)
    finally:
        shutil.rmtree(name, ignore_errors=True)
"""
KEPT = """
import contextlib, shutil
@contextlib.contextmanager
def kept():
    name = tempfile.mkdtemp()
    yield name
    shutil.rmtree(name)
"""
NO_LINE: dict[str, Any] = {"gate_line": {"line": "X 3"}, "gate_name": {"name": "none"}}
KILL = "os.killpg(self._process.pid, signal.SIGKILL)"


def verified(folder: Path, begin: Callable[..., Any] = tiny_backend.begin, **given: Any) -> tuple[Any, Any]:
    """A run that has only to be registered."""
    session, state = begin(folder, **given)
    for node in (metadata, parameters):
        state = {**state, **node(state)}
        assert state["failure"] is None, state["failure"]
    return session, state


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIGIL_STATE", str(folder / "state"))
        patch.setenv("RIGIL_SETTINGS", str(folder / "settings.yaml"))
        (folder / "settings.yaml").write_text(FEW)
        _, state = verified(folder)
        close_sessions()
    return folder, state


@pytest.fixture
def run(begun: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A run that has only to be registered, opened anew; what a test installs is gone after it."""
    folder, state = begun
    monkeypatch.setenv("RIGIL_STATE", str(folder / "state"))
    yield {"state": state, "home": folder / "home"}
    shutil.rmtree(folder / "home", ignore_errors=True)


def mutant(monkeypatch: pytest.MonkeyPatch, *changes: tuple[str, str]) -> None:
    """Wrappers with parts of their text exchanged."""
    source = registering.wrapper_source

    def changed(**given: Any) -> str:
        text = source(**given)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        return text

    monkeypatch.setattr(registering, "wrapper_source", changed)


DEFINED = "class DriverError("
HEARS_ALL = "            except BaseException:\n                with suppress"
HEARS_TIME = "            except DriverError:\n                with suppress"
MARKED = ("_end_marked(self._mark)\n", "pass\n")
"""What ends children that detached themselves, and those of the group as well."""
MUTANTS = {
    "one folder for all": (
        [(FOLDER, "with shared() as name:"), (DEFINED, f"{SHARED.format(key='str()')}\n\n{DEFINED}")],
        "two threads",
        "",
    ),
    "one folder for a thread's name": (
        [
            (FOLDER, "with shared() as name:"),
            (DEFINED, f"{SHARED.format(key='threading.current_thread().name')}\n\n{DEFINED}"),
        ],
        "two processes",
        "in one of two processes",
    ),
    "files left": (
        [(FOLDER, "for name in [tempfile.mkdtemp(dir=folder)]:")],
        "temporary files",
        "it leaves",
    ),
    "files left by failures": (
        [(FOLDER, "with kept() as name:"), (DEFINED, f"{KEPT}\n\n{DEFINED}")],
        "temporary files",
        "it leaves",
    ),
    "cancels nothing": ([(KILL, "pass"), MARKED], "cancel", "it still ran"),
    "cancels the shell alone": ([(KILL, KILL.replace("killpg", "kill")), MARKED], "cancel", "it still ran"),
    "cancels silently": ([('raise Cancelled("The execution was cancelled.")', "pass")], "cancel", "does not say so"),
    "cannot cancel": ([("def cancel(self) -> int:", "def end(self) -> int:")], "cancel", "no attribute 'cancel'"),
    "outlives its process": ([("_GUARDED, ", "'eval \"$2\"', ")], "two processes", "after SIGTERM"),
    "deaf": ([(HEARS_ALL, HEARS_TIME), ("_GUARDED, ", "'eval \"$2\"', ")], "two processes", "after SIG"),
}


@pytest.mark.parametrize(("changes", "check", "why"), MUTANTS.values(), ids=MUTANTS)
def test_a_wrapper_that_runs_wrongly_is_refused(
    run: dict[str, Any], monkeypatch: pytest.MonkeyPatch, changes: list[tuple[str, str]], check: str, why: str
) -> None:
    mutant(monkeypatch, *changes)

    failure = register(run["state"])["failure"]

    assert failure is not None
    assert f"does not do what it must: {check}: " in failure["what"] and why in failure["what"], failure["what"]
    assert "wavelet" not in backends(run["home"])


def test_the_wrapper_of_a_command_line_backend_passes_every_check(run: dict[str, Any]) -> None:
    failure = register(run["state"])["failure"]

    assert failure is None, failure
    passed = session_of(run["state"]).recipe.get("registration")["checks"]
    assert {"temporary files", "cancel", "two threads", "two processes", "seed", "timeout"} <= set(passed)
    adapter = load_adapter(run["home"], "wavelet")
    caught: list[Exception] = []

    def long() -> None:
        try:
            adapter.execute(BELL, {"shots": 10**9})
        except Exception as error:
            caught.append(error)

    thread = threading.Thread(target=long)
    thread.start()
    while not adapter.cancel():
        pass
    thread.join()
    assert "cancelled" in str(caught[0])


@pytest.mark.parametrize("result", [tiny_module.SAMPLED, tiny_module.AMPLITUDES])
def test_the_wrapper_of_a_python_module_passes_every_check(tmp_path: Path, result: str) -> None:
    session, state = verified(tmp_path, tiny_module.begin, result=result)

    failure = register(state)["failure"]

    assert failure is None, failure
    found = backends(tmp_path / "home")["ripple"]
    assert (found["kind"], found["max_qubits"], found["version"]) == ("program", 9, "0.3")
    passed = session.recipe.get("registration")["checks"]
    assert {"temporary files", "cancel", "two threads", "two processes", "seed", "timeout"} <= set(passed)
    assert any("state of" in check for check in passed) == (result == tiny_module.AMPLITUDES)
    adapter = load_adapter(tmp_path / "home", "ripple")
    assert adapter.is_available()
    counts = adapter.execute(BELL, {"shots": 400, "seed": 3}).data["counts"]
    assert set(counts) == {"00", "11"} and sum(counts.values()) == 400
    assert adapter.execute(BELL, {"shots": 400, "seed": 3}).data["counts"] == counts


def test_a_state_that_no_count_tells_from_the_right_one_is_refused(tmp_path: Path) -> None:
    conjugate = tiny_module.MODULE.replace("complex(x) for x", "complex(x).conjugate() for x")
    _, state = verified(tmp_path, tiny_module.begin, result=tiny_module.AMPLITUDES, module=conjugate, **NO_LINE)

    failure = register(state)["failure"]

    assert failure is not None and "fidelity" in failure["what"] and "OPENQASM 2.0" in failure["what"]
    assert backends(tmp_path / "home") == {}


def test_a_gate_that_only_random_circuits_show_is_withdrawn_with_the_circuit(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("verify:\n  random_circuits: 16\n")
    session, state = verified(tmp_path, **NO_LINE)
    dialect = session.recipe.get("dialect")
    wrong = {**dialect["gates"], "z": "T ⟨a⟩"}
    session.recipe.put("dialect", {**dialect, "gates": wrong}, "a test")

    settled = register(state)["reached"]["integrate.register"]

    assert settled.startswith("RESERVATION: z is withdrawn")
    assert "OPENQASM 2.0" in settled and "z q[" in settled and "Expected is" in settled
    what = json.dumps(session.run.journal())
    assert "circuits differ. The simplest, `random" in what
    assert "total variation distance" in what and " for 0." in what
    assert "z" not in backends(tmp_path / "home")["wavelet"]["gates"]
