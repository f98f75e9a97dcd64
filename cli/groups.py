"""Commands with commands of their own: the runs, the backends, the models."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import HomeOption

models_app = typer.Typer(help="The model catalogue.", no_args_is_help=True, rich_markup_mode=None)
backends_app = typer.Typer(help="The backends registered with ProximA.", rich_markup_mode=None)
runs_app = typer.Typer(help="The runs.", rich_markup_mode=None)


@runs_app.callback()
def runs(context: typer.Context) -> None:
    """List the runs."""
    if context.invoked_subcommand is None:
        from cli.listing import list_runs

        list_runs()


@runs_app.command("clean")
def runs_clean(
    name: Annotated[str | None, typer.Argument(help="A backend: all that its runs made goes, but its recipe.")] = None,
    keep: Annotated[int | None, typer.Option("--keep", min=0, help="Finished runs that stay; else keep.runs.")] = None,
) -> None:
    """Remove the oldest finished runs with their logs and checkpoints; one that waits or was stopped stays.

    With a backend's name, everything that was made for it goes: its runs, its workspace and what was unpacked there.
    """
    from cli.retention import clean_runs, clear_backend

    if name and keep is not None:
        raise typer.BadParameter("--keep counts the runs of all backends; give it without a name.")
    raise typer.Exit(clear_backend(name) if name else clean_runs(keep))


@backends_app.callback()
def backends(context: typer.Context, proxima_home: HomeOption = None) -> None:
    """List the registered backends."""
    if context.invoked_subcommand is None:
        from cli.backends import list_backends

        raise typer.Exit(list_backends(proxima_home))


@backends_app.command("remove")
def backends_remove(name: Annotated[str, typer.Argument(help="The backend.")], proxima_home: HomeOption = None) -> None:
    """Take a backend out of ProximA again; every file that changes is backed up."""
    from cli.backends import remove_backend

    raise typer.Exit(remove_backend(name, proxima_home))


@models_app.command("list")
def models_list() -> None:
    """List the providers and models."""
    from cli.models import list_models

    list_models()


@models_app.command("pull")
def models_pull(
    model: Annotated[str, typer.Argument(help="A model of the catalogue.")] = "embedded:qwen2.5-coder-1.5b",
) -> None:
    """Fetch a model file into the cache and verify it."""
    from cli.models import pull_model

    raise typer.Exit(pull_model(model))
