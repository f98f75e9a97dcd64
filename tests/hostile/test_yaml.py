"""YAML that attacks whoever reads it, within limits that would show."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LEVELS = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))
BOMBS = {
    "bomb of anchors": f"a0: &a0 [x]\n{LEVELS}backends:\n  k: 1\n",
    "holds itself": "a: &a [*a, *a]\nbackends:\n  k: 1\n",
    "deep": "a: " + "[" * 20_000 + "]" * 20_000 + "\n",
    "tag that runs": "a: !!python/object/apply:os.system ['touch ran']\n",
    "tag that makes": "a: !!python/object/new:subprocess.Popen [[touch, ran]]\n",
    "name that runs": "? !!python/object/apply:os.system ['touch ran']\n: 1\n",
}
READ = """
import resource, sys
from tools.yaml_edit import YamlRefused, with_entry
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (15, 15))
try:
    with_entry(sys.stdin.read(), "backends", "new", {"b": 1})
except YamlRefused:
    pass
print("over")
"""


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_it_is_read_or_refused_and_runs_nothing(text: str, tmp_path: Path, record_property: Any) -> None:
    record_property("attacks tried", 1)
    environment = {"PYTHONPATH": str(Path.cwd()), "PATH": "/usr/bin:/bin"}
    argv = [sys.executable, "-c", READ]
    done = subprocess.run(argv, input=text, cwd=tmp_path, env=environment, text=True, capture_output=True, check=False)
    assert done.stdout == "over\n", done.stderr
    assert list(tmp_path.iterdir()) == []
