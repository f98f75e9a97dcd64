"""The build's second oracle: exit status 0 is nothing without something that was made."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from graph.state import State
from nodes.build.plan import made_by_build
from nodes.recovery.unpack import needed_to_run
from nodes.session import Session, StepFailed
from nodes.step import step
from tools.filesystem import read_inside, sha256, snapshot

MODULE = re.compile(r"lib/python[\d.]+/site-packages/(?:([A-Za-z]\w*)/.*|([A-Za-z]\w*)(?:\.\S+)?\.(?:py|so))")
"""A file of an installed package, or an installed module."""


@step("build")
def inspect(session: Session, state: State) -> str:
    """Find what the build made: programs in the tree, and modules and programs installed in the workspace's Python."""
    made = find_products(session)
    if not any(made.values()):
        what = "The build commands succeeded, but no program, module or library was made or installed."
        last = session.recipe.get("build")["build"][-1:]
        failed = StepFailed(what, command=last[0] if last else None, step="build.compile")
        failed.status = 0
        raise failed
    if needs := needed_to_run(session, made):
        raise StepFailed(needs, step="build.compile")
    session.recipe.put("products", made, "each is a file that the build made, executable or importable")
    session.recipe.put("product_hashes", product_hashes(session), "of the files that were made")
    sources = snapshot(session.shell.workspace / "source", hashes=True)
    session.recipe.put("good_sources", {name: list(found) for name, found in sources.items()}, "built")
    libraries = f"; and {len(made['libraries'])} libraries" if made["libraries"] else ""
    return f"{len(made['programs'])} programs and {len(made['modules'])} modules were made{libraries}"


def find_products(session: Session) -> dict[str, list[str]]:
    """Programs as commands one would type, modules as names one would import, libraries as files."""
    made = made_by_build(session)
    programs = [str(path.relative_to(session.tree)) for path in made if _is_program(path)]
    libraries = [str(path.relative_to(session.tree)) for path in made if _is_library(path)]
    home = session.shell.workspace / "python"
    old = set(session.recipe.get("python_files") or [])
    new = [path for path in snapshot(home) if path not in old]
    scripts = [Path(path).name for path in new if Path(path).parent == Path("bin") and _is_program(home / path)]
    return {"programs": scripts + programs, "modules": _modules(session, new), "libraries": libraries}


def product_hashes(session: Session) -> dict[str, str]:
    """The hashes of the programs' files and of the modules' files, without what an interpreter writes beside them."""
    made, home = find_products(session), session.shell.workspace / "python"
    places = [session.tree / name for name in made["libraries"]]
    places += [folder / name for name in made["programs"] for folder in (session.tree, home / "bin")]
    found = {path.name: sha256(path) for path in places if path.is_file()}
    for name, state in snapshot(home, hashes=True).items():
        of_module = any(f"/site-packages/{module}" in name for module in made["modules"])
        if of_module and state.sha256 and "__pycache__" not in name and ".dist-info/" not in name:
            found[name] = state.sha256
    return found


def named_products(session: Session) -> list[str]:
    """Programs and modules that were made so far and that the documents name, as whole words."""
    made = find_products(session)
    told = "\n".join(read_inside(session.tree, name) for name in session.recipe.get("survey")["documents"])
    return [name for name in (*made["programs"], *made["modules"]) if names(told, name)]


def names(told: str, product: str) -> bool:
    """Whether a text names a program or module, without its folder, as a whole word."""
    return re.search(rf"(?<![\w-]){re.escape(product.rsplit('/', 1)[-1])}(?![\w-])", told) is not None


def _is_program(path: Path) -> bool:
    """Executable by its mode, and either a script or linked code: not a library that happens to have the bit."""
    if path.is_symlink() or not path.is_file() or not path.stat().st_mode & 0o100:
        return False
    with path.open("rb") as file:
        head = file.read(4)
    return ".so" not in path.name and (head[:2] == b"#!" or head == b"\x7fELF")


def _is_library(path: Path) -> bool:
    """An archive of objects, or linked code that is loaded by other programs."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(8)
    return head == b"!<arch>\n" or (head[:4] == b"\x7fELF" and re.search(r"\.so(\.|$)", path.name) is not None)


def _modules(session: Session, new: list[str]) -> list[str]:
    """Top-level modules that were installed and whose name stands in the source's own tree."""
    own = {path.name.split(".")[0] for path in session.tree.rglob("*")}
    found: dict[str, None] = {}
    for name in new:
        match = MODULE.fullmatch(name)
        if match and (module := match[1] or match[2]) in own and not module.startswith("_"):
            found[module] = None
    return list(found)


def products(session: Session) -> dict[str, Any]:
    """What the last good build made."""
    return session.recipe.get("products") or {"programs": [], "modules": []}
