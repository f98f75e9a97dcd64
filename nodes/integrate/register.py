"""Enters the backend into ProximA: a checked wrapper, and entries in its registry and configuration."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from graph.state import State
from models.errors import Rejected
from nodes.integrate.answers import NOT_STATED, one_of
from nodes.integrate.checks import conforms
from nodes.integrate.entry import config_entry
from nodes.integrate.frame import frame_of
from nodes.integrate.mend import Mended, WrongCircuit, mended, withdrawn
from nodes.integrate.metadata import capacity, written
from nodes.integrate.permit import allowed
from nodes.integrate.sources import sources
from nodes.integrate.speech import dialect_of
from nodes.session import Session, StepFailed
from nodes.step import step
from tools.contract import Candidate, Contract, contract_of
from tools.filesystem import read_inside
from tools.frame import FrameError, access
from tools.layout import Layout, bases_of, layout_of, likeliest, places, python_of
from tools.proxima import ProximaError, ensure_home, home_of
from tools.registration import register as enter
from tools.sandbox import Permit
from tools.wrapper import class_name, module_name, wrapper_source


@step("integrate")
def register(session: Session, state: State) -> str:
    """Write the wrapper, hold it to the conformance checks in a clean process, and only then enter it."""
    dialect = dialect_of(session)
    metadata, parameters = session.recipe.get("metadata"), session.recipe.get("parameters")
    if metadata is None or parameters is None:
        raise StepFailed("The backend cannot be registered without its metadata and parameters: a step was skipped.")
    home = home_of(state.get("proxima_home"))
    name = session.run.name
    try:
        made, layout = _found(session, home)
        contract = contract_of(layout.base.path, layout.base.name, layout.root)
        frame = frame_of(session, contract)
        kept = places(layout)
        allowed(session, home, kept["registry"])  # what was not asked for is asked before all the checks
        used = {"places": kept, "access": access(contract, frame), "python": str(python_of(home))}
        done: list[Mended] = []
        while True:
            folder = _staged(session, _wrapper(session, dialect, (metadata, parameters), layout, contract, frame))
            path = folder / f"{module_name(name)}.py"
            staged = path.read_text(encoding="utf-8")
            facts = _facts(session, metadata, parameters, dialect) | used
            try:
                passed = conforms(session, home, folder, facts, dialect)
                break
            except WrongCircuit as wrong:
                done.append(mended(session, dialect, wrong, {known.gate for known in done}))
                dialect = dialect_of(session)
                metadata = written(session, dialect, metadata, sources(session))
        if read_inside(folder, path.name, len(staged.encode()) + 1) != staged:
            raise StepFailed(
                "The wrapper was changed while it was checked: what was checked is not what would be entered."
            )
        changed = enter(
            home,
            name,
            facts=facts,
            config=config_entry(session, home, facts),
            wrapper=staged,
            allowed=allowed(session, home, kept["registry"]),
        )
    except (ProximaError, FrameError) as error:
        raise StepFailed(str(error)) from error
    for path in dict.fromkeys([*made, *changed]):
        session.say(f"  wrote {path}", step="integrate.register")
    used |= {key: facts[key] for key in ("module", "class")}
    session.recipe.put("registration", {"home": str(home), "name": name, "checks": passed, **used}, "; ".join(passed))
    settled = f"{name} is registered in {home}; its wrapper passed {len(passed)} checks: {', '.join(passed)}"
    for known in done:
        if known.instead:
            settled += f"; {known.in_words()}"
    if left := withdrawn(session, dialect):
        without = "; ".join(
            f"{gate} is withdrawn and expressed by the other gates: {told}" for gate, told in left.items()
        )
        return f"RESERVATION: {without} {settled}"
    return settled


def _found(session: Session, home: Path) -> tuple[list[Path], Layout]:
    """The files that were made for the home, and where it keeps what; a home without a base class gets one.

    Raises:
        StepFailed: if it cannot be told which class adapters derive from.
    """
    candidates = bases_of(home) if home.is_dir() else []
    layout = _chosen(session, home, candidates)
    coded = layout is not None and layout.registry is not None and bool(layout.registry.enters)
    made = ensure_home(home, coded=coded)
    layout = layout if coded else _chosen(session, home, bases_of(home))
    if layout is None:
        raise StepFailed(f"{home} has no class with abstract methods that take a circuit, to derive an adapter from.")
    return made, layout


def _chosen(session: Session, home: Path, candidates: list[Candidate]) -> Layout | None:
    """The layout around the class that adapters derive from; the model chooses where there are several."""
    base = likeliest(candidates)
    if base is None and candidates:
        names = list(dict.fromkeys(candidate.name for candidate in candidates))
        lines = [f"{c.name}: {' '.join(c.says.split())[:120]}; methods {', '.join(c.methods)}" for c in candidates]
        try:
            answer: Any = session.ask("base_class", one_of("BaseClass", "base", names), lines=lines)
            base = next(candidate for candidate in candidates if candidate.name == answer.base)
        except Rejected:
            base = candidates[0]
    return layout_of(home, base) if base else None


def _wrapper(
    session: Session,
    dialect: dict[str, Any],
    known: tuple[dict[str, Any], dict[str, Any]],
    layout: Layout,
    contract: Contract,
    frame: dict[str, Any],
) -> str:
    metadata, parameters = known
    most, why = capacity(metadata)
    pieces = session.recipe.pieces
    return wrapper_source(
        name=session.run.name,
        version=_version(metadata),
        contract=contract,
        frame=frame,
        source=layout.source,
        dialect=dialect,
        parameters=parameters["mapping"],
        accepts=parameters["accepts"],
        features={name: found["words"] for name, found in metadata["features"].items()},
        max_qubits=most,
        capacity=why,
        verified=[f"{piece}: {pieces[piece].verified_by}" for piece in ("dialect", "verified_gates", "parameters")],
        made=pieces["verified_gates"].at[:10],
    )


def _version(metadata: dict[str, Any]) -> str:
    stated = str(metadata["version"]["value"])
    return "unknown" if stated == NOT_STATED else stated


def _staged(session: Session, text: str) -> Path:
    """A folder of the workspace that holds the new wrapper."""
    folder = session.shell.workspace / "tmp" / "staged"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / f"{module_name(session.run.name)}.py"
    path.write_text(text, encoding="utf-8")
    beside = Path(sys.executable).with_name("ruff")
    ruff = str(beside) if beside.exists() else shutil.which("ruff")
    if ruff:
        arguments = ["format", "--isolated", "--no-cache", "--line-length", "110", str(path)]
        session.shell.run([ruff, *arguments], name="format", permit=Permit(session.shell.workspace))
    return folder


def _facts(
    session: Session, metadata: dict[str, Any], parameters: dict[str, Any], dialect: dict[str, Any]
) -> dict[str, Any]:
    """The registry's entry."""
    name = session.run.name
    return {
        "module": module_name(name),
        "class": class_name(name),
        "name": metadata["name"],
        "version": _version(metadata),
        "kind": dialect["kind"],
        "command": dialect["command"],
        "gates": list(dialect["gates"]),
        "max_qubits": capacity(metadata)[0],
        "parameters": parameters["mapping"],
        "features": metadata["features"],
        "source_sha256": session.recipe.source_sha256,
        "recipe": str(session.recipe.path),
    }
