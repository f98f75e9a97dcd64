from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.contract import bases_in, contract_of
from tools.facts import KNOWN_ROLES
from tools.wrapper import class_name, home_file, made_by_us, module_name, wrapper_source

MAPPING: dict[str, Any] = {
    name: {"supported": name in ("shots", "seed"), "why": 'it\'s "quoted"', "observed": ""}
    for name in ("num_qubits", "shots", "seed", "noise_level", "precision", "timeout")
}


FRAME: dict[str, dict[str, Any]] = {
    "roles": KNOWN_ROLES,
    "fields": {
        "capabilities Capabilities": {"simulator_types": "choices", "max_qubits": "max_qubits"},
        "validate ValidationResult": {"valid": "valid", "message": "message"},
        "estimate ResourceEstimate": {"memory_mb": "memory_mb"},
        "run ExecutionResult": {
            "backend": "backend",
            "simulator_type": "choice",
            "execution_time_ms": "execution_time_ms",
            "qubit_count": "qubit_count",
            "shot_count": "shot_count",
            "result_type": "choice",
            "data": "data",
        },
    },
    "choices": {"SimulatorType": "CUSTOM", "ResultType": "COUNTS"},
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base class of a new home."""
    path = tmp_path_factory.mktemp("home") / "base.py"
    path.write_text(home_file("proxima_base.py.jinja"))
    return path


def source(base: Path, **changed: Any) -> str:
    facts: dict[str, Any] = {
        "name": "q-lite",
        "version": '1.0"""\nimport os',
        "contract": contract_of(base, "BaseBackendAdapter"),
        "frame": FRAME,
        "source": ".base",
        "dialect": {"command": "/b ⟨circuit⟩", "gates": {"h": 'h "⟨a⟩"'}, "reading": r"^(?P<bits>[01]+)"},
        "parameters": MAPPING,
        "features": {"noise": 'it said """ and \\n'},
        "max_qubits": 4,
        "capacity": "tried",
        "verified": ['dialect: "Bell"""', "a line\nbroken \\N{nonsense}"],
        "made": "2026-01-01",
    }
    return wrapper_source(**(facts | changed))


@pytest.mark.parametrize(
    ("name", "module", "kind"),
    [
        ("svsim", "svsim_adapter", "SvsimAdapter"),
        ("My-Sim.2", "my_sim_2_adapter", "MySim2Adapter"),
        ("7q", "backend_7q_adapter", "Backend7qAdapter"),
        ("_", "backend_adapter", "BackendAdapter"),
    ],
)
def test_names(name: str, module: str, kind: str) -> None:
    assert (module_name(name), class_name(name)) == (module, kind)


def test_what_documents_say_stays_text_in_the_wrapper(base: Path) -> None:
    tree = ast.parse(source(base))

    values = {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper() and not target.id.startswith("_")
    }
    assert values["VERSION"] == '1.0"""\nimport os'
    assert "os" in {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert sum(isinstance(node, ast.Import) and node.names[0].name == "os" for node in tree.body) == 1
    assert "Bell'''" in (ast.get_docstring(tree) or "")


def test_a_wrapper_stands_alone(base: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(source(base))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add("." if node.level else (node.module or "").split(".")[0])

    assert imported - set(sys.stdlib_module_names) == {".", "qiskit"}
    assert made_by_us(source(base)) and not made_by_us('"""Mine."""')


def test_the_parts_of_a_wrapper_do_not_hide_each_other(base: Path) -> None:
    names: list[str] = []
    for node in ast.parse(source(base)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names += [alias.asname or alias.name for alias in node.names]

    assert sorted(set(names)) == sorted(names)
    assert {"Series", "Worker", "plain", "from_json", "prepared", "understood"} <= set(names)


def test_a_record_that_is_called_as_a_part_of_the_wrapper_stays_what_it_is(base: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text(base.read_text().replace("ExecutionResult", "Outcome").replace("ValidationResult", "Plain"))
    records = {"run Outcome": FRAME["fields"]["run ExecutionResult"], "validate Plain": {"valid": "valid"}}
    frame = {**FRAME, "fields": {**FRAME["fields"], **records}}

    text = source(base, contract=contract_of(other, "BaseBackendAdapter"), frame=frame)

    assert "Outcome as TheirOutcome" in text and "Plain as TheirPlain" in text
    adapter = text[text.index("class QLiteAdapter") :]
    assert "TheirOutcome(backend=" in adapter and "TheirPlain(valid=" in adapter


def test_the_class_to_derive_from(base: Path) -> None:
    assert [candidate.name for candidate in bases_in([base])] == ["BaseBackendAdapter"]


@pytest.mark.skipif(not shutil.which("ruff", path=str(Path(sys.executable).parent)), reason="ruff is not installed")
@pytest.mark.parametrize("template", ["proxima_base.py.jinja", "proxima_registry.py.jinja"])
def test_what_is_put_into_a_home_is_clean(template: str, tmp_path: Path) -> None:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent))
    assert ruff
    path = tmp_path / "module.py"
    path.write_text(home_file(template))

    options = ["--isolated", "--no-cache", "--line-length", "110", str(path)]
    checked = subprocess.run(
        [ruff, "check", "--select", "E,F,I,B,UP", "--ignore", "UP042", *options],
        capture_output=True,
        text=True,
    )
    formatted = subprocess.run([ruff, "format", "--check", *options], capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout
    assert formatted.returncode == 0, formatted.stdout
