from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from nodes.asked import settle
from nodes.integrate.metadata import metadata
from nodes.integrate.parameters import parameters
from nodes.integrate.register import register
from tests.nodes.tiny_backend import ANSWERS, begin
from tools.adapters import load_adapter
from tools.proxima import backends
from tools.theirs import bound, changes

NODES = (metadata, parameters, register)


def work(state: Any, *nodes: Any) -> Any:
    for node in nodes or NODES:
        state = {**state, **node(state)}
        if state["failure"]:
            break
    return state


def done(state: Any, *nodes: Any) -> Any:
    state = work(state, *nodes)
    assert state["failure"] is None, state["failure"]
    return state


def calls(session: Any) -> list[str]:
    return [record["question"] for record in session.asker.transcript.records()]


def test_metadata_keeps_only_what_words_state(tmp_path: Path) -> None:
    session, state = begin(tmp_path)

    done(state, metadata)

    found = session.recipe.get("metadata")
    assert found["version"] == {"value": "1.4", "words": "wavelet 1.4 works on at most 12 qubits."}
    assert found["max_qubits"]["value"] == "12"
    assert found["features"] == {"noise": {"value": "noise", "words": "It simulates depolarizing noise."}}
    assert calls(session).count("feature") == 3  # only what speaks of noise and of threads was shown, two of each
    assert found["tried_qubits"] == 12
    assert found["gates"] == ["h", "cx", "x", "z", "t", "ry", "rz"]


@pytest.mark.parametrize("wrong", ["2.0", "4", ".4", "not stated"])
def test_a_version_that_no_line_states_is_not_stated(tmp_path: Path, wrong: str) -> None:
    answer = {"name": "nosuchname", "version": wrong, "max_qubits": "2"}
    session, state = begin(tmp_path, metadata=answer)

    done(state, metadata)

    found = session.recipe.get("metadata")
    assert found["version"]["value"] == found["max_qubits"]["value"] == "not stated"
    assert found["name"] == "wavelet"


def test_answers_of_no_use_cost_the_fields_and_not_the_run(tmp_path: Path) -> None:
    session, state = begin(tmp_path, metadata="no JSON", parameter_option={"option": "--nosuch"})

    state = done(state)

    assert session.recipe.get("metadata")["version"]["value"] == "not stated"
    assert session.recipe.get("parameters")["options"] == {}


