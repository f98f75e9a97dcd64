"""An HTTP client whose timeout is that of the whole answer: a server may send a byte a second for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx2
from openai import DefaultHttpxClient

BEGAN = "rigil_began"


class _Timed(httpx2.SyncByteStream):
    """A body that ends in a timeout once its time is over."""

    def __init__(self, body: httpx2.SyncByteStream, end: float) -> None:
        self.body = body
        self.end = end

    def __iter__(self) -> Iterator[bytes]:
        for part in self.body:
            if time.monotonic() > self.end:
                raise httpx2.ReadTimeout("The answer was still coming when its time was over.")
            yield part

    def close(self) -> None:
        self.body.close()


def client(timeout_s: float) -> httpx2.Client:
    """A client that gives an answer up after so many seconds, however slowly it comes."""

    def begin(request: httpx2.Request) -> None:
        request.extensions[BEGAN] = time.monotonic()

    def limit(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _Timed(response.stream, response.request.extensions[BEGAN] + timeout_s)

    return DefaultHttpxClient(timeout=timeout_s, event_hooks={"request": [begin], "response": [limit]})
