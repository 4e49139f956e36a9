"""What a program connects to that only passes bytes on: ``nc``, ``socat``, ``docker``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("Endpoint", "endpoint_of")

_NETCATS = frozenset({"nc", "ncat", "netcat", "nc.openbsd", "nc.traditional"})
_RUNTIMES = {"docker": "Docker", "podman": "Podman", "nerdctl": "containerd"}
_PATH = re.compile(r"(?:unix|unix-connect|unix-client|gopen):([^,]+)", re.IGNORECASE)
_HOST = re.compile(r"tcp[46]?(?:-connect)?:([^:,]+):([^:,]+)", re.IGNORECASE)


class Endpoint(NamedTuple):
    """What stands at the other end of a program: a path, or a host and a port, or a runtime."""

    path: str = ""
    host: str = ""
    port: str = ""
    runtime: str = ""


def endpoint_of(words: Sequence[str]) -> Endpoint | None:
    """Return what a command hands its standard input on to, or ``None``.

    Args:
        words: of one command, wrappers such as ``timeout 60`` taken off.
    """
    name = words[0].rpartition("/")[2] if words else ""
    if name in _RUNTIMES and list(words[1:]) == ["system", "dial-stdio"]:
        return Endpoint(runtime=_RUNTIMES[name])
    if name in _NETCATS:
        return _of_netcat(words[1:])
    if name == "socat" and len(words) > 2:
        return _of_address(words[-1]) or _of_address(words[-2])
    return None


def _of_netcat(words: Sequence[str]) -> Endpoint | None:
    operands = [word for word in words if not word.startswith("-")]
    flags = "".join(word for word in words if word.startswith("-") and not word.startswith("--"))
    if "l" in flags or "--listen" in words:
        return None
    if "U" in flags or "--unixsock" in words:
        return Endpoint(path=operands[-1]) if operands else None
    return Endpoint(host=operands[-2], port=operands[-1]) if len(operands) > 1 else None


def _of_address(word: str) -> Endpoint | None:
    found = _PATH.match(word)
    if found is not None:
        return Endpoint(path=found[1])
    found = _HOST.match(word)
    return Endpoint(host=found[1], port=found[2]) if found is not None else None
