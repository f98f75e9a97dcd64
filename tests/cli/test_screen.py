"""What a person sees while a command runs, at a terminal and elsewhere."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from cli.screen import PLAIN_S, Screen


def progress(text: str = "", percent: int | None = None, *, ended: bool = False) -> dict[str, Any]:
    return {"kind": "progress", "text": text, "phase": "build", "percent": percent, "warnings": 3, "ended": ended}


def test_without_a_terminal_progress_is_plain_lines_now_and_then() -> None:
    now, output = [0.0], io.StringIO()
    screen = Screen(Console(file=output, highlight=False, soft_wrap=True), lambda: now[0])
    with screen:
        screen.show(progress())
        screen.show({"kind": "say", "text": "$ make [all]"})
        for second in range(25):
            now[0] = float(second)
            screen.show(progress(f"CC file{second}.o", second * 4))
            screen.show({"kind": "output", "text": "a line of output"})
        screen.show(progress(ended=True))
    lines = output.getvalue().splitlines()
    assert lines == [
        "$ make [all]",
        "  build: 40 %, CC file10.o (10 s, 3 warnings)",
        "  build: 80 %, CC file20.o (20 s, 3 warnings)",
    ]
    assert PLAIN_S == 10.0


def test_at_a_terminal_phase_target_share_time_and_warnings_are_one_live_line() -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=120, highlight=False, soft_wrap=True)
    screen = Screen(console)
    with screen:
        screen.show(progress())
        screen.show(progress("CC gates.o", 37))
        assert screen._live is not None
        screen._live.refresh()
        shown = output.getvalue()
        screen.show(progress(ended=True))
        assert screen._live.tasks == []
    for part in ("build", "37%", "0:00:0", "3 warnings", "CC gates.o"):
        assert part in shown


def status(health: str | None = None, sign: str | None = None) -> dict[str, Any]:
    return {"kind": "status", "text": "1.9 cores, 310.0 MiB", "phase": "tests", "health": health, "sign": sign}


def test_at_a_terminal_what_a_command_uses_and_how_it_is_stand_in_that_line() -> None:
    output = io.StringIO()
    screen = Screen(Console(file=output, force_terminal=True, width=160, highlight=False, soft_wrap=True))
    with screen:
        screen.show(status())  # before there is a line to show it in
        screen.show(progress())
        for event, words in (
            (status(), "1.9 cores, 310.0 MiB"),
            (status("healthy"), "310.0 MiB, healthy"),
            (status("healthy", "it no longer moves"), "310.0 MiB, it no longer moves"),
        ):
            screen.show(event)
            assert screen._live is not None
            screen._live.refresh()
            assert words in output.getvalue()


def test_without_a_terminal_what_a_command_uses_is_told_now_and_then() -> None:
    now, output = [0.0], io.StringIO()
    screen = Screen(Console(file=output, highlight=False, soft_wrap=True), lambda: now[0])
    with screen:
        screen.show({**progress(), "phase": "tests"})
        for second in range(25):
            now[0] = float(second)
            screen.show(status("healthy"))
        now[0] = 30.0
        screen.show(progress("CC a.o", 40))
    assert output.getvalue().splitlines() == [
        "  tests: 1.9 cores, 310.0 MiB, healthy (10 s)",
        "  tests: 1.9 cores, 310.0 MiB, healthy (20 s)",
        "  build: 40 %, CC a.o (30 s, 3 warnings, 1.9 cores, 310.0 MiB, healthy)",
    ]


def test_what_a_tool_prints_is_no_markup() -> None:
    output = io.StringIO()
    screen = Screen(Console(file=output, force_terminal=True, width=120))
    with screen:
        screen.show(progress())
        screen.show({"kind": "output", "text": "[bold]x[/nonsense]"})
        assert screen._live is not None
        screen._live.refresh()
    assert "[bold]x[/nonsense]" in output.getvalue()
