"""What the machine knows that an address does not say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catflap.core.nouns import CertificateFacts

__all__ = ("Facts", "FileFacts")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file that an address names.

    Args:
        mode: permission bits, or ``None`` when it could not be looked at.
        owner: its uid.
        certificates: those it holds, in their order.
        holds_key: whether a private key stands in it.
        sheltered: whether a directory above it keeps other users out.
        tracked: whether a git repository keeps it, so that whoever has that has the file; its mode
            is then ``None``, for a checkout's mode says nothing about where it is used.
    """

    path: str
    exists: bool
    mode: int | None = None
    owner: int | None = None
    certificates: tuple[CertificateFacts, ...] = ()
    holds_key: bool = False
    sheltered: bool = False
    tracked: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that rules may know besides the bridge.

    Args:
        uid: the effective user, ``None`` when unknown (a file that is only read).
        now: seconds since the epoch.
        files: by the path that the address names.
        container: whether this is inside one.
    """

    uid: int | None = None
    now: float | None = None
    files: dict[str, FileFacts] = field(default_factory=dict)
    container: bool = False
