"""Decides between building on what is there and building anew."""

from __future__ import annotations

from graph.state import State
from nodes.build.answers import Strategy
from nodes.build.plan import load_plan, made_by_build, remove_made, save_plan
from nodes.session import Session
from nodes.step import step
from tools.filesystem import snapshot


@step("build")
def strategy(session: Session, state: State) -> str:
    """Choose how to build; without leftovers of an earlier build there is nothing to choose."""
    plan = load_plan(session)
    made = made_by_build(session)
    asked = plan.get("strategy")
    if state.get("attempts"):
        # A recovery said what to do about the leftovers, or left them.
        chosen = "clean" if asked == "clean" else "reconfigure"
    elif not made:
        chosen = "clean"
    else:
        good = {name: found[2] for name, found in (session.recipe.get("good_sources") or {}).items()}
        sources = snapshot(session.shell.workspace / "source", hashes=True)
        now = {name: found.sha256 for name, found in sources.items()}
        differing = sorted(name for name in good.keys() | now.keys() if good.get(name) != now.get(name))
        if good and not differing:
            chosen = "incremental"  # the recipe was verified on exactly these sources: nothing to judge
        else:
            facts = (
                f"Since the last good build these files changed: {', '.join(differing[:20])}."
                if good
                else f"The last build did not finish; it left {len(made)} files."
            )
            chosen = session.ask("build_strategy", Strategy, facts=facts).strategy
    if chosen == "clean" and made:
        removed = remove_made(session, made)
        session.say(f"  removed {removed} files that an earlier build made", step="build.strategy")
    save_plan(session, {**plan, "strategy": chosen})
    return f"{chosen} build" + (f" ({len(made)} files of an earlier build were there)" if made else "")
