"""Models that run in this process: llama.cpp's own server on a loopback port."""

from __future__ import annotations

import atexit
import importlib
import os
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from models.catalogue import ModelEntry
from models.errors import ModelError
from models.fetch import is_complete, model_file

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class _Running(NamedTuple):
    server: Any
    """Stops when it is deleted."""
    address: str
    key: str
    client: Any
    """The HTTP client that every chat model on this server shares."""


_running: dict[tuple[Path, int | None], _Running] = {}
"""By file, and the threads that were asked for."""
_lock = threading.Lock()


def _stop_all() -> None:
    while _running:
        _, running = _running.popitem()
        running.client.close()


LOOK_S = 0.3
"""How long the machine is looked at before its idle cores are counted."""


def _threads() -> int:
    """Physical cores that this process may use and that nobody else uses now, at least one.

    A hyperthread more makes llama.cpp slower, not faster, and so does a thread on a core that another process keeps
    busy, because its threads wait for each other.
    """
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = min(psutil.cpu_count(logical=False) or allowed, allowed)
    busy = round(psutil.cpu_percent(LOOK_S) / 100 * (os.cpu_count() or 1))
    return max(1, cores - busy)


def _start(entry: ModelEntry, file: Path, log: Path | None, threads: int | None) -> _Running:
    import openai

    xllamacpp = importlib.import_module("xllamacpp")

    key = secrets.token_urlsafe()
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = entry.context
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads or entry.threads or _threads()
    params.cache_prompt = True
    params.cache_ram_mib = entry.cache_mib
    params.port = 0
    params.api_keys = [key]
    params.cors_origins = ""
    params.ui = False
    params.verbosity = 0
    began = time.monotonic()
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelError(
            f"llama.cpp could not load {file}: {error}. If the file is damaged, delete it and run "
            f"`rigil models pull {entry.spec}`."
        ) from error
    if log is not None:
        with log.open("a", encoding="utf-8") as lines:
            seconds = time.monotonic() - began
            lines.write(f"{file}: {params.cpuparams.n_threads} threads, loaded in {seconds:.1f} s\n")
    # A proxy that the environment names must neither see nor break what stays on this machine.
    client = openai.DefaultHttpxClient(trust_env=False)
    return _Running(server, server.listening_address, key, client)


def embedded_model(
    entry: ModelEntry, *, timeout_s: float, log: Path | None = None, threads: int | None = None
) -> BaseChatModel:
    """A chat model on this process's server for the entry's file, started when it is first asked for.

    Args:
        entry: a model with a ``file``, in the catalogue's folder or anywhere.
        timeout_s: how long one answer may take, in seconds.
        log: gets one line when a server starts: which file, how many threads, how long it took to load.
        threads: how many it has, on a server of its own; otherwise as the catalogue says, or as many as cores are idle.

    Raises:
        ModelError: if the file is not there, or llama.cpp cannot load it.
    """
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    file = model_file(entry)
    if not is_complete(entry):
        raise ModelError(f"{file} is not there in full. `rigil models pull {entry.spec}` fetches it.")
    with _lock:
        if not _running:
            atexit.register(_stop_all)
        if (key := (file, threads)) not in _running:
            _running[key] = _start(entry, file, log, threads)
        server = _running[key]
    return ChatOpenAI(
        model=entry.name,
        base_url=f"{server.address}/v1",
        api_key=SecretStr(server.key),
        temperature=0,
        timeout=timeout_s,
        max_retries=0,
        http_client=server.client,
        use_responses_api=False,
    )
