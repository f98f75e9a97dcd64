"""The proxy as its clients meet it, over its own socket; what a sandbox makes of it is in `test_proxied`."""

from __future__ import annotations

import base64
import http.client
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.tools.conftest import until
from tests.tools.web import Web, web
from tools import proxied_request
from tools.forwarder import both_ways
from tools.proxied_request import HEAD_BYTES
from tools.proxy import Proxy
from tools.traffic import Traffic

Start = Callable[..., Proxy]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with web(monkeypatch) as made:
        yield made


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Makes proxies in a folder whose name is longer than a socket's address may be."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    made: list[Proxy] = []

    def make(*hosts: str) -> Proxy:
        made.append(Proxy(folder / str(len(made)), hosts))
        return made[-1]

    yield make
    for each in made:
        each.close()
    assert list(folder.iterdir()) == []


def called(proxy: Proxy) -> socket.socket:
    """A connection to the proxy, by its folder since its own path is too long."""
    connection = socket.socket(socket.AF_UNIX)
    folder = os.open(proxy.path.parent, os.O_PATH)
    try:
        connection.connect(f"/proc/self/fd/{folder}/{proxy.path.name}")
    finally:
        os.close(folder)
    connection.settimeout(20)
    return connection


def asked(proxy: Proxy, request: bytes) -> bytes:
    """Everything that is said to a request, until the proxy ends the connection."""
    with called(proxy) as connection:
        connection.sendall(request)
        said = b""
        while block := connection.recv(1 << 16):
            said += block
        return said


def get(place: str, path: str = "/", headers: str = "") -> bytes:
    return f"GET http://{place}{path} HTTP/1.1\r\nHost: {place}\r\n{headers}\r\n".encode()


def connect(place: str, then: str = "") -> bytes:
    return f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n{then}".encode()


class Through(http.client.HTTPConnection):
    """A client of Python's own that is led through the proxy."""

    def __init__(self, proxy: Proxy) -> None:
        super().__init__("proxy")
        self._proxy = proxy

    def connect(self) -> None:
        self.sock = called(self._proxy)
        self._tunnel()  # type: ignore[attr-defined]


def test_a_host_of_the_list_answers_and_another_is_refused_by_name(host: Web, start: Start) -> None:
    proxy = start("one.example")
    said = asked(proxy, get(f"one.example:{host.port}", "/a?3"))
    assert said.startswith(b"HTTP/1.1 200 ") and said.endswith(f"GET /a?3 at one.example:{host.port}\nxxx".encode())
    other = f"two.example:{host.port}"
    refused = asked(proxy, get(other)).decode()
    assert refused.startswith(f"HTTP/1.1 403 {other} may not be reached\r\n")
    assert f"\r\n\r\n{other} may not be reached: " in refused and "`network: hosts:`" in refused
    assert len(host.heads) == 1
    assert proxy.traffic == Traffic((f"one.example:{host.port}",), (other,))
    assert other in proxy.traffic.in_words


def test_what_is_asked_of_one_host_is_not_told_to_another(host: Web, start: Start) -> None:
    proxy = start("one.example")
    one, two = f"one.example:{host.port}", f"two.example:{host.port}"
    forged = get(one, headers="Proxy-Authorization: x\r\nConnection: keep-alive, X-A\r\nX-A: b\r\n")
    forged = forged.replace(f"Host: {one}".encode(), f"Host: {two}".encode())
    assert asked(proxy, forged + get(two)).count(b"HTTP/1.1 ") == 1
    assert [head["Host"] for head in host.heads] == [one]
    assert {"Proxy-Authorization", "X-A"}.isdisjoint(host.heads[0]) and host.heads[0]["Connection"] == "close"
    mixed = f"GET http://{one}\\@{two}/ HTTP/1.1\r\nHost: {one}\r\n\r\n"
    assert b" 403 " in asked(proxy, mixed.encode())


