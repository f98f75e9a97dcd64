"""Does the same step again, after a pause that grows with every try."""

from __future__ import annotations

import time
from typing import Any

from graph.state import Attempt, State
from nodes.recovery.candidates import WAIT, signature
from nodes.session import session_of

PAUSE_S = 2.0


def retry(state: State) -> dict[str, Any]:
    """Wait, and note the attempt."""
    session = session_of(state)
    failure = state["failure"]
    assert failure is not None
    attempts = state.get("attempts", [])
    before = sum(1 for attempt in attempts if attempt["step"] == failure["step"])
    time.sleep(PAUSE_S * 2**before)
    attempt = Attempt(
        step=failure["step"],
        failure=failure["what"],
        signature=signature(session, failure),
        action={"kind": "wait", "text": WAIT, "step": failure["step"]},
        outcome="",
    )
    return {"attempts": [*attempts, attempt], "failure": None, "at": failure["step"]}
