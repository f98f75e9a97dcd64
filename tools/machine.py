"""What machine this is and how it stands, and what runs here in which version."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from tools.meter import free_memory

GIB = 2**30
PRODUCT = "rigil"


def machine(folder: Path) -> dict[str, Any]:
    """The state of the machine now, as plain JSON; sizes are in bytes.

    Args:
        folder: the one whose disk is told of.
    """
    import psutil

    memory, disk = psutil.virtual_memory(), shutil.disk_usage(folder)
    return {
        "at": round(time.time(), 3),
        "cores": psutil.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "memory": memory.total,
        "memory_free": free_memory(),
        "swap_used": psutil.swap_memory().used,
        "disk": disk.total,
        "disk_free": disk.free,
        "processes": len(psutil.pids()),
    }


def in_words(state: Mapping[str, Any]) -> list[str]:
    """The state of a machine, a line a fact."""
    at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(state["at"]))
    return [
        f"at {at}: {state['cores']} cores, load {', '.join(f'{load:.2f}' for load in state['load'])}",
        f"memory: {state['memory_free'] / GIB:.1f} of {state['memory'] / GIB:.1f} GiB free, "
        f"{state['swap_used'] / GIB:.1f} GiB swapped out",
        f"disk: {state['disk_free'] / GIB:.1f} of {state['disk'] / GIB:.1f} GiB free",
        f"processes: {state['processes']}",
    ]


def system() -> list[str]:
    """What this machine is, a line a fact; not what it is called."""
    libc = " ".join(platform.libc_ver()).strip()
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    return [
        f"system: {platform.system()} {platform.release()} on {platform.machine()}",
        *([f"distribution: {release['PRETTY_NAME']}"] if "PRETTY_NAME" in release else []),
        *([f"C library: {libc}"] if libc else []),
        f"Python: {platform.python_version()} ({platform.python_implementation()}) at {sys.executable}",
    ]


def versions() -> Iterator[str]:
    """``name version`` of ourselves and of every package that we need and that is here."""
    try:
        needed = metadata.requires(PRODUCT) or []
    except metadata.PackageNotFoundError:  # run from a checkout that was never installed
        return
    names = [PRODUCT, *(re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in needed)]
    for name in dict.fromkeys(names):
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
