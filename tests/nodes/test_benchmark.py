"""The step that measures a backend's speed: with runs of a real one, and with reckoned times where times matter."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from nodes.operate.report import report_text
from nodes.session import Session
from nodes.verify import benchmark as step
from nodes.verify.benchmark import benchmark
from nodes.verify.speed.answers import ReportedTime
from nodes.verify.speed.measured import Measured, circuits_of, growth_of, measure, measure_reference, rows
from nodes.verify.speed.pace import Pace, pace
from nodes.verify.speed.reported import changing, inside, pattern_of, place_of_time
from nodes.verify.speed.timed import Clock, Run, Stopwatch
from tests.nodes.tiny_backend import GATES, begin
from tools.circuits import Circuit
from tools.driver import DriverError
from tools.scaling import layered

PLAN = {
    "largest": "6 qubits",
    "layers": "4 layers",
    "metrics": ["wall", "memory"],
    "growth": "doubles",
    "acceptable": "ten times slower",
    "why": "A state vector has twice as many amplitudes with every qubit.",
}
EXPLAINED = {"growth": "doubles", "sentences": "It keeps a state vector, which doubles with every qubit."}
ANSWERS: dict[str, Any] = {
    "benchmark_plan": PLAN,
    "explain_growth": EXPLAINED,
    "reported_time": {"unit": "none", "number": ""},
}
MADE = {"wavelet": "0123"}
GIB = 1 << 30


class FakeClock:
    """Time that passes only where a circuit is said to have run."""

    now = 0.0

    def __init__(self, seconds: float) -> None:
        self.end = FakeClock.now + seconds

    @property
    def left_s(self) -> float:
        return self.end - FakeClock.now

    stopped = staticmethod(nullcontext)


class Reckoned:
    """A backend whose times are ``start + gate · base ** qubits`` for each gate, up to a number of qubits."""

    start, gate, base, most = 0.1, 2e-6, 2.0, 30
    output = ""
    fidelity = (1.0, 0.1)

    def __init__(self, *_: Any) -> None:
        self.ran: list[int] = []
        self.compared: list[int] = []

    def circuit(self, circuit: Circuit, left_s: float) -> Run:
        qubits, operations = circuit
        wall = self.start + self.gate * len(operations) * self.base**qubits
        if qubits > self.most:
            raise DriverError(f"The backend ended with exit status 1: at most {self.most} qubits\nand more")
        if wall > left_s:
            FakeClock.now += max(left_s, 0)
            raise DriverError(f"It was stopped, because it took longer than {left_s:g} s.")
        FakeClock.now += wall
        self.ran.append(qubits)
        return Run(wall, wall, qubits << 20, self.output.format(wall * 900))

    def reference(self, circuit: Circuit, left_s: float, numbers: Any) -> tuple[Run, str]:
        if left_s < 1:
            raise DriverError("There was no time left.")
        FakeClock.now += 1
        self.compared.append(circuit[0])
        return Run(1.0, 1.0, 1 << 20, "", 0.25, fidelity=self.fidelity), "Reckoner 1"


@pytest.fixture(autouse=True)
def from_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeClock, "now", 0.0)


def reckoning(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> type[Reckoned]:
    """Let the step run on reckoned times."""
    kind = type("Changed", (Reckoned,), changed)
    monkeypatch.setattr(step, "Stopwatch", kind)
    monkeypatch.setattr(step, "Clock", FakeClock)
    monkeypatch.setattr(step, "free_memory", lambda: 8 * GIB)
    return kind


def ready(folder: Path, settings: str = "{seconds: 60, repeats: 2}", **answers: Any) -> tuple[Session, Any]:
    (folder / "settings.yaml").write_text(f"benchmark: {settings}\n")
    session, state = begin(folder, **{**ANSWERS, **answers})
    session.recipe.put("product_hashes", MADE, "of the files that were made")
    return session, state


def settled(state: Any) -> str:
    done = benchmark(state)
    assert done["failure"] is None
    sentence: str = done["reached"]["verify.benchmark"]
    return sentence


def asked(session: Session) -> list[str]:
    return [record["question"] for record in session.asker.transcript.records()]


def results_of(session: Session) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((session.run.folder / "benchmark.json").read_text())
    return results


def test_a_real_backend_is_measured_beside_the_reference(tmp_path: Path) -> None:
    session, state = ready(tmp_path)

    sentence = settled(state)

    results = results_of(session)
    assert results == session.recipe.get("benchmark")["results"]
    assert {row["qubits"] for row in results["sizes"]} >= {2, 4, 6}
    for row in results["sizes"]:
        assert row["runs"] == 2 and row["wall_s"]["least"] <= row["wall_s"]["median"] <= row["wall_s"]["most"]
        assert row["reference"]["inside_s"] < row["reference"]["wall_s"]["median"]
        assert row["ratio"]["whole"] == pytest.approx(row["wall_s"]["median"] / row["reference"]["wall_s"]["median"])
        assert abs(row["fidelity"][0] - 1) < 4 * row["fidelity"][1] + 0.05  # by a fixed seed
        assert row["reference"]["peak_mib"] > row["peak_mib"] > 1  # an interpreter, and one with NumPy and Qiskit
    assert results["reference"]["name"].startswith("Qiskit") and results["reference"]["name"] in sentence
    assert ElementTree.parse(session.run.folder / "benchmark.svg").getroot().tag.endswith("svg")
    assert asked(session)[0] == "benchmark_plan"
    assert not list((session.shell.workspace / "tmp").glob("circuit-*"))


def test_what_was_measured_of_the_same_products_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = reckoning(monkeypatch)
    session, state = ready(tmp_path, benchmark_plan={**PLAN, "largest": "12 qubits"})
    first = settled(state)
    calls, results = asked(session), results_of(session)
    (session.run.folder / "benchmark.json").unlink()
    monkeypatch.setattr(kind, "circuit", None)

    again = settled(state)

    assert again.startswith(first) and "; as measured of the same products at " in again
    assert results_of(session) == results and asked(session) == calls


def test_other_products_are_measured_again_by_the_known_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = reckoning(monkeypatch)
    session, state = ready(tmp_path, benchmark_plan={**PLAN, "largest": "12 qubits"})
    settled(state)
    assert asked(session) == ["benchmark_plan", "explain_growth"]
    session.recipe.put("product_hashes", {"wavelet": "4567"}, "built again")
    monkeypatch.setattr(kind, "gate", 3e-6)

    sentence = settled(state)

    assert not sentence.startswith("as measured") and asked(session) == ["benchmark_plan", "explain_growth"]
    assert results_of(session)["explanation"] == EXPLAINED["sentences"]  # it holds of the new fit as well
    monkeypatch.setattr(kind, "base", 1.5)
    monkeypatch.setattr(kind, "gate", 1e-4)
    session.recipe.put("product_hashes", {"wavelet": "89ab"}, "built again")
    assert "the time of a gate grows slowly" in settled(state)
    assert results_of(session)["explanation"] is None


def test_the_growth_is_fitted_explained_and_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reckoning(monkeypatch)
    session, state = ready(tmp_path, benchmark_plan={**PLAN, "largest": "14 qubits"})

    sentence = settled(state)

    results = results_of(session)
    assert results["growth"]["slope"] == pytest.approx(1, abs=0.02)
    assert "the time of a gate doubles: by a factor of 2.0" in sentence
    assert "times the time of Reckoner 1 on 14 qubits, beyond start-up" in sentence
    assert "beyond what the plan called acceptable (ten times slower)" in sentence
    text = report_text(session, {**state, "reached": {"verify.benchmark": sentence}})
    assert "\nHow fast it is\n  qubits  gates  runs  wall s" in text
    assert f"in the model's words: {EXPLAINED['sentences']}" in text
    assert "peak MiB" in text and "cpu s" not in text  # the metrics of the plan
    assert all(len(line) <= 100 for line in text.splitlines() if str(tmp_path) not in line)


@pytest.mark.parametrize(
    "wrong",
    [
        {"growth": "quadruples", "sentences": "It keeps a density matrix."},
        {"growth": "doubles", "sentences": "It is 77.5 times as fast as others."},
        {"growth": "doubles", "sentences": "In truth it quadruples with every qubit."},
        {"growth": "doubles", "sentences": "It keeps a density matrix."},
        {"growth": "doubles", "sentences": "It is faster than the reference."},
        {"growth": "doubles", "sentences": "It doubles. It is good. It is fast."},
    ],
)
def test_an_explanation_that_contradicts_the_fit_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    reckoning(monkeypatch)
    session, state = ready(tmp_path, benchmark_plan={**PLAN, "largest": "12 qubits"}, explain_growth=wrong)

    assert "the time of a gate doubles" in settled(state)
    assert results_of(session)["explanation"] is None
    assert asked(session).count("explain_growth") == 2  # it went back once


def test_a_plan_that_is_not_possible_is_replaced_by_a_cautious_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoning(monkeypatch, most=12)
    session, state = ready(tmp_path, benchmark_plan={**PLAN, "largest": "40 qubits"})

    settled(state)

    results = results_of(session)
    assert results["plan"]["growth"] is None and results["sizes"][-1]["qubits"] == 12
    assert "14 qubits could not be run: The backend ended with exit status 1: at most 12 qubits" in results["ended"]
    assert asked(session).count("benchmark_plan") == 2
    assert session.recipe.get("benchmark_plan") is None  # the next run may ask again


def test_a_plan_is_cut_to_the_time_that_there_is_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reckoning(monkeypatch, gate=2e-7)
    session, state = ready(tmp_path, benchmark_plan={**PLAN, "largest": "12 qubits", "layers": "32 layers"})
    settled(state)
    assert results_of(session)["plan"]["layers"] == 32

    session.recipe.put("product_hashes", {"wavelet": "4567"}, "built again")
    less = session.settings.benchmark.model_copy(update={"seconds": 12.0})
    session.settings = session.settings.model_copy(update={"benchmark": less})
    session.recipe.put("benchmark_plan", {**PLAN, "largest": 20, "layers": 32}, "on another machine")
    began = FakeClock.now
    settled(state)

    plan = results_of(session)["plan"]
    assert plan["largest"] < 20 and plan["layers"] < 32
    cut = [line["text"] for line in session.run.journal() if "the plan's" in line["text"]]
    assert any("largest is cut from 20 to" in text for text in cut)
    assert any("layers is cut from 32 to" in text for text in cut)
    assert FakeClock.now - began <= 12


def test_nothing_of_it_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, state = ready(tmp_path)
    (session.tree / "bin" / "wavelet").unlink()
    assert "not even the smallest circuit could be run" in settled(state)

    session.recipe.forget("verified_gates")
    assert settled(state) == "not measured: there is no verified way to run a circuit"

    none = session.settings.benchmark.model_copy(update={"seconds": 0.0})
    session.settings = session.settings.model_copy(update={"benchmark": none})
    assert settled(state) == "not measured, as the settings say"
    assert asked(session) == [] and not (session.run.folder / "benchmark.json").exists()


def test_the_possible_sizes_are_within_time_memory_and_the_backends_own_limit() -> None:
    gates = list(GATES)
    free = pace(Reckoned(), gates, FakeClock(60), 8 * GIB)  # type: ignore[arg-type]
    possible = free.possible(30, 8 * GIB, 3)
    assert possible[0] == 6 and free.whole_s(possible[-1], 4, 3) <= 30 < free.whole_s(possible[-1] + 2, 4, 3)
    assert free.possible(30, 64 << 10, 3)[-1] == 10  # 16 bytes · 4 copies · 2 ** 10

    limited = type("Limited", (Reckoned,), {"most": 9, "gate": 1e-9})()
    found = pace(limited, gates, FakeClock(60), 8 * GIB)
    assert found.limit == 8 and found.possible(1000, 8 * GIB, 3) == [6, 8]
    assert found.stopped == "10 qubits could not be run: The backend ended with exit status 1: at most 9 qubits"

    dense = type("Dense", (Reckoned,), {"base": 4.0, "gate": 1e-7})()
    assert pace(dense, gates, FakeClock(60), 8 * GIB).base == 4


def test_the_sizes_in_between_follow_where_too_few_rise() -> None:
    watch = Reckoned()
    watch.most = 12
    circuits = circuits_of(list(GATES), 4)
    found = measure(watch, circuits, {"largest": 14, "layers": 4}, reckoned(), FakeClock(1000), 2)  # type: ignore[arg-type]

    assert found.ended.startswith("14 qubits could not be run: ")
    assert sorted(found.runs) == [2, 4, 6, 8, 10, 11, 12]
    assert watch.ran.count(12) == 3 and len(found.runs[12]) == 2  # one warms up
    start_up, growth = growth_of(found, circuits)
    assert start_up == pytest.approx(0.1, abs=0.01)
    assert growth is not None and growth.word == "doubles" and len(growth.fitted) >= 4


def test_growing_ends_where_the_time_does() -> None:
    watch, found_pace = Reckoned(), reckoned()
    clock = FakeClock(6)
    circuits = circuits_of(list(GATES), 4)
    found = measure(watch, circuits, {"largest": 30, "layers": 4}, found_pace, clock, 3)  # type: ignore[arg-type]

    assert found.ended.endswith("qubits were left out for want of time")
    assert clock.left_s >= 0


def test_the_reference_runs_every_size_once_before_any_again() -> None:
    watch = Reckoned()
    circuits = circuits_of(list(GATES), 4)
    found = measure_reference(watch, circuits, of(2, 4, 6), FakeClock(6.5), 3)  # type: ignore[arg-type]

    assert watch.compared == [2, 2, 4, 6, 2, 4]
    assert {size: len(runs) for size, runs in found.runs.items()} == {2: 2, 4: 2, 6: 1}
    assert found.ended == "there was no time for more runs"

    none = measure_reference(watch, circuits, of(2), FakeClock(0.5), 3)  # type: ignore[arg-type]
    assert (none.runs, none.ended) == ({}, "There was no time left")


def test_ratios_are_whole_beyond_the_start_up_and_of_what_is_reported() -> None:
    watch = Reckoned()
    circuits = circuits_of(list(GATES), 4)
    backend = measure(watch, circuits, {"largest": 12, "layers": 4}, reckoned(), FakeClock(1000), 1)  # type: ignore[arg-type]
    reference = measure_reference(watch, circuits, of(2, 12), FakeClock(1000), 1)  # type: ignore[arg-type]
    backend.runs[12] = [run._replace(inside_s=0.5) for run in backend.runs[12]]

    found = {row["qubits"]: row for row in rows(backend, reference, circuits)}

    wall = found[12]["wall_s"]["median"]
    assert found[12]["ratio"]["whole"] == pytest.approx(wall / 1.0)
    assert found[12]["ratio"]["beyond_start_up"] == pytest.approx((wall - found[2]["wall_s"]["least"]) / 0.25)
    assert found[12]["ratio"]["inside"] == pytest.approx(0.5 / 0.25)
    assert found[2]["ratio"]["beyond_start_up"] is None
    assert found[4]["reference"] is None and found[4]["ratio"] is None


def of(*sizes: int) -> Measured:
    """What was measured of some sizes."""
    return Measured({size: [Run(1.0, 1.0, 0, "")] for size in sizes})


def reckoned() -> Pace:
    """What `pace` would find of `Reckoned`."""
    return pace(Reckoned(), list(GATES), FakeClock(60), 8 * GIB)  # type: ignore[arg-type]


def test_an_output_that_is_always_the_same_needs_no_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reckoning(monkeypatch, output="wavelet 1.4\nstep 1 of 3 took {:.3f} ms\nbye\n")
    session, state = ready(tmp_path)
    settled(state)
    assert asked(session) == ["benchmark_plan"]


def test_a_reported_time_is_found_once_and_read_in_every_run(tmp_path: Path) -> None:
    one = Run(0.5, 0.5, 0, "wavelet 1.4\nstep 1 of 3 took 412.5 ms\n")
    other = Run(0.6, 0.6, 0, "wavelet 1.4\nstep 1 of 3 took 510.25 ms\n")
    script = {"reported_time": {"unit": "milliseconds", "number": "412.5"}}
    session, _ = begin(tmp_path, **script)

    place = place_of_time(session, one, other)

    assert place is not None
    assert (inside(place, one), inside(place, other)) == (pytest.approx(0.4125), pytest.approx(0.51025))
    assert inside(place, one._replace(wall_s=0.1)) is None  # more than the whole run took
    assert inside(place, one._replace(output="another line 3")) is None


def test_the_known_place_of_a_time_is_read_in_the_runs_of_a_real_backend(tmp_path: Path) -> None:
    session, state = ready(tmp_path, "{seconds: 60, repeats: 1}")
    program = session.tree / "bin" / "wavelet"
    text = program.read_text().replace("counts = {}", "import time\ncounts, began = {}, time.perf_counter()")
    program.write_text(
        f"{text}import sys\nprint(f'simulated in {{1e3 * (time.perf_counter() - began):.4f}} ms', file=sys.stderr)\n"
    )
    place = {"pattern": r"^simulated\s+in\s+(?P<number>[\d.]+)", "unit": "milliseconds"}
    session.recipe.put("reported_time", place, "an earlier run")

    settled(state)

    assert "reported_time" not in asked(session)
    for row in results_of(session)["sizes"]:
        assert 0 < row["inside_s"] < row["wall_s"]["median"]
        assert row["ratio"]["inside"] == pytest.approx(row["inside_s"] / row["reference"]["inside_s"])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"unit": "seconds", "number": "412.5"}, "The whole run took 0.500 s; 412.5 seconds is more."),
        ({"unit": "milliseconds", "number": "413"}, "The number '413' does not stand in the lines."),
        ({"unit": "milliseconds", "number": ""}, "The number '' does not stand in the lines."),
    ],
)
def test_a_time_that_cannot_be_is_refused(tmp_path: Path, answer: dict[str, str], why: str) -> None:
    session, _ = begin(tmp_path, reported_time=answer)
    one, other = Run(0.5, 0.5, 0, "took 412.5 ms"), Run(0.5, 0.5, 0, "took 412.7 ms")

    assert place_of_time(session, one, other) is None
    assert [record["oracle"] for record in session.asker.transcript.records()] == [why, why]
    assert ReportedTime(**answer)


def test_only_lines_with_other_numbers_are_shown() -> None:
    one = "run 1\nseed 7\ntime=0.51s (3 gates)\nhello"
    assert changing(one, "run 1\nseed 7\ntime=0.49s (3 gates)\nother") == ["time=0.51s (3 gates)"]
    assert changing(one, one) == []
    assert pattern_of("0.51", ["time=0.51s (3 gates)"]).startswith("^time=(?P<number>")


def test_outcomes_that_do_not_fit_the_circuit_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reckoning(monkeypatch, fidelity=(0.2, 0.1))
    session, state = ready(tmp_path, benchmark_plan={**PLAN, "metrics": ["wall", "accuracy"]})

    assert "the outcomes on 2, 4 and 6 qubits do not fit the circuit" in settled(state)
    assert [row["fidelity"] for row in results_of(session)["sizes"]] == [[0.2, 0.1]] * 3


def test_a_circuit_of_a_real_backend_is_timed_within_its_memory_and_time(tmp_path: Path) -> None:
    session, _ = begin(tmp_path)
    circuit = layered(list(GATES), 12, 16)[0]
    dialect = session.recipe.get("dialect")

    run = Stopwatch(session, dialect, 8 * GIB).circuit(circuit, 60)

    assert 0.05 < run.cpu_s <= run.wall_s * 1.5 and run.peak_bytes > 5 << 20
    assert sum(run.numbers.values()) == 100 and run.output.strip() == ""
    with pytest.raises(DriverError, match=r"of memory, of 0\.0 GiB that it may use"):
        Stopwatch(session, dialect, 1 << 20).circuit(circuit, 60)
    with pytest.raises(DriverError, match=r"it took longer than 0\.01 s"):
        Stopwatch(session, dialect, 8 * GIB).circuit(circuit, 0.01)
    with pytest.raises(DriverError, match="no time left"):
        Stopwatch(session, dialect, 8 * GIB).circuit(circuit, 0)


def test_a_clock_stands_still_while_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 10.0, 70.0, 75.0])
    monkeypatch.setattr("nodes.verify.speed.timed.time.monotonic", lambda: next(now))
    clock = Clock(20)
    with clock.stopped():
        pass  # from second 10 to second 70
    assert clock.left_s == 5.0
