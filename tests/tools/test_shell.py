from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from configs.settings import Settings
from tests.tools.conftest import walled
from tools.sandbox import Permit
from tools.shell import Shell, make_tools


def test_logs_are_numbered_in_order_and_named(shell: Shell, settings: Settings) -> None:
    shell.run("echo one", name="configure step/1")
    shell.run("echo two", name="../..")
    again = Shell(shell.workspace, shell.logs, settings)
    again.run("echo three", name="build", capture=True)
    names = ["001-configure-step-1.log", "002-command.log", "003-build.log", "003-build.out"]
    assert sorted(path.name for path in shell.logs.iterdir()) == names
    assert (shell.logs / "003-build.log").read_text() == "three\n"


def test_a_line_runs_in_a_shell_and_a_list_does_not(shell: Shell) -> None:
    assert shell.run("echo $((1 + 1)) | cat", name="line").log.read_text() == "2\n"
    finished = shell.run(["echo", "$HOME; a  b"], name="list")
    assert finished.log.read_text() == "$HOME; a  b\n"
    assert finished.argv == ("echo", "$HOME; a  b")


def test_it_runs_in_the_workspace_or_a_folder_of_it(shell: Shell) -> None:
    (shell.workspace / "src").mkdir()
    assert shell.run("pwd", name="here").log.read_text().strip() == str(shell.workspace)
    finished = shell.run("pwd", name="there", cwd=shell.workspace / "src")
    assert finished.log.read_text().strip() == str(shell.workspace / "src")
    assert finished.cwd == shell.workspace / "src"


