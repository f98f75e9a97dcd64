"""Works out how an adapter follows the base class that was found: what each method is for, what each field gets."""

from __future__ import annotations

import hashlib
from typing import Any

from models.errors import Rejected
from nodes.integrate.answers import each_one_of, one_of, role
from nodes.session import Session, StepFailed
from tools.contract import Contract, Field, Method
from tools.facts import KNOWN_CHOICES, KNOWN_ROLES, LEFT_OUT, ROLES, SCOPES, UNKNOWN
from tools.frame import facts_for, records_of, roles_for

SHOWN = 300
"""Characters of a docstring that are shown."""


def frame_of(session: Session, contract: Contract) -> dict[str, Any]:
    """The frame for a contract: from the recipe where it was worked out for the same one.

    Raises:
        StepFailed: if the base class has no method that runs a circuit.
    """
    evidence = hashlib.sha256(contract.model_dump_json().encode()).hexdigest()
    known = session.recipe.get("frame")
    if known is not None and known["evidence"] == evidence:
        return dict(known)
    roles = {method.name: _role(session, contract, method) for method in contract.methods if _asked_for(method)}
    if "run" not in roles.values():
        raise StepFailed(f"{contract.base} has no method that runs a circuit: {', '.join(roles) or 'none at all'}.")
    fields = {f"{scope} {name}": _fields(session, contract, scope, name) for scope, name in records_of(contract, roles)}
    frame = {
        "evidence": evidence,
        "roles": roles,
        "fields": fields,
        "choices": {name: _choice(session, name, contract.enums[name]) for name in _enums(contract, roles, fields)},
    }
    session.recipe.put("frame", frame, f"the {len(roles)} methods of {contract.base}, held by the wrapper's checks")
    return frame


def _asked_for(method: Method) -> bool:
    return method.abstract or method.name in KNOWN_ROLES


def _role(session: Session, contract: Contract, method: Method) -> str:
    """What a method is for; one that is called as in a new home's base class is what it is there."""
    possible = roles_for(contract, method)
    known = KNOWN_ROLES.get(method.name)
    if known in possible:
        return known
    if possible == ["nothing", "other"]:
        return "nothing"
    shown = f"{method.signature}  {' '.join(method.says.split())[:SHOWN]}"
    try:
        answer: Any = session.ask("method_role", role(possible, ROLES), method=shown)
    except Rejected as error:
        raise StepFailed(f"What `{method.signature}` is there for was not found out.") from error
    return str(answer.role)


def _fields(session: Session, contract: Contract, scope: str, record: str) -> dict[str, str]:
    """A fact for each field: the one of its name, or the one that the model chooses among those of its kind."""
    found: dict[str, str] = {}
    open_: list[Field] = []
    known: dict[str, str] = {}
    for field in contract.records[record]:
        kind, _ = contract.kind(field.annotation)
        fitting = facts_for(contract, scope, field)
        if kind in ("choice", "choices", "record"):
            found[field.name] = kind
        elif field.name in fitting:
            found[field.name] = field.name
        elif fitting:
            open_.append(field)
            known |= {name: SCOPES[scope][name].says for name in fitting if name != UNKNOWN}
        else:
            found[field.name] = LEFT_OUT
    if open_:
        answers = {field.name: LEFT_OUT for field in open_}
        try:
            answer = session.ask(
                "record_fields",
                each_one_of("RecordFields", list(answers), [*known, UNKNOWN, LEFT_OUT]),
                record="\n".join(
                    f"{field.name}: {field.annotation}" + (f" = {field.default}" if field.default else "")
                    for field in open_
                ),
                facts="\n".join(f"{name}: {says}" for name, says in known.items()),
            )
            answers = answer.model_dump(by_alias=True)
        except Rejected:  # fields with a default keep it; another says so when the class is written
            pass
        for field in open_:
            fact = answers[field.name]
            fits = fact in facts_for(contract, scope, field)
            unknown = UNKNOWN if field.required and UNKNOWN in facts_for(contract, scope, field) else LEFT_OUT
            found[field.name] = fact if fits else unknown
    return found


def _enums(contract: Contract, roles: dict[str, str], fields: dict[str, dict[str, str]]) -> list[str]:
    """The enumerations of which a member has to be named."""
    annotations = [
        field.annotation for key in fields for field in contract.records[key.split()[-1]] if field.name in fields[key]
    ]
    for method in contract.methods:
        if roles.get(method.name) == "supports":
            annotations += [field.annotation for field in method.parameters]
    kinds = [contract.kind(annotation) for annotation in annotations]
    return list(dict.fromkeys(name for kind, name in kinds if kind in ("choice", "choices") and contract.enums[name]))


def _choice(session: Session, name: str, members: list[str]) -> str:
    if known := next((member for member in members if member.upper() in KNOWN_CHOICES), None):
        return known
    try:
        answer: Any = session.ask(
            "enum_member", one_of("EnumMember", "member", members), name=name, members=", ".join(members)
        )
    except Rejected:
        return members[0]
    return str(answer.member)
