"""Measures how fast the backend is: what larger circuits cost, beside a reference. It tells; it does not judge."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from graph.state import State
from models.errors import Rejected
from nodes.session import Session
from nodes.step import step
from nodes.verify.speed.answers import plan_among
from nodes.verify.speed.explain import explained, facts_of, unlike
from nodes.verify.speed.measured import Measured, circuits_of, growth_of, measure, measure_reference, rows
from nodes.verify.speed.pace import LAYERS, MEMORY_SHARE, SMALLEST, Pace, pace, told
from nodes.verify.speed.reported import inside, place_of_time
from nodes.verify.speed.timed import SHOTS, Clock, Stopwatch
from nodes.verify.trial import SEED
from tools.driver import DriverError
from tools.filesystem import write_atomic
from tools.fingerprint import fingerprint
from tools.growth import LEAST, WORDS, Growth
from tools.meter import free_memory
from tools.scaling import layered
from tools.speed import METRICS, number, plot

OWN_SHARE = 0.65
"""Of the time, which the backend has; the reference has what is left."""
RESULTS, PLOT = "benchmark.json", "benchmark.svg"


@step("verify")
def benchmark(session: Session, state: State) -> str:
    """Let the model plan, run the circuits, fit the growth and compare with the reference; nothing of it can fail.

    What was measured of the same products is used again; a known plan is run again without a question.
    """
    settings = session.settings.benchmark
    dialect, gates = session.recipe.get("dialect"), session.recipe.get("verified_gates")
    if not settings.seconds:
        return "not measured, as the settings say"
    if dialect is None or not gates:
        return "not measured: there is no verified way to run a circuit"
    key = _key(session, dialect, gates)
    known = session.recipe.get("benchmark")
    if known and key and known["key"] == key:
        _write(session, known["results"])
        before = f"as measured of the same products at {known['results']['at']}"
        return f"{in_words(known['results'])}; {before}"
    layered(gates, SMALLEST, LAYERS[0])  # loads Qiskit before the clocks start
    own, whole = Clock(OWN_SHARE * settings.seconds), Clock(settings.seconds)
    memory = int(MEMORY_SHARE * free_memory())
    stopwatch = Stopwatch(session, {**dialect, "gates": {name: dialect["gates"][name] for name in gates}}, memory)
    try:
        reckoned = pace(stopwatch, gates, own, memory)
    except DriverError as error:
        return f"not measured: not even the smallest circuit could be run: {told(error)}"
    with own.stopped(), whole.stopped():
        plan = _plan(session, reckoned, own.left_s, memory)
    circuits = circuits_of(gates, plan["layers"])
    backend = measure(stopwatch, circuits, plan, reckoned, own, settings.repeats)
    if not backend.runs:
        return f"not measured: {backend.ended}"
    with whole.stopped():
        _look_inside(session, backend)
    reference = measure_reference(stopwatch, circuits, backend, whole, settings.repeats)
    start_up, growth = growth_of(backend, circuits)
    results: dict[str, Any] = {
        "backend": session.run.name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "memory_may_mib": memory >> 20, "seconds_may": settings.seconds},
        "circuits": {"family": reckoned.family, "layers": plan["layers"], "shots": SHOTS, "seed": SEED},
        "plan": plan,
        "sizes": rows(backend, reference, circuits),
        "start_up_s": start_up,
        "growth": _plain(growth, start_up),
        "explanation": None,
        "ended": backend.ended,
        "reference": {"name": reference.name or None, "ended": reference.ended},
    }
    results["explanation"] = explained(session, results, growth, asked=known is None)
    session.recipe.put("benchmark", {"key": key, "results": results}, "measured in this workspace")
    _write(session, results)
    return in_words(results)


def in_words(results: Mapping[str, Any]) -> str:
    """The results in one sentence."""
    rows = results["sizes"]
    last = rows[-1]
    parts = [results["growth"]["sentence"] if results["growth"] else _no_claim(results)]
    memory = f" and {last['peak_mib']:.0f} MiB" if last["peak_mib"] else ""
    parts.append(f"{last['qubits']} qubits in {number(last['wall_s']['median'])} s{memory}")
    parts += facts_of(results)
    parts += [results["ended"]] if results["ended"] else []
    return ("RESERVATION: " if unlike(results) else "") + "; ".join(parts)


def _no_claim(results: Mapping[str, Any]) -> str:
    return (
        f"start-up takes {number(results['start_up_s'])} s, and too few sizes rise above it to tell how the time grows"
    )


def _key(session: Session, dialect: Mapping[str, Any], gates: list[str]) -> str | None:
    """What the results are of: the products and how they are run; None where the products are not known."""
    made = session.recipe.get("product_hashes")
    if not made:
        return None
    of = [made, session.recipe.source_sha256, session.recipe.get("edits"), dialect, gates]
    return fingerprint(of)


def _plan(session: Session, reckoned: Pace, seconds: float, memory: int) -> dict[str, Any]:
    """The known plan, or the model's, cut to what is possible; the cautious one where no answer is accepted."""
    runs = session.settings.benchmark.repeats + 1
    possible = reckoned.possible(seconds, memory, runs) or [reckoned.qubits]
    plan: dict[str, Any] | None = session.recipe.get("benchmark_plan")
    if plan is None:
        try:
            plan = _asked(session, reckoned, possible, seconds, memory)
        except Rejected as error:
            session.say(
                f"  no plan was accepted ({error}); the largest that is possible is taken", step="verify.benchmark"
            )
            return _cut(session, _cautious(reckoned, possible), reckoned, possible, seconds)
        session.recipe.put("benchmark_plan", plan, "its sizes are possible here")
    return _cut(session, dict(plan), reckoned, possible, seconds)


