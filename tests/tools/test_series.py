"""A worker gives what a process of its own gives, and nothing of one circuit reaches the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.tools.tiny_home import module, program
from tools.driver import Operation, outcome
from tools.openqasm import Plain
from tools.reading import DriverError, Outcome
from tools.series import Asked, Series

ROOT = Path(__file__).resolve().parents[2]
CIRCUITS: list[list[Operation]] = [
    [("h", (0,), ()), ("cx", (0, 2), ())],
    [("ry", (1,), (0.7,)), ("cx", (1, 0), ())],
    [],
    [("h", (q,), ()) for q in range(3)],
]


def job(qubits: int, operations: Any, *, shots: int, seed: int, timeout_s: float = 60.0, state: bool = False) -> Asked:
    return Asked(Plain(qubits, operations, (), 0), shots, seed, timeout_s, {}, state)


def one(series: Series, qubits: int, operations: Any, **given: Any) -> Outcome:
    """The outcome of one circuit in a series."""
    (came,) = series.outcomes([job(qubits, operations, **given)])
    if isinstance(came.outcome, Exception):
        raise came.outcome
    return came.outcome


def counted(dialect: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The same backend, which leaves a line in a file whenever an interpreter loads it."""
    (folder / "toy.py").write_text(
        (folder / "toy.py").read_text() + f"\nopen({str(folder / 'loads')!r}, 'a').write('.')\n"
    )
    return dialect


def loads(folder: Path) -> int:
    return len((folder / "loads").read_text())


def changed(dialect: dict[str, Any], *lines: str) -> dict[str, Any]:
    return {**dialect, "before": [*lines, *dialect["before"]]}


