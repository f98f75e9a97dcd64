"""The hosts that a run's commands reached and those that were refused to them, for its page."""

from __future__ import annotations

from nodes.session import Session
from tools.sandbox import held_to_hosts


def hosts_told(session: Session) -> list[str]:
    """A line for the hosts that were reached, and one for those that were refused; nothing where no command had any."""
    with_network = [line for line in session.run.journal() if "reached" in line]
    if with_network and not held_to_hosts():
        return ["commands that had the network were not held to hosts here, so it is not known which they reached"]
    found = {key: dict.fromkeys(host for line in with_network for host in line[key]) for key in ("reached", "refused")}
    return [f"hosts {key}: {', '.join(hosts)}" for key, hosts in found.items() if hosts]
