"""A benchmark's results for people: a table and a plot. The results are plain JSON, see `nodes.verify.benchmark`."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from tools.growth import Growth

COLUMNS = {"cpu": "cpu s", "memory": "peak MiB"}


def table(results: Mapping[str, Any]) -> list[str]:
    """The rows as lines of text; of the metrics, those that the plan has, and the wall time, on which the ratios rest.

    Columns that no row has a value for are left out.
    """
    metrics = results["plan"]["metrics"]
    shown: list[tuple[str, list[str]]] = [("qubits", []), ("gates", []), ("runs", []), ("wall s", []), ("±", [])]
    shown += [(title, []) for metric, title in COLUMNS.items() if metric in metrics]
    shown += [(title, []) for title in ("reported s", "reference s", "simulating s", "ratio", "beyond start-up")]
    shown.append(("of reported", []))
    for row in results["sizes"]:
        wall, theirs, ratio = row["wall_s"], row["reference"] or {}, row["ratio"] or {}
        values: list[Any] = [row["qubits"], row["gates"], row["runs"], wall["median"]]
        values.append((wall["most"] - wall["least"]) / 2)
        values += [row["cpu_s"]["median"]] if "cpu" in metrics else []
        values += [f"{row['peak_mib']:.0f}"] if "memory" in metrics else []
        values += [row["inside_s"], (theirs.get("wall_s") or {}).get("median"), theirs.get("inside_s")]
        values += [ratio.get(name) for name in ("whole", "beyond_start_up", "inside")]
        for (_title, column), value in zip(shown, values, strict=True):
            column.append(number(value))
    columns = [[title, *column] for title, column in shown if any(column)]
    widths = [max(map(len, column)) for column in columns]
    lines = zip(*columns, strict=True)
    return ["  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)) for line in lines]


def number(value: float | str | None) -> str:
    """Three significant digits without an exponent where that is short, nothing for None."""
    if value is None or isinstance(value, int | str):
        return "" if value is None else str(value)
    return f"{value:.3g}" if 1e-4 <= abs(value) < 1e6 or value == 0 else f"{value:.1e}"


def plot(results: Mapping[str, Any]) -> bytes:
    """The wall times and the fitted line over the number of qubits, as SVG; the same results give the same bytes."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    rows: Sequence[Mapping[str, Any]] = results["sizes"]
    with matplotlib.rc_context({"svg.hashsalt": "rigil", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        _points(axes, results["backend"], [(row["qubits"], row["wall_s"]) for row in rows], "o")
        theirs = [(row["qubits"], row["reference"]["wall_s"]) for row in rows if row["reference"]]
        if theirs:
            _points(axes, results["reference"]["name"], theirs, "s")
        inside = [(row["qubits"], row["reference"]["inside_s"]) for row in rows if row["reference"]]
        if inside:
            axes.plot(*zip(*inside, strict=True), "s:", fillstyle="none", label="the reference, simulating alone")
        if results["growth"]:
            _line(axes, rows, results["growth"])
        axes.set_yscale("log")
        axes.set_xticks([row["qubits"] for row in rows])
        axes.set_xlabel("qubits")
        axes.set_ylabel("seconds")
        axes.set_title(
            f"{results['backend']}: {results['circuits']['layers']} layers, {results['circuits']['shots']} shots"
        )
        axes.legend()
        axes.grid(alpha=0.3)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def _points(axes: Any, label: str, points: Sequence[tuple[int, Mapping[str, float]]], marker: str) -> None:
    middle = [wall["median"] for _, wall in points]
    below = [wall["median"] - wall["least"] for _, wall in points]
    above = [wall["most"] - wall["median"] for _, wall in points]
    axes.errorbar([size for size, _ in points], middle, yerr=[below, above], fmt=marker, capsize=3, label=label)


def _line(axes: Any, rows: Sequence[Mapping[str, Any]], growth: Mapping[str, Any]) -> None:
    fitted = Growth(**{name: growth[name] for name in Growth._fields})
    chosen = [row for row in rows if row["qubits"] in fitted.fitted]
    seconds = [growth["start_up_s"] + fitted.seconds(row["qubits"]) * row["gates"] for row in chosen]
    axes.plot([row["qubits"] for row in chosen], seconds, "-", label=f"fit: a factor of {2**fitted.slope:.2f} a qubit")
