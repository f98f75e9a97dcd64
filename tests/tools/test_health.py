from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tools.health import Setting, perform, program_of
from tools.shell import Shell

BELL = {
    "what": "circuit",
    "kind": "circuit",
    "qubits": 2,
    "operations": [["h", [0], []], ["cx", [0, 1], []]],
    "shots": 100,
    "seed": 1,
    "expected": {"00": 0.5, "11": 0.5},
}


@pytest.fixture
def setting(shell: Shell) -> Setting:
    """A backend with two answers: Bell's where the file has both gates, a superposition's otherwise."""
    program = shell.workspace / "prog ram"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "if sys.argv[1] == '--help': sys.exit(print('a helpful line') or 0)\n"
        "print('00 52\\n11 48' if 'cx' in open(sys.argv[1]).read() else '00 52\\n01 48')\n"
    )
    program.chmod(0o755)
    dialect: dict[str, Any] = {
        "suffix": ".x",
        "before": [],
        "gates": {"h": "h ⟨a⟩", "cx": "cx ⟨a⟩ ⟨b⟩"},
        "after": [],
        "command": f"'{program}' ⟨circuit⟩",
        "reversed": False,
        "reading": r"^(?P<bits>[01]+) (?P<number>\d+)$",
    }
    return Setting(dialect, shell, 0.0001, 0.05)


def checks(setting: Setting) -> list[dict[str, Any]]:
    program = program_of(setting.dialect["command"])
    assert program is not None and program.name == "prog ram"
    return [
        {"what": "program", "kind": "file", "path": str(program), "expected": "an executable file"},
        {"what": "answer", "kind": "command", "command": f"'{program}' --help", "expected": "helpful"},
        BELL,
    ]


def test_every_kind_of_check_passes_on_a_backend_that_works(setting: Setting) -> None:
    outcomes = [perform(check, setting) for check in checks(setting)]

    assert all(outcome.healthy for outcome in outcomes), outcomes
    assert [outcome.what for outcome in outcomes] == ["program", "answer", "circuit"]


def test_a_check_says_what_is_wrong(setting: Setting) -> None:
    program, answer, circuit = checks(setting)
    Path(program["path"]).chmod(0o644)

    assert "may not be executed" in perform(program, setting).sentence
    assert "exit status" in perform(answer, setting).sentence
    failed = perform(circuit, setting)
    assert not failed.healthy and not failed.answered
    Path(program["path"]).chmod(0o755)
    assert "did not print 'other'" in perform({**answer, "expected": "other"}, setting).sentence
    wrong = perform({**circuit, "expected": {"01": 1.0}}, setting)
    assert "differs from" in wrong.sentence and wrong.answered


def test_a_command_that_may_only_read_changes_nothing(setting: Setting) -> None:
    own = {
        "what": "own",
        "kind": "command",
        "command": "echo x > new || echo refused",
        "expected": "refused",
        "folder": str(setting.shell.workspace),
        "read_only": True,
    }
    from tools.sandbox import protection

    if protection().name == "none":
        pytest.skip("no sandbox here")
    assert perform(own, setting).healthy
    assert not (setting.shell.workspace / "new").exists()


def test_a_command_without_a_program_of_its_own_has_none(tmp_path: Path) -> None:
    assert program_of("cat ⟨circuit⟩") is None
    assert program_of(f"{tmp_path}/nosuch ⟨circuit⟩") is None
