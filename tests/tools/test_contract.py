from __future__ import annotations

from pathlib import Path

import pytest

from tools.contract import Contract, Field, bases_in, contract_of
from tools.fitting import candidates, facts_for
from tools.frame import FrameError, access, adapter_class

BASE = '''
import abc
from typing import Optional
from .kinds import Way

class Plain:
    pass

class Port(abc.ABC):
    def __init__(self, name, config: dict, size=3): ...

    @abc.abstractmethod
    def run(self, circuit: "Circuit", shots: int = 10, *, seed: Optional[int] = None, **more) -> dict[str, int]:
        """Run a circuit."""

    @abc.abstractmethod
    def limits(self) -> "Limits": ...

    @abc.abstractmethod
    def ways(self) -> list[Way]: ...

    def helper(self): ...

    def _hidden(self): ...

class Exporter(abc.ABC):
    @abc.abstractmethod
    def write(self, circuit): ...
'''
KINDS = "import enum\nclass Way(enum.Enum):\n    A = 1\n    B = 2\n"
LIMITS = "from typing import NamedTuple\nclass Limits(NamedTuple):\n    most: int\n    way: Way | None = None\n"


@pytest.fixture
def port(tmp_path: Path) -> Contract:
    (tmp_path / "base.py").write_text(BASE + LIMITS)
    (tmp_path / "kinds.py").write_text(KINDS)
    return contract_of(tmp_path / "base.py", "Port")


def test_what_a_base_class_asks_for(port: Contract) -> None:
    assert [method.name for method in port.methods] == ["run", "limits", "ways", "helper"]
    run = port.methods[0]
    assert run.signature == "run(circuit: Circuit, shots: int, seed: Optional[int]) -> dict[str, int]"
    assert [(field.required, field.default) for field in run.parameters] == [(True, ""), (False, "10"), (False, "None")]
    assert run.rest and run.says == "Run a circuit."
    assert [field.name for field in port.start] == ["name", "config"]
    assert port.enums == {"Way": ["A", "B"]}
    assert [field.name for field in port.records["Limits"]] == ["most", "way"]


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        ("str | None", "text"),
        ("Optional[int]", "number"),
        ("dict[str, int]", "table"),
        ("list[Way]", "choices"),
        ("Union[None, Way]", "choice"),
        ("kinds.Way", "choice"),
        ("Limits", "record"),
        ("typing.Sequence[str]", "list"),
        ("bool", "flag"),
        ("Any", "any"),
        ("", "any"),
        ("nonsense here", "any"),
    ],
)
def test_kinds(port: Contract, annotation: str, kind: str) -> None:
    assert port.kind(annotation)[0] == kind


def test_classes_that_adapters_may_derive_from(tmp_path: Path) -> None:
    (tmp_path / "base.py").write_text(BASE)
    (tmp_path / "broken.py").write_text("abstractmethod circuit (")
    (tmp_path / "other.py").write_text("# abstractmethod\nclass A:\n    def run(self, circuit): ...\n")

    found = bases_in(sorted(tmp_path.glob("*.py")))

    assert [(candidate.name, candidate.methods) for candidate in found] == [
        ("Port", ("run", "limits", "ways")),
        ("Exporter", ("write",)),
    ]
    with pytest.raises(ValueError, match="holds no class Nosuch"):
        contract_of(tmp_path / "base.py", "Nosuch")


def test_options_that_are_keywords(port: Contract) -> None:
    frame = {
        "roles": {"run": "run", "limits": "capabilities", "ways": "nothing"},
        "fields": {"capabilities Limits": {"most": "max_qubits", "way": "choice"}},
        "choices": {"Way": "B"},
    }

    text, used = adapter_class(port, frame, "Ours", "Runs.")
    way = access(port, frame)

    assert "**more}" not in text  # the rest is called rest
    assert 'outcome_of(circuit, {"shots": shots, "seed": seed, **rest}, execution.run)' in text
    assert "super().__init__(name=NAME, config=self.config)" in text
    assert "return Limits(most=MAX_QUBITS, way=Way.B)" in text
    assert set(used) == {"Limits", "Port", "Way"}
    assert (way["options"], way["keywords"]) == (None, None)
    assert (way["counts"], way["max_qubits"]) == (["counts"], ["most"])
    compile(text, "ours", "exec")


def test_what_cannot_be_given_is_said(port: Contract) -> None:
    roles = {"run": "run", "limits": "capabilities", "helper": "nothing"}
    with pytest.raises(FrameError, match=r"Limits.most"):
        adapter_class(port, {"roles": roles, "fields": {}, "choices": {}}, "Ours", "Runs.")
    fields = {"capabilities Limits": {"most": "max_qubits"}}
    with pytest.raises(FrameError, match=r"asks for `ways\(\)"):
        adapter_class(port, {"roles": roles, "fields": fields, "choices": {}}, "Ours", "Runs.")


def test_what_a_method_and_a_field_may_be(port: Contract) -> None:
    def names(role: str, **roles: str) -> list[str]:
        return [method.name for method in candidates(port, role, roles)]

    assert names("run") == names("validate") == names("estimate") == ["run"]
    assert names("validate", run="run") == []
    assert names("capabilities") == ["limits"]
    assert names("gates") == []  # what gives a list of something else is no list of gates
    assert names("name") == names("supports") == names("nothing") == []
    assert names("results", run="run") == []  # what runs a circuit gives its result itself
    most, way = port.records["Limits"]
    assert facts_for(port, "capabilities", most) == ["max_qubits"]
    assert "unknown" in facts_for(port, "capabilities", way)
    assert facts_for(port, "run", Field(name="n", annotation="dict[str, int]")) == ["counts"]
    assert "data" in facts_for(port, "run", Field(name="n", annotation="dict[str, object]"))
