"""Leads the programs in a sandbox, which call hosts by TCP, to the proxy outside, which listens on a file's socket.

It is run as a program of its own, with nothing but the standard library, between the walls and the command. It becomes
the command, so that signals and the exit status are the command's own; what forwards is no child of the command.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress

BLOCK = 1 << 16
STACK = 1 << 18
"""Bytes of a thread, which count as address space of the command."""
WAITING = 128
PAUSE_S = 0.05
NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
OWN = "localhost,127.0.0.1,::1"
"""The sandbox's own loopback, on which a command may talk to itself."""


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Bring everything from one to the other, and its end; what comes the other way is not disturbed."""
    try:
        while block := source.recv(BLOCK):
            sink.sendall(block)
    except OSError:  # one of them is gone
        with suppress(OSError):
            source.shutdown(socket.SHUT_RD)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def both_ways(one: socket.socket, other: socket.socket) -> None:
    """Bring everything from each to the other until both have ended."""
    back = threading.Thread(target=pump, args=(one, other), daemon=True)
    back.start()
    pump(other, one)
    back.join()


def _forward(client: socket.socket, proxy: str) -> None:
    with client, socket.socket(socket.AF_UNIX) as outside, suppress(OSError, RuntimeError):
        outside.connect(proxy)
        both_ways(client, outside)


def _serve(server: socket.socket, proxy: str) -> None:
    os.setsid()
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    threading.stack_size(STACK)
    while True:
        try:
            client, _ = server.accept()
        except OSError:  # no more files may be opened
            time.sleep(PAUSE_S)
            continue
        try:
            threading.Thread(target=_forward, args=(client, proxy), daemon=True).start()
        except RuntimeError:  # no more threads may be begun
            client.close()


def _tell(port: int) -> None:
    """Name the proxy in the environment, where what the person set for outside may stand."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    for name in NAMES:
        os.environ[name] = os.environ[name.lower()] = f"http://127.0.0.1:{port}"
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = OWN


def _main(proxy: str, argv: list[str]) -> None:
    server = socket.create_server(("127.0.0.1", 0), backlog=WAITING)
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            _serve(server, proxy)
        os._exit(0)
    os.waitpid(child, 0)
    _tell(server.getsockname()[1])
    # Python ignores them, and a program that it becomes would too.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        print(f"{argv[0]}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(127)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2:])
