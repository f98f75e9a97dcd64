from __future__ import annotations

from pathlib import Path

import pytest

from tools.documents import (
    blocks,
    command_lines,
    documents,
    is_program_text,
    names_one_of,
    sections,
    shell_accepts,
    telling,
)

README = """# Sim

Fast.

## Build

```sh
# first
cmake -S . -B out \\
      -DFAST=ON   # quick
make
```

## Use

    $ sim bell.q
    00 50
    $ sim --help

## Format

Each gate acts on a qubit: `H q` is the Hadamard gate.
"""


def test_blocks_come_with_their_headings(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(README)
    found = list(blocks(tmp_path / "README.md", tmp_path))
    assert [(block.heading, block.tag, block.file) for block in found] == [
        ("Build", "sh", "README.md"),
        ("Use", "", "README.md"),
    ]


def test_commands_are_joined_and_freed_of_prompts_comments_and_outputs(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(README)
    build, use = blocks(tmp_path / "README.md", tmp_path)
    assert command_lines(build.text) == ["cmake -S . -B out -DFAST=ON", "make"]
    assert command_lines(use.text) == ["sim bell.q", "sim --help"]


def test_the_nearest_documents_come_first(tmp_path: Path) -> None:
    for name in ("docs/usage.md", "README.rst", "INSTALL", "src/readme.c", "README.empty.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("" if "empty" in name else "text")
    assert [str(path.relative_to(tmp_path)) for path in documents(tmp_path)] == [
        "README.rst",
        "INSTALL",
        "docs/usage.md",
    ]


def test_sections_end_at_headings_but_not_at_comments_in_code() -> None:
    assert [heading for heading, _ in sections(README)] == ["Sim", "Build", "Use", "Format"]


def test_the_telling_section_is_chosen_and_long_ones_are_cut() -> None:
    assert telling(README, ("gate", "qubit", "hadamard"), 120).startswith("## Format")
    assert len(telling("## a\n" + "gate\n" * 1000, ("gate",), 300)) <= 300


@pytest.mark.parametrize(
    ("line", "itself"),
    [
        ("pip install my_sim", True),
        ('pip install "My-Sim[gpu]>=2"', True),
        ("pip install mysim-tools", False),
        ("apt install libmy-sim-dev", False),
        ("my-sim --help", False),
    ],
)
def test_a_command_that_names_the_project_itself(line: str, itself: bool) -> None:
    assert names_one_of(line, ["run7", "my_sim-0.3.1.tar.gz"]) is itself


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("from sim import Circuit\nc = Circuit()", True),
        ("if result:\n    print(result)", True),
        ("make", False),
        ("ls -l", False),
        ("cmake -S . -B out\nmake -C out", False),
        ("int main() { return 0; }", False),
    ],
)
def test_python_is_told_from_commands(text: str, program: bool) -> None:
    assert is_program_text(text) is program


def test_the_shell_says_what_could_be_a_command(tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert shell_accepts(f"touch {made} && ./run 'a b' > out.txt")
    assert not made.exists()
    assert not shell_accepts("result = task.wait(timeout=10)")
    assert not shell_accepts("echo 'unfinished")
