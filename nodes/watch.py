"""Watches a running command on a thread of its own that never holds it back: shows it, asks about it, intervenes."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextvars import copy_context
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any, Literal

from models.errors import ModelError, Rejected
from nodes.build.progress import Reader
from nodes.session import Session
from nodes.watching.answers import Health, ProcessHealth
from nodes.watching.evidence import rests_on, table
from tools.excerpts import telling
from tools.filesystem import write_atomic
from tools.samples import Sample, Sampler, assessment_file, size
from tools.signs import NEWEST as NEWEST_REPEATED
from tools.signs import changed, character, repeating, trouble

TICK_S = 1.0
SOON_S = 2.0
"""The least time between two questions, however significant what is printed."""
SLOWER, SELDOM_S = 1.5, 60.0
"""While a command is healthy and its samples keep their character, it is asked about this much later each time."""
UNTIMED_S = 25.0
"""What a question to a model on these cores is taken to last until one was timed: as the first on one busy core did."""
NEWEST, KEPT = 6, 4000
"""Lines that the model is shown, and lines that are kept."""
LINE = 300
Question = Literal["progress", "health"]


class Watch:
    """Watches one command: its samples, its lines, and what the model thinks of both.

    The signs of trouble are computed by code (`tools.signs`). The model is asked every few seconds, at once when a sign
    appears and soon when the samples change their character. Where it wants to intervene and a sign confirms it, the
    command is stopped, or the person is told; where it cannot be asked, the person is told of the signs.

    Args:
        session: the run.
        expected: what the command is expected to do, as the end of a sentence that begins with "it".
        phase: what the person is told is going on.
        asking: False where no call is to be made, as in the replay of a verified recipe.
        reader: reads how far it is.
        stops: whether it is stopped where the model and a sign agree; as the settings say unless given.
    """

    def __init__(
        self,
        session: Session,
        expected: str,
        *,
        phase: str,
        asking: bool = True,
        reader: Reader | None = None,
        stops: bool | None = None,
    ):
        settings = session.settings
        self._session = session
        self._expected = expected
        self._phase = phase
        self._alone = session.asker.form == "none"
        self._asking = asking and settings.progress.live and not self._alone
        self._reader = reader
        self._stops = settings.watch.intervene == "stop" if stops is None else stops
        self._still_s = settings.watch.still_s
        self._embedded = session.asker.form == "small"
        self._every = settings.progress.seconds_embedded if self._embedded else settings.watch.seconds_remote
        self._later = self._every
        self._spent, self._questions = 0.0, 0
        self._limit = int(settings.limits.memory_gib * 2**30) or None
        self._fails = telling(settings.excerpt.failure_words)
        self._warns = re.compile("|".join(map(re.escape, settings.progress.warning_words)), re.IGNORECASE)
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._failed = False
        self._printed_at = 0.0
        self._shown = 0.0
        self._significant = 0
        self._before = ""
        self._mute: set[Question] = set()
        self._character = character(())
        self._signed: float | None = None
        self._told = False
        self._again: float | None = None
        self._patience = self._still_s
        self.warnings = 0
        self.sampler = Sampler()
        self.health: Health | None = None
        """The model's last judgement."""
        self.stop: str | None = None
        """Why the command is to be stopped, once an oracle agreed."""
        self._ended = threading.Event()
        # In the node's context, by which LangGraph knows where what is shown goes to.
        self._thread = threading.Thread(target=partial(copy_context().run, self._watch), name="watch", daemon=True)

    def line(self, _stream: str, text: str) -> None:
        """Take one line of output."""
        if not text.strip():
            return
        text = text.rstrip()[:LINE]
        self._printed_at = time.monotonic()
        self._lines.append(text)
        if self._warns.search(text):
            self.warnings += 1
        if self._fails(text):
            self._significant += 1
            self._failed = True
        found = self._reader.line(text) if self._reader else None
        if time.monotonic() - self._shown > 0.2:
            self._shown = time.monotonic()
            self._session.show(text, kind="output")
            if found:
                self._show(found.doing, found.percent)

    def watching(self) -> dict[str, Any]:
        """What `Session.command` is given."""
        return {"on_line": self.line, "sampler": self.sampler, "stop_if": lambda: self.stop}

    def __enter__(self) -> Watch:
        """Begin to watch."""
        self._session.show("", kind="progress", phase=self._phase, percent=None, warnings=0, ended=False)
        self._asked = self._judged = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End with the command; a question that is under way is not waited for."""
        self._ended.set()
        self._session.show("", kind="progress", phase=self._phase, percent=None, warnings=self.warnings, ended=True)

    def _show(self, doing: str, percent: int | None) -> None:
        self._session.show(
            doing, kind="progress", phase=self._phase, percent=percent, warnings=self.warnings, ended=False
        )

    def _watch(self) -> None:
        while not self._ended.wait(TICK_S):
            samples = tuple(self.sampler.samples)
            sign = self.sign(samples)
            self._show_status(samples, sign)
            question = self._due(samples, sign)
            if question and not self._ask(question, samples, sign):
                self._mute.add(question)
            if sign and not (self._can_ask("health") or (self._reader and self._can_ask("progress"))):
                self._settle(sign) if self._alone else self._offer(sign)

    def sign(self, samples: Sequence[Sample]) -> str | None:
        """What the oracles see that is wrong with it now, None where they see nothing."""
        lines = list(self._lines)
        if repeating(lines, [line for line in lines[-NEWEST_REPEATED:] if self._fails(line)]):
            self._again = self._again or time.monotonic()
        else:
            self._again = None
        return trouble(
            samples,
            lines,
            again_s=time.monotonic() - self._again if self._again else 0.0,
            still_s=self._still_s,
            printed_at=self._printed_at - self.sampler.began,
            fails=self._fails,
            limit=self._limit,
        )

    def _can_ask(self, question: Question) -> bool:
        return self._asking and question not in self._mute

    def _due(self, samples: Sequence[Sample], sign: str | None) -> Question | None:
        """What the model is asked now, if anything."""
        now = time.monotonic()
        since, least = now - self._asked, self._least()
        question: Question = "progress" if self._reader and self._lines else "health"
        if sign is None:
            self._signed, self._patience = None, self._still_s
        elif self._signed is None or now - self._signed >= self._patience:
            # At once, and again when it has lasted twice as long.
            self._patience = self._still_s if self._signed is None else 2 * self._patience
            self._signed = now
            asks = [one for one in (question, "health") if self._can_ask(one)]
            return asks[0] if asks else None
        if self._reader and self._can_ask("progress"):
            soon = min(self._reader.every, max(SOON_S, least))
            if self._reader.due(since, least) or (self._significant and since >= soon):
                return "progress"
        if not samples or not self._can_ask("health") or since < least:
            return None
        different = since >= SOON_S and changed(self._character, character(samples))
        return "health" if different or now - self._judged >= self._later else None

    def _least(self) -> float:
        """Seconds between two questions so that a model on these cores takes no more than its share of them."""
        if not self._embedded:
            return 0.0
        cost = self._spent / self._questions if self._questions else UNTIMED_S
        return cost / self._session.settings.progress.share

    def _ask(self, question: Question, samples: Sequence[Sample], sign: str | None) -> bool:
        """Ask the model; False where it cannot be asked this any more."""
        lines = "\n".join(reversed(list(islice(reversed(self._lines), NEWEST))))
        self._significant, began = 0, time.monotonic()
        try:
            if question == "progress":
                self._read(lines, sign)
            else:
                self._judge(lines, samples, sign)
        except Rejected:
            pass  # a judgement that does not stand is none; the next may
        except (ModelError, KeyboardInterrupt):
            return False  # the command goes on without it; the journal has the reason
        finally:
            self._asked = time.monotonic()
            self._spent, self._questions = self._spent + self._asked - began, self._questions + 1
        return True

    def _read(self, lines: str, sign: str | None) -> None:
        """Let the model read how far it is, and whether it should go on."""
        assert self._reader
        facts = [f"Measured: {sign}." if sign else "", "" if self._failed else "No error line was printed."]
        answer = self._reader.ask(lines, " ".join(filter(None, facts)), beside=sign is None)
        if self._ended.is_set():
            return  # what it says is of a command that is over
        reading = self._reader.take(answer, lines, list(self._lines))
        self._show(answer.doing, reading.percent)
        if answer.go_on == "abort":
            self._intervene("the model would stop it")

    def _judge(self, lines: str, samples: Sequence[Sample], sign: str | None) -> None:
        """Let the model judge how it is."""
        self._character, self._judged = character(samples), time.monotonic()
        shown, facts = table(samples), sign or "no sign of trouble was measured"
        before, self._before = self._before, lines
        answer = self._session.ask(
            "process_health",
            ProcessHealth,
            oracles=[rests_on(shown, lines, facts)],
            beside=sign is None,
            expected=self._expected,
            samples=shown,
            before=before or "(nothing)",
            lines=lines or "(nothing)",
            row=shown.splitlines()[-1].strip(),
            facts=facts,
            brief=self._embedded,  # a sign alone is what a small model judges best
        )
        if self._ended.is_set():
            return
        self.health = answer.health
        self._later = min(self._later * SLOWER, SELDOM_S) if answer.health == "healthy" else self._every
        self._session.run.record("watch", f"{answer.health}: {answer.rests_on}", sign=sign, **answer.model_dump())
        if self.sampler.file:
            told = {"at": time.time(), "sign": sign, **answer.model_dump()}
            write_atomic(assessment_file(self.sampler.file), json.dumps(told) + "\n")
        if answer.health == "intervene":
            self._intervene("the model would intervene")

    def _intervene(self, wish: str) -> None:
        """Carry out or offer what the model wants, if a sign confirms it."""
        sign = self.sign(tuple(self.sampler.samples))
        if sign is None:
            self._session.say(f"  {wish}; nothing confirms it: it still moves, and no failure repeats", step="watch")
        else:
            self._settle(sign, wish)

    def _settle(self, sign: str, wish: str = "without a model, the sign alone decides") -> None:
        """Stop the command where that was allowed, or tell the person."""
        if self._stops:
            self.stop = sign
            self._session.say(f"  {wish}; {sign}", step="watch", intervened=sign)
        else:
            self._offer(sign)

    def _offer(self, sign: str) -> None:
        """Tell the person, once, and let them decide."""
        if self._told:
            return
        self._told = True
        hint = "" if self._stops else " With `watch.intervene: stop` in the settings it would have been stopped."
        how = f"It goes on; `kill {self.sampler.pid}` ends this command, Ctrl+C the run."
        self._session.say(f"  {self._phase}: {sign}. {how}{hint}", step="watch", offered=sign)

    def _show_status(self, samples: Sequence[Sample], sign: str | None) -> None:
        if samples:
            now = samples[-1]
            self._session.show(
                f"{now.cpu:.1f} cores, {size(now.rss)}",
                kind="status",
                phase=self._phase,
                health=self.health,
                sign=sign,
            )
