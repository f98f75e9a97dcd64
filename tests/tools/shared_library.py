"""A simulator that is compiled: a program, and a shared library of its own that it loads."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

COMPILER = shutil.which("cc") or shutil.which("c++")
LIBRARY = 'const char *bell(void) { return "00 520\\n11 480\\n"; }\n'
PROGRAM = """
#include <stdio.h>
#include <string.h>
extern const char *bell(void);
int main(int count, char **words) {
  if (count < 2 || !strcmp(words[1], "--help")) { puts("usage: twin FILE"); return 0; }
  char text[256] = "";
  FILE *file = fopen(words[1], "r");
  if (!file) return 3;
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fputs(strstr(text, "cx") ? bell() : "00 520\\n01 480\\n", stdout);
  return 0;
}
"""


def dialect(workspace: Path) -> dict[str, Any]:
    """Compile both into the workspace, and how the program is spoken to."""
    for folder in ("bin", "lib"):
        (workspace / folder).mkdir(parents=True, exist_ok=True)
    program, library = workspace / "bin" / "twin", workspace / "lib" / "libbell.so"
    (workspace / "bell.c").write_text(LIBRARY)
    (workspace / "twin.c").write_text(PROGRAM)
    assert COMPILER
    for command in (
        [COMPILER, "-shared", "-fPIC", "-x", "c", "bell.c", "-o", str(library)],
        [COMPILER, "-x", "c", "twin.c", "-Llib", "-lbell", "-Wl,-rpath,$ORIGIN/../lib", "-o", str(program)],
    ):
        subprocess.run(command, cwd=workspace, check=True)
    return {
        "kind": "file",
        "suffix": ".x",
        "before": [],
        "gates": {"h": "h ⟨a⟩", "cx": "cx ⟨a⟩ ⟨b⟩"},
        "after": [],
        "command": f"{program} ⟨circuit⟩",
        "reversed": False,
        "reading": r"^(?P<bits>[01]+) (?P<number>\d+)$",
    }
