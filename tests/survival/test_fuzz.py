"""Readers of outside text, given what nobody wrote: they read it, or say why not with the error that they document."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.transcript import Transcript
from tools import listing, manifest, openqasm, reading, yaml_edit
from tools.circuit_input import CircuitRefused, as_qiskit, prepared
from tools.circuit_json import from_json
from tools.job import Job, JobError
from tools.listing_lines import Unreadable
from tools.proxima import ProximaError, registry_of
from tools.reading import DriverError
from tools.recipe import Recipe, RecipeDamaged
from tools.run_facts import damaged
from tools.runs import RunDamaged, Runs
from tools.samples import read_samples
from tools.yaml_edit import YamlRefused

FEW = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, max_examples=2000)
SIZES = [pytest.param(FEW, id="quick"), pytest.param(MANY, id="whole", marks=pytest.mark.whole)]

PIECES = [
    "OPENQASM",
    "2.0;",
    "3.0;",
    "include",
    '"qelib1.inc";',
    '"stdgates.inc";',
    "qreg",
    "q[2];",
    "creg",
    "c[2];",
    "qubit[2]",
    "q;",
    "bit[2]",
    "c;",
    "h",
    "q[0];\ncx",
    "q[0],q[1];",
    "rz(pi/2)",
    "q;",
    "u3(1e999,0,0)",
    "q[0];",
    "measure",
    "q",
    "->",
    "c;",
    "c",
    "=",
    "measure",
    "q;",
    "if(c==1)",
    "gate",
    "g",
    "a",
    "{",
    "}",
    "reset",
    "q;",
    "/*",
    "*/",
    "//",
    "{\n}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "true",
    "NaN",
    "1e400",
    "-1",
    "99999999999999999999",
    '"gates"',
    '"num_qubits"',
    '"qubits"',
    '"gate"',
    '"params"',
    '"h"',
    '"\\ud800"\n00:',
    "11:",
    "10",
    "0.5",
    "0.25i",
    "nan",
    "inf",
    "(0.5,0.1)",
    "counts",
    "test_a",
    "test_b",
    "::",
    "passed",
    "2",
    "tests",
    "---",
    "&a",
    "*a",
    "!!python/object",
    "!<tag>",
    "|",
    ">\nbackends:",
    "svsim:",
    "{}",
    "<<:",
    "?",
    "%",
    "@",
    "`",
    "\t",
    "\r\n",
    "\x00",
    "\x0b",
    "\x1b[31m",
    "\u2028",
    "\ufeff",
    "é",
    "量子",
]
TEXT = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=40).map("\n".join),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["h", "cx", "rz"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["gates", "num_qubits", "gate", "qubits", "params", "measurements", "control", "target"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
CIRCUIT = st.fixed_dictionaries(
    {"gates": st.lists(st.fixed_dictionaries({"gate": JSON, "qubits": JSON}, optional={"params": JSON}) | JSON)},
    optional={"num_qubits": JSON, "measurements": JSON},
)
DEEP = ["[" * 5000, ('{"gates":') * 5000, "9" * 5000, "OPENQASM 2.0;" + "(" * 5000, "a: " + "[" * 500]
DIALECT = {
    "reading": r"^(?P<bits>[01]+): (?P<number>[-+.\deE]+)",
    "amplitudes": r"(?P<bits>[01]+): \((?P<number>[-+.\deE]+),(?P<imaginary>[-+.\deE]+)\)",
    "reversed": False,
}


@pytest.mark.parametrize("size", SIZES)
def test_circuits(size: settings) -> None:
    gates = {"h": "H ⟨a⟩", "cx": "CX ⟨a⟩ ⟨b⟩", "rz": "RZ ⟨a⟩ ⟨t⟩"}

    @size
    @given(TEXT | JSON | CIRCUIT | CIRCUIT.map(json.dumps) | st.sampled_from(DEEP))
    def read(given_: Any) -> None:
        if isinstance(given_, str):
            openqasm.plain(given_, {"h": (1, 0), "cx": (2, 0), "rz": (1, 1)}, 10)
        for reader in (
            lambda: prepared(given_, {}, gates=gates, name="b", most=10, capacity="memory"),
            lambda: as_qiskit(given_),
        ):
            try:
                reader()
            except CircuitRefused as error:
                assert str(error)
        if isinstance(given_, dict | list):
            try:
                from_json(given_)
            except CircuitRefused as error:
                assert str(error)

    read()


@pytest.mark.parametrize("size", SIZES)
def test_results(size: settings) -> None:
    lines = st.lists(st.from_regex(r"[01]{1,3}: (\(?-?[0-9.]{1,5}(e[0-9]{1,4})?,?\)?|nan)", fullmatch=True)).map(
        "\n".join
    )

    @size
    @given(TEXT | lines, st.integers(1, 5), st.integers(1, 100))
    def read(text: str, qubits: int, shots: int) -> None:
        for reader in (
            lambda: reading.read(DIALECT, text, qubits, shots),
            lambda: reading.amplitudes(DIALECT, text, qubits),
        ):
            try:
                reader()
            except DriverError as error:
                assert str(error)

    read()


@pytest.mark.parametrize("size", SIZES)
def test_listings(size: settings) -> None:
    @size
    @given(TEXT, st.lists(TEXT | st.sampled_from(["test_a", "test_b"]), min_size=2, max_size=3), TEXT, st.booleans())
    def read(text: str, copied: list[str], words: str, standing: bool) -> None:
        names = [name.strip() or "x" for name in copied]
        try:
            found = listing.learn("\n".join([text, *names]) if standing else text, names, words)
            listing.read(text, found.rule)
        except Unreadable as error:
            assert str(error)

    read()


@pytest.mark.parametrize("size", SIZES)
def test_yaml(size: settings) -> None:
    def edited(text: str) -> None:
        for edit in (
            lambda: yaml_edit.entries(text, "backends"),
            lambda: yaml_edit.with_entry(text, "backends", "new", {"a": 1}),
            lambda: yaml_edit.without_entry(text, "backends", "svsim"),
            lambda: yaml_edit.with_values(text, "backends", "svsim", {"a": 1}),
        ):
            try:
                edit()
            except YamlRefused as error:
                assert str(error)

    size(given(TEXT)(edited))()
    for text in DEEP:  # once each: reading them takes time
        edited(text)


@pytest.mark.parametrize("size", SIZES)
def test_files_of_the_state_folder(size: settings, tmp_path: Path) -> None:
    """Each file, as a crash, a full disk or a person may leave it."""
    run = Runs(tmp_path).create("/src", "a", "rules")
    whole = {
        "run.json": (run.folder / "run.json").read_bytes(),
        "manifest.json": json.dumps(
            {"listed_by": "", "verified_by": "", "suite": [], "alone": None, "tests": []}
        ).encode(),
        "recipe": b'{"source_sha256": null, "pieces": {"a": {"value": 1, "evidence": 2, "verified_by": "", "at": ""}}}',
        "job.json": b'{"command": ["x"], "at": "2026"}',
        "samples": b'{"at": 1, "tree": []}\n',
        "journal.jsonl": b'{"time": "1", "step": "a", "text": "b"}\n',
        "backends.json": b'{"backends": {"a": {}}}',
    }
    torn = st.sampled_from(sorted(whole)).flatmap(
        lambda name: st.tuples(st.just(whole[name]), st.integers(0, len(whole[name])), st.binary(max_size=6))
    )
    content = st.one_of(
        torn.map(lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]),
        torn.map(lambda parts: parts[0][: parts[1]] + parts[2]),
        JSON.map(json.dumps).map(str.encode),
        TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.binary(max_size=60),
        st.sampled_from(DEEP).map(str.encode),
    )

    @size
    @given(content)
    def read(data: bytes) -> None:
        with tempfile.TemporaryDirectory(dir=tmp_path) as made:
            folder = Path(made)
            for name in whole:
                (folder / name).write_bytes(data)
            (folder / "recipes").mkdir()
            (folder / "recipes" / "a.json").write_bytes(data)
            (folder / "transcript.jsonl").write_bytes(data)
            os.utime(folder)
            (run.folder / "run.json").write_bytes(data)
            (run.folder / "journal.jsonl").write_bytes(data)
            for reader, documented in (
                (lambda: Runs(tmp_path).open(run.id).update(status="stopped"), RunDamaged),
                (lambda: Runs(tmp_path).list() or damaged(Runs(tmp_path).folder)[0], ()),
                (run.journal, ()),
                (lambda: manifest.load(folder / "manifest.json"), ()),
                (lambda: Recipe.load(folder, "a"), RecipeDamaged),
                (lambda: Job(folder).facts, JobError),
                (lambda: read_samples(folder / "samples"), ()),
                (lambda: Transcript(folder).totals(), ()),
                (lambda: registry_of(folder), ProximaError),
            ):
                try:
                    reader()
                except documented as error:  # type: ignore[misc]
                    assert str(folder) in str(error) or str(run.folder) in str(error)

    read()
