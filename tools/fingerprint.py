"""One hash for a thing of many parts, so that an approval of it holds for nothing else."""

from __future__ import annotations

import hashlib
import json


def fingerprint(what: object) -> str:
    """SHA-256 of plain JSON, in whatever order its keys stand."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
