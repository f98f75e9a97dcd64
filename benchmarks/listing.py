"""What reading a listing of many tests costs, over counting its lines: `python -m benchmarks.listing [TESTS]`.

Prints, for each form of listing, the seconds in which a pattern is inferred and in which a known one is replayed, the
median of several runs, and how often the text could be searched for line ends in the meantime.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from tools.listing import learn, read

REPEATS = 5
FORMS = {
    "numbered": ("  Test #{n}: case_{n}", "Total Tests: {count}"),
    "paths": ("tests/test_{file}.py::test_{n}[{n}]", "{count} tests collected in 9.1s"),
    "suffixed": ("module{file}::case_{n}: test", "{count} tests, 0 benchmarks"),
    "without a number": ("Test{n}", "ok  \tsim/core\t0.004s"),
}


def listing(form: str, count: int) -> tuple[str, list[str], str]:
    """A listing, the names that a model would copy, and the words that say how many there are."""
    line, words = FORMS[form]
    lines = [line.format(n=n, file=n // 50) for n in range(1, count + 1)]
    stated = words.format(count=count)
    prefix, suffix = ("  Test #{n}: ", "") if form == "numbered" else ("", ": test" if form == "suffixed" else "")
    numbers = (1, count // 2, count)
    names = [lines[n - 1].removeprefix(prefix.format(n=n)).removesuffix(suffix) for n in numbers]
    return "\n".join([*lines, "", stated, ""]), names, "none" if form == "without a number" else stated


def seconds(work: Callable[[], object]) -> float:
    """The median of several runs."""
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    """Measure and print a row a form."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    for form in FORMS:
        text, names, words = listing(form, count)
        found = learn(text, names, words)
        assert len(found.names) == count, (form, len(found.names))
        least = seconds(lambda text=text: text.count("\n"))
        learned = seconds(lambda text=text, names=names, words=words: learn(text, names, words))
        replayed = seconds(lambda text=text, rule=found.rule: read(text, rule))
        print(
            f"{form:<17} {count} tests: inferred in {learned:.3f} s, replayed in {replayed:.3f} s; "
            f"{learned / least:.0f} and {replayed / least:.0f} times counting the lines"
        )


if __name__ == "__main__":
    main()
