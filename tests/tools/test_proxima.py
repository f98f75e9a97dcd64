from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tools import proxima, registration
from tools.proxima import ProximaError, backends, config_file, ensure_home, home_of
from tools.registration import register, remove, update
from tools.wrapper import HEADER

FACTS = {"module": "wave_adapter", "class": "WaveAdapter"}
WRAPPER = f'"""{HEADER}: wave."""\n'


def enter(home: Path, config: dict[str, Any] | None = None, wrapper: str = WRAPPER) -> list[str]:
    changed = register(home, "wave", facts=FACTS, config=config or {"path": "/w"}, wrapper=wrapper)
    return sorted(path.name for path in changed)


def test_the_home_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PROXIMA_HOME", raising=False)
    assert home_of() == tmp_path / ".proxima"
    monkeypatch.setenv("PROXIMA_HOME", "~/other")
    assert home_of() == tmp_path / "other"
    assert home_of("/given") == Path("/given")


def test_reading_makes_nothing(tmp_path: Path) -> None:
    assert backends(tmp_path / "none") == {}
    assert not (tmp_path / "none").exists()


def test_a_home_gets_what_it_lacks_and_keeps_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "backends").mkdir()
    (tmp_path / "backends" / "base.py").write_text("# mine\n")
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "default.yaml").write_text("a: 1\n")

    made = ensure_home(tmp_path)

    assert sorted(path.name for path in made) == ["__init__.py", "backends.json", "registry.py"]
    assert (tmp_path / "backends" / "base.py").read_text() == "# mine\n"
    assert config_file(tmp_path) == tmp_path / "configs" / "default.yaml"
    assert ensure_home(tmp_path) == []


