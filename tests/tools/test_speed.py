from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

from tools.speed import legend, number, plot, table


def row(qubits: int, wall: float, **more: Any) -> dict[str, Any]:
    spread = {"median": wall, "least": wall * 0.9, "most": wall * 1.1}
    reference = {"runs": 1, "wall_s": spread, "cpu_s": spread, "peak_mib": 80.0, "inside_s": wall / 2}
    return {
        "qubits": qubits,
        "gates": 10 * qubits,
        "runs": 3,
        "wall_s": spread,
        "cpu_s": spread,
        "peak_mib": 12.5,
        "inside_s": None,
        "fidelity": [0.98, 0.1],
        "reference": reference,
        "ratio": {"whole": 1.0, "beyond_start_up": None, "inside": None},
        **more,
    }


def results(**more: Any) -> dict[str, Any]:
    rows = [row(2, 0.02), row(4, 0.02), row(6, 1.25, ratio={"whole": 1.0, "beyond_start_up": 2.46, "inside": None})]
    growth = {"slope": 1.0, "low": 0.9, "high": 1.1, "intercept": -8.0, "fitted": [4, 6], "off_line": []}
    return {
        "backend": "wavelet",
        "circuits": {"family": "layers", "layers": 8, "shots": 100, "seed": 1},
        "plan": {"metrics": ["wall", "memory"]},
        "sizes": rows,
        "growth": {**growth, "start_up_s": 0.02},
        "reference": {"name": "Qiskit 9", "ended": ""},
        **more,
    }


def test_the_table_has_the_plans_metrics_and_no_empty_column() -> None:
    lines = table(results())

    assert re.split(r" {2,}", lines[0].strip()) == [
        *("qubits", "gates", "runs", "wall s", "±", "peak MiB", "ref.", "ref. inside", "ratio", "beyond"),
    ]
    assert lines[-1].split() == ["6", "60", "3", "1.25", "0.125", "12.5", "1.25", "0.625", "1.00", "2.46"]
    assert len({line.index("1.25") for line in lines[-1:]}) == 1
    assert "cpu s" in table(results(plan={"metrics": ["cpu"]}))[0]
    assert "fidelity  error" in table(results(plan={"metrics": ["accuracy"]}))[0]
    assert "inside over ref. inside" not in legend(results()) and "Qiskit 9" in legend(results())


def test_a_size_without_a_reference_has_empty_cells() -> None:
    lines = table(results(sizes=[row(2, 0.02), row(4, 0.5, reference=None, ratio=None)]))

    assert lines[2].split() == ["4", "40", "3", "0.500", "0.0500", "12.5"]


def test_the_plot_is_svg_and_the_same_for_the_same_results() -> None:
    given = results()
    drawn = plot(given)

    assert drawn == plot(json.loads(json.dumps(given)))
    root = ElementTree.fromstring(drawn)
    assert root.tag.endswith("svg")
    text = " ".join("".join(element.itertext()) for element in root.iter() if element.tag.endswith("text"))
    for words in ("qubits", "seconds", "wavelet", "Qiskit 9", "fit: a factor of 2.00 a qubit"):
        assert words in text
    assert b"<dc:date>" not in drawn
    assert plot(results(growth=None, sizes=[row(2, 0.5, reference=None, ratio=None)])) != drawn


def test_numbers_are_short() -> None:
    assert [number(value) for value in (None, 12, 0.00123, 1.2345, 123.4, 12345.6)] == [
        *("", "12", "0.0012", "1.23", "123", "12346"),
    ]
