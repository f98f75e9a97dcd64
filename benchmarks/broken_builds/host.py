"""The machine that a case runs on: a package manager of its own, and the variables that point to it."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from benchmarks.broken_builds.case import HERE

TEMPLATE = HERE / "machine"
MANAGER = {"search": "pkgfind {word}", "install": "pkgadd {package}"}
"""How the machine searches and installs."""


def lay_out(place: Path) -> Path:
    """Put the machine below ``place``; returns its root."""
    root = Path(shutil.copytree(TEMPLATE, place / "machine", symlinks=True))
    (root / "include").mkdir()
    index = root / "lib" / "simple"
    for project in sorted((root / "lib" / "python").iterdir()):
        _wheel(index / project.name, project.name, "1.0", {path.name: path.read_bytes() for path in project.iterdir()})
    _installed_wheel(index, "setuptools")
    (index / "pip").mkdir()
    (index / "pip" / "index.html").write_text("<!DOCTYPE html><title>pip</title>\n")  # or pip complains of it
    return root


def variables(root: Path) -> dict[str, str]:
    """What makes compilers, linkers and build tools look below the machine's root."""
    lib = root / "lib"
    return {
        "PATH": os.pathsep.join([str(root / "bin"), *_cargo(), os.environ["PATH"]]),
        "CPATH": str(root / "include"),
        "LIBRARY_PATH": str(lib),
        "LD_LIBRARY_PATH": str(lib),
        "PKG_CONFIG_PATH": str(lib / "pkgconfig"),
        "CMAKE_PREFIX_PATH": str(root),
        "PIP_INDEX_URL": (lib / "simple").as_uri(),
    }


def _cargo() -> list[str]:
    """Where the programs of the Rust toolchain really lie: a launcher in a hidden home folder could not find them."""
    if shutil.which("rustc") is None:
        return []
    found = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=False)
    folder = Path(found.stdout.strip(), "bin")
    return [str(folder)] if found.returncode == 0 and (folder / "cargo").exists() else []


def _wheel(folder: Path, name: str, version: str, files: dict[str, bytes]) -> None:
    """Write a pure wheel, which is all that an index has to hold."""
    info = f"{name}-{version}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: machine\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    folder.mkdir(parents=True)
    wheel = f"{name}-{version}-py3-none-any.whl"
    lines = []
    with zipfile.ZipFile(folder / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append(f"{path},sha256={digest},{len(content)}\n")
        archive.writestr(f"{info}/RECORD", f"{''.join(lines)}{info}/RECORD,,\n")
    (folder / "index.html").write_text(f'<!DOCTYPE html><title>{name}</title><a href="{wheel}">{wheel}</a>\n')


def _installed_wheel(index: Path, name: str) -> None:
    """Make a wheel again of a distribution that is installed beside us."""
    found = distribution(name)
    files = {}
    for path in found.files or []:
        made = path.suffix == ".pyc" or path.name in ("RECORD", "METADATA", "WHEEL")
        if not made and not str(path).startswith(".."):
            files[str(path)] = path.read_binary()
    _wheel(index / name, name, found.version, files)
