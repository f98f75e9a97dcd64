"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

ModelOption = Annotated[str | None, typer.Option("--model", help="provider:name, see `rigil models list`.")]
ApproveOption = Annotated[
    str | None,
    typer.Option("--approve", help="What may leave the workspace without a question: ask, safe or all."),
]
HomeOption = Annotated[
    str | None, typer.Option("--proxima-home", help="ProximA's home; else PROXIMA_HOME or ~/.proxima.")
]
