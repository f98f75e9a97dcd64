"""A whole bring-up on a machine that has a way to get packages without root, and what is left of it afterwards."""

from __future__ import annotations

import pytest

from tests.e2e.machine import NAME, PACKAGE, Machine
from tools.sandbox import lays_over

UNPACK = """#!/bin/sh
# Unpacks a package into a folder.
set -eu
mkdir -p "$2/usr/include"
cp "$(dirname "$0")/../lib/packages/$1/"*.h "$2/usr/include/"
"""


@pytest.mark.skipif(not lays_over(), reason="nothing can be laid over this machine's folders")
def test_a_missing_package_needs_no_root_and_goes_with_all_that_was_made(bare: Machine) -> None:
    program = bare.folder / "machine" / "bin" / "pkgunpack"
    program.write_text(UNPACK)
    program.chmod(0o755)
    bare.model = bare.answers(unpack_package={"command": 'pkgunpack {package} "$PREFIX"'})

    said = bare.rigil(*bare.up("safe"))

    assert said.code == 0, said
    assert bare.installed() == []
    (fix,) = bare.recipe()["fixes"]
    assert (fix["kind"], fix["package"]) == ("unpack", PACKAGE)
    line = f'unpack the package {PACKAGE} for the build: `pkgunpack {PACKAGE} "$PREFIX"`'
    assert f"{line}: the step then passed" in " ".join(bare.newest().report.read_text().split())

    run = bare.newest()
    refused = bare.rigil("runs", "clean", NAME)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        f"rigil: {NAME} is in use: take it out of {bare.home} first, by `rigil backends remove {NAME}`.\n"
    )
    assert run.workspace.is_dir()
    assert bare.rigil("backends", "remove", NAME).code == 0
    cleared = bare.rigil("runs", "clean", NAME)
    assert (cleared.code, cleared.err) == (0, "")
    assert (
        cleared.out
        == f"1 runs of {NAME} and its workspace are removed; its recipe stays: {bare.state}/recipes/{NAME}.json\n"
    )
    assert not run.workspace.exists() and not run.folder.exists()
    assert bare.rigil("runs", "clean", NAME).err == f"rigil: There is no run of '{NAME}'; `rigil runs` lists them.\n"

    again = bare.rigil(*bare.up("safe"), "--until", "build")
    assert f"known from the recipe: {line}" in again.out, again
    assert bare.installed() == [] and "build.replay" in bare.settled()
