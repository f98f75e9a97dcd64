"""Processes that are met in the midst of their work, stopped there, and looked for again after they were ended.

Part of `tools.conformance`, which copies its files into a package of their own: none imports anything of Rigil.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

WAIT_S = 10.0
"""How long something that was ended may take to be gone."""
MIDST_CPU_S = 0.05
"""The processor time that the same processes have used when they are taken to be all there are, and at work."""
MIDST_S = 1.0
"""Or so long without any change, for those who wait."""
FORKED_S = 1.0
"""How long a new process may take to become its program."""
MIDST_MOST_S = 10.0
"""Or so long after the first of them, for those who start others all the time."""


def frozen(of: Any, over: Callable[[], bool]) -> list[Any]:
    """Stop the processes that another has started, in the midst of their work; none where it is over before.

    Args:
        of: the ``psutil.Process`` that started them.
        over: whether the work is.
    """
    own = of.cmdline()
    while not over():
        _await_midst(of, over)
        caught = list[Any]()
        try:
            _catch(of, own, over, caught)
        except BaseException:
            resumed(caught)
            raise
        if caught := [process for process in caught if process.is_running()]:
            return caught
        time.sleep(0.001)
    return []


def _catch(of: Any, own: list[str], over: Callable[[], bool], caught: list[Any]) -> None:
    """Stop children until there are no others, or the work is over."""
    import psutil

    ended, seen = list[Any](), dict[Any, float]()
    while fresh := [one for one in _children(of) if one not in caught and one not in ended]:
        for process in fresh:
            try:
                # One that is not yet its program holds up its parent; one that stays what it is, is its program.
                young = time.monotonic() - seen.setdefault(process, time.monotonic()) < FORKED_S
                if young and process.cmdline() == own:
                    if over():
                        return
                    time.sleep(0.001)
                    continue
                process.suspend()
                caught.append(process)
                while process.is_running() and process.status() not in ("stopped", "zombie"):
                    time.sleep(0.001)
            except psutil.NoSuchProcess:  # or a zombie, which nobody has waited for yet
                ended.append(process)


def resumed(processes: list[Any]) -> None:
    """Let those that were stopped go on, where they still are."""
    for process in processes:
        with suppress(_no_such()):
            process.resume()


def killed(processes: list[Any]) -> None:
    """Kill processes, where they still are."""
    for process in processes:
        with suppress(_no_such()):  # with the end of one others end
            process.kill()


def gone(processes: list[Any], after: str, wait_s: float = WAIT_S) -> bool:
    """Whether processes were ended, and did not go on to their own end.

    Raises:
        AssertionError: if they still run.
    """
    import psutil

    ended, alive = psutil.wait_procs(processes, timeout=wait_s)
    names = list[str]()
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            names.append(process.name())
    killed(alive)
    assert not names, f"after {after} its processes still run: {', '.join(names)}"
    codes = [getattr(process, "returncode", None) for process in ended]  # None where it was nobody's child
    return all(code is None or code < 0 for code in codes)


def _await_midst(of: Any, over: Callable[[], bool]) -> None:
    """Wait until the same processes have worked for a while.

    Processor time tells it on a busy machine too, where a shell may take any time to start its program.
    """
    known = dict[Any, float]()
    first = since = time.monotonic()
    while not over():
        now = dict[Any, float]()
        for process in _children(of):
            with suppress(_no_such()):
                times = process.cpu_times()
                now[process] = times.user + times.system
        moment = time.monotonic()
        if not known:
            first = moment
        if now.keys() != known.keys():
            known, since = now, moment
        used = sum(now.values()) - sum(known.values())
        if known and (used >= MIDST_CPU_S or moment - since >= MIDST_S or moment - first >= MIDST_MOST_S):
            return
        time.sleep(0.002)


def _children(of: Any) -> list[Any]:
    try:
        return list(of.children(recursive=True))
    except _no_such():
        return []


def _no_such() -> type[Exception]:
    import psutil

    found: type[Exception] = psutil.NoSuchProcess
    return found
