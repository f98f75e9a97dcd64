"""A corpus: a folder of cases, each a folder of its own with a ``case.yaml``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel
from ruamel.yaml import YAML

Model = TypeVar("Model", bound=BaseModel)


def load(kind: type[Model], folder: Path) -> Model:
    """The case in a folder; its field ``name`` is the folder's.

    Raises:
        ValueError: if its ``case.yaml`` is not one.
    """
    return kind.model_validate({"name": folder.name, **YAML(typ="safe").load(folder / "case.yaml")})


def load_all(kind: type[Model], cases: Path, chosen: Sequence[str] = ()) -> list[Model]:
    """The chosen cases, or all, by name.

    Raises:
        LookupError: if a chosen one is not there.
    """
    names = sorted(path.parent.name for path in cases.glob("*/case.yaml"))
    if unknown := sorted(set(chosen) - set(names)):
        raise LookupError(f"There is no case {', '.join(unknown)}; there are: {', '.join(names)}.")
    return [load(kind, cases / name) for name in names if not chosen or name in chosen]
