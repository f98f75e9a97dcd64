from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tools.dialect import amplitudes_pattern, reading_pattern
from tools.driver import DriverError, amplitudes, counts_of, execute, expand, outcome, read, run_command

DIALECT: dict[str, Any] = {
    "kind": "file",
    "suffix": ".q",
    "before": ["n ⟨n⟩ ⟨last⟩", "shots ⟨shots⟩ seed ⟨seed⟩"],
    "gates": {"h": "h ⟨a⟩", "cx": "cx ⟨a⟩ ⟨b⟩", "rz": "rz(⟨t⟩) ⟨a⟩"},
    "after": [{"each": "m ⟨q⟩"}, "all ⟨all:,⟩"],
    "command": "cat ⟨circuit⟩",
    "reversed": False,
    "reading": r"^(?P<bits>[01]+) (?P<number>[\d.]+)$",
}


def test_a_circuit_is_written_in_the_backends_words() -> None:
    text = expand(DIALECT, 3, [("h", (2,), ()), ("rz", (0,), (0.5,)), ("cx", (2, 1), ())], 100, 7)
    assert text.splitlines() == [
        "n 3 2",
        "shots 100 seed 7",
        "h 2",
        "rz(0.5) 0",
        "cx 2 1",
        "m 0",
        "m 1",
        "m 2",
        "all 0,1,2",
    ]


def test_a_gate_without_a_line_is_an_error_that_names_the_others() -> None:
    with pytest.raises(DriverError, match=r"'t'.*cx, h, rz"):
        expand(DIALECT, 1, [("t", (0,), ())], 1, 0)


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("00 500\n11 499\n", "sum to 999"),
        ("", "0 outcomes"),
        ("000 1000\n", "'000'"),
        ("00 500\n00 500\n", "twice"),
        ("00 0.5\n11 0.6\n", "1.1"),
    ],
)
def test_numbers_that_cannot_be_counts_are_refused(output: str, why: str) -> None:
    with pytest.raises(DriverError, match=why):
        read(DIALECT, output, 2, 1000)


@pytest.mark.parametrize(
    ("output", "numbers"),
    [
        ("00 0.5\n11 0.5\n\nCounts:\n00 520\n11 480\n", {"00": 520, "11": 480}),
        ("11 1.0000\n\nCounts:\n00 1000\n", {"00": 1000}),  # the state after a measurement, then the counts
        ("00 520\n11 480\nsampled from\n00 0.5\n11 0.5\n", {"00": 520, "11": 480}),
        ("ideal\n01 1.0\nnoisy\n01 0.75\n10 0.25\n", {"01": 0.75, "10": 0.25}),
    ],
)
def test_of_more_than_one_table_the_counts_are_read(output: str, numbers: dict[str, float]) -> None:
    assert read(DIALECT, output, 2, 1000) == numbers


def test_rounded_probabilities_of_many_outcomes_are_probabilities() -> None:
    bits = [format(k, "08b") for k in range(256)]
    numbers = read(DIALECT, "\n".join(f"{b} 0.0039" for b in bits), 8, 1000)  # 1/256, in four digits
    assert len(numbers) == 256
    with pytest.raises(DriverError, match=r"0\.9472"):
        read(DIALECT, "\n".join(f"{b} 0.0037" for b in bits), 8, 1000)


def test_the_bit_order_is_turned_where_the_dialect_says_so() -> None:
    assert read({**DIALECT, "reversed": True}, "01 1000\n", 2, 1000) == {"10": 1000}


def test_probabilities_are_sampled_with_the_seed() -> None:
    numbers = {"00": 0.5, "11": 0.5}
    first = counts_of(numbers, 1000, 5)
    assert sum(first.values()) == 1000 and first == counts_of(numbers, 1000, 5) != counts_of(numbers, 1000, 6)


