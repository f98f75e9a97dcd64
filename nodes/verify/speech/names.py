"""What can be called on a backend that is driven from Python, as the interpreter itself shows it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from configs import TEMPLATES
from nodes.session import Session
from nodes.verify.trial import SEED, sandboxed_runner
from tools import driver
from tools.dialect import QUBITS, SHOTS, DialectError
from tools.driver import DriverError

OF_MODULE = "import importlib, sys\n_print_names(importlib.import_module(sys.argv[1]))\n"


def names_in(session: Session, python: str, module: str) -> str:
    """The classes of a module with their methods, and its functions, with the arguments that they take.

    Raises:
        DialectError: if the module cannot be imported.
    """
    listed = session.command([python, "-c", _listing() + OF_MODULE, module], name="names", timeout_s=60)
    if not listed.ok:
        raise DialectError(f"The module {module} cannot be imported: {listed.log.read_text(errors='replace')[-400:]}")
    return listed.log.read_text(errors="replace")


def spoken_of(names: str, told: str, characters: int) -> str:
    """The names, those first that the documents speak of most, up to a size."""
    parts = re.split(r"\n(?=\S)", names.strip())

    def mentions(part: str) -> int:
        name = re.split(r"\W", part.removeprefix("class "))[0]
        return len(re.findall(rf"\b{re.escape(name)}\b", told))

    text = "\n".join(sorted(parts, key=mentions, reverse=True))
    return text if len(text) <= characters else text[:characters].rsplit("\n", 1)[0]


def methods(session: Session, dialect: Mapping[str, Any], characters: int) -> str:
    """What can be called on the object that the dialect applies gates to; nothing where it applies them otherwise."""
    owner = _owner(dialect["gates"]["h"])
    if dialect["kind"] != "program" or owner is None:
        return ""
    listing = {**dialect, "after": [*_listing().splitlines(), f"_print_methods({owner})"]}
    folder = session.shell.workspace / "tmp"
    program = folder / f"methods{dialect['suffix']}"
    program.write_text(driver.expand(listing, QUBITS, [], SHOTS, SEED))
    command = driver.command_line(dialect, program, QUBITS, SHOTS, SEED)
    try:
        status, output, _both = sandboxed_runner(session)(command, folder, session.settings.limits.program_s)
    except DriverError:  # the gates can still be asked for with the documents alone
        return ""
    shown = [f"{owner}.{line}" for line in output.splitlines()] if status == 0 else []
    return "\n".join(shown)[:characters].rsplit("\n", 1)[0]


def _listing() -> str:
    return (TEMPLATES / "list_names.txt").read_text()


def _owner(template: str) -> str | None:
    """The object whose method a gate's line calls."""
    try:
        statement = ast.parse(re.sub(r"⟨\w+⟩", "0", template)).body[0]
    except (SyntaxError, IndexError):
        return None
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.value.id
    return None
