"""`rigil models list|pull`."""

from __future__ import annotations

import sys

from models.catalogue import entries, entry, providers
from models.errors import ModelError
from models.fetch import is_complete, model_file, pull


def list_models() -> None:
    """Print the providers, then the models of the catalogue and whether their files are here."""
    for name, provider in providers().items():
        print(f"{name + ':NAME':<16} {provider.about}")
    for model in entries():
        if model.file:
            place = (
                f"at {model_file(model)}" if is_complete(model) else f"not fetched (`rigil models pull {model.spec}`)"
            )
            print(f"{model.spec:<32} {(model.bytes or 0) / 1e9:.2f} GB, {place}")


def pull_model(spec: str) -> int:
    """Fetch a model's file, showing how far it is; returns the exit code."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    try:
        with Progress(*columns) as progress:
            task = progress.add_task(spec, total=None)
            path = pull(
                entry(spec),
                lambda what, done, total: progress.update(task, description=what, completed=done, total=total),
            )
    except ModelError as error:
        print(f"rigil: {error}", file=sys.stderr)
        return 1
    print(f"{path} is complete and its hash is right.")
    return 0
