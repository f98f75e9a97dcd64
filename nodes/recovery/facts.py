"""Facts about a failure that code can see and a small model needs to be told, a sentence each."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

from graph.state import Failure
from nodes.grants import may_use_network
from nodes.session import Session
from tools import postmortem
from tools.quotations import standing
from tools.traffic import kept, led

UNREACHED = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.ETIMEDOUT)
OTHERS = (errno.ENOSPC, errno.ENOMEM, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOEXEC, errno.ETXTBSY)
HTTP_ALONE = "It could use HTTP and HTTPS through a proxy alone: ssh and other protocols do not work in the sandbox."
NAME_ERRORS = (-2, -3, -4, -5)
"""EAI_NONAME, EAI_AGAIN, EAI_FAIL and EAI_NODATA of the C library's netdb.h."""


def refused_network(session: Session, failure: Failure) -> bool:
    """Whether the system told the command that it has no network, and the command was given none."""
    if not failure["log"] or may_use_network(session, failure["step"]):
        return False
    return refused(Path(failure["log"]))


def refused(log: Path) -> bool:
    """Whether the system's own words for a network that is not there stand in a log."""
    return bool(standing(_network_words(), log))


def facts(session: Session, failure: Failure) -> str:
    """What the operating system itself said in the log, what was seen of the end, and what the command could reach."""
    if not failure["log"]:
        return ""
    log = Path(failure["log"])
    told = []
    if refused_network(session, failure):
        told.append("The command tried to use the network, and it had none.")
    elif wanted := kept(log).in_words:
        told.append(wanted)
    elif network := standing(_network_words(), log):
        told.append(f"The system said: {network[0]}, though the command had the network. {beside_http(log)}".strip())
    if seen := postmortem.kept(log):
        told += seen.beyond_its_end
    told += [f"The system said: {text}." for text in standing([os.strerror(code) for code in OTHERS], log)]
    return " ".join(told)


def beside_http(log: str | Path | None) -> str:
    """What to say of a command that looked for another way to its hosts than the one that it had; mostly nothing."""
    return HTTP_ALONE if log and led(log) and refused(Path(log)) else ""


def _network_words() -> list[str]:
    library = ctypes.CDLL(None)
    library.gai_strerror.restype = ctypes.c_char_p
    names = [library.gai_strerror(code).decode() for code in NAME_ERRORS]
    return [*(name for name in names if name != "Unknown error"), *(os.strerror(code) for code in UNREACHED)]
