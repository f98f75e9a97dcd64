"""Errors that a person can mend, in one sentence each."""

from __future__ import annotations

import errno

from configs.settings import SettingsError, state_folder

ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EIO}
ON = "`rigil resume` goes on where it stopped."


def sentence(error: Exception) -> str | None:
    """What happened and what to do; None for an error that only a programmer can mend."""
    import sqlite3

    if isinstance(error, SettingsError):
        return str(error)
    if isinstance(error, OSError) and error.errno in ROOM:
        where = error.filename or state_folder()
        return f"{where} cannot be written: {error.strerror}. Make room, or move the state with RIGIL_STATE; {ON}"
    if isinstance(error, OSError) and error.errno in CLOSED and error.filename:
        return (
            f"{error.filename}: {error.strerror}. Mend its permissions, or choose another folder with RIGIL_STATE; {ON}"
        )
    if isinstance(error, sqlite3.OperationalError):
        return (
            f"The checkpoints in {state_folder()} cannot be used: {error}. See that there is room, that they may be "
            f"written and that no other process holds them; {ON}"
        )
    return None