def test_a_workspace_behind_a_link_in_a_hidden_folder_works(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    shell = Shell(tmp_path / "link" / "w", tmp_path / "logs", settings)
    finished = shell.run('cd "$HOME" && pwd', name="home")
    assert finished.log.read_text() == f"{tmp_path}/real/w/home\n"


def test_standard_output_alone(shell: Shell) -> None:
    finished = shell.run("echo out; echo err >&2", name="both", capture=True)
    assert finished.stdout is not None
    assert finished.stdout.read_text() == "out\n"
    assert shell.run("true", name="none").stdout is None


def test_a_program_with_an_equals_sign_gets_its_variables_too(shell: Shell) -> None:
    program = shell.workspace / "a=b"
    program.write_text('#!/bin/sh\necho "$GIVEN $1"\n')
    program.chmod(0o755)
    finished = shell.run([str(program), "word"], name="in", variables={"GIVEN": "a = given"})
    assert finished.log.read_text() == "a = given word\n"


def test_input_and_variables(shell: Shell) -> None:
    finished = shell.run('cat; echo "$GIVEN"', name="in", stdin="typed\n", variables={"GIVEN": "given"})
    assert finished.log.read_text() == "typed\ngiven\n"


def test_the_limits_come_from_the_settings(tmp_path: Path, settings: Settings) -> None:
    limits = settings.limits.model_copy(update={"command_s": 0.3, "output_mib": 1, "memory_gib": 0.5})
    shell = Shell(tmp_path / "w", tmp_path / "l", settings.model_copy(update={"limits": limits}))
    assert shell.run("sleep 600", name="long").timed_out
    flood = shell.run("yes", name="much", timeout_s=60)
    assert flood.stopped == "it printed more than 1,048,576 bytes"
    large = shell.run([sys.executable, "-c", "bytearray(1 << 30)"], name="large", timeout_s=60)
    assert "MemoryError" in large.log.read_text()


def test_it_can_be_cancelled(shell: Shell) -> None:
    finished = shell.run("echo up; sleep 600", name="long", on_line=lambda *line: shell.cancel.set())
    assert finished.stopped == "it was asked to stop"


@pytest.mark.parametrize("command", [["no-such-program"], ["./no-such-program"]])
def test_a_missing_program_is_said_in_the_sandbox_too(shell: Shell, command: list[str]) -> None:
    finished = shell.run(command, name="missing", capture=True)
    assert finished.in_words == f"It could not be started: no such program: {command[0]}."
    assert finished.stdout is not None
    assert finished.stdout.read_text() == ""


def test_a_missing_folder_is_said(shell: Shell) -> None:
    finished = shell.run("true", name="missing", cwd=shell.workspace / "nowhere")
    assert finished.in_words == f"It could not be started: no such folder: {shell.workspace}/nowhere."


@walled
def test_a_crash_is_known_through_the_sandbox(shell: Shell) -> None:
    assert shell.run([sys.executable, "-c", "import os; os.abort()"], name="crash").killed_by == 6


def test_the_permit_is_passed_on(shell: Shell, tmp_path: Path) -> None:
    machine = Permit(shell.workspace, machine=True)
    assert shell.run(f"touch {tmp_path}/outside", name="machine", permit=machine).ok
    assert (tmp_path / "outside").exists()


def test_programs_of_the_workspace_are_not_run_with_the_persons_rights(shell: Shell) -> None:
    planted = shell.workspace / "python" / "bin" / "pkgadd-planted"
    planted.parent.mkdir(parents=True)
    planted.write_text("#!/bin/sh\n")
    planted.chmod(0o755)
    assert shell.run(["pkgadd-planted"], name="inside").ok
    machine = Permit(shell.workspace, machine=True)
    assert not shell.run(["pkgadd-planted"], name="machine", permit=machine).started


def call(shell: Shell, root: Path, name: str, **arguments: object) -> str:
    tools = {tool.name: tool for tool in make_tools(shell, root)}
    return str(tools[name].invoke(arguments))


@pytest.fixture
def tree(shell: Shell) -> Path:
    root = shell.workspace / "src"
    (root / "lib").mkdir(parents=True)
    (root / "README").write_text("".join(f"line {number}\n" for number in range(1, 301)))
    (root / "lib" / "a.c").write_text("int Main;\nint other;\n")
    (root / "link").symlink_to("/etc/passwd")
    (shell.workspace / "secret").write_text("planted")
    return root


def test_tools_read_list_and_search(shell: Shell, tree: Path) -> None:
    assert call(shell, tree, "read_file", path="README", offset=299).splitlines() == [
        "  299| line 299",
        "  300| line 300",
        "(300 lines)",
    ]
    assert len(call(shell, tree, "read_file", path="README").splitlines()) == 101
    (tree / "lib" / "a.c").write_bytes(b"int Main;\r\nint other\n")
    assert call(shell, tree, "read_file", path="lib/a.c").endswith("(2 lines, which end in CRLF)")
    assert call(shell, tree, "list_files") == "README 2592\nlib/a.c 21"
    assert call(shell, tree, "list_files", depth=1).splitlines()[-1].startswith("lib/ ")
    assert call(shell, tree, "search_text", text="int main") == "lib/a.c:1: int Main;"
    assert call(shell, tree, "search_text", text="int", path="lib/a.c").count("\n") == 1
    assert call(shell, tree, "search_text", text="root:") == "No line contains it."


@walled
def test_what_a_tool_runs_cannot_change_the_workspace(shell: Shell, tree: Path) -> None:
    answer = call(
        shell, tree, "run_command", command="rm -f README; echo x > lib/a.c; echo t > $TMPDIR/t && cat $TMPDIR/t"
    )
    assert "Read-only file system" in answer and "t" in answer.splitlines()
    assert (tree / "README").exists() and (tree / "lib" / "a.c").read_text().startswith("int Main")
    assert not (shell.workspace / "tmp" / "t").exists()


def test_the_whole_log_can_be_read_and_searched(shell: Shell, tree: Path, tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("".join(f"step {number}\n" for number in range(1, 5001)))
    tools = {tool.name: tool for tool in make_tools(shell, tree, log)}
    assert tools["read_log"].invoke({"offset": 4000, "lines": 2}) == " 4000| step 4000\n 4001| step 4001"
    assert tools["read_log"].invoke({"offset": 9000}) == "It ends before."
    assert tools["search_log"].invoke({"text": "STEP 4999"}) == " 4999| step 4999"


def test_tools_run_commands_and_say_how_they_ended(shell: Shell, tree: Path) -> None:
    answer = call(shell, tree, "run_command", command="ls; exit 3")
    assert answer.startswith("It ended with exit status 3")
    assert answer.endswith("README\nlib\nlink")
    assert call(shell, tree, "run_command", command="sleep 9", timeout_s=0.2).startswith("It was stopped")


@pytest.mark.parametrize("name", ["read_file", "list_files", "search_text"])
@pytest.mark.parametrize("path", ["../secret", "link", "/etc/passwd", "no-such", "../.."])
def test_tools_stay_in_the_tree(shell: Shell, tree: Path, name: str, path: str) -> None:
    more = {"text": "planted"} if name == "search_text" else {}
    answer = call(shell, tree, name, path=path, **more)
    assert "planted" not in answer
    assert "root:" not in answer
    if path != "no-such":
        assert answer.startswith("Not possible: ")


def test_tools_answer_what_is_no_file(shell: Shell, tree: Path) -> None:
    assert call(shell, tree, "read_file", path="lib").startswith("Not possible: ")
    assert call(shell, tree, "list_files", path="README") == "README is not a folder."


def test_tools_clip_what_is_long(shell: Shell, tree: Path) -> None:
    (tree / "long").write_text("needle " * 100 + "\n" + "needle\n" * 5000)
    for answer in (
        call(shell, tree, "read_file", path="long", lines=5000),
        call(shell, tree, "search_text", text="needle"),
        call(shell, tree, "run_command", command="seq 1000000; yes | head -c 200000 | tr -d '\\n'"),
    ):
        assert len(answer) <= 6000


def test_tools_tell_what_runs(shell: Shell, tree: Path) -> None:
    assert call(shell, tree, "process_info") == "Nothing runs now."
    with subprocess.Popen(["sleep", "601.5"]) as process:
        answer = call(shell, tree, "process_info")
        process.kill()
    assert f'"pid": {process.pid}' in answer
    assert "sleep 601.5" in answer


def test_importing_the_tools_is_cheap() -> None:
    code = (
        "import tools.shell, tools.runs, tools.recipe, tools.source, tools.permits, tools.excerpts, sys\n"
        "heavy = {'langchain_core', 'pydantic', 'psutil', 'filelock', 'asyncio', 'numpy', 'ruamel'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_link_in_the_place_of_the_workspaces_own_folder_goes(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "near").mkdir()
    swap = f"for f in tmp home tree source python; do mv $f x$f; ln -s {tmp_path}/near $f; done"
    shell.run(swap, name="swap", permit=Permit(shell.workspace, machine=True))
    assert [path for path in shell.workspace.iterdir() if path.is_symlink()] == []
    assert (shell.workspace / "tmp").is_dir() and (shell.workspace / "home").is_dir()
