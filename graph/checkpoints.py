"""Checkpoints in one SQLite file, shared by the command line and Studio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from configs.settings import state_folder

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

WAIT_MS = 30_000
"""How long a writer waits for another one."""


def checkpoint_file() -> Path:
    """Where the checkpoints of all runs lie."""
    return state_folder() / "checkpoints.sqlite"


@contextmanager
def open_checkpoints() -> Iterator[SqliteSaver]:
    """A saver for the command line."""
    import sqlite3
    from contextlib import closing

    from langgraph.checkpoint.sqlite import SqliteSaver

    path = checkpoint_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, check_same_thread=False, timeout=WAIT_MS / 1000)) as connection:
        yield SqliteSaver(connection)


@asynccontextmanager
async def make() -> AsyncIterator[AsyncSqliteSaver]:
    """A saver for the server, on the same file."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    path = checkpoint_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
        await saver.conn.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
        yield saver
