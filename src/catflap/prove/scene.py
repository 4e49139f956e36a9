"""What attempts act upon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catflap.prove.certificates import Authority, Credential
    from catflap.prove.tap import Tap
    from catflap.prove.wire import Address

__all__ = ("ME", "SERVER_NAME", "Scene")

ME = "alice.demo"
"""The name of the client that may come in."""

SERVER_NAME = "localhost"


@dataclass(frozen=True, slots=True)
class Scene:
    """A bridge under attack and what stands around it.

    Args:
        target: the TLS port.
        source: where attackers come from, unless they say otherwise.
        stranger: an address outside the allowlist.
        authority: the CA that the bridge trusts.
        friend: the credential that it should let in.
        server: its own credential.
        entrance: the client bridge in front of it, with the tap between.
        mistaken: a client bridge that expects another name there.
        tap: what listens on the line.
        word: a secret that goes through.
    """

    target: Address
    source: str
    stranger: str
    authority: Authority
    friend: Credential
    server: Credential
    entrance: Address
    mistaken: Address
    tap: Tap
    word: str