def test_a_tunnel_leads_to_a_host_of_the_list_alone(host: Web, start: Start) -> None:
    proxy = start(f"one.example:{host.port}")
    client = Through(proxy)
    client.set_tunnel("one.example", host.port)
    for path in ("/a", "/b"):
        client.request("GET", path)
        assert client.getresponse().read().decode().startswith(f"GET {path} at one.example")
    client.close()
    for wanted in (f"two.example:{host.port}", "one.example:443"):
        client = Through(proxy)
        name, _, port = wanted.partition(":")
        client.set_tunnel(name, int(port))
        with pytest.raises(OSError, match=f"403 {wanted.removesuffix(':443')} may not be reached"):
            client.request("GET", "/")
        client.close()
    assert proxy.traffic == Traffic((f"one.example:{host.port}",), (f"two.example:{host.port}", "one.example"))
    # What comes with the request for the tunnel is the host's already.
    early = connect(f"one.example:{host.port}", "GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert b"GET /c at h" in asked(proxy, early)


INSIDE = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "inside.example",
    "localhost",
)


@pytest.mark.parametrize("name", INSIDE)
def test_every_host_is_none_of_this_machine_unless_it_is_named(name: str, host: Web, start: Start) -> None:
    wanted = f"{name}:{host.port}"
    proxy = start("*")
    assert b" 403 " in asked(proxy, get(wanted))
    assert b" 403 " in asked(proxy, connect(wanted))
    assert host.heads == [] and proxy.traffic == Traffic((), (wanted,))
    if name.startswith("["):
        return
    assert b" 200 " in asked(start("*", wanted), get(wanted))


BAD = {
    "a head without end": (b"GET http://one.example/ HTTP/1.1\r\n" + b"X: y\r\n" * HEAD_BYTES, 431),
    "one line without end": (b"GET http://one.example/" + b"a" * 2 * HEAD_BYTES, 431),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    "two lengths": (get("one.example", headers="Content-Length: 1\r\nContent-Length: 2\r\n"), 400),
    "no proxy's address": (b"GET / HTTP/1.1\r\nHost: one.example\r\n\r\n", 400),
    "another scheme": (b"GET ftp://one.example/ HTTP/1.1\r\nHost: one.example\r\n\r\n", 400),
    "no host": (b"GET http:///x HTTP/1.1\r\nHost: one.example\r\n\r\n", 400),
    "escapes": (connect("one.example\x1b[31m:80"), 400),
    "a tunnel without a port": (connect("one.example"), 400),
    "a port that is none": (connect("one.example:99999"), 400),
}


@pytest.mark.parametrize(("request_", "status"), BAD.values(), ids=BAD)
def test_what_is_no_request_is_answered_as_such(request_: bytes, status: int, start: Start) -> None:
    proxy = start("*")
    assert asked(proxy, request_).startswith(f"HTTP/1.1 {status} ".encode())
    assert proxy.traffic == Traffic()


