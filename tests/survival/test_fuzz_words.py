"""More readers of outside text, as `test_fuzz`: commands, help, logs, programs, archives, ProximA's code, settings."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.settings import SettingsError, load_settings
from models import fencing
from tests.survival.test_fuzz import DEEP, SIZES, TEXT
from tools import commands, dialect, documents, excerpts, options, progress, quotations, reading, stated
from tools.contract import bases_in, contract_of
from tools.dialect import DialectError
from tools.locations import locations
from tools.reading import DriverError
from tools.redact import redactor
from tools.registry_code import registry_in, with_adapter, without_adapter
from tools.source import SourceError, fetch_source

SHELL = ["make", "$(", "`", "'", '"', "\\", ";", "&&", "||", "|", "<<E", ">", "{", "}", "#", "sudo", "cd", "x=1", "&"]
SHELL += ["-C", "--out=a", "\x00", "\n", "$'\\x41'", "((", "if", "fi", "$IFS", "é", "\ud800", "test_a", "a.qasm", "!"]
LINE = st.lists(st.sampled_from(SHELL), max_size=12).map(" ".join) | TEXT
HELP = ["--shots", "N", "-s,", "[--seed", "S]", "(default:", "1000)", "{a,b}", "1..20", "one of:", "<", "|", "\n  "]
MANUAL = st.lists(st.sampled_from(HELP) | st.text(max_size=3), max_size=30).map(" ".join) | TEXT
LOG = ["a.c:3:", "error:", "Error", "\x1b[2J", "\r", "failed: 0", "1/3", "[ 50%]", "a.py", "line", "99999999999", "\n"]
OUTPUT = st.lists(st.sampled_from(LOG) | st.text(max_size=3), max_size=30).map(" ".join) | TEXT
CODE = [
    "class A(ABC):\n",
    " @abstractmethod\n",
    " def run(self, circuit: str):\n",
    "  return 1\n",
    "import a\n",
    "B, \n",
]
PYTHON = st.lists(st.sampled_from([*CODE, "LIST = [A]\n", "def get(name: str) -> A: ...\n", "(" * 300])).map("".join)


def tried(documented: type[Exception] | tuple[type[Exception], ...], *readers: Callable[[], Any]) -> None:
    """Each reads, or says why not with the error that it documents."""
    for reader in readers:
        try:
            reader()
        except documented as error:
            assert str(error)


@pytest.mark.parametrize("size", SIZES)
def test_commands_and_documents(size: settings, tmp_path: Path) -> None:
    document = tmp_path / "README.md"

    @size
    @given(LINE, LINE)
    def read(text: str, name: str) -> None:
        for line in documents.command_lines(text):
            documents.is_program_text(line)
            documents.names_one_of(line, ["make", name])
        commands.programs(text)
        template = commands.template_of(text, name or "x")
        if template:
            commands.filled(template, "it's; rm -rf /")
        document.write_text(text, encoding="utf-8", errors="replace")
        list(documents.blocks(document, tmp_path))
        documents.sentences(text)
        documents.telling(text, ("make",), 50)

    read()
    for deep in ("-" * 20_000 + "1", "a" + ".b" * 20_000, "lambda:" * 20_000 + "1"):
        assert not documents.is_program_text(deep)
    for line in ("make\0", "make \ud800", "'", "make && ("):
        assert documents.shell_accepts(line) is False
    assert documents.shell_accepts("make all") is True


@pytest.mark.parametrize("size", SIZES)
def test_help(size: settings) -> None:
    @size
    @given(MANUAL)
    def read(text: str) -> None:
        for option in options.options_in(text):
            options.fragment(option)
            for reader in (stated.choices_in, stated.default_in, stated.range_in, stated.templates_in):
                reader(option.text)
        options.stands_in_help("shots", text)

    read()


@pytest.mark.parametrize("size", SIZES)
def test_logs(size: settings, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    for name in ("a.c", "a.py"):
        (tmp_path / name).write_text("one\ntwo\nthree\n")
    words = load_settings().excerpt.failure_words

    @size
    @given(OUTPUT, OUTPUT)
    def read(text: str, quote: str) -> None:
        log.write_text(text, encoding="utf-8", errors="replace")
        excerpts.excerpt(log, words, 20, 500)
        excerpts.tail(log, 3)
        quotations.stands_in(quote, text)
        assert all(place.file in ("a.c", "a.py", "a.log") for place in locations(text, tmp_path))
        shown = fencing.fence(text, "output")
        assert not [sign for sign in shown if sign not in "\n\t" and ord(sign) < 32]
        redactor().text(text)
        readings = [progress.Reading(line, "", quote, 1, 3) for line in text.splitlines()[:3]]
        if readings and (pattern := progress.pattern_of(readings)):
            progress.explains(pattern, text.splitlines())

    read()


@pytest.mark.parametrize("size", SIZES)
def test_what_a_model_read_of_programs(size: settings) -> None:
    @size
    @given(st.lists(LINE, max_size=6), OUTPUT, st.dictionaries(st.from_regex(r"[01]{1,3}"), OUTPUT, max_size=3))
    def read(lines: list[str], output: str, outcomes: dict[str, str]) -> None:
        tried(
            DialectError,
            *(lambda line=line: dialect.gate_template(line, 2, 1) for line in lines),
            lambda: dialect.split_program(lines),
            lambda: dialect.frame_lines(lines),
            lambda: dialect.command_template(output, "a.qasm"),
            lambda: dialect.reading_pattern(output, outcomes),
        )

    read()


@pytest.mark.parametrize("size", SIZES)
def test_files_that_a_backend_left(size: settings, tmp_path: Path) -> None:
    form = {"state_file": {"name": "s", "format": "npy"}, "output_file": "o", "reversed": True}
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '<c16', 'fortran_order': False, 'shape': (2,), }"

    @size
    @given(st.binary(max_size=80), st.integers(0, len(header)), st.sampled_from(["npy", "complex64", "complex128"]))
    def read(data: bytes, cut: int, kind: str) -> None:
        for name in ("s", "o"):
            (tmp_path / name).write_bytes(header[:cut] + data)
        told = {**form, "state_file": {"name": "s", "format": kind}}
        tried(
            DriverError,
            lambda: reading.state_in(told, tmp_path, 1),
            lambda: reading.understood(told, "", tmp_path, 1, 10, state=True),
        )

    read()
    for name in ("s", "o"):
        (tmp_path / name).unlink()
        (tmp_path / name).symlink_to("/etc/passwd") if name == "s" else os.mkfifo(tmp_path / name)
    with pytest.raises(DriverError, match="left no readable file 's'"):
        reading.state_in(form, tmp_path, 1)
    with pytest.raises(DriverError, match="left no readable file 'o'"):
        reading.understood(form, "", tmp_path, 1, 10)


def archives() -> list[bytes]:
    made = []
    for mode in ("w", "w:gz", "w:xz"):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode=mode) as tar:  # type: ignore[call-overload]
            for name in ("a/b", "a/c"):
                info = tarfile.TarInfo(name)
                info.size = 3
                tar.addfile(info, io.BytesIO(b"abc"))
        made.append(file.getvalue()[:1600])
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("a/b", "abc" * 50)
    return [*made, file.getvalue()]


@pytest.mark.parametrize("size", SIZES)
def test_archives(size: settings, tmp_path: Path) -> None:
    @size
    @given(st.sampled_from(archives()), st.lists(st.tuples(st.integers(0, 1600), st.integers(0, 255)), max_size=4))
    def read(whole: bytes, changes: list[tuple[int, int]]) -> None:
        data = bytearray(whole)
        for at, byte in changes:
            data[at % len(data)] = byte
        with tempfile.TemporaryDirectory(dir=tmp_path) as made:
            archive = Path(made) / "a.tar"
            archive.write_bytes(data)
            tried(SourceError, lambda: fetch_source(str(archive), Path(made) / "tree", limit=1 << 20))
            assert {path.name for path in Path(made).iterdir()} <= {"a.tar", "tree", ".tree.partial"}

    read()


@pytest.mark.parametrize("size", SIZES)
def test_proximas_code_and_the_persons_settings(size: settings, tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    person = tmp_path / "settings.yaml"

    @size
    @given(PYTHON | TEXT | st.sampled_from(DEEP), TEXT)
    def read(text: str, chosen: str) -> None:
        file.write_text(text, encoding="utf-8", errors="replace")
        person.write_text(chosen, encoding="utf-8", errors="replace")
        for candidate in bases_in([file]):
            tried(ValueError, lambda candidate=candidate: contract_of(file, candidate.name))
            registry_in([file], candidate.name)
        changed = with_adapter(text, "A", "new_adapter", "New")
        assert changed is None or "New" in changed
        without_adapter(text, "A")
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("RIGIL_SETTINGS", str(person))
            tried(SettingsError, load_settings)

    read()
