"""Whole runs with a model that answers right, but for seeded garbage, in seeded faults of its server: each ends
verified, or hands over to the person."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from graph.runner import PARTIAL, UNREACHABLE, VERIFIED, WAITING
from models.errors import ModelError
from models.scripted import ScriptedChatModel
from tests.e2e.machine import PACKAGE, Machine, Said
from tests.survival.faulty import TRANSPORT, Faulty, Messages, garbage
from tools.proxima import backends
from tools.runs import FINISHED

RARE = [fault for fault in TRANSPORT if fault not in ("hang", "drip", "401")]
"""Faults that cost no time and may pass."""


def babbling(machine: Machine, rng: random.Random, share: float, count: Any) -> Any:
    """The script's answers, with a share of garbage; each is counted."""
    script = ScriptedChatModel(path=machine.folder / "answers.yaml")
    kinds = {"system": SystemMessage, "user": HumanMessage}

    def answer(messages: Messages) -> str:
        told = [kinds[one["role"]](one["content"]) for one in messages if one["role"] in kinds]
        try:
            right = str(script.invoke(told).text)
        except ModelError:
            right = "{}"
        if rng.random() >= share:
            return right
        count("garbage answers taken", 1)
        return garbage(rng, right)

    return answer


def sound(machine: Machine, code: int, count: Any, *, whole: bool) -> None:
    """What has to hold of a run, however it ended."""
    run = machine.newest()
    failed = [line for line in run.journal() if "Traceback" in line["text"]]
    assert failed == []
    assert code in (VERIFIED, PARTIAL, WAITING, UNREACHABLE), code
    assert (run.status in FINISHED) == (code in (VERIFIED, PARTIAL))
    built = (run.workspace / "tree" / "tinysim").exists()
    if "build.inspect" in machine.settled():
        assert built and machine.installed().count(PACKAGE) >= 1
    entered = backends(machine.home) if machine.home.exists() else {}
    count("false claims", int(code == VERIFIED and not (whole and entered)))
    count("processes left", len(machine.processes()))
    if code == VERIFIED:
        assert whole and entered
    assert machine.processes() == []


def driven(machine: Machine, answer: Any, settings: str, *more: str, plan: Sequence[str] = ("pass",)) -> Said:
    """A run with such a model to its end, and what the person was shown of it."""
    server = Faulty(answer, [*plan])
    machine.settings(settings)
    machine.model = server.model
    try:
        said = machine.rigil(*machine.up(), *more, "--quiet-model")
    finally:
        server.close()
    assert "Traceback" not in said.err, said.err
    assert server.did.total() > 5
    return said


@pytest.mark.parametrize(
    ("whole", "seed"),
    [
        (False, 1),
        *(pytest.param(False, seed, marks=pytest.mark.whole) for seed in range(2, 30)),
        *(pytest.param(True, seed, marks=pytest.mark.whole) for seed in range(100, 110)),
    ],
)
def test_a_run_whose_model_babbles_ends_verified_or_hands_over(
    whole: bool, seed: int, bare: Machine, record_property: Any
) -> None:
    rng = random.Random(seed)
    plan = [] if whole else [rng.choice(RARE) if rng.random() < 0.05 else "pass" for _ in range(300)]
    answer = babbling(bare, rng, 0.1 if whole else 0.2, record_property)
    settings = f"model_call: {{timeout_s: 30, tries: 3}}\nbudget: {{calls: {300 if whole else 80}, attempts: 2}}"
    said = driven(bare, answer, settings, *([] if whole else ["--until", "build"]), plan=[*plan, "pass"])
    sound(bare, said.code, record_property, whole=whole)


WRONG = {
    "a Bell state is biased": ("double r = sqrt(0.5);", "double r = 0.6;"),
    "every gate is noisy": ("double flip = 0;", "double flip = 0.05;"),
    "the last qubit is read from the first": ("putchar('0' + (i >> q & 1))", "putchar('0' + (i >> (q % 2) & 1))"),
    "it draws too few ones": ("double u = qrand_uniform(&rng);", "double u = 0.9 * qrand_uniform(&rng);"),
}
"""What the backend gets wrong in whatever circuit: nothing that could be left out would make it right."""


@pytest.mark.parametrize(
    ("wrong", "seed"),
    [
        ("every gate is noisy", 1),
        *(pytest.param(wrong, seed, marks=pytest.mark.whole) for wrong in WRONG for seed in range(2, 7)),
    ],
)
def test_a_backend_that_is_wrong_is_never_verified(
    wrong: str, seed: int, machine: Machine, record_property: Any
) -> None:
    source = machine.source / "tinysim.c"
    text = source.read_text()
    assert WRONG[wrong][0] in text
    source.write_text(text.replace(*WRONG[wrong]))
    machine.with_header()
    answer = babbling(machine, random.Random(seed), 0.1, record_property)
    said = driven(machine, answer, "model_call: {timeout_s: 30, tries: 3}\nbudget: {calls: 150, attempts: 2}")
    record_property("false claims", int(said.code in (VERIFIED, PARTIAL)))
    record_property("processes left", len(machine.processes()))
    assert said.code in (WAITING, UNREACHABLE), said
    assert "registration" not in machine.recipe() and not (machine.home.exists() and backends(machine.home))
    assert machine.processes() == []
