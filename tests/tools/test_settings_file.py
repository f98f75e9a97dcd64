from __future__ import annotations

import pytest

from configs.settings import SettingsError, load_settings, settings_file
from tools.settings_file import add_host

WRITTEN = """# mine
approve: safe  # so far

network:
  # the mirror
  hosts:
    - 'mirror.example:8080'  # of the group
limits: {cpu_s: 5}
"""


def test_a_host_is_added_and_the_rest_of_the_file_stays() -> None:
    path = settings_file()
    path.write_text(WRITTEN)
    add_host("[::1]:443")
    add_host("b.example")
    added = "limits:", "    - '[::1]:443'\n    - b.example\nlimits:"
    assert path.read_text() == WRITTEN.replace(*added)
    assert load_settings().network.hosts == ("mirror.example:8080", "[::1]:443", "b.example")
    backups = sorted(copy.read_text() for copy in path.parent.glob(f"{path.name}.bak-*"))
    assert WRITTEN in backups and len(backups) == 2
    before = path.read_text()
    add_host("b.example")
    assert path.read_text() == before


@pytest.mark.parametrize("text", [None, "", "network: {}\n", "network: {hosts: []}\n", "approve: all\n"])
def test_what_is_not_there_yet_is_made(text: str | None) -> None:
    if text is not None:
        settings_file().write_text(text)
    add_host("a.example")
    assert load_settings().network.hosts == ("a.example",)


def test_a_file_that_cannot_be_used_is_left_as_it_is() -> None:
    settings_file().write_text("network: [\n")
    with pytest.raises(SettingsError, match="not valid YAML"):
        add_host("a.example")
    assert settings_file().read_text() == "network: [\n"


@pytest.mark.parametrize("host", ["http://a.example", "*", "a b", "*.*.example", "a:b", "me@a.example", "-x"])
def test_what_names_no_host_is_said(host: str) -> None:
    settings_file().write_text(f"network: {{hosts: [{host!r}]}}\n")
    with pytest.raises(SettingsError, match=r"network.hosts.0.*write HOST, HOST:PORT or \*\.DOMAIN"):
        load_settings()
    settings_file().write_text("network: {hosts: [a.example, 'b.example:80', '*.c.example', '[::1]:443', 10.0.0.1]}\n")
    assert len(load_settings().network.hosts) == 5
