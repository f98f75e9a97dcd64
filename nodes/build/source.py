"""The run's own copy of the source: the untouched one beside it, and the edits that recovery made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nodes.session import Session
from tools.edits import Edit, EditRefused, as_patch, patched
from tools.filesystem import files, remove_tree, update_copy, write_atomic


def untouched(session: Session) -> Path:
    """The source as it was given; nothing writes there after it was fetched."""
    return session.shell.workspace / "source"


def edits_of(session: Session) -> list[Edit]:
    """The edits that the recipe holds, in order."""
    edits: list[Edit] = session.recipe.get("edits") or []
    return edits


def patch_file(session: Session) -> Path:
    """Where the edits lie as a patch for people, beside the recipe."""
    return session.recipe.path.with_suffix(".patch")


def refresh(session: Session, names: Iterable[Path] | None = None) -> None:
    """Bring the tree up to the source with the recipe's edits; where one no longer fits, all are dropped and told."""
    source, edits = untouched(session), edits_of(session)
    try:
        contents = patched(source, edits)
    except EditRefused as error:
        session.say(f"  the recipe's edits no longer fit this source and are dropped: {error}", step="survey.fetch")
        _keep(session, [])
        contents = {}
    if names is None:
        names = [path.relative_to(source) for path in files(source)]
    update_copy(source, session.tree, names, contents)


def anew(session: Session) -> None:
    """A tree that is the source with the recipe's edits, and nothing else."""
    remove_tree(session.tree)
    refresh(session)


def add_edit(session: Session, edit: Mapping[str, Any]) -> None:
    """Edit the tree and keep the edit in the recipe.

    Raises:
        EditRefused: if it does not fit.
    """
    edits = [*edits_of(session), Edit(file=edit["file"], old=edit["old"], new=edit["new"], line=edit["line"])]
    patched(untouched(session), edits)
    _keep(session, edits)
    refresh(session, [Path(edit["file"])])


def drop_edit(session: Session, edit: Mapping[str, Any]) -> bool:
    """Take an edit back; False where later ones rest on it or it is not there."""
    kept = [known for known in edits_of(session) if dict(known) != dict(edit)]
    if len(kept) == len(edits_of(session)):
        return False
    try:
        patched(untouched(session), kept)
    except EditRefused:
        return False
    _keep(session, kept)
    refresh(session, [Path(edit["file"])])
    return True


def _keep(session: Session, edits: list[Edit]) -> None:
    session.recipe.put("edits", edits, "made by recovery; see the patch beside the recipe")
    path = patch_file(session)
    if edits:
        write_atomic(path, as_patch(untouched(session), edits))
    else:
        path.unlink(missing_ok=True)