def test_a_head_that_never_comes_is_not_waited_for(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.proxy.HEAD_S", 0.05)
    assert asked(start("*"), b"GET http://one.example/ HT") == b""


def test_a_body_is_passed_on_whether_its_length_is_known_or_not(host: Web, start: Start) -> None:
    proxy, place = start("one.example"), f"one.example:{host.port}"
    head = f"POST http://{place}/ HTTP/1.1\r\nHost: {place}\r\n"
    assert asked(proxy, f"{head}Content-Length: 5\r\n\r\nhello".encode()).endswith(b"\nhello")
    chunks = "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
    assert asked(proxy, f"{head}{chunks}".encode()).endswith(b"\nhello")
    with called(proxy) as connection:
        connection.sendall(f"{head}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"hello")
        said = b""
        while block := connection.recv(1 << 16):
            said += block
    assert said.endswith(b"\nhello")


def test_twenty_at_once_get_what_is_theirs(host: Web, start: Start) -> None:
    proxy, place = start("one.example"), f"one.example:{host.port}"

    def fetch(number: int) -> bool:
        size = 100_000 + number
        if number % 2:
            said = asked(proxy, get(place, f"/{number}?{size}")).partition(b"\r\n\r\n")[2]
        else:
            client = Through(proxy)
            client.set_tunnel("one.example", host.port)
            client.request("GET", f"/{number}?{size}")
            said = client.getresponse().read()
            client.close()
        return said == f"GET /{number}?{size} at {place}\n".encode() + b"x" * size

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(fetch, range(20)))
    assert proxy.traffic == Traffic((place,))


def test_a_host_that_is_away_is_told_from_one_that_is_refused(host: Web, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    proxy = start("one.example", "nowhere.invalid")
    assert asked(proxy, get(f"one.example:{port}")).startswith(b"HTTP/1.1 502 one.example:")
    assert asked(proxy, get("nowhere.invalid")).startswith(b"HTTP/1.1 502 nowhere.invalid")
    assert proxy.traffic == Traffic()


def test_it_ends_with_all_its_connections(host: Web, start: Start) -> None:
    before = threading.active_count()
    proxy = start("one.example")
    with called(proxy) as tunnel, called(proxy) as silent:
        tunnel.sendall(connect(f"one.example:{host.port}"))
        assert b" 200 " in tunnel.recv(1000)
        proxy.close()
        assert tunnel.recv(10) == b"" and silent.recv(10) == b""
    assert not proxy.path.exists()
    assert until(lambda: threading.active_count() <= before + 1)  # the host's own thread may wait a little


@contextmanager
def by_tcp(proxy: Proxy) -> Iterator[int]:
    """A port that leads to a proxy, as that of a person's network."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=lead, args=(client,), daemon=True).start()

        def lead(client: socket.socket) -> None:
            with client, called(proxy) as further:
                further.settimeout(None)
                both_ways(client, further)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_it_goes_through_the_proxy_of_the_person(host: Web, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    further = start("one.example")
    place, other = f"one.example:{host.port}", f"two.example:{host.port}"
    with by_tcp(further) as port:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://me:pass%20word@127.0.0.1:{port}")
        proxy = start("one.example", "two.example")
        assert b" 200 " in asked(proxy, get(place, "/a"))
        client = Through(proxy)
        client.set_tunnel("one.example", host.port)
        client.request("GET", "/b")
        assert client.getresponse().read().startswith(b"GET /b")
        client.close()
        assert further.traffic == Traffic((place,))
        # What the further one refuses is told as its own answer, not as ours.
        assert asked(proxy, get(other)).startswith(b"HTTP/1.1 403 ")
        refused = asked(proxy, connect(other))
        assert refused.startswith(b"HTTP/1.1 502 ") and b"refused two.example" in refused
        assert proxy.traffic.refused == () and further.traffic.refused == (other,)
        monkeypatch.setenv("NO_PROXY", "two.example")
        assert b" 200 " in asked(start("two.example"), get(other))
    assert b"pass" not in b"".join(str(head).encode() for head in host.heads)


def test_the_login_of_the_persons_proxy_is_given_to_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                heads.append(client.recv(1 << 16))
                client.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        monkeypatch.setenv("ALL_PROXY", f"me:pass%20word@127.0.0.1:{server.getsockname()[1]}")
        refused = asked(start("one.example"), connect("one.example:443"))
    assert base64.b64encode(b"me:pass word") in heads[0]
    assert b"refused one.example:443: 407 Who are you" in refused and b"pass" not in refused


def test_a_proxy_of_another_kind_is_said(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://me:secret@127.0.0.1:1080")
    said = asked(start("one.example"), connect("one.example:443"))
    assert said.startswith(b"HTTP/1.1 502 ") and b"socks5://127.0.0.1:1080" in said and b"secret" not in said


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"])
def test_a_host_that_speaks_no_http_ends_its_own_request_alone(
    answer: bytes, host: Web, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxied_request, "IDLE_S", 5)
    proxy = start("one.example")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(1 << 16)
                client.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        said = asked(proxy, get(f"one.example:{server.getsockname()[1]}"))
    assert said.startswith(b"HTTP/1.1 502 ") or said.endswith(b"abc")
    assert b" 200 " in asked(proxy, get(f"one.example:{host.port}"))


def test_names_are_remembered_up_to_a_number(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.proxy.MOST_HOSTS", 3)
    proxy: Any = start()
    for number in range(5):
        assert b" 403 " in asked(proxy, get(f"h{number}.example"))
    assert proxy.traffic.refused == ("h0.example", "h1.example", "h2.example")
