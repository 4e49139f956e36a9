"""Accepting: in bursts, guarded, and never dying of a full table."""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import TYPE_CHECKING

from catflap.core.nouns import Decision, Peer, UnixCredentials
from catflap.events.model import Denied, Pressure, stamp
from catflap.relay.admission import LIMIT_RULES
from catflap.relay.channel import EXHAUSTED, reset
from catflap.relay.packets.senders import sender
from catflap.relay.session import Session

if TYPE_CHECKING:
    from catflap.relay.bridging import Bridging
    from catflap.relay.opening import Listener

__all__ = ("Acceptor", "peer_from")

_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})
_BURST = 64
_SO_PEERGROUPS = 59
"""From asm-generic/socket.h; Python has no name for it."""
_MOST_GROUPS = 256
"""As many as getsockopt() of Python has room for."""
_STREAM = socket.SOCK_STREAM
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0
_UNREADABLE = Decision(
    allowed=False, rule="peer-unreadable", reason="the peer's address cannot be read"
)


def peer_from(sock: socket.socket, address: object) -> Peer | None:
    """Return the peer of an accepted socket; ``None`` when it cannot be known (fail closed)."""
    if isinstance(address, tuple):
        if sock.family not in _INTERNET:
            return sender(address)
        return Peer(address[0], address[1]) if address and address[0] else None
    if sock.family == socket.AF_UNIX:
        try:
            packed = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        except OSError:
            return None
        pid, uid, gid = struct.unpack("iII", packed)
        return Peer("unix", 0, UnixCredentials(pid, uid, gid, _groups(sock)))
    return Peer("socket")


def _groups(sock: socket.socket) -> tuple[int, ...]:
    """Return the further groups of a peer's process; nothing of one that is in more than fit."""
    try:
        packed = sock.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MOST_GROUPS * 4)
    except OSError:
        return ()
    return struct.unpack(f"{len(packed) // 4}I", packed)


class Acceptor:
    """Takes connections from the sockets of a listener and begins sessions.

    Args:
        waits: at the limit of sessions leave newcomers in the kernel's queue, as the C program
            does, instead of refusing them at once.
    """

    def __init__(self, bridging: Bridging, listener: Listener, *, waits: bool) -> None:
        """Prepare; nothing is accepted before :meth:`start`."""
        self._bridging = bridging
        self._listener = listener
        self._waits = waits
        self._pause = _FIRST_PAUSE
        self._under_pressure = False
        self._paused = False
        self._resting = False
        self._running = False

    def start(self) -> None:
        """Begin to accept."""
        self._running = True
        self._arm()

    def stop(self) -> None:
        """Accept no more."""
        self._running = False
        self._disarm()

    def take(self, other: Acceptor) -> None:
        """Accept from another one's listener; whoever waits at the old sockets comes in first."""
        current = self._listener
        if self._running:
            for sock in list(current.sockets):
                self._acceptable(sock)
            for sock in current.sockets:
                self._bridging.loop.remove_reader(sock.fileno())
        self._listener, self._waits = other._listener, other._waits
        if self._running and not self._paused and not self._resting:
            self._arm()

    def _arm(self) -> None:
        for sock in self._listener.sockets:
            self._bridging.loop.add_acceptor(sock.fileno(), self._acceptable, sock)

    def _disarm(self) -> None:
        for sock in self._listener.sockets:
            self._bridging.loop.remove_reader(sock.fileno())

    def room(self) -> None:
        """Hear that a session ended: accept again if that is what was waited for."""
        if self._paused and self._running:
            self._paused = False
            self._arm()

    def _acceptable(self, listening: socket.socket) -> None:
        for _ in range(_BURST):
            if self._waits and self._bridging.admission.is_full:
                self._paused = True
                self._disarm()
                return
            try:
                # socket.accept() spends more on turning numbers into enums than the kernel does
                # on accepting; the number of the descriptor is all that is needed here.
                descriptor, address = listening._accept()  # type: ignore[attr-defined] # noqa: SLF001
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in EXHAUSTED:
                    self.back_off(error)
                    return
                continue
            sock = socket.socket(listening.family, _STREAM, 0, descriptor)
            self._begin(sock, address)
            if self._under_pressure and not self._resting:
                self._recovered()
            if not self._running or self._resting:
                return

    def _begin(self, sock: socket.socket, address: object) -> None:
        sock.setblocking(False)
        peer = peer_from(sock, address)
        bridging = self._bridging
        decision = _UNREADABLE if peer is None else bridging.admission.enter(peer)
        if peer is None or not decision.allowed:
            self._refuse(sock, peer or Peer("unknown"), decision)
            return
        local = self._local(sock) if bridging.wants_local else None
        session = Session(bridging, peer, local, decision.rule)
        session.begin(sock)

    def _local(self, sock: socket.socket) -> Peer | None:
        try:
            address = sock.getsockname()
        except OSError:
            return None
        return Peer(address[0], address[1]) if isinstance(address, tuple) else sender(address)

    def _refuse(self, sock: socket.socket, peer: Peer, decision: Decision) -> None:
        """Turn a peer away at once; bursts of a limit are told together, rules every time."""
        if not self._waits:
            reset(sock)
        else:
            # The C program ends it, so that a peer reads an end and no error.
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        sock.close()
        if decision.rule in LIMIT_RULES:
            self._bridging.refusals.tell(decision, str(peer))
            return
        self._bridging.emit(
            Denied(
                time=stamp(),
                bridge=self._bridging.name,
                session=self._bridging.registry.next_id(),
                peer=str(peer),
                rule=decision.rule,
                reason=decision.reason,
                mend=decision.mend,
                entry=decision.entry,
            )
        )

    def back_off(self, error: OSError) -> None:
        """Leave the queue alone for a moment: accepting again at once would only spin."""
        if not self._under_pressure:
            self._under_pressure = True
            self._pause = _FIRST_PAUSE
            what = error.strerror or "no descriptors"
            self._bridging.emit(
                Pressure(time=stamp(), bridge=self._bridging.name, what=what, state="backing off")
            )
        if self._resting:
            return
        self._resting = True
        self._disarm()
        self._bridging.loop.call_later(self._pause, self._again)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def _again(self) -> None:
        self._resting = False
        if self._running:
            self._arm()

    def _recovered(self) -> None:
        self._under_pressure = False
        self._pause = _FIRST_PAUSE
        self._bridging.emit(
            Pressure(time=stamp(), bridge=self._bridging.name, what="accepting", state="recovered")
        )
