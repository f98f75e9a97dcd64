"""Works out how an adapter follows the base class that was found: what each method is for, what each field gets."""

from __future__ import annotations

import hashlib
from typing import Any

from models.errors import Rejected
from nodes.integrate.answers import each_one_of, one_of
from nodes.session import Session, StepFailed
from tools.contract import Contract, Field
from tools.facts import KNOWN_CHOICES, KNOWN_ROLES, LEFT_OUT, ROLES, SCOPES, UNKNOWN
from tools.fitting import candidates, facts_for, records_of

NONE = "none"
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
    roles = {m.name: KNOWN_ROLES[m.name] for m in contract.methods if m.name in KNOWN_ROLES}
    for role in ROLES:
        if role not in roles.values() and (method := _method(session, contract, role, roles)):
            roles[method] = role
    if "run" not in roles.values():
        raise StepFailed(f"{contract.base} has no method that runs a circuit: it asks for {_names(contract)}.")
    fields = {f"{scope} {name}": _fields(session, contract, scope, name) for scope, name in records_of(contract, roles)}
    frame = {
        "evidence": evidence,
        "roles": roles,
        "fields": fields,
        "choices": {name: _choice(session, name, contract.enums[name]) for name in _enums(contract, roles, fields)},
    }
    session.recipe.put("frame", frame, f"the {len(roles)} methods of {contract.base}, held by the wrapper's checks")
    return frame


def _names(contract: Contract) -> str:
    return ", ".join(method.name for method in contract.methods if method.abstract) or "nothing"


def _method(session: Session, contract: Contract, role: str, roles: dict[str, str]) -> str | None:
    """The method that is there for this, among those that can be; None where none is."""
    possible = candidates(contract, role, roles)
    if not possible:
        return None
    if role == "nothing":  # it needs no answer what a method does that takes nothing and gives nothing
        return possible[0].name
    lines = [f"{method.signature}  {' '.join(method.says.split())[:SHOWN]}" for method in possible]
    names = [method.name for method in possible]
    try:
        answer: Any = session.ask(
            "role_method", one_of("RoleMethod", "method", [*names, NONE]), lines=lines, what=ROLES[role]
        )
    except Rejected:
        return None
    return None if answer.method == NONE else str(answer.method)


def _fields(session: Session, contract: Contract, scope: str, record: str) -> dict[str, str]:
    """A fact for each field: the one of its name, or the one that the model chooses among those of its kind."""
    found: dict[str, str] = {}
    holding = {"counts", "data", "outcome"}

    def counted(answer: Any) -> str | None:
        given = {*found.values(), *answer.model_dump(by_alias=True).values()}
        return "No field holds the counts." if holding & set(known) and not holding & given else None

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
                oracles=[counted],
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
    except Rejected as error:
        raise StepFailed(f"Which of {', '.join(members)} is meant for {name} was not found out.") from error
    return str(answer.member)
