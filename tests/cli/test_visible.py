"""What a backend prints, on the terminal of the person who runs, watches, lists or checks it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from rich.console import Console

from cli import health, jobs, listing
from cli.run import _Progress, retell
from cli.watch import _screen
from configs.settings import load_settings, state_folder
from tests.hostile.test_words import ESCAPES
from tools.followed import View
from tools.job import Standing
from tools.jobs import Jobs
from tools.results import RunResult
from tools.runs import Runs
from tools.standing import Finding


@pytest.fixture(autouse=True)
def _own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGIL_STATE", str(tmp_path_factory.mktemp("state")))


def _result(attack: str) -> None:
    result = RunResult(attack, attack, attack, {"a": attack}, counts={attack: 1}, shots=1, metrics={attack: 1.0})
    retell("\n".join(json.dumps(one.as_dict()) for one in (result, result)))
    _Progress(1).seen(RunResult("b", "1", "c", {}, error=attack))


def _watched(attack: str) -> None:
    told = {"at": 0.0, "health": attack, "rests_on": attack}
    view = View(attack, True, [], [attack], attack, told)
    console = Console(file=(shown := io.StringIO()), force_terminal=True, color_system=None, width=400)
    console.print(_screen(view))
    print(shown.getvalue())


def _health(attack: str) -> None:
    meaning = {"cause": attack, "quote": attack, "fix": attack}
    health._say(Finding("b", "unhealthy", attack, "2030", changed=(attack,), meaning=meaning), False)


def _job(attack: str) -> None:
    kept = Jobs(state_folder(), load_settings())
    job = kept.begin("key")
    job.write("job.json", backend=attack, circuit=attack, through="local")
    (job.folder / "stdout").write_text(attack)
    (job.folder / "stderr").write_text(attack)
    jobs._told(job, Standing("done", "2030", attack), True, job.output("stderr"))
    jobs._told(job, Standing("lost", "2030", attack), False, attack)


def _shown(attack: str) -> None:
    run = Runs(state_folder()).create("source", "name", "rules")
    run.record("step", attack, log=attack)
    assert listing.show_run(None) == 0


@pytest.mark.parametrize("attack", ESCAPES.values(), ids=ESCAPES)
@pytest.mark.parametrize("shows", [_result, _watched, _health, _job, _shown])
def test_no_command_of_a_stranger_reaches_the_terminal(
    shows: Callable[[str], None], attack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shows(attack)
    shown = "".join(capsys.readouterr())
    assert shown.strip()
    assert not [sign for sign in shown if sign not in "\n\t" and not sign.isprintable()]
