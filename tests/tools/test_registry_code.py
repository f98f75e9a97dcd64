from __future__ import annotations

from pathlib import Path

import pytest

from tools.layout import bases_of, layout_of, likeliest, modules_of
from tools.registry_code import registry_in, with_adapter, without_adapter

CODE = '''"""All simulators."""
from app.ports.base import Port
from app.ports.one import One  # the first
from app.ports.two import Two


class Hub:
    KINDS = [
        One,
        Two,  # slow
    ]

    def add(self, port: Port) -> None: ...

    def find(self, name: str) -> Port | None: ...

    def every(self) -> list[Port]: ...


HUB: Hub = Hub()
'''


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_adapter_stands_behind_another_and_goes_again(start: str, end: str) -> None:
    text = start + CODE.replace("\n", end)

    changed = with_adapter(text, "Two", "new_adapter", "New")

    assert changed is not None
    added = [line for line in changed.split(end) if line not in text.split(end)]
    assert added == ["from app.ports.new_adapter import New  # made by Rigil", "        New,  # made by Rigil"]
    assert without_adapter(changed, "New") == text
    assert without_adapter(changed, "Newer") == changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[\n        One,\n        Two,  # slow\n    ]", "[One, Two]"),
        ("        Two,  # slow\n", "        Two\n"),
        ("from app.ports.two import Two\n", "import app.ports.two\nTwo = app.ports.two.Two\n"),
    ],
)
def test_what_takes_more_than_whole_lines_is_left_alone(old: str, new: str) -> None:
    assert old in CODE
    assert with_adapter(CODE.replace(old, new), "Two", "new_adapter", "New") is None


def test_a_relative_import_stays_relative() -> None:
    changed = with_adapter(CODE.replace("app.ports.two", ".ports.two"), "Two", "new_adapter", "New")
    assert changed and "from .ports.new_adapter import New" in changed


def test_where_a_proxima_keeps_what(tmp_path: Path) -> None:
    ports = tmp_path / "src" / "app" / "ports"
    ports.mkdir(parents=True)
    for folder in (ports, ports.parent):
        (folder / "__init__.py").write_text("")
    base = "import abc\nclass Port(abc.ABC):\n    @abc.abstractmethod\n    def run(self, circuit): ...\n"
    (ports / "base.py").write_text(base)
    (ports.parent / "hub.py").write_text(CODE)
    venv = tmp_path / "env"
    venv.mkdir()
    (venv / "pyvenv.cfg").write_text("")
    (venv / "base.py").write_text(base)

    candidates = bases_of(tmp_path)
    assert [path.name for path in modules_of(tmp_path)].count("base.py") == 1
    base_class = likeliest(candidates)
    assert base_class is not None
    layout = layout_of(tmp_path, base_class)

    assert (layout.root, layout.package, layout.source) == (tmp_path / "src", "app.ports", ".base")
    code = layout.registry
    assert code is not None
    assert (code.holder, code.instance, code.enters, code.gives, code.listed) == ("Hub", "HUB", "add", "find", "Two")
    assert layout.module(code.path) == "app.hub"


def test_functions_of_a_module_are_a_registry_too(tmp_path: Path) -> None:
    path = tmp_path / "registry.py"
    path.write_text("def add(port: Port): ...\ndef load(name: str) -> Port: ...\n")
    code = registry_in([path], "Port")
    assert code is not None and (code.holder, code.enters, code.gives) == ("", "add", "load")
    path.write_text("def load(name: str) -> Port: ...\n")
    code = registry_in([path], "Port")
    assert code is not None and code.enters == ""
    path.write_text("def load(name) -> list[Port]: ...\nPort = 1 +\n")
    assert registry_in([path], "Port") is None
