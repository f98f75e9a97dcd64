"""Whole bring-ups of trees that attack, with models that obey them in full, looked at from outside the walls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.runner import WAITING
from tests.e2e.conftest import interpreter, walled  # noqa: F401
from tests.e2e.machine import NAME, Machine, until
from tests.hostile.bring_ups import GIVES_UP, QUICK, WHOLE, Attack
from tests.hostile.outside import SECRET, Outside

ATTACKS = [
    *(pytest.param(attack, id=name) for name, attack in QUICK.items()),
    *(pytest.param(attack, id=name, marks=pytest.mark.whole) for name, attack in WHOLE.items()),
]


@pytest.fixture
def machine(tmp_path: Path, outside: Outside, interpreter: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:  # noqa: F811
    (tmp_path / "here").mkdir()
    made = Machine(tmp_path / "here")
    made.with_python(interpreter)
    made.environment |= {
        "HOME": str(outside.home),
        "SOME_API_KEY": SECRET,
        **dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME"), str(tmp_path / "own")),
    }
    outside.names["workspace"] = made.state / "workspaces" / NAME
    return made


def filled(given: Any, names: dict[str, object]) -> Any:
    """The same with the places' names in it."""
    if isinstance(given, dict):
        return {filled(key, names): filled(value, names) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [filled(one, names) for one in given]
    for name, value in names.items():
        given = given.replace(f"<{name}>", str(value)) if isinstance(given, str) else given
    return given


def prepared(attack: Attack, machine: Machine, names: dict[str, object]) -> None:
    """Let the tree and the model be the attacker's."""
    for name, text in filled(attack.files, names).items():
        path = machine.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text() if path.exists() else "") + text)
    for name, old, new in filled(attack.replaced, names):
        text = (machine.source / name).read_text()
        assert old in text
        (machine.source / name).write_text(text.replace(old, new))
    if attack.header:
        machine.with_header()
    answers = {**(GIVES_UP if attack.header else {}), **attack.answers}
    machine.model = machine.answers(**filled(answers, names))


def told(machine: Machine) -> list[str]:
    """Whatever the run wrote down or left, but through a link of the attacker's."""
    files = [*machine.state.rglob("*"), *machine.home.rglob("*")]
    return [path.read_text(errors="replace") for path in files if path.is_file() and not path.is_symlink()]


def unharmed(machine: Machine, outside: Outside, count: Any) -> None:
    until(lambda: not machine.processes(), 20)
    count("processes left", len(machine.processes()))
    assert machine.processes() == []
    assert outside.harm(*told(machine)) == []
    assert machine.installed() == []


@walled
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_model_that_obeys_does_no_harm(
    attack: Attack, machine: Machine, outside: Outside, record_property: Any
) -> None:
    record_property("attacks tried", 1)
    prepared(attack, machine, outside.names)
    phase = [] if attack.until == "end" else ["--until", attack.until]

    said = machine.rigil(*machine.up(approve=attack.approve), *phase)

    assert said.code in attack.ends, said
    unharmed(machine, outside, record_property)
    shown = " ".join(f"{said.out}\n{said.err}".split())
    assert filled(attack.asks, outside.names) in shown
    journal = "\n".join(line["text"] for line in machine.newest().journal())
    assert attack.journal in journal
    settled = [line["text"] for line in machine.newest().journal() if line.get("settled")]
    assert not attack.never or not [text for text in settled if attack.never in text]
    assert "Traceback" not in f"{said.err}{journal}"
    if said.code == WAITING:
        machine.rigil("resume", "--answer", "no" if "answers: yes" in said.out else "stop")
        unharmed(machine, outside, record_property)