def _cautious(reckoned: Pace, possible: list[int]) -> dict[str, Any]:
    enough = (layers for layers in LAYERS if reckoned.rising(possible[-1], layers) >= LEAST)
    return {
        "largest": possible[-1],
        "layers": next(enough, LAYERS[-1]),
        "metrics": list(METRICS),
        "growth": None,
        "acceptable": None,
        "why": "",
    }


def _asked(session: Session, reckoned: Pace, possible: list[int], seconds: float, memory: int) -> dict[str, Any]:
    runs = session.settings.benchmark.repeats + 1
    sizes = {f"{size} qubits": size for size in possible}
    depths = {f"{layers} layers": layers for layers in LAYERS}
    way = session.recipe.get("interface") or {}
    answer: Any = session.ask(
        "benchmark_plan",
        plan_among(list(sizes), list(depths), WORDS),
        name=session.run.name,
        summary=session.recipe.get("survey")["summary"],
        kind="a Python module" if way.get("kind") == "module" else "a program for the command line",
        seconds=round(seconds),
        memory=f"{memory / 2**30:.1f} GiB",
        cost={text: f"{reckoned.whole_s(size, LAYERS[0], runs):.1f} s" for text, size in sizes.items()},
        rising={text: reckoned.rising(possible[-1], layers) for text, layers in depths.items()},
    )
    metrics = list(dict.fromkeys(answer.metrics))
    return {
        **answer.model_dump(),
        "largest": sizes[answer.largest],
        "layers": depths[answer.layers],
        "metrics": metrics,
    }


def _cut(session: Session, plan: dict[str, Any], reckoned: Pace, possible: list[int], seconds: float) -> dict[str, Any]:
    """The plan within the time and memory that there are now; what was cut is said."""
    runs = session.settings.benchmark.repeats + 1
    fitting = [layers for layers in LAYERS if reckoned.whole_s(plan["largest"], layers, runs) <= seconds]
    cut = {
        "largest": min(plan["largest"], possible[-1]),
        "layers": min(plan["layers"], max(fitting, default=LAYERS[0])),
    }
    for name, value in cut.items():
        if value != plan[name]:
            said = f"  the plan's {name} is cut from {plan[name]} to {value}, by the time and memory that there are"
            session.say(said, step="verify.benchmark")
    return plan | cut


def _look_inside(session: Session, backend: Measured) -> None:
    """Add the time that the backend reports, where it does: the place is found once and read in every run."""
    runs = backend.runs[max(backend.runs)]
    place = session.recipe.get("reported_time")
    if place is None and len(runs) > 1:
        place = place_of_time(session, runs[0], runs[-1])
        if place:
            session.recipe.put(
                "reported_time", place, "it stands there in two runs, and is no more than the whole took"
            )
    if not place:
        return
    for size, runs in backend.runs.items():
        backend.runs[size] = [run._replace(inside_s=inside(place, run)) for run in runs]


def _plain(growth: Growth | None, start_up: float) -> dict[str, Any] | None:
    if growth is None:
        return None
    return {**growth._asdict(), "word": growth.word, "sentence": growth.in_words, "start_up_s": start_up}


def _write(session: Session, results: Mapping[str, Any]) -> None:
    write_atomic(session.run.folder / RESULTS, json.dumps(results, indent=2) + "\n")
    write_atomic(session.run.folder / PLOT, plot(results))
