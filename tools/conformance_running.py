"""Checks of an adapter while it runs: what it leaves behind, how it is ended, and whether two runs stay apart.

Part of `tools.conformance`, which copies its files into a package of their own: none imports anything of Rigil.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .conformance_adapter import Circuit, adapter_of, longer, ran, right, written  # the copy stands alone
from .conformance_midst import WAIT_S, frozen, gone, killed, resumed

LINGER_S = 5.0
"""How long they may take where their parent has gone: one that is as good as over may reach its own end."""
ROUNDS = 3
TRIES = 5
SET_CHILD_SUBREAPER = 36
"""Of prctl(2), on Linux."""


def running(
    made: dict[str, Any], facts: dict[str, Any], where: list[str], *, limited: bool
) -> dict[str, Callable[[], str]]:
    """The checks by name.

    Args:
        made: holds the adapter as ``adapter``.
        facts: ``apart``, two tasks (circuit, shots, outcomes) that no mixture of satisfies, and ``long``, a circuit.
        where: folder, module and class of the adapter and the file of the facts, for other processes.
        limited: whether a run takes a time limit.
    """
    one, two = facts["apart"]
    access = facts["access"]

    def nothing_left(when: str) -> None:
        left = sorted(str(path) for path in Path.cwd().rglob("*") if "__pycache__" not in path.parts)
        assert not left, f"after {when} it leaves {', '.join(left[:3])}"

    def cleans_up() -> str:
        nothing_left("the checks before")
        right(made["adapter"], access, one)
        nothing_left("an execution")
        if limited:
            with suppress(RuntimeError):
                ran(made["adapter"], access, written(one["circuit"]), {"timeout": 1e-9})
            nothing_left("a run that took too long")
        crashed = _struck(made["adapter"], access, facts["long"], killed)
        nothing_left("a crash of the backend")
        return f"nothing is left after success, after a time limit, and after a crash{'' if crashed else ' (not seen)'}"

    def cancels() -> str:
        error = _struck(made["adapter"], access, facts["long"], lambda _processes: made["adapter"].cancel())
        if error is None:
            return "every execution was over before it could be cancelled"
        assert "cancel" in str(error), f"the error of a cancelled execution does not say so: {error}"
        nothing_left("it was cancelled")
        right(made["adapter"], access, two)
        return f"cancel() ends an execution with its processes, which raises: {error}"

    def threads() -> str:
        barrier = threading.Barrier(2)

        def rounds(task: dict[str, Any]) -> None:
            try:
                for _ in range(ROUNDS):
                    barrier.wait()
                    right(made["adapter"], access, task)
            except BaseException:
                barrier.abort()
                raise

        with ThreadPoolExecutor(2) as pool:
            errors = [future.exception() for future in [pool.submit(rounds, task) for task in (one, two)]]
        for error in errors:
            if error is not None and not isinstance(error, threading.BrokenBarrierError):
                raise error
        nothing_left("two threads")
        return f"two threads ran two circuits {ROUNDS} times at once"

    def processes() -> str:
        _adopt()
        with _hand(where) as left, _hand(where) as other:
            for _ in range(ROUNDS):
                for hand, task in ((left, one), (other, two)):
                    _send(hand, task)
                for said in (_said(left), _said(other)):
                    assert said == "right", said
            nothing_left("two processes")
        seen = []
        for number in (signal.SIGINT, signal.SIGTERM):
            seen.append(_ended(where, number, facts["long"]))
            nothing_left(f"{number.name} to its process")
        how = "it ends with its process, by SIGINT and by SIGTERM" if all(seen) else "they were over before their end"
        return f"two processes ran two circuits {ROUNDS} times at once; {how}"

    return {"temporary files": cleans_up, "cancel": cancels, "two threads": threads, "two processes": processes}


def _adopt() -> None:
    """Make orphans of the processes that this one starts its own children, so that it learns how they ended."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _struck(
    adapter: Any, access: dict[str, Any], circuit: Circuit, strike: Callable[[list[Any]], Any]
) -> BaseException | None:
    """The error of an execution whose processes were stopped in its midst and then struck; None where none was met."""
    import psutil

    for attempt in range(TRIES):
        given = written(longer(circuit, 10 * 4**attempt))
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(ran, adapter, access, given, {"shots": 1000 * 4**attempt})
            caught = frozen(psutil.Process(), future.done)
            try:
                if caught:
                    strike(caught)
                    error = future.exception(WAIT_S)
            except TimeoutError:
                raise AssertionError(f"it still ran {WAIT_S:g} s after it was ended") from None
            finally:
                resumed(caught)
            if not caught:
                if attempt and isinstance(future.exception(), RuntimeError):
                    return None  # a backend need not take circuits of any length
                future.result()
                continue
        if not gone(caught, "it was ended") and error is None and attempt + 1 < TRIES:
            continue  # what was as good as over may end by itself
        assert error is not None, "an execution that was ended raises nothing"
        assert isinstance(error, RuntimeError), f"it raises {type(error).__name__}: {error}"
        return error
    return None