def family(folder: Path) -> list[psutil.Process]:
    """Processes that run something in the folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if any(str(folder) in word for word in words) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def started(script: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.parametrize("make", [program, module])
def test_a_series_gives_what_each_circuit_gives_alone(make: Any, tmp_path: Path) -> None:
    dialect = make(tmp_path)
    with Series(dialect) as series:
        for number, operations in enumerate([*CIRCUITS, *reversed(CIRCUITS)]):
            given: dict[str, Any] = {"shots": 100 + number, "seed": number, "state": make is module}
            assert one(series, 3, operations, **given) == outcome(dialect, 3, operations, **given)


def test_one_interpreter_runs_them_all_and_is_gone_afterwards(tmp_path: Path) -> None:
    dialect = counted(module(tmp_path), tmp_path)
    with Series(dialect) as series:
        for operations in CIRCUITS * 5:
            one(series, 3, operations, shots=10, seed=1)
        assert family(tmp_path) or loads(tmp_path) == 1
    assert loads(tmp_path) == 1
    assert family(tmp_path) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["import toy", "toy.left.append(1)", "assert len(toy.left) == 1"],  # a second script in the process fails
        ["import os", "os.write(1, b'outcome 000 1')"],
        ["import threading, time", "threading.Thread(target=time.sleep, args=(30,), daemon=True).start()"],
        ["import os", "os.environ['SEEN'] = os.environ.get('SEEN', '') + 'x'", "assert os.environ['SEEN'] == 'x'"],
        ["open('left', 'x').close()"],
        ["seen = globals().get('seen', 0) + 1", "assert seen == 1"],
        ["import sys", "assert sys.argv[1:] == [] and sys.stdin.read() == '' and __name__ == '__main__'"],
        ["text = '''", "⟨n⟩ lines", "'''"],
    ],
)
def test_what_a_script_leaves_behind_changes_nothing(lines: list[str], tmp_path: Path) -> None:
    plain = module(tmp_path)
    dialect = changed(plain, *lines)
    with Series(dialect) as series:
        for number, operations in enumerate(CIRCUITS):
            found = one(series, 3, operations, shots=50, seed=number)
            assert found == outcome(plain, 3, operations, shots=50, seed=number)
    with Series(dialect) as series:  # and where the next one waits behind it
        behind = [job(3, operations, shots=50, seed=number) for number, operations in enumerate(CIRCUITS)]
        for number, came in enumerate(series.outcomes(behind)):
            assert came.outcome == outcome(plain, 3, CIRCUITS[number], shots=50, seed=number)


def test_a_backend_that_keeps_gates_from_circuit_to_circuit_gets_no_worker(tmp_path: Path) -> None:
    dialect = module(tmp_path)
    text = (tmp_path / "toy.py").read_text()
    kept = "def __init__(self, n): self.n = n; self.state = left[0] if left else"
    text = text.replace("def __init__(self, n): self.n, self.state = n,", kept)
    text = text.replace(
        "    def sample(self",
        "    def sample(self, shots, seed): left[:] = [self.state]; return self.draw(shots, seed)\n    def draw(self",
    )
    (tmp_path / "toy.py").write_text(text)
    dialect = counted(dialect, tmp_path)

    with Series(dialect) as series:
        results = [one(series, 1, [("h", (0,), ()), ("h", (0,), ())], shots=20, seed=1).numbers for _ in range(3)]

    assert results == [{"0": 20}] * 3
    assert loads(tmp_path) == 4  # the worker that was not believed, and a process for each


def test_an_error_is_the_one_that_the_circuit_gives_alone_and_the_next_one_runs(tmp_path: Path) -> None:
    dialect = counted(module(tmp_path), tmp_path)
    with Series(dialect) as series:
        for bad in ([("h", (7,), ())], [("cx", (0, 99), ())]):
            with pytest.raises(DriverError) as alone:
                outcome(dialect, 3, bad, shots=50, seed=1)  # type: ignore[arg-type]
            with pytest.raises(DriverError) as found:
                one(series, 3, bad, shots=50, seed=1)
            assert str(found.value).rpartition("\n")[2] == str(alone.value).rpartition("\n")[2]
            assert "exit status 1" in str(found.value)
            assert sum(one(series, 3, CIRCUITS[0], shots=50, seed=1).numbers.values()) == 50


def test_a_script_that_kills_its_interpreter_costs_its_own_circuit_only(tmp_path: Path) -> None:
    dialect = module(tmp_path)
    gates = {**dialect["gates"], "x": "__import__('os').kill(__import__('os').getpid(), 9)"}
    with Series({**dialect, "gates": gates}) as series:
        first = one(series, 3, CIRCUITS[1], shots=50, seed=1)
        with pytest.raises(DriverError, match="exit status"):
            one(series, 3, [("x", (0,), ())], shots=50, seed=1)
        assert one(series, 3, CIRCUITS[1], shots=50, seed=1) == first


def test_the_limit_stops_a_script_and_the_next_circuit_runs(tmp_path: Path) -> None:
    dialect = module(tmp_path)
    gates = {**dialect["gates"], "x": "__import__('subprocess').run(['sleep', '4244'])"}
    with Series({**dialect, "gates": gates}) as series:
        one(series, 3, [], shots=5, seed=1)
        with pytest.raises(DriverError, match=r"within 0\.3 s"):
            one(series, 3, [("x", (0,), ())], shots=5, seed=1, timeout_s=0.3)
        assert one(series, 3, [], shots=5, seed=1).numbers == {"000": 5}
    left = [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "4244"]]
    assert [p for p in left if p.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("__import__('os').kill(__import__('os').getpid(), 9)", "exit status"),
        ("__import__('subprocess').run(['sleep', '4245'])", r"within 0\.5 s"),
        ("open('/no/such/file')", "No such file"),
    ],
)
def test_what_waits_behind_trouble_is_run_all_the_same(trouble: str, said: str, tmp_path: Path) -> None:
    dialect = module(tmp_path)
    fine = job(3, CIRCUITS[1], shots=50, seed=1)
    asked = [fine, job(3, [("x", (0,), ())], shots=50, seed=1, timeout_s=0.5), fine, fine]
    with Series({**dialect, "gates": {**dialect["gates"], "x": trouble}}) as series:
        first, bad, *others = [came.outcome for came in series.outcomes(asked)]
    assert isinstance(bad, DriverError)
    with pytest.raises(DriverError, match=said):
        raise bad
    assert others == [first, first]


def test_a_script_that_no_pipe_holds_does_not_wait_behind_another(tmp_path: Path) -> None:
    dialect = module(tmp_path)
    line = "print('#' * 200000)"  # an answer that no pipe holds either
    dialect = {**dialect, "before": [*dialect["before"], line, f"text = '{'x' * 200000}'"]}
    with Series(dialect) as series:
        found = [came.outcome for came in series.outcomes([job(3, [], shots=9, seed=1) for _ in range(4)])]
    assert [each.numbers for each in found if isinstance(each, Outcome)] == [{"000": 9}] * 4


def test_an_interpreter_that_runs_no_worker_is_no_obstacle(tmp_path: Path) -> None:
    dialect = module(tmp_path)
    once = tmp_path / "once"
    once.write_text(f"#!/bin/sh\ncase $1 in *worker*) echo no; exit 3;; esac\nexec {sys.executable} $1\n")
    once.chmod(0o755)
    dialect["command"] = f"PYTHONPATH={tmp_path} {once} ⟨circuit⟩"
    with Series(dialect) as series:
        for _ in range(2):
            assert one(series, 3, [], shots=5, seed=1).numbers == {"000": 5}


def test_two_threads_and_two_processes_at_once(tmp_path: Path) -> None:
    dialect = module(tmp_path)

    def run(seed: int) -> list[Any]:
        with Series(dialect) as series:
            return [one(series, 3, operations, shots=200, seed=seed) for operations in CIRCUITS * 3]

    script = tmp_path / "other.py"
    script.write_text(
        "from tests.tools.test_series import one\nfrom tools.series import Series\n"
        f"with Series({dialect!r}) as series:\n"
        f"    print([one(series, 3, o, shots=200, seed=5).numbers for o in {CIRCUITS!r} * 3])\n"
    )
    other = started(script)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(run, (5, 6)))
    said = other.communicate()[0]

    alone = {seed: [outcome(dialect, 3, o, shots=200, seed=seed) for o in CIRCUITS] * 3 for seed in (5, 6)}
    assert found == [alone[5], alone[6]]
    assert said.strip() == str([each.numbers for each in alone[5]])


def test_a_worker_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    dialect = module(tmp_path)
    gates = {**dialect["gates"], "x": "__import__('time').sleep(4245)"}
    script = tmp_path / "killed.py"
    script.write_text(
        textwrap.dedent(f"""
        from tests.tools.test_series import one
        from tools.series import Series
        with Series({ {**dialect, "gates": gates}!r}) as series:
            one(series, 2, [], shots=5, seed=1)
            print(series._worker._process.pid, flush=True)
            one(series, 2, [("x", (0,), ())], shots=5, seed=1)
        """)
    )
    parent = started(script)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    assert worker.is_running()
    parent.send_signal(signal.SIGKILL)
    parent.communicate()

    until = time.monotonic() + 30
    while time.monotonic() < until and worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.05)
    assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE


def test_a_program_finds_nothing_of_the_circuit_before_in_its_folder(tmp_path: Path) -> None:
    dialect = program(tmp_path)
    left = "mkdir made && touch made/file left && test $(ls | wc -l) = 3 && "
    with Series({**dialect, "command": f"{left}{dialect['command']}"}) as series:
        for _ in range(3):
            assert one(series, 3, [], shots=9, seed=1).numbers == {"000": 9}
        with pytest.raises(DriverError, match="exit status"):
            one(series, 3, [("ry", (0,), ("x",))], shots=9, seed=1)
        assert one(series, 3, [], shots=9, seed=1).numbers == {"000": 9}


def test_jobs_are_made_ready_ahead_and_come_in_order(tmp_path: Path) -> None:
    dialect, made = module(tmp_path), []

    def jobs() -> Any:
        for number in range(6):
            made.append(number)
            yield (
                ValueError(str(number))
                if number == 2
                else job(3, [("h", (9,), ())] if number == 4 else [], shots=9, seed=1)
            )

    with Series(dialect) as series:
        came = []
        for number, each in enumerate(series.outcomes(jobs())):
            assert len(made) == min(number + 2, 6)
            came.append(each.outcome)

    assert isinstance(came[2], ValueError) and isinstance(came[4], DriverError)
    assert [each.numbers for each in came if isinstance(each, Outcome)] == [{"000": 9}] * 4


def test_an_answer_that_waits_is_not_late(tmp_path: Path) -> None:
    with Series(module(tmp_path)) as series:
        outcomes = series.outcomes([job(3, [], shots=9, seed=1, timeout_s=0.2) for _ in range(3)])
        next(outcomes)
        time.sleep(0.4)
        assert [came.outcome.numbers for came in outcomes if isinstance(came.outcome, Outcome)] == [{"000": 9}] * 2


def test_a_value_in_a_line_of_the_script_reaches_the_worker_and_not_the_next_circuit(tmp_path: Path) -> None:
    dialect = counted(module(tmp_path), tmp_path)
    line = dialect["after"][0]
    dialect["inserts"] = {"precision": {"line": line, "at": line.rindex(")"), "text": " + ⟨value⟩"}}
    asked = [job(3, CIRCUITS[3], shots=50, seed=seed) for seed in (1, 2, 1)]
    asked[0] = asked[0]._replace(own={"precision": 1})

    with Series(dialect) as series:
        found = [came.outcome for came in series.outcomes(asked)]

    assert found[0] == found[1] != found[2]
    assert loads(tmp_path) == 1