def test_a_real_program_is_run_and_read_and_its_files_are_gone(tmp_path: Path) -> None:
    program = tmp_path / "sim.py"
    program.write_text("import sys; assert 'h 0' in open(sys.argv[1]).read(); print('0 40'); print('1 60')")
    dialect = {**DIALECT, "command": f"{sys.executable} {program} ⟨circuit⟩"}
    assert execute(dialect, 1, [("h", (0,), ())], shots=100, seed=1, folder=tmp_path) == {"0": 40, "1": 60}
    assert [path.name for path in tmp_path.iterdir()] == ["sim.py"]


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    dialect = {**DIALECT, "command": "echo no such gate >&2; exit 3"}
    with pytest.raises(DriverError, match=r"exit status 3: no such gate"):
        execute(dialect, 1, [("h", (0,), ())], shots=100, seed=1, folder=tmp_path)


def test_a_program_that_hangs_is_stopped_with_its_children(tmp_path: Path) -> None:
    import psutil

    with pytest.raises(DriverError, match=r"within 0\.5 s"):
        run_command("sleep 4243 & sleep 4243", tmp_path, 0.5)
    left = [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "4243"]]
    assert [p for p in left if p.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("line", ["{b} {re:.6f} {im:.6f}", "{b}: ({re:.6f}, {im:.6f})", "|{b}> {re:.6f} {im:+.6f}i"])
def test_amplitudes_are_read_with_their_phase_and_count_as_probabilities(line: str) -> None:
    state = {"00": 0.6 + 0j, "01": 0j, "10": -0.8j * 0.6, "11": -0.64 + 0j}
    output = "\n".join(line.format(b=bits, re=value.real, im=value.imag) for bits, value in state.items())
    pattern = amplitudes_pattern(reading_pattern(output, {"00": "0.600000"}))
    dialect = {"reading": pattern, "reversed": True}

    assert amplitudes(dialect, output, 2) == pytest.approx({bits[::-1]: value for bits, value in state.items()})
    assert read(dialect, output, 2, 100) == pytest.approx(
        {bits[::-1]: abs(value) ** 2 for bits, value in state.items()}
    )


def test_what_is_no_state_of_these_qubits_is_refused() -> None:
    dialect = {"reading": r"^(?P<bits>[01]+) (?P<number>\S+) (?P<imaginary>\S+)$", "reversed": False}
    assert amplitudes({**DIALECT, "reversed": False}, "00 100\n", 2) == {}
    for output in ("0 1.0 0.0\n1 0.0 0.0\n", "00 1 0\n00 0 0\n"):
        with pytest.raises(DriverError):
            amplitudes(dialect, output, 2)
    with pytest.raises(DriverError, match="sum to 2"):
        read(dialect, "0 1 0\n1 0 1\n", 1, 100)


@pytest.mark.parametrize("bad", ["nan", "-nan", "inf", "NaN nan", "1.0 inf"])
def test_an_outcome_that_is_no_number_is_refused_and_not_left_out(bad: str) -> None:
    state = {"reading": r"^(?P<bits>[01]+) (?P<number>[\d.]+) (?P<imaginary>[\d.]+)$", "reversed": False}
    with pytest.raises(DriverError, match="no number"):
        amplitudes(state, f"0 1.0 0.0\n1 {bad}\n", 1)
    with pytest.raises(DriverError, match="no number"):
        read({"reading": r"^(?P<bits>[01]+) (?P<number>[\d.]+)$", "reversed": False}, f"0 1.0\n1 {bad}\n", 1, 100)


def written(name: str, data: bytes, **dialect: Any) -> dict[str, Any]:
    """A backend that writes a file where it runs."""
    script = f"import pathlib; pathlib.Path({name!r}).write_bytes(bytes.fromhex({data.hex()!r}))"
    return {**DIALECT, "command": f'{sys.executable} -c "{script}" ⟨circuit⟩', **dialect}


def in_numpy(form: str, state: list[complex], version: tuple[int, int] | None = None) -> bytes:
    import io

    import numpy

    array = numpy.array(state, dtype="complex64" if form == "complex64" else "complex128")
    if not form.startswith("npy"):
        return array.astype(array.dtype.newbyteorder("<")).tobytes()
    file = io.BytesIO()
    numpy.lib.format.write_array(file, array, version=version)
    return file.getvalue()


STATE = [0.6, 0.64j, 0, -0.48]
"""Of |q1 q0>, as Qiskit orders it."""


@pytest.mark.parametrize("form", ["npy", "complex64", "complex128"])
@pytest.mark.parametrize("reversed_", [False, True])
def test_a_binary_statevector_is_read(form: str, reversed_: bool) -> None:
    order = [STATE[0], STATE[2], STATE[1], STATE[3]] if reversed_ else STATE
    more = {"state_file": {"name": "psi", "format": form}, "reversed": reversed_}
    dialect = written("psi", in_numpy(form, order), **more)
    del dialect["reading"]

    found = outcome(dialect, 2, [], shots=100, seed=1, state=True)

    assert found.state == pytest.approx(STATE, abs=1e-6)
    assert found.numbers == pytest.approx({"00": 0.36, "01": 0.4096, "11": 0.2304}, abs=1e-6)
    assert outcome(dialect, 2, [], shots=100, seed=1).state is None


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_numpys_format_is_read(version: tuple[int, int]) -> None:
    dialect = written("psi", in_numpy("npy", STATE, version), state_file={"name": "psi", "format": "npy"})
    del dialect["reading"]
    assert outcome(dialect, 2, [], shots=1, seed=1, state=True).state == pytest.approx(STATE)


@pytest.mark.parametrize(
    ("data", "form", "why"),
    [
        (in_numpy("complex128", [1, 0, 0]), "complex128", "3 amplitudes; 2 qubits have 4"),
        (in_numpy("complex128", [1, 1, 0, 0]), "complex128", "sum to 2"),
        (in_numpy("complex128", [float("nan"), 1, 0, 0]), "complex128", "sum to nan"),
        (in_numpy("complex64", STATE), "complex128", "2 amplitudes"),
        (b"[1, 0, 0, 0]", "npy", "no file of complex numbers"),
        (in_numpy("npy", STATE)[:-16], "npy", "3 amplitudes"),
        (b"", "npy", "no file of complex numbers"),
    ],
    ids=["few", "norm", "nan", "single", "text", "cut", "empty"],
)
def test_a_file_that_is_no_state_of_these_qubits_is_refused(data: bytes, form: str, why: str) -> None:
    dialect = written("psi", data, state_file={"name": "psi", "format": form})
    del dialect["reading"]
    with pytest.raises(DriverError, match=why):
        outcome(dialect, 2, [], shots=1, seed=1)
    with pytest.raises(DriverError, match="no readable file 'other'"):
        outcome({**dialect, "state_file": {"name": "other", "format": form}}, 2, [], shots=1, seed=1)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("outcome,count\n00,60\n11,40\n", r"^(?P<bits>[01]+),(?P<number>\d+)$"),
        ('{"counts": {"00": 60, "11": 40}, "shots": 100}', r'"(?P<bits>[01]+)":\s*(?P<number>\d+)'),
        ('{\n  "counts": {\n    "00": 60,\n    "11": 40\n  }\n}\n', r'"(?P<bits>[01]+)":\s*(?P<number>\d+)'),
    ],
)
def test_tables_and_json_in_a_file_are_read_as_what_is_printed_is(text: str, reading: str) -> None:
    more = {"output_file": "out.txt", "metrics": {"fidelity": r"fidelity (?P<number>[\d.]+)", "none": "(?P<number>z)"}}
    dialect = written("out.txt", f"{text}\nfidelity 0.98\n".encode(), reading=reading, **more)

    found = outcome(dialect, 2, [], shots=100, seed=1)

    assert found.numbers == {"00": 60, "11": 40} and found.metrics == {"fidelity": 0.98}
    with pytest.raises(DriverError, match="no readable file"):
        outcome({**dialect, "output_file": "other"}, 2, [], shots=100, seed=1)


def test_printed_amplitudes_are_a_state_in_qiskits_order() -> None:
    dialect = {**DIALECT, "command": "printf '00 0.6 0\n01 -0.48 0\n10 0 0.64\n'", "reversed": True}
    dialect["reading"] = r"^(?P<bits>[01]+) (?P<number>\S+) (?P<imaginary>\S+)$"
    assert outcome(dialect, 2, [], shots=9, seed=1, state=True).state == pytest.approx([0.6, 0.64j, -0.48, 0])
    with pytest.raises(DriverError, match="no state"):
        outcome(
            {**dialect, "amplitudes": "^(?P<bits>11|00) (?P<number>0.6) (?P<imaginary>0)"},
            2,
            [],
            shots=9,
            seed=1,
            state=True,
        )
