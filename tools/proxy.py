"""A forward proxy for one command in a sandbox: it reaches the hosts of a list, and says which others were wanted.

It speaks HTTP alone: requests for ``http`` addresses, and CONNECT for everything else, into which it does not look: the
list holds names of hosts, and not what is asked of them.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import h11

from tools.forwarder import both_ways
from tools.hosts import Host, covered, literal, public
from tools.proxied_request import HEAD_S, NotServed, asked_for, event, linger, pass_on, say, spoken_with
from tools.sandbox import Permit
from tools.traffic import Traffic, keep
from tools.upstream import upstream_of

CONNECT_S = 30.0
END_S = 2.0
MOST = 128
"""Connections at once; others wait."""
MOST_HOSTS = 200
"""Hosts of each kind that are remembered."""
PORTS = {"http": 80, "https": 443}
"""That are not named with a host."""
WHERE = "Allow it where the run asks for it, or name it under `network: hosts:` in the settings"


@contextmanager
def proxied(permit: Permit, log: Path) -> Iterator[Path]:
    """The socket of a proxy for one command; what it reached, and what not, is kept beside its log."""
    proxy = Proxy(log.with_suffix(".proxy"), permit.hosts)
    try:
        yield proxy.path
    finally:
        proxy.close()
        keep(proxy.traffic, log)


class Proxy:
    """Serves from its making on, until it is closed.

    Args:
        path: of the socket on which it listens.
        hosts: that may be reached, as `tools.hosts.covered` takes them.
    """

    def __init__(self, path: Path, hosts: Sequence[str]) -> None:
        self.path = path
        self._hosts = tuple(hosts)
        self._named = urllib.request.getproxies()
        self._reached: dict[str, None] = {}
        self._refused: dict[str, None] = {}
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(MOST)
        self._closed = False
        self._server = socket.socket(socket.AF_UNIX)
        # The address of such a socket has at most 107 bytes, and a path may have more.
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        try:
            self._server.bind(f"/proc/self/fd/{folder}/{path.name}")
        finally:
            os.close(folder)
        self._server.listen(MOST)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def traffic(self) -> Traffic:
        """What was reached and refused until now."""
        with self._lock:
            return Traffic(tuple(self._reached), tuple(self._refused))

    def close(self) -> None:
        """End every connection."""
        with self._lock:
            self._closed = True
            for each in (self._server, *self._open):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            threads = [self._listener, *self._threads]
        until = time.monotonic() + END_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        self.path.unlink(missing_ok=True)

    def _listen(self) -> None:
        with self._server:
            while True:
                self._slots.acquire()
                try:
                    client, _ = self._server.accept()
                except OSError:
                    return
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                with self._lock:
                    self._threads.add(thread)
                thread.start()

    @contextmanager
    def _held(self, connection: socket.socket) -> Iterator[None]:
        """Have a connection end with the proxy."""
        with connection:
            with self._lock:
                if self._closed:
                    raise ConnectionAbortedError
                self._open.add(connection)
            try:
                yield
            finally:
                with self._lock:
                    self._open.discard(connection)

    def _serve(self, client: socket.socket) -> None:
        try:
            with suppress(OSError), self._held(client):
                spoken = spoken_with(h11.SERVER)
                try:
                    self._answer(client, spoken)
                except h11.RemoteProtocolError as error:
                    say(spoken, client, NotServed(error.error_status_hint, f"This is no request: {error}."))
                except NotServed as error:
                    say(spoken, client, error)
                except h11.LocalProtocolError:  # an answer that cannot be passed on
                    return
                linger(client)
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())
            self._slots.release()

    def _answer(self, client: socket.socket, spoken: h11.Connection) -> None:
        """Serve the one request of a connection."""
        request = event(spoken, client, HEAD_S)
        if not isinstance(request, h11.Request):
            return
        wanted, path = asked_for(request)
        tunnels = request.method == b"CONNECT"
        scheme = "https" if tunnels else "http"
        shown = str(Host(wanted.name, None if wanted.port == PORTS[scheme] else wanted.port))
        how = covered(self._hosts, wanted)
        # A name that is allowed as one of all must lead out, too, whatever its owner makes of it.
        outward = how == "every"
        if how is None or (outward and literal(wanted.name) and not public(wanted.name)):
            raise self._refusal(shown)
        upstream = upstream_of(self._named, scheme, wanted)
        server = self._connected(upstream.place if upstream else wanted, shown, outward=outward and not upstream)
        with self._held(server):
            said = upstream.tunnel(server, wanted) if upstream and tunnels else b""
            _note(self._reached, shown, self._lock)
            if not tunnels:
                place = shown.encode()
                target = b"http://" + place + path if upstream else path
                headers = [(b"Host", place), *(upstream.headers if upstream else ())]
                pass_on(request, spoken, client, server, target, headers)
                return
            for each in (client, server):
                each.settimeout(None)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n" + said)
            server.sendall(spoken.trailing_data[0])
            both_ways(client, server)

    def _refusal(self, shown: str) -> NotServed:
        _note(self._refused, shown, self._lock)
        why = f"{shown} may not be reached: it is none of the hosts that this command may reach. {WHERE}."
        return NotServed(403, why, f"{shown} may not be reached")

    def _connected(self, place: Host, shown: str, *, outward: bool) -> socket.socket:
        """A connection to a host; ``outward`` only through an address of the internet."""
        try:
            found = socket.getaddrinfo(place.name, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NotServed(502, f"{place} cannot be found: {error}.", f"{place} cannot be found") from error
        usable = [each for each in found if not outward or public(str(each[4][0]))]
        if not usable:
            raise self._refusal(shown)
        why = None
        for family, kind, protocol, _, address in usable:
            connection = socket.socket(family, kind, protocol)
            connection.settimeout(CONNECT_S)
            try:
                connection.connect(address)
            except OSError as error:
                connection.close()
                why = error
            else:
                return connection
        raise NotServed(502, f"{place} cannot be reached: {why}.", f"{place} cannot be reached")


def _note(hosts: dict[str, None], shown: str, lock: threading.Lock) -> None:
    with lock:
        if len(hosts) < MOST_HOSTS:
            hosts[shown] = None
