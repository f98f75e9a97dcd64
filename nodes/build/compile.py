"""Runs the build commands and lets the model read their progress."""

from __future__ import annotations

import shlex
import sys

from graph.state import State
from nodes.build.monitor import Monitor
from nodes.build.plan import Plan, is_verified, load_plan, save_plan
from nodes.grants import may_use_network
from nodes.session import Session, StepFailed
from nodes.step import step
from tools.filesystem import inside, snapshot


@step("build")
def compile(session: Session, state: State) -> str:
    """Run the commands in order; each has to end with exit status 0."""
    plan = load_plan(session)
    commands = commands_of(plan)
    if not commands:
        raise StepFailed("No command is known that builds this source.")
    ensure_python(session)
    replaying = is_verified(session)
    seconds = run_commands(session, commands, name="build", watching=not replaying)
    if not replaying:
        save_plan(session, plan)
    return f"{len(commands)} commands ended with exit status 0 in {seconds:.1f} s"


def commands_of(plan: Plan) -> list[str]:
    """The commands that a plan's strategy needs, in order."""
    return plan["build"] if plan["strategy"] == "incremental" else [*plan["configure"], *plan["build"]]


def run_commands(session: Session, commands: list[str], *, name: str, watching: bool) -> float:
    """Run commands in order and return their seconds.

    Args:
        session: whose tree they are run in; a `cd` holds for the commands after it, as in the shell of a person.
        commands: shell command lines.
        name: of their logs.
        watching: whether the model reads along.

    Raises:
        StepFailed: at the first that does not end with exit status 0.
    """
    seconds = 0.0
    cwd, where = session.tree, session.shell.workspace / "tmp" / "cwd"
    for number, command in enumerate(commands):
        session.show(f"$ {command}")
        with Monitor(session, watching=watching and session.settings.progress.live) as monitor:
            finished = session.command(
                f"{{ {command}\n}} && pwd -P > {shlex.quote(str(where))}",
                name=f"{name}-{number + 1}",
                cwd=cwd,
                network=may_use_network(session, "build.compile"),
                on_line=monitor.line,
            )
        seconds += finished.seconds
        if not finished.ok:
            raise StepFailed(f"`{command}` failed. {finished.in_words}", finished, command)
        cwd = inside(session.shell.workspace, where.read_text().strip())
    return seconds


def ensure_python(session: Session) -> None:
    """Give the workspace a Python of its own, so that what a backend installs there needs no rights."""
    home = session.shell.workspace / "python"
    if (home / "bin" / "python").exists() and session.recipe.get("python_files"):
        return  # without the second it was being made when the run was killed
    finished = session.command(
        [getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", str(home)],
        name="python",
        cwd=session.shell.workspace,
    )
    if not finished.ok:
        raise StepFailed("The workspace's own Python could not be made.", finished, "python -m venv")
    session.recipe.put("python_files", sorted(snapshot(home)), "as the interpreter made them")
