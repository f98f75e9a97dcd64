"""`rigil backends`, `rigil backends remove` and `rigil run`, none of which asks a model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tools.proxima import ProximaError, backends, home_of, remove


def list_backends(proxima_home: str | None) -> int:
    """Print a line a backend, with what its last health check said; returns the exit code."""
    home = home_of(proxima_home)
    try:
        found = backends(home)
    except ProximaError as error:
        return _refused(error)
    for name, entry in found.items():
        health = entry.get("health", {})
        state = f"{health.get('status', 'unknown')} at {health['at']}" if health.get("at") else "never checked"
        print(f"{name:<24} {entry.get('version') or '-':<12} {len(entry.get('gates', []))} gates  {state}")
    if not found:
        print(f"No backend is registered in {home}; `rigil up SOURCE` brings one up.")
    return 0


def remove_backend(name: str, proxima_home: str | None) -> int:
    """Undo a registration; returns the exit code."""
    try:
        changed = remove(home_of(proxima_home), name)
    except ProximaError as error:
        return _refused(error)
    for path in changed:
        print(f"changed {path}")
    return 0


def run_on_backend(
    circuit: str, backend: str, shots: int, seed: int | None, as_json: bool, proxima_home: str | None
) -> int:
    """Run a circuit file through the installed wrapper and print the counts; returns the exit code."""
    from tools.adapters import CircuitFileError, run_file

    try:
        result = run_file(Path(circuit), home=home_of(proxima_home), backend=backend, shots=shots, seed=seed)
    except (ProximaError, CircuitFileError) as error:
        return _refused(error)
    if as_json:
        print(json.dumps(result, indent=2))
        return 0
    for bits, count in sorted(result["counts"].items(), key=lambda pair: -pair[1]):
        print(f"{bits}  {count}")
    print(f"{result['shots']} shots on {backend} in {result['seconds']:.3f} s")
    return 0


def _refused(error: Exception) -> int:
    print(f"rigil: {error}", file=sys.stderr)
    return 1