def test_metadata_is_asked_again_when_its_words_are_gone(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    done(state, metadata)
    done(state, metadata)
    assert calls(session).count("metadata") == 1

    (session.tree / "README.md").write_text("# wavelet\n")
    done(state, metadata)

    assert calls(session).count("metadata") == 2
    assert session.recipe.get("metadata")["version"]["value"] == "not stated"


def test_parameters_are_what_runs_bear_out(tmp_path: Path) -> None:
    session, state = begin(tmp_path)

    state = done(state, parameters)

    found = session.recipe.get("parameters")
    mapping = found["mapping"]
    assert set(mapping) == {
        *("num_qubits", "shots", "seed", "noise_level"),
        *("optimization_level", "parallelization", "precision", "timeout"),
    }
    assert found["options"] == {"noise_level": "--depolarize ⟨value⟩", "parallelization": "--threads ⟨value⟩"}
    assert mapping["shots"]["to"] == "--shots ⟨shots⟩" and "137" in mapping["shots"]["observed"]
    assert mapping["seed"]["observed"] and mapping["noise_level"]["observed"]
    assert not mapping["parallelization"]["observed"]  # it was taken, but nothing in the counts shows it
    assert not mapping["optimization_level"]["supported"]
    assert not mapping["precision"]["supported"]  # --quiet was paired with it from one end only
    assert "effect not observed: parallelization" in state["reached"]["integrate.parameters"]


def test_an_option_without_the_effect_it_is_named_for_is_not_taken(tmp_path: Path) -> None:
    session, state = begin(
        tmp_path,
        parameter_option=[
            {"when": "error per gate?", "answer": {"option": "--threads"}},
            {"answer": {"option": "none"}},
        ],
        option_parameter={"parameter": "noise_level"},
    )

    done(state, parameters)

    found = session.recipe.get("parameters")
    assert found["options"] == {}
    assert "--threads was tried" in found["mapping"]["noise_level"]["why"]


def test_a_seed_option_is_found_where_the_command_has_none(tmp_path: Path) -> None:
    session, state = begin(
        tmp_path,
        parameter_option=[
            {"when": "start of the random numbers?", "answer": {"option": "--seed"}},
            {"answer": {"option": "none"}},
        ],
        option_parameter={"parameter": "seed"},
    )
    dialect = session.recipe.get("dialect")
    command = dialect["command"].replace(" --seed ⟨seed⟩", "")
    session.recipe.put("dialect", {**dialect, "command": command}, "a test")

    done(state, parameters)

    found = session.recipe.get("parameters")
    assert found["appended"] == "--seed ⟨seed⟩"
    assert found["mapping"]["seed"]["observed"] == "the same seed gave the same counts, another seed others"


def test_a_known_mapping_is_observed_again_without_a_question(tmp_path: Path) -> None:
    gone = {"when": "--noisy", "answer": {"option": "none"}}
    session, state = begin(tmp_path, parameter_option=[gone, *ANSWERS["parameter_option"]])
    done(state, parameters)
    asked = len(calls(session))
    done(state, parameters)
    assert len(calls(session)) == asked

    program = session.tree / "bin" / "wavelet"
    program.write_text(program.read_text().replace("--depolarize", "--noisy"))
    done(state, parameters)

    assert len(calls(session)) > asked
    assert "noise_level" not in session.recipe.get("parameters")["options"]


def test_a_backend_is_registered_in_a_home_that_was_not_there(tmp_path: Path) -> None:
    _session, state = begin(tmp_path)

    state = work(state)

    assert state["failure"] is None
    home = tmp_path / "home"
    config = YAML(typ="safe").load(home / "config" / "default.yaml")
    assert config["backends"]["wavelet"]["max_qubits"] == 12
    assert config["backends"]["wavelet"]["supports_noise"] is True
    assert backends(home)["wavelet"]["class"] == "WaveletAdapter"
    adapter = load_adapter(home, "wavelet")
    bell = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'
    noisy = adapter.execute(bell, {"shots": 500, "seed": 1, "noise_level": 0.4}).data["counts"]
    assert sum(noisy.values()) == 500 and set(noisy) - {"00", "11"}
    assert adapter.execute(bell, {"shots": 500, "seed": 1}).data["counts"].keys() == {"00", "11"}
    with pytest.raises(ValueError, match="does not support 'precision'"):
        adapter.execute(bell, {"precision": "single"})


def test_registering_again_changes_no_file_and_asks_nothing(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    done(state)
    home, asked = tmp_path / "home", len(calls(session))
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}

    assert work(state)["failure"] is None

    assert len(calls(session)) == asked
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_an_entry_follows_those_that_are_there(tmp_path: Path) -> None:
    pairs = {
        "title": "name",
        "binary": "executable",
        "qubits": "name",
        "licence": "leave it out",
        "gpu": "the same as there",
    }
    _session, state = begin(tmp_path, config_entry=pairs)
    config = tmp_path / "home" / "config" / "default.yaml"
    config.parent.mkdir(parents=True)
    text = (
        "# mine\nbackends:\n    other:   # by hand\n        title: 'Other'\n        binary: other\n"
        "        qubits: 20\n        licence: AB-12\n        gpu: no\n        max_qubits: 20\n"
    )
    config.write_text(text)

    state = work(state)

    assert state["failure"] is None
    assert config.read_text().startswith(text)
    entry = YAML(typ="safe", pure=True).load(config)["backends"]["wavelet"]
    # A name is no number of qubits, so that pairing is not kept; max_qubits needs no question.
    assert entry == {"title": "wavelet", "binary": "wavelet", "gpu": "no", "max_qubits": 12}


def test_a_persons_own_entry_stays(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    config = tmp_path / "home" / "config" / "default.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("backends:\n  wavelet:\n    path: /opt/mine\n")

    assert work(state)["at"] == "integrate.permit"  # they are asked first
    settle(session, bound(changes(tmp_path / "home", session.run.name, None)), yes=False)
    state = work(state)

    assert state["failure"] and "Rigil did not enter" in state["failure"]["what"]
    assert config.read_text() == "backends:\n  wavelet:\n    path: /opt/mine\n"
    assert not (tmp_path / "home" / "backends" / "wavelet_adapter.py").exists()


def test_a_wrapper_that_gives_wrong_counts_is_not_installed(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    state = work(state, metadata, parameters)
    dialect = session.recipe.get("dialect")
    session.recipe.put("dialect", {**dialect, "reversed": False}, "a test")

    state = work(state, register)

    assert state["failure"] and "wrapper" in state["failure"]["what"]
    assert backends(tmp_path / "home") == {}
    assert not list((tmp_path / "home" / "backends").glob("*_adapter.py"))


def test_a_base_class_that_asks_for_more_is_not_satisfied(tmp_path: Path) -> None:
    _session, state = begin(tmp_path, role_method={"method": "none"})
    state = work(state)
    base = tmp_path / "home" / "backends" / "base.py"
    first = "    @abstractmethod\n    def get_name"
    more = f"    @abstractmethod\n    def get_licence(self) -> str: ...\n\n{first}"
    base.write_text(base.read_text().replace(first, more))

    state = work(state, register)

    assert state["failure"] and "get_licence" in state["failure"]["what"]


def test_a_skipped_verification_is_said(tmp_path: Path) -> None:
    session, state = begin(tmp_path)
    session.recipe.forget("verified_gates")

    for node in NODES:
        failure = node(state)["failure"]
        assert failure and "was skipped" in failure["what"]


def test_the_wrapper_runs_without_rigil(tmp_path: Path) -> None:
    _session, state = begin(tmp_path)
    done(state)
    program = (
        "import sys, json; sys.path.insert(0, sys.argv[1])\n"
        "from backends import registry\n"
        "text = 'OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; x q[1];'\n"
        "print(json.dumps(registry.load('wavelet').execute(text, {'shots': 20}).data['counts']))\n"
    )

    finished = subprocess.run(
        [sys.executable, "-I", "-c", program, str(tmp_path / "home")],
        capture_output=True,
        text=True,
        cwd="/",
        check=True,
    )

    assert json.loads(finished.stdout) == {"010": 20}


def test_a_wrapper_that_changes_while_it_is_checked_is_not_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(session: Any, home: Path, folder: Path, *rest: Any) -> list[str]:
        (wrapper,) = folder.glob("*.py")
        wrapper.write_text(f"{wrapper.read_text()}import os\n")
        return ["everything"]

    monkeypatch.setattr("nodes.integrate.register.conforms", changing)
    session, state = begin(tmp_path)

    failure = work(state)["failure"]

    assert "was changed while it was checked" in failure["what"]
    assert "registration" not in session.recipe.pieces and not backends(tmp_path / "home")
