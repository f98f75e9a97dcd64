"""An OpenAI-compatible chat server with faults, on a loopback port of this process."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Text(NamedTuple):
    """An answer; with ``finish="length"`` one that was cut off."""

    content: str
    finish: str = "stop"


class Status(NamedTuple):
    """An HTTP error."""

    code: int
    message: str = "by hand"
    headers: tuple[tuple[str, str], ...] = ()


class Raw(NamedTuple):
    """A body that is no chat completion."""

    body: bytes
    announced: int | None = None
    """The Content-Length that is claimed; a larger one makes a body that breaks off."""


class Drop(NamedTuple):
    """The connection is closed without an answer."""


class Silence(NamedTuple):
    """Nothing is answered until the test ends."""


Step = Text | Status | Raw | Drop | Silence


class ChatServer:
    """Gives the ``steps`` one after another, the last one for ever, and keeps the ``requests``."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.refuses_schema = False
        self.counts_tokens = True
        self.over = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner.handle(self)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/v1"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["content-length"])))
        self.requests.append(body)
        self.headers.append({key.lower(): value for key, value in request.headers.items()})
        if self.refuses_schema and "response_format" in body:
            self.reply(request, 400, {"error": {"message": "unknown field response_format"}})
            return
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        match step:
            case Text(content, finish):
                self.reply(request, 200, self.completion(content, finish))
            case Status(code, message, headers):
                self.reply(request, code, {"error": {"message": message}}, headers)
            case Raw(raw, announced):
                self.send(request, 200, raw, announced=announced)
            case Drop():
                request.close_connection = True
            case Silence():
                self.over.wait()
                request.close_connection = True

    def completion(self, content: str, finish: str) -> dict[str, Any]:
        message = {"role": "assistant", "content": content}
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        return {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": "hand",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        } | ({"usage": usage} if self.counts_tokens else {})

    def reply(
        self,
        request: BaseHTTPRequestHandler,
        code: int,
        body: dict[str, Any],
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.send(request, code, json.dumps(body).encode(), headers)

    def send(
        self,
        request: BaseHTTPRequestHandler,
        code: int,
        data: bytes,
        headers: tuple[tuple[str, str], ...] = (),
        announced: int | None = None,
    ) -> None:
        request.send_response(code)
        all_headers = {"content-type": "application/json", "content-length": str(announced or len(data))}
        for name, value in (all_headers | dict(headers)).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    def close(self) -> None:
        self.over.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()
