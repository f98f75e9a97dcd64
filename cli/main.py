"""The command line. A command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.groups import backends_app, models_app, runs_app
from cli.options import ApproveOption, HomeOption, ModelOption

app = typer.Typer(
    help="Brings up quantum simulators: builds, repairs, verifies, registers and runs them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(runs_app, name="runs", invoke_without_command=True)
app.add_typer(models_app, name="models")
app.add_typer(backends_app, name="backends", invoke_without_command=True)


@app.command()
def up(
    source: Annotated[str, typer.Argument(help="A folder, a git address or a source archive.")],
    name: Annotated[str | None, typer.Option("--name", help="The backend's name.")] = None,
    model: ModelOption = None,
    approve: ApproveOption = None,
    proxima_home: HomeOption = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Stop after this phase, such as build; `rigil up` goes on later.")
    ] = None,
    quiet_model: Annotated[
        bool, typer.Option("--quiet-model", help="Do not let the model read a command's output while it runs.")
    ] = False,
) -> None:
    """Bring a backend up: survey, build, verify, integrate, execute, check its health."""
    from cli.bring_up import up as bring_up

    raise typer.Exit(bring_up(source, name, model, approve, proxima_home, until, quiet_model))


@app.command()
def resume(
    run: Annotated[str | None, typer.Argument(help="The run; the newest unfinished one where not given.")] = None,
    answer: Annotated[
        str | None, typer.Option("--answer", help="The answer to the question that it waits for.")
    ] = None,
) -> None:
    """Go on with a run that was interrupted or waits for an answer."""
    from cli.bring_up import resume as go_on

    raise typer.Exit(go_on(run, answer))


@app.command()
def show(
    run: Annotated[str | None, typer.Argument(help="The run; the newest where not given.")] = None,
) -> None:
    """Show every decision of a run with its evidence, in order."""
    from cli.listing import show_run

    raise typer.Exit(show_run(run))


@app.command()
def report(
    run: Annotated[str | None, typer.Argument(help="The run; the newest where not given.")] = None,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Also make one archive to attach to an issue, secrets taken out.")
    ] = False,
) -> None:
    """Write and print the report of a run, also as Markdown and HTML."""
    from cli.report import report as tell

    raise typer.Exit(tell(run, bundled=bundle))


@app.command()
def health(
    names: Annotated[list[str] | None, typer.Argument(help="The backends; all where none is named.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON, one a line.")] = False,
    no_model: Annotated[bool, typer.Option("--no-model", help="Do not ask what a failure means.")] = False,
    model: ModelOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Repeat it and print what changes, until Ctrl+C.")] = False,
    every: Annotated[
        str | None, typer.Option("--every", metavar="TIME", help="How often: 90s, 5m, 12h, 1d; 60s for --watch.")
    ] = None,
    install: Annotated[
        str | None, typer.Option("--install", metavar="timer|cron", help="Have the machine repeat it, daily.")
    ] = None,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Undo --install.")] = False,
    proxima_home: HomeOption = None,
) -> None:
    """Check the registered backends; ends with 0 only if all are healthy. Asks a model only about a failure."""
    from cli import health as checking

    if uninstall:
        raise typer.Exit(checking.take_out())
    if install:
        raise typer.Exit(checking.install(install, names or (), every, proxima_home))
    raise typer.Exit(
        checking.health(
            names or (),
            as_json=as_json,
            no_model=no_model,
            model=model,
            watch=watch,
            every=every,
            proxima_home=proxima_home,
        )
    )


@app.command("run")
def run_circuits(
    context: typer.Context,
    circuits: Annotated[list[str], typer.Argument(help="Files: OpenQASM 2 or 3, ProximA's JSON, or QPY.")],
    backend: Annotated[str, typer.Option("--backend", help="A registered backend, or several: a,b.")],
    shots: Annotated[str, typer.Option("--shots", metavar="N[,N...]", help="Repetitions.")] = "1024",
    seed: Annotated[int | None, typer.Option("--seed")] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PARAM=VALUE[,VALUE...]",
            help="A parameter of ProximA, or a free one of the circuits; every choice of the values is run.",
        ),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Say how far the backends' counts are apart.")] = False,
    out: Annotated[
        str | None, typer.Option("--out", help="A folder for the results, with statevectors where there are any.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON, one a line.")] = False,
    proxima_home: HomeOption = None,
    wait: Annotated[
        bool | None,
        typer.Option("--wait/--detach", help="Wait for the result, or submit a job; else as is advised."),
    ] = None,
    scheduler: Annotated[
        str, typer.Option("--scheduler", help="Where it runs: local, slurm or another that psij knows.")
    ] = "local",
    key: Annotated[
        str | None, typer.Option("--key", help="The job's name; the same one is never submitted twice.")
    ] = None,
    attend: Annotated[
        bool, typer.Option("--attend", help="Watch it; what goes wrong is diagnosed and mended, with the model.")
    ] = False,
    model: ModelOption = None,
    approve: ApproveOption = None,
) -> None:
    """Run circuits on registered backends. Costs no model call unless attended; ends with 1 if any failed."""
    if not wait or scheduler != "local" or key:
        from cli.jobs import run_as_job

        if (code := run_as_job(context)) is not None:
            raise typer.Exit(code)
    if attend:
        from cli.attend import attend as run_attended

        raise typer.Exit(run_attended(context, model, approve))
    from cli.run import run

    raise typer.Exit(
        run(
            circuits,
            backend,
            shots=shots,
            seed=seed,
            sets=sets or (),
            compare=compare,
            out=out,
            as_json=as_json,
            proxima_home=proxima_home,
        )
    )


@app.command()
def jobs() -> None:
    """List the jobs and how they stand."""
    from cli.jobs import list_jobs

    raise typer.Exit(list_jobs())


@app.command()
def watch(
    what: Annotated[
        str | None, typer.Argument(metavar="JOB|RUN", help="The job or run; the newest where not given.")
    ] = None,
) -> None:
    """Watch a job or a run from another terminal: what it uses, how it is, what it prints."""
    from cli.watch import watch as follow

    raise typer.Exit(follow(what))


@app.command()
def cancel(job: Annotated[str, typer.Argument(help="The job.")]) -> None:
    """Stop a job and everything that it started."""
    from cli.jobs import cancel_job

    raise typer.Exit(cancel_job(job))


@app.command()
def result(
    job: Annotated[str, typer.Argument(help="The job.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result object.")] = False,
) -> None:
    """Print the result of a job; exit code 2 while there is none."""
    from cli.jobs import print_result

    raise typer.Exit(print_result(job, as_json))


@app.command()
def graph() -> None:
    """Print the graph as Mermaid text."""
    from graph.wiring import build_graph

    print(build_graph().get_graph(xray=True).draw_mermaid())


@app.command()
def doctor() -> None:
    """Say what is on this machine and what is missing."""
    from cli.doctor import doctor as examine

    raise typer.Exit(examine())


def main() -> None:
    """Run the command line; an error that a person can mend is one line, not a traceback."""
    try:
        app()
    except Exception as error:
        from cli.trouble import sentence

        if (said := sentence(error)) is None:
            raise
        print(f"rigil: {said}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
