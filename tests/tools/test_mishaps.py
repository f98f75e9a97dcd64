"""What kind of trouble an end was, told from ends that really happened."""

from __future__ import annotations

import errno
import os
import resource
import signal
import time
from pathlib import Path

import pytest

from tools import process
from tools.mishaps import BLAME, CATEGORIES, FACTS, GRAVITY, blamed, grave, possible, supported, why_not
from tools.postmortem import Evidence, counted, evidence_file, examined, keep, kept, said


def end(folder: Path, command: str, **more: object) -> Evidence:
    """The evidence of a shell command that was run to its end."""
    before, began = counted(), time.time()
    finished = process.run(
        ["/bin/sh", "-c", command], cwd=folder, env={"PATH": os.environ["PATH"]}, log=folder / "log", timeout_s=20
    )
    return examined(finished, oom_before=before, began=began, **more)


@pytest.mark.parametrize(
    ("command", "category"),
    [
        ("kill -SEGV $$", "crash"),
        ("sh -c 'kill -ABRT $$'", "crash"),
        ("kill -KILL $$", "interrupted"),
        ("kill -TERM $$", "interrupted"),
        ("echo no such angle; exit 3", "program_error"),
        ("there-is-no-such-program", "something_missing"),
        ("cat /no/such/file", "something_missing"),
        ("echo x > program; ./program", "permission"),
        ("ulimit -f 1; head -c 100000 /dev/zero > file", "disk_full"),
        ("head -c 10 /dev/zero > /dev/full", "disk_full"),
    ],
)
def test_an_end_is_told_by_what_the_system_says(tmp_path: Path, command: str, category: str) -> None:
    assert next(iter(supported(end(tmp_path, command)))) == category


def test_a_program_for_another_machine_is_not_runnable(tmp_path: Path) -> None:
    program = tmp_path / "program"
    header = bytearray(Path("/bin/sh").resolve().read_bytes()[:64])
    header[18:20] = (258).to_bytes(2, "little")  # e_machine: LoongArch
    program.write_bytes(bytes(header))
    program.chmod(0o755)
    assert "not_runnable" in supported(
        end(tmp_path, "exec python3 -c \"import os; os.execv('./program', ['program'])\"")
    )


def test_what_the_evidence_does_not_speak_for_is_refused(tmp_path: Path) -> None:
    crashed = end(tmp_path, "kill -SEGV $$")
    assert why_not("crash", crashed) is None
    assert why_not("out_of_memory", crashed) == (
        "It is no out_of_memory: no signal, record, sample or word of the system tells of a want of memory. "
        "The evidence speaks for crash."
    )
    assert "no time limit" in str(why_not("timeout", crashed))


def test_a_program_that_ends_by_itself_may_say_of_itself_that_memory_was_short(tmp_path: Path) -> None:
    assert "out_of_memory" in possible(end(tmp_path, "echo out of memory; exit 1"))
    assert "timeout" not in possible(end(tmp_path, "exit 1"))


def test_without_movement_a_time_limit_is_a_hang_and_with_a_prompt_it_waits() -> None:
    late = Evidence(timed_out=True, seconds=60)
    assert list(supported(late)) == ["timeout"]
    stuck = Evidence(timed_out=True, seconds=60, still="it no longer moves")
    assert list(supported(stuck)) == ["hang"]
    asking = Evidence(stopped="it no longer moves", still="it no longer moves", prompt="Accept?")
    assert next(iter(supported(asking))) == "waits_for_input"


def test_memory_is_told_by_the_record_or_by_what_was_used_of_a_limit() -> None:
    assert "out_of_memory" in supported(Evidence(signal=signal.SIGKILL, oom_kills=1))
    near = Evidence(exit_status=1, memory_limit=1000, peak_memory=900)
    assert "out_of_memory" in supported(near)
    assert "out_of_memory" not in supported(Evidence(exit_status=1, memory_limit=1000, peak_memory=100))
    assert "out_of_memory" not in supported(Evidence(signal=signal.SIGKILL))


def test_a_flood_may_have_gone_on_for_ever_or_not() -> None:
    seen = Evidence(flooded="The backend printed more than 64 MiB, and was stopped.", said=(errno.ENOENT,))
    assert possible(seen) == list(supported(seen)) == ["program_error", "hang"]
    assert seen.flooded in seen.in_words


def test_what_was_never_run_is_nothing_else() -> None:
    assert list(supported(Evidence(request="there is no such gate", exit_status=1))) == ["wrong_request"]


def test_a_memory_dump_is_found(tmp_path: Path) -> None:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text()
    if pattern.startswith(("|", "/")) or resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
        pytest.skip("the kernel leaves no memory dump in the working folder here")
    assert end(tmp_path, "ulimit -c unlimited; python3 -c 'import os; os.abort()'").core


def test_evidence_lies_beside_the_log(tmp_path: Path) -> None:
    seen = end(tmp_path, "cat /no/such/file")
    keep(seen, tmp_path / "log")
    assert evidence_file(tmp_path / "log").exists()
    assert kept(tmp_path / "log") == seen
    assert kept(tmp_path / "another") is None


def test_the_systems_words_are_found_at_both_ends_of_a_long_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file:
        file.write(b"x: Permission denied\n")
        file.write(b"nothing\n" * 200_000)
        file.write(b"y: No space left on device\n")
    assert [os.strerror(code) for code in said(log)] == ["No space left on device", "Permission denied"]


def test_whose_fault_and_how_severe_it_can_be_follows_from_the_category() -> None:
    assert blamed("disk_full") == ["environment"]
    assert "user" in blamed("timeout") and "environment" not in blamed("timeout")
    assert set(blamed("program_error")) == {"user", "backend", "environment"}
    assert grave("permission") == ["recoverable"]
    assert set(blamed("crash", "busy")) == {"backend", "environment"}
    assert set(BLAME) | set(GRAVITY) <= set(CATEGORIES)
    assert set(BLAME) | set(GRAVITY) >= set(FACTS) - {"hang", "waits_for_input"}
