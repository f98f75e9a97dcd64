"""Loads Qiskit where threads come and go."""

from __future__ import annotations

import threading
from functools import cache


@cache
def load_qiskit() -> None:
    """Load Qiskit in a thread that never ends.

    Its compiled part (2.6.2) crashes the process where it is used after the thread that loaded it has ended,
    and the nodes of a graph run in threads that come and go.
    """
    loaded = threading.Event()

    def load() -> None:
        try:
            import qiskit._accelerate  # noqa: F401
        finally:
            loaded.set()
        threading.Event().wait()

    threading.Thread(target=load, name="qiskit", daemon=True).start()
    loaded.wait()
