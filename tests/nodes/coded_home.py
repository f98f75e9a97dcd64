"""A ProximA whose registry is code, and whose adapters look other than those of a home that Rigil makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodes.asked import settle
from nodes.session import Session
from tools.layout import bases_of, layout_of, places
from tools.theirs import bound, changes

BASE = '''"""What every simulator of this orchestrator has."""
from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

from .kinds import Holding, Outcome


class Limits(NamedTuple):
    qubit_limit: int
    noisy: bool = False
    holding: Holding = Holding.DENSE
    colour: str = "grey"


class Port(ABC):
    """A simulator."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @abstractmethod
    def label(self) -> str:
        """How users call it."""

    @abstractmethod
    def limits(self) -> Limits:
        """What it offers."""

    @abstractmethod
    def refuses(self, circuit: Any) -> str | None:
        """Why it cannot run the circuit."""

    @abstractmethod
    def simulate(self, circuit: Any, params: dict[str, Any] | None = None, *, quiet: bool = True) -> None:
        """Run it; `outcome` has what came of it."""

    @abstractmethod
    def outcome(self) -> Outcome:
        """What came of the last simulation."""

    @abstractmethod
    def holds(self, holding: Holding) -> bool:
        """Whether it keeps states in this way."""

    @abstractmethod
    def warm_up(self) -> None:
        """Allocate what it needs."""
'''

KINDS = '''"""What simulators say."""
from dataclasses import dataclass, field
from enum import Enum


class Holding(Enum):
    DENSE = 1
    SPARSE = 2
    LOOSE = 3


@dataclass
class Outcome:
    simulator: str
    samples: dict[str, int]
    nshots: int
    elapsed: float
    notes: dict[str, object] = field(default_factory=dict)
'''

DUMMY = '''from .base import Limits, Port
from .kinds import Outcome


class Dummy(Port):
    """Gives zeros."""

    def label(self):
        return "dummy"

    def limits(self):
        return Limits(1)

    def refuses(self, circuit):
        return None

    def simulate(self, circuit, params=None, *, quiet=True):
        self.shots = (params or {}).get("shots", 1)

    def outcome(self):
        return Outcome("dummy", {"0": self.shots}, self.shots, 0.0)

    def holds(self, holding):
        return True

    def warm_up(self):
        pass
'''

HUB = '''"""Where simulators are found."""
from orchestra.ports.base import Port
from orchestra.ports.dummy import Dummy


class Hub:
    PORTS: list[type[Port]] = [
        Dummy,
    ]

    def __init__(self) -> None:
        self.known: dict[str, Port] = {}
        for kind in self.PORTS:
            self.add(kind({}))

    def add(self, port: Port) -> None:
        """Make a simulator known."""
        self.known[port.label()] = port

    def find(self, label: str) -> Port:
        """The simulator of that label."""
        return self.known[label]


hub = Hub()
'''

ANSWERS: dict[str, Any] = {
    "role_method": [
        {"when": "runs a circuit", "answer": {"method": "simulate"}},
        {"when": "can run a circuit", "answer": {"method": "refuses"}},
        {"when": "everything", "answer": {"method": "limits"}},
        {"when": "result of the last run", "answer": {"method": "outcome"}},
        {"when": "in a certain way", "answer": {"method": "holds"}},
        {"when": "backend's name", "answer": {"method": "label"}},
        {"answer": {"method": "none"}},
    ],
    "record_fields": [
        {
            "when": "qubit_limit",
            "answer": {"qubit_limit": "max_qubits", "noisy": "supports_noise", "colour": "left out"},
        },
        {
            "when": "samples",
            "answer": {
                "simulator": "name",
                "samples": "counts",
                "nshots": "shot_count",
                "elapsed": "seconds",
                "notes": "metadata",
            },
        },
    ],
    "enum_member": {"member": "LOOSE"},
}


def coded_home(folder: Path) -> Path:
    """Write the files; `src/orchestra` is the package."""
    ports = folder / "src" / "orchestra" / "ports"
    ports.mkdir(parents=True)
    for path, text in (
        (ports.parent / "__init__.py", ""),
        (ports / "__init__.py", ""),
        (ports / "base.py", BASE),
        (ports / "kinds.py", KINDS),
        (ports / "dummy.py", DUMMY),
        (ports.parent / "hub.py", HUB),
        (folder / "configs" / "default.yaml", "# ours\nbackends:\n  default: dummy   # the quick one\n"),
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def answered(session: Session, home: Path, *, yes: bool) -> None:
    """What the person says of putting the adapter into the code of its registry, as that is now."""
    base = next(candidate for candidate in bases_of(home) if candidate.name == "Port")
    settle(session, bound(changes(home, session.run.name, places(layout_of(home, base))["registry"])), yes=yes)