@contextmanager
def _hand(where: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Another process with an adapter of its own, which runs what it is sent."""
    package = Path(__file__).parent
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); from {0}.{1} import hand; hand()"
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", program.format(package.name, Path(__file__).stem), str(package.parent), *where],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _send(hand: subprocess.Popen[str], task: dict[str, Any]) -> None:
    assert hand.stdin is not None
    hand.stdin.write(json.dumps(task) + "\n")
    hand.stdin.flush()


def _said(hand: subprocess.Popen[str]) -> str:
    assert hand.stdout is not None
    return hand.stdout.readline().strip() or "another process with the adapter ended by itself"


def _ended(where: list[str], number: signal.Signals, circuit: Circuit) -> bool:
    """Whether an execution in another process was met in its midst and is gone after the signal."""
    attempt = 0
    while attempt < TRIES:
        with _hand(where) as process:
            ended = None
            while ended is None and attempt < TRIES:
                times = 4**attempt
                task = {"circuit": longer(circuit, 10 * times), "shots": 1000 * times, "outcomes": []}
                ended = _struck_in(process, number, task)
                attempt += 1
        if ended:
            return True  # else it was as good as over: a longer one will not be
    return False


def _struck_in(hand: subprocess.Popen[str], number: signal.Signals, task: dict[str, Any]) -> bool | None:
    """Whether the processes of a task were ended by a signal to the hand; None where it was over before.

    Raises:
        AssertionError: if they go on.
    """
    import psutil

    over = threading.Event()

    def answered() -> None:
        _said(hand)
        over.set()

    _send(hand, task)
    reader = threading.Thread(target=answered, daemon=True)
    reader.start()
    caught = frozen(psutil.Process(hand.pid), over.is_set)
    if not caught:
        reader.join()
        return None
    hand.send_signal(number)
    try:
        hand.wait(WAIT_S)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"its process does not end by {number.name}") from None
    finally:
        resumed(caught)
    reader.join()
    return gone(caught, number.name, LINGER_S)


def hand() -> None:
    """Run tasks from standard input with an adapter of this process, a line each, and say what came of them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts us behind it has it ignored
    folder, module, name, given = sys.argv[1:]
    facts = json.loads(Path(given).read_text())
    adapter = adapter_of(Path(folder), module, name, facts["places"])()
    for line in sys.stdin:
        try:
            right(adapter, facts["access"], json.loads(line))
            print("right", flush=True)
        except Exception as error:  # whatever an adapter raises is what came of the task
            print(f"in one of two processes: {' '.join(str(error).split())}", flush=True)


def watched(folder: Path) -> None:
    """Make an empty folder the working folder and the place of temporary files, of this process and those it starts."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.chdir(folder)
    os.environ |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
