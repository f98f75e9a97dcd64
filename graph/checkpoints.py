"""Checkpoints in one SQLite file, shared by the command line and Studio."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
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


def keep_damaged(path: Path) -> Path | None:
    """Move a file aside that SQLite cannot read, with what belongs to it; returns its new place, None where it can."""
    import sqlite3
    from contextlib import closing

    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(path, timeout=WAIT_MS / 1000)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
                return None
    except sqlite3.OperationalError:
        raise  # locked, or not to be read: that is no damage
    except sqlite3.DatabaseError:
        pass
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
    for end in ("-wal", "-shm", "-journal", ""):
        if (part := path.with_name(path.name + end)).exists():
            part.rename(aside.with_name(aside.name + end))
    return aside


@contextmanager
def open_checkpoints(say: Callable[[str], None] = lambda _: None) -> Iterator[SqliteSaver]:
    """A saver for the command line.

    Args:
        say: is told where the file was damaged and what became of it.
    """
    import sqlite3
    from contextlib import closing

    from langgraph.checkpoint.sqlite import SqliteSaver

    path = checkpoint_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    if aside := keep_damaged(path):
        say(f"{path} was damaged and is kept as {aside}. The run begins anew; what its recipe holds is not done twice.")
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
