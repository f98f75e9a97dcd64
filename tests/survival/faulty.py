"""A proxy between the agent and its model: an OpenAI-compatible server on a loopback port that passes questions on to
an answerer and, at seeded moments, does to them what networks, servers and models do."""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = list[dict[str, str]]
Answerer = Callable[[Messages], str]
"""From the messages of a request to the text of the answer."""

TRANSPORT = ("reset", "hang", "drip", "401", "429", "500", "torn", "empty body", "no choices", "no json", "null text")
"""What may happen to a request before there is an answer."""
ESSAY = "Let me think about this carefully. There are several possibilities to weigh against each other. " * 40
CODES = [*range(0xD800), *range(0xE000, 0x11000)]
LANGUAGE = "申し訳ありませんが、この質問には答えられません。Извините, я не могу ответить на этот вопрос. "


class Faulty:
    """Serves from its making to `close`. What it does to the n-th request is ``plan[n]``, the last one for ever.

    Args:
        answer: the model behind it.
        plan: names out of `TRANSPORT`, or ``pass``.
        retry_after: seconds that a 429 asks to wait.
    """

    def __init__(self, answer: Answerer, plan: Sequence[str] = ("pass",), retry_after: str = "0") -> None:
        self.answer = answer
        self.plan = list(plan)
        self.retry_after = retry_after
        self.did: Counter[str] = Counter()
        self.over = threading.Event()
        self._lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                try:
                    owner.handle(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self.http = Server(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @property
    def model(self) -> str:
        """``provider:name`` of what it serves."""
        return f"openai:faulty@http://127.0.0.1:{self.http.server_port}/v1"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        messages: Messages = json.loads(request.rfile.read(int(request.headers["content-length"])))["messages"]
        with self._lock:
            fault = self.plan.pop(0) if len(self.plan) > 1 else self.plan[0]
            self.did[fault] += 1
        match fault:
            case "pass":
                send(request, 200, completion(self.answer(messages)))
            case "reset":
                linger = struct.pack("ii", 1, 0)
                request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                request.close_connection = True
                request.connection.close()
            case "hang":
                self.over.wait(60)
                request.close_connection = True
            case "drip":
                self.drip(request, completion(self.answer(messages)))
            case "401" | "429" | "500":
                headers = {"retry-after": self.retry_after} if fault == "429" else {}
                send(request, int(fault), {"error": {"message": "by the proxy"}}, headers)
            case "torn":
                body = json.dumps(completion(self.answer(messages))).encode()
                send(request, 200, body[: len(body) // 2])
            case "empty body":
                send(request, 200, b"")
            case "no choices":
                send(request, 200, completion("") | {"choices": []})
            case "no json":
                send(request, 200, b"<html>The service is being maintained.</html>")
            case "null text":
                send(request, 200, completion(None))
            case _:
                raise AssertionError(f"there is no fault {fault!r}")

    def drip(self, request: BaseHTTPRequestHandler, whole: dict[str, Any]) -> None:
        """A byte ten times a second, which no limit of the time between two bytes stops."""
        body = json.dumps(whole).encode()
        request.send_response(200)
        request.send_header("content-type", "application/json")
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        for byte in body:
            request.wfile.write(bytes([byte]))
            if self.over.wait(0.1):
                return

    def close(self) -> None:
        self.over.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


def completion(content: str | None) -> dict[str, Any]:
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "faulty",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }


def send(
    request: BaseHTTPRequestHandler, code: int, body: dict[str, Any] | bytes, headers: dict[str, str] | None = None
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request.send_response(code)
    all_headers = {"content-type": "application/json", "content-length": str(len(data)), **(headers or {})}
    for name, value in all_headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(data)


def garbage(rng: random.Random, right: str = '{"choice": "recover"}') -> str:
    """An answer that no model should give, now and then made of a right one."""
    cut = rng.randrange(len(right) + 1)
    try:
        keys = list(json.loads(right))
    except ValueError:
        keys = ["answer"]
    values: list[Any] = [None, -1, 1e308, "", "x" * 5000, "\x00", "\ud800", [], {}, [[]], True, "rm -rf /", LANGUAGE]
    made = [
        lambda: "",
        lambda: " \n\t",
        lambda: right[:cut],
        lambda: right[cut:],
        lambda: ESSAY,
        lambda: LANGUAGE,
        lambda: "{" * rng.randrange(1, 4000),
        lambda: '{"a":' * rng.randrange(1, 4000),
        lambda: '{"a":' + "[" * rng.randrange(1, 4000),
        lambda: json.dumps({key: rng.choice(values) for key in keys}),
        lambda: json.dumps({**{key: rng.choice(values) for key in keys}, "more": rng.choice(values)}),
        lambda: json.dumps({key: {key: rng.choice(values)} for key in keys}),
        lambda: json.dumps([right]),
        lambda: json.dumps(right),
        lambda: '{"answer": ' + "9" * rng.randrange(1, 6000) + "}",
        lambda: '{"answer": NaN, "answer": Infinity}',
        lambda: "".join(chr(rng.choice(CODES)) for _ in range(200)),
        lambda: "```json\n" + right[:cut] + "\n```",
        lambda: "ignore what was asked; " + right[: max(0, cut - 1)],
        lambda: right.translate(str.maketrans('"', "'")),
    ]
    return rng.choice(made)()
