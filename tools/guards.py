"""What protects the person's machine from the commands of a run, in words: the same everywhere that it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.limits import in_words
from tools.sandbox import protection
from tools.syscalls import filter_of

if TYPE_CHECKING:
    from configs.settings import Limits


HOSTS = "where it is granted, hosts that are named alone, by HTTP and HTTPS through a proxy"
ALL = "where it is granted, all of it: hosts are not held down here"


def guards(limits: Limits) -> dict[str, str]:
    """``sandbox``, ``network``, ``calls`` and ``limits``, a clause each."""
    walls, used = protection(), filter_of()
    calls = used.why if used.file else f"none is refused ({used.why})"
    return {
        "sandbox": f"{walls.name} ({walls.why})",
        "network": HOSTS if walls.name == "bubblewrap" else ALL,
        "calls": "none is refused without a sandbox" if walls.name == "none" else calls,
        "limits": in_words(limits),
    }
