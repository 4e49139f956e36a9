"""Container images whose entry point is a relay."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("is_relay_image", "takes_addresses", "version_of_image")

_RELAY = re.compile(
    r"(?:[a-z0-9]+[._-])*(?:socat[12]?|catflap)(?:[._-](?:alpine|debian|ubuntu|docker|container|image|proxy|proxies|relay|forwarder|forward|tunnel|bridge|static|ssl|tls|sidecar|server|client|arm64|armhf|amd64|arm|multiarch|\d[\d.]*))*"
)
_ADDRESS = re.compile(
    r"(?:tcp|udp|udplite|sctp|dccp|vsock|unix|abstract|openssl|ssl)[46]?"
    r"(?P<role>-(?:l|listen|connect|client|server|recv|recvfrom|sendto|datagram|dgram))?:.+",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESSES = 2
_TAKES_VALUE = frozenset({"-b", "-t", "-T", "-lf", "-r", "-R"})
_VERSION = re.compile(r"v?(1\.\d+\.\d+(?:\.\d+)?|2\.0\.0[.-]?b\d+)(?:[-+].*)?")


def is_relay_image(name: str) -> bool:
    """Whether the image's own program is socat or catflap, so that its command is arguments.

    Judged by the last segment of the name, as with ``alpine/socat``, ``bobrik/socat``,
    ``ghcr.io/org/tcp-socat:1.8.0.0`` or ``socat-proxy``; registry, tag and digest do not count.
    """
    return _RELAY.fullmatch(_segment(name)[0]) is not None


def takes_addresses(words: Sequence[str]) -> bool:
    """Whether an image's arguments are a relay's, so that its own program must be socat.

    Images under any name wrap socat; nothing else takes ``TCP-LISTEN:2375,fork`` and
    ``UNIX-CONNECT:/var/run/docker.sock`` and no other word.
    """
    addresses: list[re.Match[str]] = []
    skips = False
    for word in words:
        if skips:
            skips = False
        elif word in _TAKES_VALUE:
            skips = True
        elif not word.startswith("-"):
            found = _ADDRESS.fullmatch(word)
            if found is None:
                return False
            addresses.append(found)
    return len(addresses) == _ADDRESSES and any(found["role"] for found in addresses)


def version_of_image(name: str) -> str:
    """Return the version of socat that the image's tag pins, or nothing.

    Args:
        name: with its tag; ``alpine/socat:1.7.4.4`` gives ``1.7.4.4``, ``latest`` nothing.
    """
    segment, tag = _segment(name)
    if not _RELAY.fullmatch(segment):
        return ""
    found = _VERSION.fullmatch(tag)
    return found.group(1) if found else ""


def _segment(name: str) -> tuple[str, str]:
    """Return the last part of an image's name, in lower case, and its tag."""
    last = name.strip().partition("@")[0].rpartition("/")[2]
    segment, _, tag = last.partition(":")
    return segment.lower(), tag
