"""What a model is shown where it learns to speak to a backend: names, example circuits, the help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from configs import TEMPLATES
from nodes.verify.interface import candidates, help_of
from nodes.verify.speech.examples import quoted_circuits, shown_circuits
from nodes.verify.speech.learn import told_of
from nodes.verify.speech.names import methods, spoken_of
from tests.nodes.tiny_backend import begin

MODULE = '''
class Unrelated:
    def noise(self, p: float): "Adds noise."

class Machine:
    def __init__(self, n: int = 2): self.n = n
    def turn(self, qubit: int, angle: "float | None" = 0.5, *, back: bool = False) -> None: "Turns."
    def flip(self, *qubits: int) -> None: "Flips."
    def _hidden(self): ...

class Compiled:
    """Said by its first line only, as compiled functions do."""
    __name__ = "join"
    __doc__ = "join(self: toy.Machine, a: int | str, b: typing.Sequence[int] = []) -> None"
    def __call__(self, *a): ...
    @property
    def __signature__(self): raise ValueError

Machine.join = Compiled()
'''


def test_names_are_listed_without_types_and_with_what_compiled_functions_say(tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text(MODULE)
    program = (TEMPLATES / "list_names.txt").read_text() + "\nimport toy; _print_names(toy)"

    found = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)

    lines = found.stdout.splitlines()
    at = lines.index("class Machine(n=2)")
    assert lines[at + 1 : at + 4] == [
        "    flip(*qubits)",
        "    join(a, b=[])",
        "    turn(qubit, angle=0.5, *, back=False)",
    ]


def test_names_that_the_documents_speak_of_come_first() -> None:
    names = "class Unrelated\n    noise(p)\nclass Machine\n    turn(q)\nrun(x)\n"

    assert spoken_of(names, "Unrelated is not Machine. m = Machine()", 100).splitlines()[0] == "class Machine"
    assert spoken_of(names, "m = Machine()", 30) == "class Machine\n    turn(q)"


def test_the_methods_of_the_object_that_gates_are_applied_to(tmp_path: Path) -> None:
    session, _state = begin(tmp_path)
    (session.tree / "toy.py").write_text(MODULE)
    dialect: dict[str, Any] = {
        "kind": "program",
        "suffix": ".py",
        "before": [
            f"import sys; sys.path.insert(0, {str(session.tree)!r})",
            "from toy import Machine",
            "m = Machine(⟨n⟩)",
        ],
        "gates": {"h": "m.turn(⟨a⟩)"},
        "after": ["raise SystemExit(1)"],
        "command": f"{sys.executable} ⟨circuit⟩",
    }

    assert methods(session, dialect, 1000).splitlines()[0] == "m.flip(*qubits)"
    assert methods(session, {**dialect, "gates": {"h": "turn(m, ⟨a⟩)"}}, 1000) == ""
    assert methods(session, {**dialect, "kind": "file"}, 1000) == ""


def test_example_circuits_are_no_commands_and_no_programs(tmp_path: Path) -> None:
    session, _state = begin(tmp_path)
    circuit = "init 2\nhad 0\ncnt 0 1\nshow"
    texts = [
        "wavelet bell.wl\n00 5\n11 5",
        "$ mkbell\nx 1\ny 2",
        "import wavelet\nw = wavelet.W()\nw.run()",
        "cat x\nls\nrm y",
        "a ──► b\nc\nd",
        circuit,
    ]
    survey = session.recipe.get("survey")
    survey["blocks"] = [{"file": "README.md", "heading": "", "tag": "", "text": text} for text in texts]
    survey["commands"]["run"] = ["cnt 0 1"]  # what a small model may take a circuit's line for
    session.recipe.put("survey", survey, "a test")

    assert shown_circuits(session) == [circuit]


def test_a_program_that_does_not_know_one_way_to_ask_for_help_is_asked_another(tmp_path: Path) -> None:
    session, _state = begin(tmp_path)
    program = session.tree / "bin" / "short"
    program.write_text('#!/bin/sh\n[ "$1" = -h ] || { echo unknown argument; exit 1; }\necho "-s SEED : the seed"\n')
    program.chmod(0o755)
    failing = session.tree / "bin" / "failing"
    failing.write_text('#!/bin/sh\n[ "$1" = -h ] && echo "usage: failing FILE"\nexit 2\n')
    failing.chmod(0o755)

    assert help_of(session, str(failing)) == (f"{failing} -h", "usage: failing FILE\n")
    assert help_of(session, str(program)) == (f"{program} -h", "-s SEED : the seed\n")


def test_texts_in_the_tests_that_begin_alike_are_example_circuits(tmp_path: Path) -> None:
    session, _state = begin(tmp_path)
    (session.tree / "a" / "b" / "c" / "tests").mkdir(parents=True)
    (session.tree / "tests").mkdir()
    (session.tree / "tests" / "test_reader.py").write_text(
        'def test_a():\n    """Reads\n    a\n    file."""\n    read("""\n    TINY 1\n    qubits 2\n    had 0""")\n'
        'def test_b():\n    read("""\n    TINY 1\n    qubits 3\n    had 0\n    cnt 0 1\n    """)\n'
    )
    (session.tree / "reader.py").write_text('HELP = """\nTINY 1\nno\ntest\n"""\n')

    assert quoted_circuits(session) == ["TINY 1\nqubits 3\nhad 0\ncnt 0 1", "TINY 1\nqubits 2\nhad 0"]


def test_gates_are_chosen_among_words_that_the_documents_show_as_code(tmp_path: Path) -> None:
    session, _state = begin(tmp_path)
    (session.tree / "README.md").write_text("# Gates\n\nThe gate `FLIP q`:\n\n```\nTURN 0\n```\n\nA gate costs time.\n")

    assert told_of(session, {"kind": "file", "gates": {"h": "HAD ⟨a⟩"}}).names == ["FLIP", "q", "TURN"]


def test_a_program_that_runs_the_tests_runs_no_circuits(tmp_path: Path) -> None:
    session, _state = begin(tmp_path)
    (session.tree / "README.md").write_text("wavelet FILE\n\nTests: build/bin/wavecheck\n")
    survey = session.recipe.get("survey")
    survey["commands"]["test"] = ["./build/bin/wavecheck --all"]
    session.recipe.put("survey", survey, "a test")
    made = {"programs": ["bin/wavelet", "build/tmp/wavecheck"], "modules": []}

    assert list(candidates(session, made)) == ["the program bin/wavelet"]
