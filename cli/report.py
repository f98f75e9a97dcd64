"""`rigil report`: what became of a run, on a page, and in one archive to attach to an issue."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from cli.doctor import doctor
from cli.visible import tell
from configs.settings import settings_file, state_folder
from graph.runner import rewrite_report
from tools.bundle import bundle
from tools.machine import system, versions
from tools.redact import redactor
from tools.runs import NoSuchRun, RunHeld, Runs


def report(run_id: str | None, *, bundled: bool) -> int:
    """Write and print the report of a run as it stands; returns the exit code.

    Args:
        run_id: the run; the newest where it is None.
        bundled: whether the archive is written too, into the working folder.
    """
    runs = Runs(state_folder())
    try:
        run = runs.open(run_id) if run_id else runs.latest(unfinished=False)
        if run is None:
            return _refused("There is no run yet; `rigil up SOURCE` begins one.")
        rewrite_report(run)
    except (NoSuchRun, RunHeld) as error:
        return _refused(str(error))
    tell(run.report.read_text())
    for suffix in (".md", ".html"):
        tell(f"also: {run.report.with_suffix(suffix)}")
    if not bundled:
        return 0
    file = Path(f"rigil-{run.id}.tar.gz").absolute()
    if file.exists():
        return _refused(f"{file} is there already; move it away, or go to another folder.")
    told = StringIO()
    with redirect_stdout(told):
        doctor()
    texts = {"doctor.txt": told.getvalue(), "versions.txt": "\n".join([*system(), *versions(), ""])}
    if settings_file().exists():
        texts["settings.yaml"] = settings_file().read_text(errors="replace")
    try:
        names = bundle(run, file, texts, redactor())
    except OSError as error:
        return _refused(f"{file} cannot be written: {error.strerror}.")
    tell(f"bundle: {file}, {file.stat().st_size / 1024:.0f} KiB, secrets and names taken out; look before you give it")
    tell("it holds: " + ", ".join(names))
    return 0


def _refused(sentence: str) -> int:
    tell(f"rigil: {sentence}", file=sys.stderr)
    return 1
