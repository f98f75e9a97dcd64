"""The environment of a command: what it is given of ours, and nothing that could be a secret."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

PASSED = (
    *("PATH", "LANG", "LANGUAGE", "LC_*", "TZ", "TZDIR", "USER", "LOGNAME", "SHELL", "OMP_*"),
    *("CC", "CXX", "FC", "*FLAGS", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "*_PREFIX_PATH"),
    *("*_CONFIG_PATH", "*_PROXY", "*_proxy", "*_INDEX_URL", "*_FIND_LINKS", "*_TIMEOUT"),
    *("*_CERT", "*_CERTS", "*_CERT_FILE", "*_CERT_DIR", "*_CA_BUNDLE", "*_CAINFO"),
)
"""Variables that a command may see, by what their names are commonly for: none of them is for a secret."""


def environment(workspace: Path, extra: Mapping[str, str] | None = None, *, own: bool = True) -> dict[str, str]:
    """The whole environment of a command: what is on the list, the workspace as home, and ``extra``.

    With ``own`` the workspace's programs come first on PATH; without, as for what runs with the person's rights, they
    are not there at all, and home is the person's: settings of a stranger in the workspace's would be obeyed.

    Nothing that could be a key is passed on: a variable has to be on the list, and an address that carries
    a login or a query is left out. Our own virtual environment is taken off PATH, so that a backend finds
    the same programs however we were started.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if any(fnmatchcase(name, pattern) for pattern in PASSED) and not _holds_login(value)
    }
    path = kept.get("PATH", os.defpath).split(os.pathsep)
    if sys.prefix != sys.base_prefix:
        path = [folder for folder in path if Path(folder) != Path(sys.prefix, "bin")]
    interpreter = str(Path(sys.base_prefix, "bin"))
    if interpreter not in path:
        # Before launchers in the hidden home folder, which cannot find what they launch.
        path.insert(0, interpreter)
    programs = [str(workspace / "python" / "bin"), str(workspace / "home" / ".local" / "bin")] if own else []
    return {
        **kept,
        "PATH": os.pathsep.join([*programs, *path]),
        **(
            {"HOME": str(workspace / "home"), "TMPDIR": str(workspace / "tmp")}
            if own
            else {"HOME": os.environ.get("HOME", "/")}
        ),
        "TERM": "dumb",
        **(extra or {}),
    }


def assigned(argv: Sequence[str], variables: Mapping[str, str] | None) -> list[str]:
    """The command line that sets these variables itself: within its walls, which others put up before.

    A variable can have the dynamic loader load code into whatever is started with it.
    """
    if not variables:
        return list(argv)
    # What has an equals sign would be taken for another variable.
    started = ["/bin/sh", "-c", 'exec "$@"', "sh", *argv] if "=" in argv[0] else list(argv)
    return [shutil.which("env") or "env", *(f"{name}={value}" for name, value in variables.items()), *started]


def _holds_login(value: str) -> bool:
    addresses = [urlsplit(word) for word in value.split() if "://" in word]
    return any("@" in address.netloc or address.query for address in addresses)
