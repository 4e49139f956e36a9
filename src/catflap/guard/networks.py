"""Lists of networks, indexed: a thousand entries cost as much as one a length of prefix."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.address.networks import NetworkRule

__all__ = ("NetworkIndex", "address_number")


class NetworkIndex:
    """Finds the first entry of a list that holds an address.

    Args:
        rules: first match decides.
        name: of the list, for people: ``range`` or ``allow``.
    """

    __slots__ = ("_masks", "name")

    def __init__(self, rules: Iterable[NetworkRule], name: str) -> None:
        """Group the entries by their mask: of equal ones the first counts."""
        self.name = name
        self._masks: dict[tuple[int, int], dict[int, tuple[int, NetworkRule]]] = {}
        for position, rule in enumerate(rules):
            same = self._masks.setdefault((rule.bits, rule.mask), {})
            same.setdefault(rule.value, (position, rule))

    def find(self, bits: int, number: int) -> NetworkRule | None:
        """Return the first entry that holds an address of 32 or 128 bits."""
        best: tuple[int, NetworkRule] | None = None
        for (width, mask), values in self._masks.items():
            if width == bits:
                found = values.get(number & mask)
                if found is not None and (best is None or found[0] < best[0]):
                    best = found
        return best[1] if best is not None else None


def address_number(host: str) -> tuple[int, int] | None:
    """Return (bits, number) of a peer's numeric address; a v4-mapped peer counts as v4.

    ``None`` is an address that cannot be read, which no list admits.
    """
    try:
        if ":" not in host:
            return 32, int.from_bytes(socket.inet_pton(socket.AF_INET, host))
        packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except (OSError, ValueError):
        # A name of a UNIX socket may hold what no address does: zeros, bytes that are no UTF-8.
        return None
    if packed.startswith(b"\0" * 10 + b"\xff\xff"):
        return 32, int.from_bytes(packed[12:])
    return 128, int.from_bytes(packed)
