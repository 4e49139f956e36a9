"""What failed while bytes flowed, as the system call by which people search for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType, Role, Transport
from catflap.bridge.model import DualSide
from catflap.dropin.failure_words import REASONS
from catflap.dropin.peer_words import of_text

if TYPE_CHECKING:
    from catflap.bridge.side import Side

__all__ = ("transfer_failure",)

_BLOCK = 8192
_TLS = "TLS: "
_GONE = frozenset({"Broken pipe", "Connection reset by peer"})
"""What is said of the end that is written to; all other failures name the end that is read."""

_OF_WRITING = frozenset(
    {
        "Broken pipe",
        "File too large",
        "Message too long",
        "Network is unreachable",
        "No space left on device",
        "No such file or directory",
        "Permission denied",
    }
)
_LOCAL = frozenset({Transport.UNIX, Transport.ABSTRACT})


def transfer_failure(
    reason: str,
    at: int,
    descriptors: tuple[int, int, int, int],
    ends: tuple[Side | DualSide, Side | DualSide],
) -> str:
    """Return what is told when reading or writing failed after both ends were open.

    Args:
        reason: what errno says.
        at: the end that it was said of: 0 or 1.
        descriptors: what is read from and written to, of the first end and of the second.
        ends: both addresses.
    """
    if reason.startswith(_TLS):
        return f"SSL_read(): {reason.removeprefix(_TLS)}"
    if reason not in REASONS:
        return reason
    to = at if reason in _GONE else 1 - at
    end = ends[to]
    sink = end.write if isinstance(end, DualSide) else end
    is_packet = sink.kind.role in {Role.DATAGRAM, Role.RECEIVE}
    refused = reason == "Connection refused" and is_packet and sink.kind.transport in _LOCAL
    if reason not in _OF_WRITING and not refused:
        return f"read({descriptors[2 * at]}, ..., {_BLOCK}): {reason}"
    descriptor = descriptors[2 * to + 1]
    if is_packet:
        return f"sendto({descriptor}, ..., 0, {_address(sink)}): {reason}"
    return f"write({descriptor}, ..., {_BLOCK}): {reason}"


def _address(sink: Side) -> str:
    """Return where a packet goes, with the size of that as sendto(2) takes it."""
    path = sink.parameter(ParameterType.PATH)
    if sink.kind.transport in _LOCAL:
        name = f"\\0{path}" if sink.kind.transport is Transport.ABSTRACT else path
        return f'AF=1 "{name}", {len(path.encode("utf-8", "surrogateescape")) + 3}'
    told = of_text(f"{sink.host.value}:{sink.port.value}") if sink.is_internet else "..."
    return f"{told}, {28 if told.startswith('AF=10') else 16}"
