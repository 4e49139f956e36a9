"""Where a command runs, as far as the file shows that it is written in."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("NOWHERE", "Publication", "Surroundings")


@dataclass(frozen=True, slots=True)
class Publication:
    """A container's port that its host hands on.

    Args:
        host: the host's address; nothing means all of them, ``None`` that it is not known.
        port: the container's port; ``None`` when it is not known or all are.
    """

    host: str | None = ""
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file shows about the place in which its command runs.

    Args:
        user: the account, by name or number; nothing when the file does not show it.
        container: whether it runs in a container with a network of its own.
        published: the ports that the container's host hands on, or that a cluster's service
            exposes; ``None`` when the file does not show it.
        own_network: whether the file shows that only the container's own network reaches it
            (a compose service without ``ports``, a network that is internal); without a
            container, that no other host does (``PrivateNetwork=``).
        host_network: whether a container shares its host's network.
        privileged: whether a container is as good as its host (privileged, host's process space).
        capabilities: those that are added, upper case, without ``CAP_``.
        elsewhere: whether it runs on another machine or in another network (ssh, nsenter).
        document: whether it is an example in a document and not run from there.
        interactive: whether it stays in the foreground of somebody's terminal.
        bounded: whether something ends it after a while (``timeout``, ``RuntimeMaxSec=``).
        supervised_log: whether something keeps what it writes (journald, a container's log).
        version: socat's version, when the file pins one (``1.7.4.4``).
        written: whether the command stands in a file that people keep, its values with it.
        hidden_input: whether words of the command come from elsewhere (``xargs``).
    """

    user: str = ""
    container: bool = False
    published: tuple[Publication, ...] | None = None
    own_network: bool = False
    host_network: bool = False
    privileged: bool = False
    capabilities: tuple[str, ...] = ()
    elsewhere: bool = False
    document: bool = False
    interactive: bool = False
    bounded: bool = False
    supervised_log: bool = False
    version: str = ""
    written: bool = False
    hidden_input: bool = False

    @property
    def is_root(self) -> bool | None:
        """Whether it runs as root; ``None`` when the file does not show it."""
        return None if not self.user else self.user in {"root", "0"}


NOWHERE = Surroundings()
"""A command of which nothing is known but its words."""
