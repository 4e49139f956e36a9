"""One socket for many peers: packets are sorted here, not by the kernel.

A connected socket for each peer, as the C program makes it, lets the kernel sort. But packets that
came before the new socket was connected stay behind in the first one, each peer costs a
descriptor and a wake-up for each of its packets, and before Linux 6.13 the kernel walks along all
sockets of a port to find the right one. Here one wake-up reads up to 64 packets whoever sent
them, and a table finds the peer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from catflap.relay.channel import Channel
from catflap.relay.packets.ancillary import ANCILLARY_BYTES, facts_of
from catflap.relay.packets.drops import dropped
from catflap.relay.packets.halves import PacketWriter
from catflap.relay.packets.inbox import address_of, ask_joined, inbox_for
from catflap.relay.packets.mailbox import Mailbox, OnePacket
from catflap.relay.pump.flow import SCRATCH

if TYPE_CHECKING:
    import socket
    from collections.abc import Hashable, Sequence

    from catflap.core.nouns import Decision, Peer
    from catflap.relay.packets.batch import Batch
    from catflap.relay.packets.inbox import Inbox
    from catflap.relay.packets.listener import PacketListener
    from catflap.relay.poller import Poller

__all__ = ("Host", "Receiver")

_BURST = 64
_LOOK_EVERY = 1.0


class Host(Protocol):
    """Who a receiver works for."""

    def enter(self, peer: Peer) -> Decision:
        """Decide about a peer from whom a first packet came."""

    def refuse(self, peer: Peer, decision: Decision) -> None:
        """Hear that a packet of this peer was dropped for a decision."""

    def begin(self, peer: Peer, decision: Decision, arrival: Channel) -> None:
        """Begin a session; ``arrival`` holds the packet, and answers its sender."""

    def shake_hands(
        self, peer: Peer, decision: Decision, arrival: Channel, address: object
    ) -> None:
        """Begin a session with whom something has to be agreed first."""

    def overrun(self, lost: int, *, at_least: bool) -> None:
        """Hear how many packets the kernel dropped since the last time, because nobody read.

        ``at_least``: packets that the kernel had joined are counted as one there.
        """


class Receiver:
    """Reads the sockets of a packet listener.

    It owns them from :meth:`start` on: sessions go on when no more peers are let in, and with the
    last of them the sockets are closed.
    """

    def __init__(self, loop: Poller, listener: PacketListener, host: Host) -> None:
        """Prepare; nothing is read before :meth:`start`."""
        self._loop = loop
        self._listener = listener
        self._host = host
        self._sockets: list[socket.socket] = []
        self._boxes: dict[int, dict[Hashable, Mailbox]] = {}
        self._inboxes: dict[int, Inbox | None] = {}
        self._live = 0
        self._welcoming = False
        self._reading = False
        self._dropped = 0
        self._unread = 0
        self._looked_at = 0.0

    def start(self) -> None:
        """Take the sockets over and begin to read."""
        self._sockets = self._listener.take()
        self._boxes = {sock.fileno(): {} for sock in self._sockets}
        if not (self._listener.ancillary or self._listener.one_packet):
            # Who takes one packet and pauses needs the others to stay in the kernel.
            self._inboxes = {s.fileno(): inbox_for(s, named=True) for s in self._sockets}
            for sock in self._sockets:
                if self._inboxes[sock.fileno()] is not None:
                    ask_joined(sock)
        self._welcoming = True
        self._read()

    def _read(self) -> None:
        if self._reading:
            return
        self._reading = True
        for sock in self._sockets:
            inbox = self._inboxes.get(sock.fileno())
            if inbox is not None:
                self._loop.add_reader(sock.fileno(), self._receive_batch, sock, inbox)
            elif self._listener.ancillary:
                self._loop.add_reader(sock.fileno(), self._receive_told, sock)
            else:
                self._loop.add_reader(sock.fileno(), self._receive, sock)

    def pause(self) -> None:
        """Read nothing for a while: what comes waits in the kernel."""
        if self._reading:
            self._reading = False
            for sock in self._sockets:
                self._loop.remove_reader(sock.fileno())

    def resume(self) -> None:
        """Read again."""
        if self._sockets and self._welcoming:
            self._read()

    def stop(self) -> None:
        """Let no more peers in; those that live go on."""
        self._welcoming = False
        if not self._live:
            self.close()
        elif self._listener.one_packet:
            self.pause()

    def close(self) -> None:
        """Close the sockets, whoever lives."""
        self.pause()
        self._look()
        self._welcoming = False
        while self._sockets:
            self._sockets.pop().close()

    def _receive(self, sock: socket.socket) -> None:
        boxes = self._boxes[sock.fileno()]
        receive = sock.recvfrom_into
        held: list[Mailbox] = []
        try:
            for _ in range(_BURST):
                try:
                    count, address = receive(SCRATCH)
                except (BlockingIOError, InterruptedError):
                    return
                except OSError:
                    # An ICMP message about a packet of ours: it belongs to no session we know of.
                    continue
                packet = bytes(SCRATCH[:count])
                box = boxes.get(address)
                if box is not None:
                    if box.hold(packet):
                        held.append(box)
                elif self._welcoming:
                    self._arrive(sock, packet, address)
                if not self._reading:
                    return
            self._look_again()
        finally:
            for box in held:
                box.ring()

    def _receive_batch(self, sock: socket.socket, inbox: Inbox) -> None:
        """Receive into slots and hand each peer's packets on from there."""
        try:
            inbox.receive(sock.fileno())
        except OSError:
            # Nothing is there; or an ICMP message about a packet of ours, which is no session's.
            return
        boxes = self._boxes[sock.fileno()]
        for key, slots in _by_sender(inbox.senders()).items():
            box = boxes.get(key)
            batch = inbox.some(slots)
            if box is None:
                self._meet(sock, key, inbox.name(slots[0]), batch)
            elif box.direct is not None:
                box.direct(batch)
            elif [None for packet in batch.packets() if box.hold(packet)]:
                box.ring()
        self._look_again()

    def _meet(self, sock: socket.socket, key: Hashable, name: bytes, batch: Batch) -> None:
        """Decide about packets of somebody new; those behind the first may be a session's."""
        address = address_of(name)
        for packet in batch.packets():
            boxes = self._boxes.get(sock.fileno())
            box = None if boxes is None else boxes.get(key)
            if box is not None:
                box.put(packet)
            elif self._welcoming and self._reading:
                self._arrive(sock, packet, address, key=key, name=name)
            elif self._welcoming:
                self._unread += 1

    def _receive_told(self, sock: socket.socket) -> None:
        """Receive with what each packet tells besides its bytes."""
        boxes = self._boxes[sock.fileno()]
        for _ in range(_BURST):
            try:
                count, messages, _, address = sock.recvmsg_into([SCRATCH], ANCILLARY_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue
            packet = bytes(SCRATCH[:count])
            box = boxes.get(address)
            if box is not None:
                box.put(packet)
            elif self._welcoming:
                self._arrive(sock, packet, address, facts=facts_of(messages))
            if not self._reading:
                return

    def _arrive(  # noqa: PLR0913 - what is known of a packet
        self,
        sock: socket.socket,
        packet: bytes,
        address: object,
        *,
        facts: dict[str, str] | None = None,
        key: Hashable = None,
        name: bytes | None = None,
    ) -> None:
        """Decide about a packet of somebody new.

        Args:
            sock: where it came.
            packet: its bytes.
            address: of the sender.
            facts: what it tells besides.
            key: by which further packets of the sender are known, if not by the address.
            name: the address as the kernel has it.
        """
        listener = self._listener
        peer = listener.sender(address)
        decision = self._host.enter(peer)
        if not decision.allowed:
            self._host.refuse(peer, decision)
            return
        answer = listener.screen(packet, address)
        if answer is not None:
            if answer:
                self._answer(sock, answer, address)
            return
        payload = listener.payload(sock, packet)
        arrival = self._channel(sock, payload, address, peer, key or address, name)
        arrival.facts = listener.facts(address) if facts is None else facts
        if listener.shakes_hands:
            self._host.shake_hands(peer, decision, arrival, address)
        else:
            self._host.begin(peer, decision, arrival)

    def _answer(self, sock: socket.socket, answer: bytes, address: object) -> None:
        try:
            sock.sendto(answer, address)  # type: ignore[call-overload]
        except OSError:
            # The peer asks again; nothing is kept of whoever has not shown that he is there.
            return

    def _channel(  # noqa: PLR0913 - what is known of a packet
        self,
        sock: socket.socket,
        packet: bytes,
        address: object,
        peer: Peer,
        key: Hashable,
        name: bytes | None,
    ) -> Channel:
        answers = bool(address) and self._listener.answers
        writer = PacketWriter(sock, address, self._listener.ending, name) if answers else None
        reader: OnePacket | Mailbox
        if self._listener.one_packet:
            reader = OnePacket(packet)
        else:
            reader = Mailbox(null_ends=self._listener.null_ends)
            reader.put(packet)
            self._boxes[sock.fileno()][key] = reader
        descriptor = sock.fileno()
        self._live += 1

        def release(abort: bool) -> None:
            if writer is not None and not abort and sock.fileno() >= 0:
                writer.end()
            if isinstance(reader, Mailbox):
                self._boxes[descriptor].pop(key, None)
                channel.lost = reader.lost
            self._leave()

        channel = Channel(reader, writer, str(peer), release)
        channel.tells_end = False
        channel.peer = peer
        channel.local = self._listener.sender(sock.getsockname())
        return channel

    def _leave(self) -> None:
        self._live -= 1
        if not self._live and not self._welcoming:
            self.close()

    def _look_again(self) -> None:
        """Look after packets that were lost, at most once a second."""
        now = self._loop.time()
        if now - self._looked_at >= _LOOK_EVERY:
            self._looked_at = now
            self._look()

    def _look(self) -> None:
        lost = self._unread + sum(dropped(sock) for sock in self._sockets)
        if lost > self._dropped:
            joins = any(self._inboxes.values())
            self._host.overrun(lost - self._dropped, at_least=joins)
            self._dropped = lost


def _by_sender(senders: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    """Return the slots of each sender, in order."""
    first = senders[0]
    if senders.count(first) == len(senders):
        return {first: list(range(len(senders)))}
    found: dict[Hashable, list[int]] = {}
    for slot, key in enumerate(senders):
        slots = found.get(key)
        if slots is None:
            found[key] = [slot]
        else:
            slots.append(slot)
    return found
