"""What a model is shown of a running command: a few of its samples as a table, the newest lines beside earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nodes.watching.answers import ProcessHealth
from tools.quotations import stands_in
from tools.samples import Sample, size

STEPS = (1, 2, 5, 10, 20, 40, 80)
"""How far back, in samples, the rows above the newest lie from each other: the nearest past in detail."""
HEAD = "time | cpu cores | memory | growth | input and output | threads | status | free memory"


def table(samples: Sequence[Sample]) -> str:
    """A head and some eight rows, the newest last."""
    chosen = [len(samples) - 1]
    for back in STEPS:
        chosen.append(chosen[-1] - back)
    chosen = sorted(index for index in chosen if index >= 0)
    rows = [HEAD]
    rows += [row(samples[index], samples[max(0, index - 1)]) for index in chosen]
    return "\n".join(rows)


def row(sample: Sample, before: Sample) -> str:
    """One sample in words; growth, input and output are of a second."""
    span = max(sample.seconds - before.seconds, 1e-3)
    growth = (sample.rss - before.rss) / span
    moved = max(0, sample.read + sample.written - before.read - before.written) / span
    sign = "-" if growth < 0 else "+"
    return (
        f"{sample.seconds:.0f} s | {sample.cpu:.2f} | {size(sample.rss)} | {sign}{size(abs(growth))}/s | "
        f"{size(moved)}/s | {sample.threads} | {sample.status} | {size(sample.available)}"
    )


def rests_on(*shown: str) -> Callable[[ProcessHealth], str | None]:
    """The oracle of a judgement: what it rests on stands in what was shown."""

    def oracle(answer: ProcessHealth) -> str | None:
        if any(stands_in(answer.rests_on, text) for text in shown):
            return None
        return f"{answer.rests_on!r} stands neither in the samples nor in the log nor in the facts. Copy what is there."

    return oracle
