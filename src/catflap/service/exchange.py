"""From the bridges that run to those that a file wants now: all of the change, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from catflap.address.rows import ParameterType, Transport
from catflap.bridge.side import Side
from catflap.relay.handed_in import lent
from catflap.relay.leaving import leaving
from catflap.relay.opening import Adopting

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence

    from catflap.bridge.model import Bridge
    from catflap.relay.bridging import Bridging
    from catflap.relay.opening import Listener
    from catflap.relay.replacing import Replacement

__all__ = ("Changes", "Exchange")

_OVER_TCP = frozenset({Transport.TCP, Transport.TLS})


@dataclass(frozen=True, slots=True)
class Changes:
    """What came of a change; names of bridges."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.removed or self.replaced)

    def __str__(self) -> str:
        """Return the words for an event."""
        said = [
            f"{word} {', '.join(names)}"
            for word, names in (
                ("added", self.added),
                ("removed", self.removed),
                ("replaced", self.replaced),
            )
            if names
        ]
        return "; ".join(said) or "nothing changed"


class Exchange:
    """One change of the set of bridges, in two steps: what can fail, then what cannot.

    What is new is opened before anything that runs is touched. A bridge that is new by its name,
    and listens where one listened that goes, goes on with the same sockets: nobody in their
    queues is turned away. Bridges may also exchange their ports, or listen on more addresses.

    Args:
        running: the bridges that run, by name.
        wanted: those that are to run.
        make: builds a bridge that is new.
        lent: sockets that another process opened, by bridge; they are used instead of new ones.
    """

    def __init__(
        self,
        running: dict[str, Bridging],
        wanted: Sequence[Bridge],
        make: Callable[[Bridge], Bridging],
        lent: Mapping[str, Sequence[socket.socket]] | None = None,
    ) -> None:
        """Compare; nothing happens before :meth:`prepare`."""
        self._running = running
        self._wanted = {bridge.name: bridge for bridge in wanted}
        self._make = make
        self._lent = lent or {}
        self._fresh: list[Bridging] = []
        self._heirs: list[tuple[Bridging, Bridging]] = []
        self._replacements: list[tuple[Bridging, Replacement]] = []
        self.going = [each for name, each in running.items() if name not in self._wanted]
        self._new = [each for each in wanted if each.name not in running]
        self._changed = [
            each for each in wanted if each.name in running and running[each.name].bridge != each
        ]

    @property
    def changes(self) -> Changes:
        """What it comes to."""
        touched = {bridge.name for bridge in (*self._changed, *self._new)}
        return Changes(
            added=tuple(bridge.name for bridge in self._new),
            removed=tuple(bridging.name for bridging in self.going),
            replaced=tuple(bridge.name for bridge in self._changed),
            kept=tuple(name for name in self._wanted if name not in touched),
        )

    @property
    def opened(self) -> dict[str, list[socket.socket]]:
        """The listening sockets that were opened for it, by bridge: for other processes."""
        found = {}
        heirs = {heir.name for heir, _ in self._heirs}
        for bridging in self._fresh:
            if bridging.listener is not None and bridging.name not in heirs:
                found[bridging.name] = list(bridging.listener.sockets)
        for bridging, replacement in self._replacements:
            if replacement.opened:
                found[bridging.name] = replacement.opened
        return found

    async def prepare(self) -> None:
        """Do everything that can fail; nothing that runs changes by it.

        Raises:
            UsageError: something cannot be while the service runs.
            OperationError: a file or an address cannot be used.
        """
        try:
            # One by one: when the second cannot be built, the first is closed again.
            self._fresh.extend(self._make(bridge) for bridge in self._new)
            for bridging in self._fresh:
                heir_of = next(
                    (each for each in self.going if self._inherits(bridging, each)), None
                )
                if heir_of is not None:
                    self._heirs.append((bridging, heir_of))
                    continue
                going = self._leaving(bridging.bridge)
                with lent(self._lent.get(bridging.name, ())), leaving(going):
                    await bridging.open()
            for bridge in self._changed:
                bridging = self._running[bridge.name]
                going = self._leaving(bridge)
                with lent(self._lent.get(bridging.name, ())), leaving(going):
                    self._replacements.append((bridging, bridging.prepare(bridge)))
        except BaseException:
            self.cancel()
            raise

    def _leaving(self, wanted: Bridge) -> list[socket.socket]:
        """Return the listening sockets that nobody serves any more when the change holds.

        Only those of the network that a bridge is wanted in: the same address in another network
        namespace is another place.
        """
        moving = [
            self._running[bridge.name]
            for bridge in self._changed
            if _where(bridge) != _where(self._running[bridge.name].bridge)
        ]
        listeners = [
            bridging.listener
            for bridging in (*self.going, *moving)
            if _network(bridging.bridge) == _network(wanted)
        ]
        return [sock for each in listeners if each is not None for sock in each.sockets]

    def cancel(self) -> None:
        """Leave everything as it is."""
        for _, replacement in self._replacements:
            replacement.cancel()
        for bridging in self._fresh:
            bridging.close()
        self._replacements.clear()
        self._fresh.clear()

    def commit(self) -> Changes:
        """Let it hold; the caller starts what is new, and retires what is going."""
        for _, replacement in self._replacements:
            replacement.commit()
        for heir, before in self._heirs:
            _inherit(heir, before)
        changes = self.changes
        for bridging in self.going:
            del self._running[bridging.name]
        self._running.update((bridging.name, bridging) for bridging in self._fresh)
        # The order of the file is the order in which people are told.
        for name in self._wanted:
            self._running[name] = self._running.pop(name)
        return changes

    @staticmethod
    def _inherits(bridging: Bridging, other: Bridging) -> bool:
        mine, its = bridging.bridge.first, other.bridge.first
        if not isinstance(mine, Side) or not isinstance(its, Side):
            return False
        if bridging.single or other.single or not (mine.serves_streams and its.serves_streams):
            return False
        givers: tuple[object, ...] = (bridging.listener, other.listener)
        if not all(isinstance(each, Adopting) for each in givers):
            return False
        any_port = mine.is_internet and mine.port.value == "0"
        return not any_port and place_of(mine) == place_of(its)


def _inherit(heir: Bridging, before: Bridging) -> None:
    """Let a bridge go on with the sockets of another, which takes nobody in any more."""
    mine: object = heir.listener
    its: object = before.listener
    first = heir.bridge.first
    if before.acceptor is not None:
        before.acceptor.stop()
    if isinstance(mine, Adopting) and isinstance(its, Adopting) and isinstance(first, Side):
        mine.adopt(its)
        heir.announce(first, cast("Listener", mine))


def _network(bridge: Bridge) -> str:
    first = bridge.first
    return first.text("netns").value if isinstance(first, Side) else ""


def _where(bridge: Bridge) -> object:
    return place_of(bridge.first) if isinstance(bridge.first, Side) else bridge.first


def place_of(side: Side) -> tuple[object, ...]:
    """Return where a listener listens; plain TCP and TLS share their places."""
    transport, network = side.kind.transport, side.text("netns").value
    if transport in _OVER_TCP:
        where = (side.bind_hosts.value, side.text("bind").value, side.port.value)
        return (Transport.TCP, network, *where)
    return (transport, network, side.parameter(ParameterType.PATH))
