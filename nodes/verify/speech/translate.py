"""Runs the function that writes circuits in the sandbox: a model wrote it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nodes.session import Session
from tools.reading import DriverError
from tools.restricted import NAME
from tools.sandbox import Permit

LIMIT_S = 20.0
LINES = 6
"""Of what Python says of an error."""
_RUN = f"""

if __name__ == "__main__":
    import json, sys
    said = sys.stdin.read()
    texts = [{NAME}(*json.loads(said)) for _ in range(2)]
    if texts[0] != texts[1]:
        raise ValueError("the same circuit gave another text the second time")
    print(json.dumps([texts[0]]))
"""


def at_hand(session: Session, dialect: Mapping[str, Any]) -> Mapping[str, Any]:
    """The dialect for `tools.driver`, whose translator, a text, is run outside of this process."""
    source = dialect.get("translator")
    if not isinstance(source, str):
        return dialect
    return {**dialect, "translator": lambda *given: _run(session, source, given)}


def _run(session: Session, source: str, given: Sequence[Any]) -> Any:
    """What the function gives.

    Raises:
        DriverError: if it ends in an error, or not at all.
    """
    script = session.shell.workspace / f"{NAME}.py"  # not in tmp/, which it gets anew
    script.write_text(source + _RUN)
    finished = session.shell.run(
        [sys.executable, "-I", str(script)],
        name=NAME,
        cwd=script.parent,
        permit=Permit(session.shell.workspace, read_only=True, readable=(Path(sys.prefix), Path(sys.base_prefix))),
        timeout_s=LIMIT_S,
        stdin=json.dumps(given),
        capture=True,
    )
    said = finished.stdout.read_text(errors="replace") if finished.stdout else ""
    if not finished.ok:
        told = finished.log.read_text(errors="replace").strip().splitlines()[-LINES:]
        raise DriverError("The translator ended in an error. " + ("\n".join(told) or finished.in_words))
    try:
        (text,) = json.loads(said.splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise DriverError("The translator gave no text.") from error
    return text
