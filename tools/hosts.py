"""Names of hosts: what is written in a list of them, what such a list covers, and what stands in a command."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import Literal, NamedTuple

EVERY = "*"
"""In a list: every host that is reached through a public address."""
UNDER = "*."
"""Before a domain in a list: every host below it, but not the domain itself."""
NAME = r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?"
WRITTEN = re.compile(rf"(?:\[([0-9a-f:.]+)\]|({NAME}))\.?(?::(\d{{1,5}}))?")
ADDRESSES = re.compile(r"\b[a-z][a-z0-9+.-]*://([^\s/?#'\"<>|;&()`\\]+)", re.IGNORECASE)
"""Where an address of the web, in a line, names its host."""
LONGEST = 253
"""Characters of a name (RFC 1035)."""


class Host(NamedTuple):
    """A host, and the port on it where one is meant."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


def host_of(text: str) -> Host | None:
    """The host that a text names, as HOST or HOST:PORT, an IPv6 address in brackets; None where it is no such name."""
    found = WRITTEN.fullmatch(text.strip().lower())
    if not found or len(text) > LONGEST + len("[]:65535"):
        return None
    port = int(found[3]) if found[3] else None
    return Host(found[1] or found[2], port) if port is None or 0 < port < 1 << 16 else None


def covered(hosts: Iterable[str], wanted: Host) -> Literal["named", "every"] | None:
    """How a list covers a host at a port: by its name, as one of all hosts, or not at all.

    Args:
        hosts: names as `host_of` takes them, also with ``*.`` before a domain, and ``*``.
        wanted: with its port.
    """
    every = False
    for entry in hosts:
        every = every or entry == EVERY
        below = entry.startswith(UNDER)
        host = host_of(entry.removeprefix(UNDER))
        if host is None or host.port not in (None, wanted.port):
            continue
        if wanted.name.endswith(f".{host.name}") if below else wanted.name == host.name:
            return "named"
    return "every" if every else None


def literal(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a name is, in any of the ways in which the system reads one; None where it is a real name."""
    try:
        found = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        try:
            found = ipaddress.IPv4Address(socket.inet_aton(name))  # such as 127.1, 0x7f000001, 2130706433
        except OSError:
            return None
    return getattr(found, "ipv4_mapped", None) or found


def public(address: str) -> bool:
    """Whether an address is one of the internet, and none of this machine or of the networks that it is in."""
    found = literal(address)
    return found is not None and found.is_global and not found.is_multicast


def named_in(line: str) -> tuple[str, ...]:
    """The hosts of the web addresses that stand in a line, in order."""
    places = (match[1].rpartition("@")[2] for match in ADDRESSES.finditer(line))
    return tuple(dict.fromkeys(str(host) for place in places if (host := host_of(place))))
