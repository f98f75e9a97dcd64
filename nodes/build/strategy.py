"""Decides between building on what is there and building anew."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from graph.state import State
from nodes.build.answers import STRATEGIES, strategy_among
from nodes.build.plan import load_plan, made_by_build, remove_made, save_plan
from nodes.build.source import untouched
from nodes.session import Session
from nodes.step import step
from tools.filesystem import snapshot

MOST = 20
"""Files of a kind that the model is told."""


@step("build")
def strategy(session: Session, state: State) -> str:
    """Choose how to build; without leftovers of an earlier build there is nothing to choose."""
    plan = load_plan(session)
    left = len(made_by_build(session))
    asked = plan.get("strategy")
    rests: list[str] = []
    if any(attempt["step"] == "build.compile" for attempt in state.get("attempts", [])):
        # A recovery said what to do about the leftovers, or left them.
        chosen = "clean" if asked == "clean" else "reconfigure"
    elif not left:
        chosen = "clean"
    elif changed_sources(session) == [] and complaint(session, state) is None:
        chosen = "incremental"  # verified on exactly these sources: nothing to judge
    else:
        chosen, rests = ask_strategy(session, complaint(session, state))
    begin(session, chosen)
    return f"{chosen} build" + in_words(left, rests)


def complaint(session: Session, state: State) -> str | None:
    """What the person said last about this backend that no good build has answered yet."""
    said: str | None = state.get("hint") or session.recipe.get("complaint")
    return said


def in_words(left: int, rests: Sequence[str]) -> str:
    """What a strategy rests on."""
    files = f"; it rests on {', '.join(rests)}" if rests else ""
    return f" ({left} files of an earlier build were there{files})" if left else ""


def begin(session: Session, chosen: str) -> None:
    """Note the strategy; a clean build first removes what the run made, and nothing else."""
    if chosen == "clean" and (made := made_by_build(session)):
        session.say(f"  removed {remove_made(session, made)} files that an earlier build made", step="build.strategy")
    save_plan(session, {**load_plan(session), "strategy": chosen})


def changed_sources(session: Session) -> list[str] | None:
    """The source files whose content differs from that of the last good build; None where there was none."""
    known = session.recipe.get("good_sources")
    if not known:
        return None
    good = {name: found[2] for name, found in known.items()}
    now = {name: found.sha256 for name, found in snapshot(untouched(session), hashes=True).items()}
    return sorted(name for name in good.keys() | now.keys() if good.get(name) != now.get(name))


def ask_strategy(
    session: Session, hint: str | None, failed: str = "", options: Sequence[str] = tuple(STRATEGIES)
) -> tuple[str, list[str]]:
    """Ask the model; returns the strategy and the files that it rests on.

    Args:
        session: the run.
        hint: the person's last complaint.
        failed: a sentence on a strategy that was tried in this run and did not do.
        options: the strategies that are left.

    Raises:
        Rejected: if no answer was accepted.
    """
    changed = changed_sources(session)
    keys = [name for name in session.recipe.get("survey").get("key_files", []) if (session.tree / name).is_file()]
    answer: Any = session.ask(
        "build_strategy",
        strategy_among(options, list(dict.fromkeys([*(changed or [])[:MOST], *keys]))),
        facts=" ".join(filter(None, [_facts(session, changed, keys), failed])),
        left=_left(session),
        times=_times(session, keys) if session.asker.form == "free" else "",
        hint=hint,
    )
    return answer.strategy, list(dict.fromkeys(answer.files))


def _facts(session: Session, changed: list[str] | None, keys: list[str]) -> str:
    """What changed, in decisive sentences."""
    if changed is None:
        return "No build of this source has succeeded yet."
    if not changed:
        return "No source file changed since the last good build."
    telling = [name for name in changed if name in keys]
    says = f" Of these, {', '.join(telling)} say how it is built." if telling else ""
    more = f" and {len(changed) - MOST} more" if len(changed) > MOST else ""
    return f"Since the last good build these files changed: {', '.join(changed[:MOST])}{more}.{says}"


def _left(session: Session) -> str:
    """What the earlier build left, folder by folder."""
    folders: dict[str, int] = {}
    for path in made_by_build(session):
        parent = path.relative_to(session.tree).parent
        top = parent.parts[0] if parent.parts else "."
        folders[top] = folders.get(top, 0) + 1
    return ", ".join(f"{count} files in {name}" for name, count in list(folders.items())[:8])


def _times(session: Session, keys: list[str]) -> str:
    """How long ago the key files and the build's newest file were written."""
    made = made_by_build(session)
    ages = {name: (session.tree / name).stat().st_mtime for name in keys}
    if made:
        newest = max(made, key=lambda path: path.lstat().st_mtime)
        ages[f"{newest.relative_to(session.tree)} (the newest that the build made)"] = newest.lstat().st_mtime
    now = time.time()
    return "; ".join(f"{name}: {(now - at) / 60:.0f} minutes ago" for name, at in ages.items())
