"""A backend's recipe: what was worked out and verified, as data, replayed without the model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.filesystem import write_atomic


class RecipeDamaged(ValueError):
    """A recipe file that is no recipe; the message names the file."""


@dataclass(frozen=True)
class Piece:
    """One thing that was worked out, and why it may be believed."""

    value: Any
    evidence: Any
    verified_by: str
    at: str
    """When it was verified, ISO 8601 in UTC."""


@dataclass
class Recipe:
    """The pieces of one backend, in ``<state>/recipes/<name>.json``; every change is saved at once."""

    path: Path
    source_sha256: str | None = None
    """Hash of the source tree that the pieces were verified on."""
    pieces: dict[str, Piece] = field(default_factory=dict)

    @classmethod
    def load(cls, state: Path, name: str) -> Recipe:
        """The recipe of that name, empty where there is none yet.

        Raises:
            RecipeDamaged: if the file cannot be understood.
        """
        path = state / "recipes" / f"{name}.json"
        try:
            found = json.loads(path.read_text())
            pieces = {key: Piece(**piece) for key, piece in found["pieces"].items()}
            return cls(path, found["source_sha256"], pieces)
        except FileNotFoundError:
            return cls(path)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RecipeDamaged(f"{path} is no recipe ({error}); mend it or move it away") from error

    def save(self) -> None:
        """Write the recipe, all or nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        pieces = {key: asdict(piece) for key, piece in self.pieces.items()}
        content = {"source_sha256": self.source_sha256, "pieces": pieces}
        write_atomic(self.path, json.dumps(content, indent=2) + "\n")

    def get(self, piece: str) -> Any:
        """The value of a piece, None where it is not known."""
        found = self.pieces.get(piece)
        return found.value if found else None

    def put(self, piece: str, value: Any, verified_by: str, evidence: Any = None) -> None:
        """Keep a verified value.

        Value and evidence have to be plain JSON and are kept as JSON has them (a tuple as a list), so that a
        run that goes on finds what a run that starts over would read.

        Raises:
            TypeError: if they are not.
        """
        value, evidence = json.loads(json.dumps([value, evidence]))
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self.pieces[piece] = Piece(value, evidence, verified_by, at)
        self.save()

    def forget(self, piece: str) -> None:
        """Drop a piece whose oracle failed; nothing where it is not known."""
        if self.pieces.pop(piece, None):
            self.save()
