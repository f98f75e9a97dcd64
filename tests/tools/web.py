"""A host of the web on this machine, under names that only this process knows."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

NAMES = ("one.example", "two.example", "inside.example")


class Answers(BaseHTTPRequestHandler):
    """Says what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", f"http://two.example:{self.server.server_address[1]}{self.path[6:]}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path.startswith("/git/"):
            self._git(b"")
            return
        self._say(b"")

    def do_POST(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/git/"):
            self._git(body)
            return
        self._say(body)

    def _git(self, body: bytes) -> None:
        """Serve the repositories of a folder, by git's own program."""
        path, _, query = self.path.removeprefix("/git").partition("?")
        given = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.server.projects),  # type: ignore[attr-defined]
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        answer = subprocess.run(["git", "http-backend"], input=body, env=given, capture_output=True, check=True).stdout
        head, _, told = answer.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(lines.pop("Status", "200").split()[0]))
        for name, value in {**lines, "Content-Length": str(len(told))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told)

    def _say(self, body: bytes) -> None:
        size = int(self.path.partition("?")[2] or 0)
        told = f"{self.command} {self.path} at {self.headers['Host']}\n".encode() + body + b"x" * size
        self.server.heads.append(dict(self.headers))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Web(ThreadingHTTPServer):
    """Counts on being closed."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.heads: list[dict[str, str]] = []
        self.projects: Path | None = None
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


@contextmanager
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The host, with every name of ``NAMES`` leading to it, and no proxy in the environment."""
    real = socket.getaddrinfo

    def found(name: Any, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if name in NAMES else name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme.upper()}_PROXY", raising=False)
    host = Web()
    try:
        yield host
    finally:
        host.shutdown()
        host.server_close()
