"""A benchmark's results for people: a table and a plot. The results are plain JSON, see `nodes.verify.benchmark`."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tools.growth import Growth

Column = tuple[str, Callable[[Mapping[str, Any]], Any]]
"""(title, what it shows of a row)."""

METRICS: dict[str, list[Column]] = {
    "wall": [],
    "cpu": [("cpu s", lambda row: row["cpu_s"]["median"])],
    "memory": [("peak MiB", lambda row: row["peak_mib"])],
    "accuracy": [
        ("fidelity", lambda row: row["fidelity"] and row["fidelity"][0]),
        ("error", lambda row: row["fidelity"] and row["fidelity"][1]),
    ],
}
"""What a plan's metrics add to the columns; the wall time always stands there, because the ratios rest on it."""
LEGEND = {
    "±": "half of the range of the runs",
    "fidelity": "of the outcomes, by linear cross-entropy: 1 for the circuit's own, 0 for even ones",
    "error": "the standard error of that, by the number of shots",
    "inside": "what the backend reports of itself",
    "ref.": "the process of {reference}",
    "ref. inside": "what that reports of simulating alone",
    "ratio": "wall over ref.",
    "beyond": "the least wall time without that of the smallest circuit, over the least ref. inside",
    "in/in": "inside over ref. inside",
}


def _columns(metrics: Sequence[str]) -> list[Column]:
    return [
        ("qubits", lambda row: row["qubits"]),
        ("gates", lambda row: row["gates"]),
        ("runs", lambda row: row["runs"]),
        ("wall s", lambda row: row["wall_s"]["median"]),
        ("±", lambda row: (row["wall_s"]["most"] - row["wall_s"]["least"]) / 2),
        *(column for metric in METRICS if metric in metrics for column in METRICS[metric]),
        ("inside", lambda row: row["inside_s"]),
        ("ref.", lambda row: row["reference"] and row["reference"]["wall_s"]["median"]),
        ("ref. inside", lambda row: row["reference"] and row["reference"]["inside_s"]),
        ("ratio", lambda row: row["ratio"] and row["ratio"]["whole"]),
        ("beyond", lambda row: row["ratio"] and row["ratio"]["beyond_start_up"]),
        ("in/in", lambda row: row["ratio"] and row["ratio"]["inside"]),
    ]


def table(results: Mapping[str, Any]) -> list[str]:
    """The rows as lines of text under a line of titles; columns that no row has a value for are left out."""
    titled = [[title, *(number(value(row)) for row in results["sizes"])] for title, value in _shown(results)]
    widths = [max(map(len, column)) for column in titled]
    lines = zip(*titled, strict=True)
    return ["  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def legend(results: Mapping[str, Any]) -> str:
    """What the titles of the table mean."""
    titles = [title for title, _ in _shown(results)]
    meant = [f"{title}: {meaning}" for title, meaning in LEGEND.items() if title in titles]
    return "; ".join(meant).format(reference=results["reference"]["name"])


def _shown(results: Mapping[str, Any]) -> list[Column]:
    columns = _columns(results["plan"]["metrics"])
    return [column for column in columns if any(column[1](row) is not None for row in results["sizes"])]


def number(value: float | None) -> str:
    """Three significant digits, and no more than four after the point; nothing for None."""
    if value is None or isinstance(value, int):
        return "" if value is None else str(value)
    return f"{value:.4f}" if abs(value) < 0.1 else f"{value:#.3g}".rstrip(".") if value < 1000 else f"{value:.0f}"


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
