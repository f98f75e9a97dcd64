"""What is known of a backend beside its README: help, source files, products, and the words for its gates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nodes.integrate.metadata import metadata
from tests.nodes.tiny_backend import begin

LAMBDA = '"RZ": lambda t: ((cmath.exp(-0.5j * t), 0), (0, cmath.exp(0.5j * t))),'


def described(session: Any, state: Any) -> dict[str, Any]:
    """The file that the step leaves in the run's folder."""
    after = metadata(state)
    assert after["failure"] is None, after["failure"]
    found: dict[str, Any] = json.loads((session.run.folder / "metadata.json").read_text())
    return found


def test_every_field_carries_its_words_or_says_that_none_state_it(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    readme = session.tree / "README.md"
    table = "\n| Word | Gate |\n| --- | --- |\n| `H q` | Hadamard |\n| `CX a b` | controlled NOT |\n"
    readme.write_text(readme.read_text() + "\n```sh\nwavelet circuit.wl --shots 100\n```\n" + table)
    program = session.tree / "bin" / "wavelet"
    program.write_text(program.read_text().replace('"T": lambda t: ((1, 0)', "chr(84): lambda t: ((1, 0)"))
    survey = session.recipe.get("survey")
    survey["blocks"] = [{"text": "wavelet circuit.wl --shots 100"}]
    session.recipe.put("survey", survey, "a test")

    found = described(session, state)

    assert found["name"] == {"value": "wavelet", "words": "# wavelet"}
    assert found["version"]["value"] == "1.4" and found["max_qubits"]["value"] == "12"
    assert found["gates"]["h"] == {"value": "H", "line": "H ⟨a⟩", "words": "| `H q` | Hadamard |"}
    assert found["gates"]["cx"]["words"] == "| `CX a b` | controlled NOT |"
    assert found["gates"]["rz"] == {"value": "RZ", "line": "RZ ⟨a⟩ ⟨t⟩", "words": LAMBDA}
    assert found["gates"]["t"]["words"] == "not stated"
    assert found["invocation"]["words"] == "wavelet circuit.wl --shots 100"
    assert found["invocation"]["value"].endswith("--shots ⟨shots⟩ --seed ⟨seed⟩")
    assert found["features"]["noise"]["words"] == "It simulates depolarizing noise."
    assert found["features"]["gpu"] == found["features"]["mpi"] == {"value": "not stated", "words": "not stated"}
    assert found["products"] == {"programs": ["bin/wavelet"], "modules": []}
    assert found["qubits_tried"] == 12 and "--help" in found["sources"]


def test_a_silent_readme_is_no_end(tmp_path: Path) -> None:
    feature = [
        {"when": "--threads", "answer": {"feature": "threads"}},
        {"when": "nodes of a cluster", "answer": {"feature": "mpi"}},
        {"answer": {"feature": "none"}},
    ]
    session, state = begin(tmp_path, feature=feature)
    (session.tree / "README.md").write_text("# wavelet\n")
    program = session.tree / "bin" / "wavelet"
    program.write_text(program.read_text().replace("at most 12 qubits", "too many"))
    header = session.tree / "src" / "core" / "wavelet.h"
    header.parent.mkdir(parents=True)
    header.write_text(
        '#define WAVELET_VERSION "1.4"\n#define MAX_QUBITS 12\n/* MPI spreads it over the nodes of a cluster. */\n'
    )
    (session.tree / "table.bin").write_bytes(b"version 9.9\0")

    found = described(session, state)

    assert found["version"] == {"value": "1.4", "words": '#define WAVELET_VERSION "1.4"'}
    assert found["max_qubits"] == {"value": "12", "words": "#define MAX_QUBITS 12"}
    assert found["features"]["threads"]["words"] == "--threads T number of threads"
    assert found["features"]["mpi"]["words"].startswith("MPI spreads it over the nodes of a cluster.")
    assert "src/core/wavelet.h" in found["sources"] and "table.bin" not in found["sources"]


def test_words_that_are_gone_from_a_source_file_are_asked_for_again(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    (session.tree / "README.md").write_text("# wavelet\n")
    header = session.tree / "wavelet.h"
    header.write_text('__version__ = "1.4"\n')
    assert described(session, state)["version"]["value"] == "1.4"

    header.write_text('#define WAVELET_VERSION "1.5"\n')

    assert described(session, state)["version"]["value"] == "not stated"  # the model still says 1.4


def test_what_code_knows_is_renewed_without_a_question(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    described(session, state)
    asked = len(session.asker.transcript.records())
    session.recipe.put("verified_gates", ["h", "cx"], "a test")

    found = described(session, state)

    assert list(found["gates"]) == ["h", "cx"]
    assert len(session.asker.transcript.records()) == asked
