"""The proxy that the person's own environment names, through which ours goes on where there is one."""

from __future__ import annotations

import base64
import socket
import urllib.request
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import h11

from tools.hosts import Host, host_of
from tools.proxied_request import HEAD_S, NotServed, event, send, spoken_with


class Upstream(NamedTuple):
    """A proxy on the way, and the headers with which it knows us."""

    place: Host
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def tunnel(self, server: socket.socket, wanted: Host) -> bytes:
        """Have a connection to it led on to a host; returns what the host said already.

        Raises:
            NotServed: if it is refused.
        """
        spoken, target = spoken_with(h11.CLIENT), str(wanted).encode()
        headers = [(b"Host", target), *self.headers]
        try:
            send(spoken, server, h11.Request(method="CONNECT", target=target, headers=headers))
            while isinstance(answer := event(spoken, server, HEAD_S), h11.InformationalResponse):
                pass
        except (h11.RemoteProtocolError, OSError) as error:
            raise NotServed(502, f"The proxy {self.place}, which the environment names, fails: {error}.") from error
        if not isinstance(answer, h11.Response) or not 200 <= answer.status_code < 300:
            status, reason = getattr(answer, "status_code", ""), getattr(answer, "reason", b"")
            told = f"{status} {reason.decode('ascii', 'replace')}".strip()
            raise NotServed(502, f"The proxy {self.place}, which the environment names, refused {wanted}: {told}.")
        return spoken.trailing_data[0]


def upstream_of(named: dict[str, str], scheme: str, wanted: Host) -> Upstream | None:
    """The proxy that is named for a scheme, unless the host is excepted from it.

    Args:
        named: what `urllib.request.getproxies` made of the environment.
        scheme: ``http`` or ``https``.
        wanted: the host.

    Raises:
        NotServed: if it is none that we can go through.
    """
    address = named.get(scheme) or named.get("all")
    if not address or urllib.request.proxy_bypass(str(wanted), named):
        return None
    address = address if "://" in address else f"http://{address}"
    parts = urlsplit(address)
    host = host_of(parts.netloc.rpartition("@")[2])
    if parts.scheme != "http" or host is None:
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        raise NotServed(502, f"The environment names the proxy {shown}; only those whose address is http:// are used.")
    login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
    known = (b"Proxy-Authorization", b"Basic " + base64.b64encode(login))
    return Upstream(Host(host.name, host.port or 80), (known,) if parts.username else ())
