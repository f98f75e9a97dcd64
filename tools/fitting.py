"""Which methods of a base class can be there for something, and which facts its records can hold.

By what they take and give; what is called how is not looked at here.
"""

from __future__ import annotations

from collections.abc import Mapping

from tools.contract import Contract, Field, Kind, Method
from tools.facts import ALWAYS, SCOPES, UNKNOWN


def candidates(contract: Contract, role: str, roles: Mapping[str, str]) -> list[Method]:
    """The methods without a role that can have this one, by what they take and give.

    Args:
        contract: of the base class.
        role: see `tools.facts.ROLES`.
        roles: those that are known, by the method's name.
    """
    return [m for m in contract.methods if m.abstract and m.name not in roles and _can(contract, role, m, roles)]


def _can(contract: Contract, role: str, method: Method, roles: Mapping[str, str]) -> bool:
    kind, _ = contract.kind(method.returns)
    needed = [field for field in method.parameters if field.required]
    if role in ("run", "validate", "estimate"):
        takes = any("circuit" in field.name or "circuit" in field.annotation.lower() for field in needed)
        return takes and (
            role != "estimate" or (kind in ("record", "number", "table", "any") and method.returns != "None")
        )
    if role == "supports":
        return bool(needed) and kind == "flag"
    if needed:
        return False
    if role == "nothing":
        return method.returns in ("None", "")
    if role == "results":
        runs = next((m for m in contract.methods if roles.get(m.name) == "run"), None)
        return runs is not None and runs.returns in ("None", "") and kind in ("record", "table", "any")
    if role == "capabilities":
        return kind in ("record", "table", "list", "any") and method.returns != "None"
    return method.returns != "None" and _fits(ALWAYS[role].kind, kind)


def facts_for(contract: Contract, role: str, field: Field) -> list[str]:
    """The facts of a role that a field can hold, the likeliest kind first; `UNKNOWN` where it may be None."""
    kind, _ = contract.kind(field.annotation)
    fitting = [name for name, fact in SCOPES[role].items() if _fits(fact.kind, kind)]
    if kind == "table" and field.annotation.replace(" ", "").endswith(",int]"):
        fitting = [name for name in fitting if name == "counts"]  # the only table of whole numbers
    return [*fitting, *([UNKNOWN] if kind == "any" or "None" in field.annotation else [])]


def records_of(contract: Contract, roles: Mapping[str, str]) -> list[tuple[str, str]]:
    """(role, record) of every record that has to be filled, those inside others too."""
    open_ = [(roles[m.name], contract.kind(m.returns)) for m in contract.methods if roles.get(m.name) in SCOPES]
    found: dict[tuple[str, str], None] = {}
    while open_:
        role, (kind, name) = open_.pop(0)
        if kind == "record" and (role, name) not in found:
            found[role, name] = None
            open_ += [(role, contract.kind(field.annotation)) for field in contract.records[name]]
    return list(found)


def _fits(fact: Kind, field: Kind) -> bool:
    return field in (fact, "any")
