"""`rigil doctor`: what is on this machine and what is missing."""

from __future__ import annotations

import shutil
import sys

import psutil

from cli.visible import visible
from configs.settings import cache_folder, load_settings, settings_file, state_folder
from models.catalogue import entry
from models.errors import ModelError
from models.fetch import is_complete
from tools.guards import guards


def doctor() -> int:
    """Print what Rigil would use."""
    settings = load_settings()
    memory, disk = psutil.virtual_memory(), shutil.disk_usage(_existing(state_folder()))
    print(f"python      {sys.version.split()[0]} at {sys.executable}")
    print(
        f"machine     {psutil.cpu_count()} cores, {memory.available / 2**30:.1f} GiB of {memory.total / 2**30:.1f} free"
    )
    print(f"disk        {disk.free / 2**30:.1f} GiB free for {state_folder()}")
    for name, clause in guards(settings.limits).items():
        print(f"{name:<12}{visible(clause)}")
    print(f"settings    {settings_file()}{'' if settings_file().exists() else ' (not there: the defaults)'}")
    print(f"state       {state_folder()}")
    print(f"cache       {cache_folder()}")
    try:
        model = entry(settings.model)
        missing = model.file is not None and not is_complete(model)
        note = f"; its file is missing: rigil models pull {model.spec}" if missing else ""
    except ModelError as error:
        note = f"; {error}"
    print(f"model       {settings.model}{note}")
    print(f"approve     {settings.approve}")
    return 0


def _existing(path: object) -> str:
    from pathlib import Path

    folder = Path(str(path))
    while not folder.exists():
        folder = folder.parent
    return str(folder)
