"""Runs the build commands and lets the model read their progress."""

from __future__ import annotations

import shlex
import sys
from contextlib import suppress

from graph.state import State
from models.errors import Rejected
from nodes.build.answers import STRATEGIES
from nodes.build.plan import Plan, is_verified, load_plan, made_by_build, save_plan
from nodes.build.progress import Reader
from nodes.build.strategy import ask_strategy, begin, changed_sources, complaint, in_words
from nodes.grants import may_use_network
from nodes.session import Session, StepFailed
from nodes.step import step
from nodes.watch import Watch
from tools.filesystem import OutsideWorkspace, inside, read_inside, snapshot


@step("build")
def compile(session: Session, state: State) -> str:
    """Run the commands in order; each has to end with exit status 0.

    Where that builds on what an earlier run left and does not do, the strategy is asked again before anything else.
    """
    ensure_python(session)
    replaying = is_verified(session)
    # What this run's own recoveries left is theirs to judge.
    first = not any(attempt["step"] == "build.compile" for attempt in state.get("attempts", []))
    seconds = 0.0
    while True:
        plan = load_plan(session)
        commands = commands_of(plan)
        if not commands:
            raise StepFailed("No command is known that builds this source.")
        failed: StepFailed | None = None
        try:
            seconds += run_commands(session, commands, name="build", watching=not replaying)
            wrong = stale(session) if plan["strategy"] != "clean" else None
        except StepFailed as error:
            failed, wrong = error, error.what
        if not (wrong and first and _healed(session, state, plan["strategy"], wrong, failed)):
            break
    if failed:
        raise failed
    if not replaying:
        save_plan(session, plan)
    return f"{len(commands)} commands ended with exit status 0 in {seconds:.1f} s"


def _healed(session: Session, state: State, strategy: str, wrong: str, failed: StepFailed | None) -> bool:
    """Ask the strategy again with what went wrong; False where the answer is that it was right."""
    left = list(STRATEGIES)[list(STRATEGIES).index(strategy) :]
    if len(left) == 1:
        return False
    line = ""
    if failed and failed.log:
        printed = session.excerpt(failed.log).failure
        line = f" It printed: {printed.strip()[:200]}" if printed else ""
    told = f"The strategy `{strategy}` was tried. {wrong}{line}"
    try:
        chosen, rests = ask_strategy(session, complaint(session, state), told, left)
    except Rejected as error:
        session.say(f"  {error}", step="build.compile")
        return False
    if chosen == strategy:
        return False
    session.say(f"  {told} Now: {chosen} build{in_words(len(made_by_build(session)), rests)}", step="build.compile")
    begin(session, chosen)
    return True


def stale(session: Session) -> str | None:
    """Whether all that the build made is older than a source that changed since the last good build, in words."""
    changed = [session.tree / name for name in changed_sources(session) or []]
    home = session.shell.workspace / "python"
    made = [*made_by_build(session), *(home / name for name in snapshot(home))]
    newest = max((path.lstat().st_mtime for path in made), default=0.0)
    late = [path for path in changed if path.is_file() and path.stat().st_mtime > newest]
    if not late:
        return None
    return f"It succeeded, but nothing that it made is newer than {late[0].relative_to(session.tree)}, which changed."


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
        # What is lost with a build that is stopped is made again: here the model and a sign are enough.
        expected = f"builds the project by `{command}`"
        with Watch(session, expected, phase="build", asking=watching, reader=Reader(session), stops=True) as watch:
            finished = session.command(
                f"{{ {command}\n}} && pwd -P > {shlex.quote(str(where))}",
                name=f"{name}-{number + 1}",
                cwd=cwd,
                network=may_use_network(session, "build.compile"),
                packages=True,
                **watch.watching(),
            )
        seconds += finished.seconds
        if not finished.ok:
            raise StepFailed(f"`{command}` failed. {finished.in_words}", finished, command)
        told = read_inside(where.parent, where.name).strip()
        with suppress(OSError):
            where.unlink()
        try:
            cwd = inside(session.shell.workspace, told or "/")
        except OutsideWorkspace as error:
            what = f"`{command}` ended the shell, or in a folder outside the workspace, where nothing can be built."
            raise StepFailed(what, finished, command) from error
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
