"""What the person, or the level they set beforehand, has allowed a step of this run."""

from __future__ import annotations

from nodes.session import Session


def grant_network(session: Session, step: str) -> None:
    """Note that a step's commands may use the network from now on in this run."""
    granted = {*session.run.facts.get("network_granted", []), step}
    session.run.update(network_granted=sorted(granted))


def may_use_network(session: Session, step: str) -> bool:
    """Whether the network was granted to the step in this run."""
    return step in session.run.facts.get("network_granted", [])
