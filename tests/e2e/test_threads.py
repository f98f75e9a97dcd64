"""Nodes run in threads that come and go."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.e2e.machine import ROOT

PROGRAM = """
import threading
from tools.circuits import bell, distribution

found = []
for _ in range(3):
    thread = threading.Thread(target=lambda: found.append(distribution(bell())))
    thread.start()
    thread.join()
assert all(set(each) == {"00", "11"} for each in found) and len(found) == 3
"""


def test_the_reference_survives_the_thread_that_first_used_it() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=False)
    assert done.returncode == 0