def test_a_registration_can_be_repeated_changed_and_undone(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    config = config_file(tmp_path)
    text = config.read_text()

    assert enter(tmp_path) == ["backends.json", "default.yaml", "wave_adapter.py"]
    assert enter(tmp_path) == []
    assert enter(tmp_path, {"path": "/other"}) == ["backends.json", "default.yaml"]
    assert 'path: "/other"' in config.read_text() and "/w" not in config.read_text()
    assert list(config.parent.glob("default.yaml.bak-*"))

    update(tmp_path, "wave", health={"status": "healthy"})
    assert backends(tmp_path)["wave"]["health"] == {"status": "healthy"}
    assert len(remove(tmp_path, "wave")) == 3
    assert config.read_text() == text
    assert backends(tmp_path) == {}


def test_a_crash_between_the_files_is_made_good_by_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_home(tmp_path)
    real = registration._changed
    for survived in (1, 2):
        written: list[Path] = []

        def crash(path: Path, content: str, survived: int = survived, written: list[Path] = written) -> bool:
            if len(written) == survived:
                raise KeyboardInterrupt
            written.append(path)
            return real(path, content)

        monkeypatch.setattr(registration, "_changed", crash)
        with pytest.raises(KeyboardInterrupt):
            enter(tmp_path)
        monkeypatch.setattr(registration, "_changed", real)

    assert enter(tmp_path) == ["default.yaml"]


def test_keys_that_the_person_added_to_our_entry_stay(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    enter(tmp_path)
    config = config_file(tmp_path)
    config.write_text(config.read_text() + "    nice: 5\n")

    enter(tmp_path, {"path": "/new"})

    assert proxima.config_entries(tmp_path)["wave"] == {"path": "/new", "nice": 5}


@pytest.mark.parametrize("where", ["registry", "configuration", "wrapper"])
def test_what_a_person_made_stays(tmp_path: Path, where: str) -> None:
    ensure_home(tmp_path)
    if where == "registry":
        (tmp_path / "backends.json").write_text('{"backends": {"wave": {"module": "m", "class": "C"}}}')
    elif where == "configuration":
        config_file(tmp_path).write_text("backends:\n  wave: {}\n")
    else:
        (tmp_path / "backends" / "wave_adapter.py").write_text("# by hand\n")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(ProximaError, match=r"Rigil did not enter|not made by Rigil"):
        enter(tmp_path)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    with pytest.raises(ProximaError):
        remove(tmp_path, "wave")
    with pytest.raises(ProximaError):
        update(tmp_path, "wave", health={})


def test_others_in_the_registry_stay_as_they_are(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    others = {"version": 2, "backends": {"ä": {"module": "m", "weight": 1.5, "tags": [True, None]}}, "x": []}
    path = tmp_path / "backends.json"
    path.write_text(json.dumps(others, indent=4, ensure_ascii=False))

    enter(tmp_path)

    found = json.loads(path.read_text())
    assert found["backends"].pop("wave")["module"] == "wave_adapter"
    assert found == others
    assert '\n    "version": 2' in path.read_text() and "ä" in path.read_text()


@pytest.mark.parametrize("text", ["{", "[]", '{"backends": []}', '{"backends": {"a": 1}}'])
def test_a_registry_that_is_none_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "backends.json").write_text(text)

    with pytest.raises(ProximaError, match=r"backends\.json"):
        backends(tmp_path)


def test_a_configuration_that_is_none_changes_nothing(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    config_file(tmp_path).write_text("backends: [a]\n")

    with pytest.raises(ProximaError, match=r"default\.yaml"):
        enter(tmp_path)

    assert not (tmp_path / "backends" / "wave_adapter.py").exists()


def test_two_writers_take_turns(tmp_path: Path) -> None:
    ensure_home(tmp_path)

    def one(number: int) -> None:
        name = f"b{number}"
        facts = {"module": f"{name}_adapter", "class": "C"}
        register(tmp_path, name, facts=facts, config={"n": number}, wrapper=WRAPPER)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(backends(tmp_path)) == set(proxima.config_entries(tmp_path)) == {f"b{n}" for n in range(8)}


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tools.registration import register, remove
home, mine = Path(sys.argv[2]), sys.argv[3]
print("ready", flush=True)
sys.stdin.readline()
for number in range(4):
    name = f"{mine}{number}"
    register(home, name, facts={"module": f"{name}_adapter"}, config={"n": number}, wrapper=sys.argv[4])
    if number % 2:
        remove(home, name)
"""


def test_two_processes_take_turns(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    config = config_file(tmp_path)
    text = "# by hand\r\nbackends:\r\n   mine: {a: 1}   # odd\r\n\r\nother: 'x'\r\n"
    config.write_bytes(text.encode())
    root = str(Path(proxima.__file__).parents[1])
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, root, str(tmp_path), mine, WRAPPER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for mine in "ab"
    ]
    for writer in writers:
        assert writer.stdout and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0

    left = {"a0", "a2", "b0", "b2"}
    assert set(backends(tmp_path)) == left
    assert set(proxima.config_entries(tmp_path)) == {"mine"} | left
    for name in left:
        remove(tmp_path, name)
    assert config.read_bytes() == text.encode()


def test_a_linked_configuration_stays_a_link_and_files_keep_their_modes(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    elsewhere = tmp_path / "dotfiles" / "proxima.yaml"
    elsewhere.parent.mkdir()
    config = config_file(tmp_path)
    config.replace(elsewhere)
    config.symlink_to(elsewhere)
    elsewhere.chmod(0o640)
    (tmp_path / "backends.json").chmod(0o600)
    before = elsewhere.read_bytes()

    enter(tmp_path)

    assert config.is_symlink() and config.resolve() == elsewhere
    assert "wave" in proxima.config_entries(tmp_path)
    assert elsewhere.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "backends.json").stat().st_mode & 0o777 == 0o600
    saved = next(config.parent.glob("default.yaml.bak-*"))
    assert saved.read_bytes() == before and saved.stat().st_mode & 0o777 == 0o640
    remove(tmp_path, "wave")
    assert config.is_symlink() and elsewhere.read_bytes() == before
    assert not [path for path in tmp_path.rglob(".*") if path.name != ".rigil.lock"]


def test_a_configuration_in_another_encoding_is_said_and_stays(tmp_path: Path) -> None:
    ensure_home(tmp_path)
    config_file(tmp_path).write_bytes("a: \xe4\n".encode("latin-1"))

    with pytest.raises(ProximaError, match="not UTF-8 text"):
        enter(tmp_path)

    assert config_file(tmp_path).read_bytes() == b"a: \xe4\n"


def test_a_crash_while_writing_leaves_the_old_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_home(tmp_path)
    config = config_file(tmp_path)
    before = config.read_bytes()

    def crash(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        proxima.write_atomic(config, "backends: {}\n")

    assert config.read_bytes() == before
    assert [path.name for path in config.parent.iterdir()] == [config.name]


def test_a_home_that_is_held_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_home(tmp_path)
    monkeypatch.setattr(proxima, "LOCK_S", 0.01)

    with FileLock(tmp_path / ".rigil.lock"), pytest.raises(ProximaError, match="try again"):
        enter(tmp_path)
