"""One running bridge takes over everything of another that was built, and never opened, for it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType, SocketOption, Transport
from catflap.bridge.model import DualSide
from catflap.bridge.side import Side
from catflap.core.errors import OperationError, UsageError
from catflap.relay.acceptor import Acceptor
from catflap.relay.namespaces import inside
from catflap.relay.openers.unix import UnixListener
from catflap.relay.opening import Adopting, trusts_of

if TYPE_CHECKING:
    import socket

    from catflap.relay.bridging import Bridging

__all__ = ("Replacement",)

_OF_THE_ENTRY = frozenset({"perm", "user", "group"})
_OF_THE_SOCKET = frozenset({"backlog", "umask", "so-reuseaddr"}) | _OF_THE_ENTRY
_OVER_TCP = frozenset({Transport.TCP, Transport.TLS})


class Replacement:
    """Another bridge in the place of one that runs, prepared so far that nothing can fail.

    Several can be prepared and then committed together: all of a change, or nothing.

    Args:
        old: the running bridge, whose sessions and counts live on.
        new: built for it, and not opened.

    Raises:
        UsageError: one of the two does not serve many sessions, or waits for packets elsewhere.
        OperationError: the new address cannot be listened on.
    """

    def __init__(self, old: Bridging, new: Bridging) -> None:
        """Open the new listener, where it is at another address; ``old`` does not change."""
        if not (old.serves and new.serves) or old.single or new.single:
            message = f"{old.name} serves one session only, and is not replaced while it runs"
            raise UsageError(message, hint="start it anew")
        self._old = old
        self._new = new
        self._opened = False
        self._keeps_listener = old.ends[0] == new.ends[0]
        if not self._keeps_listener:
            self._prepare_listener()

    def _prepare_listener(self) -> None:
        old, new = self._old, self._new
        if not isinstance(old.acceptor, Acceptor) or not isinstance(new.acceptor, Acceptor):
            message = f"{old.name} waits for packets; its listener is not replaced while it runs"
            raise UsageError(message, hint="start it anew")
        if not self._adopts and new.listener is not None:
            with inside(new.ends[0]) if isinstance(new.ends[0], Side) else nullcontext():
                new.listener.open()
            self._opened = True

    @property
    def _adopts(self) -> bool:
        """Whether the new listener goes on with the sockets of the old one."""
        made: object = self._new.listener
        current: object = self._old.listener
        can = isinstance(made, Adopting) and isinstance(current, Adopting)
        return can and _place(self._old.ends[0]) == _place(self._new.ends[0])

    @property
    def opened(self) -> list[socket.socket]:
        """The sockets that were opened for it, where it listens at another address."""
        listener = self._new.listener
        return list(listener.sockets) if self._opened and listener is not None else []

    def cancel(self) -> None:
        """Leave everything as it is."""
        if self._opened and self._new.listener is not None:
            self._new.listener.close()
        self._new.far.close()
        self._new.pipes.close()

    def commit(self) -> None:
        """Let it hold from now on, and judge the sessions that live by it."""
        old, new = self._old, self._new
        if self._keeps_listener:
            _renew(old.listener, new.listener)
        else:
            self._exchange_listener()
        _replace_far(old, new)
        for name in ("bridge", "limits", "pump_options", "wants_local", "hands_over", "ends"):
            setattr(old, name, getattr(new, name))
        old.opening = replace(new.opening, notice=old.notice)
        old.admission.take_over(new.admission)
        new.pipes.close()
        old.renewing.start()
        old.changed()

    def _exchange_listener(self) -> None:
        old, new = self._old, self._new
        current, made = old.listener, new.listener
        taker: object = made
        giver: object = current
        if not self._opened and isinstance(taker, Adopting) and isinstance(giver, Adopting):
            taker.adopt(giver)
            self._tell_late_words()
        if isinstance(old.acceptor, Acceptor) and isinstance(new.acceptor, Acceptor):
            old.acceptor.take(new.acceptor)
        _hand_over(current, made)
        old.take_listener(new)
        if current is not None:
            current.close()
        if self._opened and made is not None and isinstance(new.ends[0], Side):
            old.announce(new.ends[0], made)

    def _tell_late_words(self) -> None:
        """Apply what the new address says of an entry that is there, and tell what cannot be."""
        old, new = self._old, self._new
        differing = _socket_words(old.ends[0]) ^ _socket_words(new.ends[0])
        made: object = new.listener
        if differing and isinstance(made, UnixListener):
            of_entry = {each for each in differing if each.partition("=")[0] in _OF_THE_ENTRY}
            try:
                made.readjust()
            except OperationError as error:
                old.notice_of_files(error.message)
            else:
                differing -= of_entry
        if differing:
            old.notice_of_files("options of the listening socket hold from the next start on")


def _replace_far(old: Bridging, new: Bridging) -> None:
    if old.ends[1] == new.ends[1]:
        _renew(old.far, new.far)
        new.far.close()
        return
    if old.far.target == new.far.target:
        _hand_over(old.far, new.far)
    # Sessions may still hold what it holds, such as programs that run: it goes with the bridge.
    old.retired.append(old.far)
    old.far, old.open_now = new.far, new.open_now


def _renew(current: object, made: object) -> None:
    """Leave an end as it is, with its files read anew."""
    for trust, other in zip(trusts_of(current), trusts_of(made), strict=True):
        other.material.judge.learn(trust.material.judge)
        trust.take(other.material)


def _hand_over(current: object, made: object) -> None:
    """Let the new end judge those whom the old one let in."""
    for trust, other in zip(trusts_of(current), trusts_of(made), strict=False):
        trust.hand_over(other)


def _place(side: Side | DualSide) -> tuple[object, ...]:
    """Return where a listener listens; a TLS one takes over the socket of a plain one."""
    if isinstance(side, DualSide):
        return (side,)
    transport, network = side.kind.transport, side.text("netns").value
    if transport in _OVER_TCP:
        where = (side.bind_hosts.value, side.text("bind").value, side.port.value)
        return (Transport.TCP, network, *where)
    return (transport, network, side.parameter(ParameterType.PATH))


def _socket_words(side: Side | DualSide) -> set[str]:
    if isinstance(side, DualSide):
        return set()
    return {
        f"{option.row.name}={option.value.text if option.value is not None else ''}"
        for option in side.address.options
        if option.row is not None
        and (isinstance(option.row.applies, SocketOption) or option.row.name in _OF_THE_SOCKET)
    }
