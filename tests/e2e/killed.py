"""Runs the command line again and again, each time killed at its next checkpoint, until it ends by itself.

``python -m tests.e2e.killed before|after ARGUMENTS``: the first process runs ``rigil ARGUMENTS``, those after it
``rigil resume``. Each is a fork of this one, which has loaded the libraries but nothing of the run, and kills itself
with SIGKILL right before or right after its first checkpoint is written. Prints how each ended, as Python's
``os.waitstatus_to_exitcode`` says it.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import qiskit.quantum_info  # noqa: F401  (so that the forks need not)
import scipy.stats  # noqa: F401
from langgraph.checkpoint.sqlite import SqliteSaver

import cli.bring_up  # noqa: F401
from cli.main import main

MOST = 200


def kill_at_checkpoint(when: str) -> None:
    """Let this process die at the next checkpoint that it would write."""
    put = SqliteSaver.put

    def last_put(self: SqliteSaver, *args: Any, **kwargs: Any) -> Any:
        if when == "after":
            put(self, *args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    SqliteSaver.put = last_put  # type: ignore[method-assign]


def attempt(arguments: list[str], when: str) -> int:
    """One process; returns its exit code, negative where a signal ended it."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        if when:
            kill_at_checkpoint(when)
        sys.argv = ["rigil", *arguments]
        main()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    when, *arguments = sys.argv[1:]
    codes = [attempt(arguments, when)]
    while codes[-1] == -signal.SIGKILL and len(codes) < MOST:
        # Killed before the checkpoint each time, a run would never get on: every second process may write one.
        now = "after" if when == "before" and len(codes) % 2 else when
        codes.append(attempt(["resume"], now))
    print("ENDED", *codes)
