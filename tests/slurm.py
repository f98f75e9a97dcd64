"""A Slurm of one node on this machine: its daemons, its keys and its state in a folder, gone when it is stopped."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
CLIENTS = ("sbatch", "squeue", "scancel", "scontrol", "sinfo")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
MISSING = [name for name in (*DAEMONS, *CLIENTS) if not shutil.which(name, path=PATH)]
START_S, STOP_S = 60.0, 10.0
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class Slurm:
    """Started by `start`, ended by `stop`; ``SLURM_CONF`` of `environment` leads to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = socket.gethostname().split(".")[0]
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": PATH}
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start the daemons and wait until the node takes jobs."""
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        self.folder.chmod(0o700)
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        text = CONFIGURATION.format(host=self.host, folder=self.folder, user=getpass.getuser(), ports=_free_ports(2))
        (self.folder / "slurm.conf").write_text(text)
        files = {"socket": "socket", "key-file": "key", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        munge = [f"--{option}={self.folder}/munge.{suffix}" for option, suffix in files.items()]
        self._begin("munged", "--foreground", "--force", *munge)
        self._until(lambda: (self.folder / "munge.socket").exists())
        self._begin("slurmctld", "-D")
        self._begin("slurmd", "-D", "-N", self.host)
        self._until(lambda: self.says("sinfo", "-h", "-o", "%t").strip() == "idle")

    def stop(self) -> None:
        """End the jobs and the daemons; what runs a job waits for them, and so has to end first."""
        self.says("scancel", "--me")
        end = time.monotonic() + STOP_S
        while self.says("squeue", "-h", "--me") and time.monotonic() < end:
            time.sleep(0.1)
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def says(self, *command: str) -> str:
        """What a client prints."""
        done = subprocess.run(
            command, env={**os.environ, **self.environment}, capture_output=True, text=True, check=False
        )
        return done.stdout

    def _begin(self, *command: str) -> None:
        with (self.folder / f"{command[0]}.out").open("wb") as out:
            environment = {**os.environ, **self.environment}
            program = shutil.which(command[0], path=PATH) or command[0]
            self.running.append(
                subprocess.Popen([program, *command[1:]], env=environment, stdout=out, stderr=out, cwd=self.folder)
            )

    def _until(self, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + START_S
        while not ready():
            if time.monotonic() > end or any(process.poll() is not None for process in self.running):
                logs = "\n".join(path.read_text(errors="replace")[-800:] for path in self.folder.glob("*.out"))
                self.stop()
                raise RuntimeError(f"Slurm did not start:\n{logs}")
            time.sleep(0.1)


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
