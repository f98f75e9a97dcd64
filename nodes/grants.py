"""What the person, or the level they set beforehand, has allowed a step of this run."""

from __future__ import annotations

from collections.abc import Sequence

from nodes.session import Session
from tools.traffic import kept

NO_HOST = "it failed: it may not reach "
"""How it is said of an action that was refused a host; the host follows."""


def grant_network(session: Session, step: str) -> None:
    """Note that a step's commands may use the network from now on in this run."""
    granted = {*session.run.facts.get("network_granted", []), step}
    session.run.update(network_granted=sorted(granted))


def grant_hosts(session: Session, hosts: Sequence[str]) -> None:
    """Note that commands with the network may reach these from now on in this run."""
    if hosts:
        known = session.run.facts.get("hosts_granted", [])
        session.run.update(hosts_granted=list(dict.fromkeys([*known, *hosts])))


def refuse_host(session: Session, host: str) -> None:
    """Note that the person does not want a host to be reached in this run."""
    session.run.update(hosts_refused=[*session.run.facts.get("hosts_refused", []), host])


def hosts_to_ask(session: Session, log: str | None) -> list[str]:
    """The hosts that were refused to the command of a log, without those that the person was asked about since."""
    return [host for host in kept(log).refused if not answered(session, host)]


def answered(session: Session, host: str) -> bool:
    """Whether the person said yes or no to a host in this run."""
    facts = session.run.facts
    return host in facts.get("hosts_refused", []) or host in facts.get("hosts_granted", [])


def may_use_network(session: Session, step: str) -> bool:
    """Whether the network was granted to the step in this run."""
    return step in session.run.facts.get("network_granted", [])
