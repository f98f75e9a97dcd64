"""One request to the proxy: what it asks for, how it is passed on to its host, and what the proxy answers itself."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

import h11

from tools.hosts import Host, host_of

HEAD_BYTES = 64 << 10
HEAD_S = 30.0
"""For a whole head to arrive."""
IDLE_S = 300.0
"""Between two parts of an answer."""
LINGER_S = 2.0
"""For what a client still sends after its answer, which it would lose if the connection were closed on it."""
BLOCK = 1 << 16
OF_ONE_HOP = (b"connection", b"expect", b"host", b"keep-alive", b"te", b"trailer", b"upgrade")
"""Headers that are the next one's to write (RFC 9110, 7.6.1), and those that begin with ``proxy-``."""


class NotServed(Exception):
    """A request that the proxy answers itself.

    Args:
        status: of the answer.
        why: a sentence, which is its body.
        reason: some words in the answer's first line, which is all that many programs print.
    """

    def __init__(self, status: int, why: str, reason: str = "") -> None:
        super().__init__(why)
        self.status = status
        self.reason = reason


def spoken_with(role: type[h11.CLIENT] | type[h11.SERVER]) -> h11.Connection:
    """A connection in which we have a role, whose heads may be only so long."""
    return h11.Connection(role, max_incomplete_event_size=HEAD_BYTES)


def event(spoken: h11.Connection, connection: socket.socket, seconds: float) -> object:
    """What comes next, within a time.

    Raises:
        h11.RemoteProtocolError: if it is no HTTP.
        OSError: if it does not come.
    """
    until = time.monotonic() + seconds
    while (found := spoken.next_event()) is h11.NEED_DATA:
        if spoken.they_are_waiting_for_100_continue:
            send(spoken, connection, h11.InformationalResponse(status_code=100, headers=[]))
        connection.settimeout(max(0.01, until - time.monotonic()))
        spoken.receive_data(connection.recv(BLOCK))
    return found


def send(spoken: h11.Connection, connection: socket.socket, what: h11.Event) -> None:
    """Send an event."""
    connection.settimeout(IDLE_S)
    connection.sendall(spoken.send(what) or b"")


def asked_for(request: h11.Request) -> tuple[Host, bytes]:
    """The host, with its port, and the path there, which CONNECT has none of.

    Raises:
        NotServed: if it names none in the way in which a proxy is asked.
    """
    target = request.target.decode("ascii", "replace")
    if request.method == b"CONNECT":
        host, path = host_of(target), ""
    else:
        scheme, _, rest = target.partition("://")
        if scheme.lower() != "http" or not rest:
            raise NotServed(400, "This is a proxy for http addresses, and for all others by CONNECT.")
        end = min(rest.find(sign) % (len(rest) + 1) for sign in "/?#")
        host, path = host_of(rest[:end].rpartition("@")[2]), rest[end:].partition("#")[0]
        host = host and Host(host.name, host.port or 80)
        path = path if path.startswith("/") else f"/{path}"
    if host is None or host.port is None:
        raise NotServed(400, "The address names no host that can be reached; give HOST:PORT.")
    return host, path.encode()


def pass_on(
    request: h11.Request,
    spoken: h11.Connection,
    client: socket.socket,
    server: socket.socket,
    target: bytes,
    headers: Iterable[tuple[bytes, bytes]],
) -> None:
    """Bring a request to its host and the answer back, on connections that serve nothing else.

    Args:
        request: as it came.
        spoken: with the client.
        client: who asked.
        server: the host, or a proxy that leads there.
        target: of the request that is passed on.
        headers: beside those of the request.

    Raises:
        NotServed: if what the host says is no HTTP.
    """
    onward = spoken_with(h11.CLIENT)
    close = (b"Connection", b"close")
    given = [*headers, close, *_kept(request.headers)]
    send(onward, server, h11.Request(method=request.method, target=target, headers=given))
    with suppress(ConnectionError):  # some answer before they have read everything
        while isinstance(part := event(spoken, client, IDLE_S), h11.Data):
            send(onward, server, part)
        if not isinstance(part, h11.EndOfMessage):
            return
        send(onward, server, part)
    try:
        while not isinstance(part := event(onward, server, IDLE_S), h11.EndOfMessage):
            if isinstance(part, h11.Response):
                told = [*_kept(part.headers, framed=False), close]
                send(spoken, client, h11.Response(status_code=part.status_code, reason=part.reason, headers=told))
            elif isinstance(part, h11.Data):
                send(spoken, client, part)
            elif not isinstance(part, h11.InformationalResponse):
                return
    except h11.RemoteProtocolError as error:
        raise NotServed(502, f"The host gave no answer in HTTP: {error}.") from error
    send(spoken, client, h11.EndOfMessage())


def _kept(headers: Iterable[tuple[bytes, bytes]], *, framed: bool = True) -> Iterator[tuple[bytes, bytes]]:
    """The headers that are for the other end; those of a body's framing are written anew if not ``framed``."""
    given = list(headers)
    names = {name for name, _ in given}
    named = {each.strip().lower() for name, value in given if name == b"connection" for each in value.split(b",")}
    dropped = {*OF_ONE_HOP, *named}
    if not framed and b"transfer-encoding" in names:
        dropped |= {b"transfer-encoding", b"content-length"}
    return ((name, value) for name, value in given if name not in dropped and not name.startswith(b"proxy-"))


def say(spoken: h11.Connection, client: socket.socket, error: NotServed) -> None:
    """Answer a request ourselves, unless an answer was begun."""
    if spoken.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
        return
    body = f"{error}\n".encode()
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close"}
    send(spoken, client, h11.Response(status_code=error.status, reason=error.reason, headers=list(headers.items())))
    with suppress(h11.LocalProtocolError):  # to HEAD there is no body
        send(spoken, client, h11.Data(data=body))
        send(spoken, client, h11.EndOfMessage())


def linger(client: socket.socket) -> None:
    """Let a client come to the end of its answer."""
    until = time.monotonic() + LINGER_S
    with suppress(OSError):
        client.shutdown(socket.SHUT_WR)
        while (left := until - time.monotonic()) > 0:
            client.settimeout(left)
            if not client.recv(BLOCK):
                return
