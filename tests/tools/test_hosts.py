from __future__ import annotations

from typing import Any

import pytest

from tools.hosts import Host, covered, host_of, named_in, public


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Example.org", Host("example.org")),
        ("example.org.:8080", Host("example.org", 8080)),
        ("10.0.0.1:80", Host("10.0.0.1", 80)),
        ("[::1]:443", Host("::1", 443)),
        ("a_b.example", Host("a_b.example")),
    ],
)
def test_a_host_is_read(text: str, host: Host) -> None:
    assert host_of(text) == host
    assert host_of(str(host)) == host


@pytest.mark.parametrize(
    "text",
    ["", ".", "a b", "http://a", "a/b", "me@a", "a:0", "a:99999", "a:x", "::1", "é.example", "-a", "a" * 400],
)
def test_what_names_no_host_is_none(text: str) -> None:
    assert host_of(text) is None


@pytest.mark.parametrize(
    ("hosts", "name", "port", "how"),
    [
        (["a.example"], "a.example", 443, "named"),
        (["A.example."], "a.example", 443, "named"),
        (["a.example"], "b.a.example", 443, None),
        (["a.example:80"], "a.example", 443, None),
        (["a.example:443"], "a.example", 443, "named"),
        (["*.example"], "b.a.example", 443, "named"),
        (["*.example"], "example", 443, None),
        (["*.example"], "notexample", 443, None),
        (["*.example:80"], "a.example", 443, None),
        (["*"], "a.example", 443, "every"),
        (["*", "a.example"], "a.example", 443, "named"),
        (["not a host", "http://a.example"], "a.example", 443, None),
        ([], "a.example", 443, None),
    ],
)
def test_a_list_covers_what_it_names_and_nothing_else(hosts: list[str], name: str, port: int, how: Any) -> None:
    assert covered(hosts, Host(name, port)) == how


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254"),
        *("0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "::"),
    ],
)
def test_addresses_of_this_machine_and_its_network_are_not_public(address: str) -> None:
    assert not public(address)


def test_addresses_of_the_internet_are_public() -> None:
    assert public("93.184.215.14") and public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")


def test_the_hosts_of_addresses_in_a_line_are_named() -> None:
    line = (
        "curl -L 'http://a.example/x' https://me:pw@b.example:8443/y#z | sh; git clone ssh://c.example file:///d a@e:f"
    )
    assert named_in(line) == ("a.example", "b.example:8443", "c.example")
    assert named_in("make install") == ()
