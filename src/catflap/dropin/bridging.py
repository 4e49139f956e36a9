"""A running bridge that behaves, and tells what it does, as the C program would."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from catflap.address.rows import Role
from catflap.bridge.model import DualSide, Flow
from catflap.bridge.side import Side
from catflap.core.errors import OperationError
from catflap.core.nouns import Peer
from catflap.dropin.dump import Count, open_raw, raw_name, tap_of
from catflap.dropin.failure_words import retry_line
from catflap.dropin.log import Grade
from catflap.dropin.lowering import LoweringOpener
from catflap.dropin.opening_lines import opening_lines, program_lines
from catflap.dropin.socket_words import (
    accepting_lines,
    arrival_line,
    connected_lines,
    descriptors_of,
    first_packet_line,
    local_line,
    packet_start,
)
from catflap.dropin.transfer_words import transfer_failure
from catflap.dropin.wording import refusal_lines
from catflap.relay.bridging import Bridging
from catflap.relay.ends import AwaitingOpener
from catflap.relay.opening import NamedListener
from catflap.relay.session import Session
from catflap.survey.accounts import PRIVILEGE_OPTIONS

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable

    from catflap.dropin.keeping import KeptEnd
    from catflap.dropin.log import SocatLog
    from catflap.dropin.reading import Plan
    from catflap.dropin.settings import Settings
    from catflap.events.model import Closed, Event
    from catflap.relay.channel import Channel
    from catflap.relay.opening import Opener
    from catflap.relay.poller import Poller
    from catflap.relay.registry import Registry

__all__ = ("SocatBridging",)

_FILES = frozenset({"OPEN", "CREATE", "GOPEN"})
_WAYS = ("left to right", "right to left")
_FLUSH_SECONDS = 1.0
"""What the C program gives a child that only reads, whatever ``-t`` says."""

_CHILD = re.compile(r"\(pid (\d+)\) (?:ended with status (\d+)|was ended by (\w+))")
_REFUSED = re.compile(r"refused (?:\S+ packets? of )?(\S+): ([\w-]+)(?:: (.*))?$")
_PROCESS = re.compile(r"\(pid (\d+)\)")
_TERMINAL = re.compile(r"the terminal is ([^ ,]+)")


class SocatBridging(Bridging):
    """One session or, with ``fork``, each connection one; told in the C program's words.

    Args:
        plan: what is to run, and how often.
        settings: what the flags say.
        log: where lines go.
        raw: descriptors that take what passes to the right and to the left.
    """

    def __init__(  # noqa: PLR0913 - what a running bridge is made of
        self,
        plan: Plan,
        loop: Poller,
        registry: Registry,
        emit: Callable[[Event], None],
        settings: Settings,
        log: SocatLog,
        raw: tuple[int | None, int | None],
    ) -> None:
        """Build openers and listeners; raises as :class:`Bridging` does."""
        super().__init__(plan.bridge, loop, registry, emit, lambda: False)
        self._settings = settings
        self._log = log
        self._raw = raw
        self._ends: dict[str, tuple[int, int, int, int]] = {}
        self._plain = replace(
            self.pump_options,
            half_close_said=settings.half_close is not None,
            near_break_fails=_is_peer(self.bridge.first),
            far_break_fails=_is_peer(self.bridge.second),
            block=settings.block,
        )
        self._counts: dict[str, tuple[Count, Count]] = {}
        self._raw_of: dict[str, list[int]] = {}
        self.is_signalled = False
        self.child_failed = False
        self.child_status = 0
        self.failure = ""
        self.wants_local = True
        self.single = not plan.forks
        self._plan = plan
        self._first_steps: asyncio.Future[bool] | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self.opening = replace(
            self.opening,
            notice=self._heard,
            detail=partial(log.write, Grade.INFO) if log.shows(Grade.INFO) else None,
            arrival=self._arrived if log.shows(Grade.NOTICE) else None,
            program=log.settings.program,
            prefer=settings.prefer,
            flush=max(_FLUSH_SECONDS, settings.half_close or 0.0),
        )
        self._taps_needed = (
            settings.text
            or settings.hexadecimal
            or settings.statistics
            or any(settings.raw)
            or log.shows(Grade.INFO)
        )
        self.total = (Count(), Count())
        if self.hands_over:
            self._prepare_to_hand_over()
        self._first_kept: KeptEnd | None = None
        if plan.swapped and isinstance(self.bridge.second, Side):
            self._share(self.bridge.second)
        self._lower(*plan.lowered)
        self._order()

    def _lower(self, near: Side | None, far: Side | None) -> None:
        """Give up privileges where an address that is no listener says so."""
        if near is not None and self._near is not None:
            self._near = LoweringOpener(self._near, near)
        if far is not None:
            self.far = LoweringOpener(self.far, far)
            self.open_now = None

    def _share(self, far: Side) -> None:
        """Open what stands beside the listener once: a file, and what ``end-close`` keeps for all.

        What one session writes to a file then stands behind what the last one wrote.
        """
        is_file = far.kind.name in _FILES
        if is_file or far.flag("end-close").value:
            from catflap.dropin.keeping import KeptEnd

            self.far = kept = KeptEnd(self.far)
            self.open_now = None
            self._first_kept = kept if is_file else None

    async def open(self) -> None:
        """Open the file that all sessions share, then every listening socket.

        Raises:
            OperationError: one cannot be opened.
        """
        if self._first_kept is not None:
            await self._first_kept.hold(self.opening)
        await super().open()

    def _order(self) -> None:
        """Listen on the second address only once the first is open, where that takes its time.

        Scripts wait for the name of a socket, and count on the other end being there then. Who
        gives up privileges needs the socket before.
        """
        first, second = self.bridge.first, self.bridge.second
        if isinstance(first, DualSide) or isinstance(second, DualSide):
            return
        takes_time = first.kind.role is Role.CONNECT or first.flag("pty-wait-slave").value
        drops = any(
            side.last(name) is not None for side in (first, second) for name in PRIVILEGE_OPTIONS
        )
        if takes_time and not drops:
            self._waiting = [each for each in self._waiting if not isinstance(each, AwaitingOpener)]

    def _prepare_to_hand_over(self) -> None:
        """Let this process become the program of ``nofork``, as the C program does."""
        settings = self._settings
        if settings.text or settings.hexadecimal or any(each is not None for each in self._raw):
            message = "-v, -x, -r and -R show nothing where nofork hands the connection over"
            self._log.write(Grade.WARNING, message)
        # With a lock file somebody must be left to remove it.
        if self.single and not settings.lock:
            self.opening = replace(self.opening, replaces=self._leave)

    def _leave(self) -> None:
        """Let go of what would outlive this process, such as the name of a socket."""
        self.stop_accepting()
        self._log.write(Grade.NOTICE, "the program takes the place of this process")

    def take_no_more(self) -> None:
        """Accept nobody else; the name of the socket stays until the session is over."""
        listener: object = self._listener
        if self._acceptor is not None and isinstance(listener, NamedListener):
            self._acceptor.stop()
            listener.close_sockets()
            return
        super().take_no_more()

    def receive_now(self, sock: socket.socket, peer: Peer) -> Channel | None:
        """Tell of a connection; one is all that a bridge without ``fork`` accepts."""
        if self._log.shows(Grade.NOTICE):
            accepted, permitted = accepting_lines(sock, peer)
            self._log.write(Grade.NOTICE, accepted)
            self._log.write(Grade.INFO, permitted)
        return super().receive_now(sock, peer)

    def start(self) -> None:
        """Serve, or begin the one session, or connect again and again (``fork`` on a client)."""
        if not self.serves:
            self._tell_opening(0)
        if self.serves or self.single or self._near is None:
            super().start()
            return
        self._connecting = self.loop.loop.create_task(self._connect_again_and_again(self._near))

    async def _connect_again_and_again(self, near: Opener) -> None:
        """Begin a session, wait for what ``interval`` says, begin the next one."""
        first = self.bridge.first
        pause = first.seconds("interval", 1.0).value if isinstance(first, Side) else 1.0
        while True:
            self._first_steps = self.loop.loop.create_future()
            session = Session(self, Peer(near.target), None, "local")
            session.begin_with(self._open_near(near))
            if not await self._first_steps:
                if not self.over.done():
                    self.over.set_result(session)
                return
            await asyncio.sleep(pause)
            while 0 < self._plan.most <= len(self.registry):
                self._room.clear()
                await self._room.wait()

    def _tell_opening(self, at: int) -> None:
        """Tell what is opened now: the first end, or the second."""
        if not self._log.shows(Grade.NOTICE):
            return
        flow = self._settings.flow
        right, left = flow is not Flow.BACKWARD, flow is not Flow.FORWARD
        if at ^ self._plan.swapped:
            right, left = left, right
        end = (self.bridge.first, self.bridge.second)[at]
        for line in opening_lines(end, reads=right, writes=left):
            self._log.write(Grade.NOTICE, line)

    def _tell_begun(self, *, opened: bool) -> None:
        if self._first_steps is not None and not self._first_steps.done():
            self._first_steps.set_result(opened)

    def close(self) -> None:
        """Release everything, and connect no more."""
        if self._connecting is not None:
            self._connecting.cancel()
        super().close()

    def session_opened(self, session: Session) -> None:
        """Tell that bytes begin to flow, and by which descriptors."""
        near, far = session._near, session._far  # noqa: SLF001 - the lines name its descriptors
        if near is None or far is None:
            return
        self._tell_begun(opened=True)
        if self._settings.transfer_wait and self.single:
            time.sleep(self._settings.transfer_wait)
        if far.until is not None:
            super().session_opened(session)
            return
        fds = (*descriptors_of(near), *descriptors_of(far))
        self._ends[session.id] = fds
        self.pump_options = self._plain
        if self._taps_needed:
            try:
                self.pump_options = self._tapped(session, fds)
            except OperationError as error:
                # Bytes that were to be kept and are not: the session ends, as a child would.
                self._log.write(Grade.ERROR, error.message)
                self.loop.loop.call_soon(session.shut_down)
        log = self._log
        if log.shows(Grade.NOTICE):
            self._tell_ends(session, near, far)
            log.write(Grade.INFO, "resolved and opened all sock addresses")
            shown = f"[{fds[0]},{fds[1]}] and [{fds[2]},{fds[3]}]"
            log.write(Grade.NOTICE, f"starting data transfer loop with FDs {shown}")
            self._tell_packets(session, near, far)
        log.flowing()
        if self._settings.describe:
            from catflap.dropin.descriptors import describe_descriptors

            describe_descriptors()
        super().session_opened(session)

    def _tell_ends(self, session: Session, near: Channel, far: Channel) -> None:
        """Tell of the peer that came, of clients' sockets and of children, as they were opened."""
        self._tell_end(self.bridge.first, near, session.peer if self.serves else None)
        self._tell_opening(1)
        self._tell_end(self.bridge.second, far, None)

    def _tell_end(self, end: Side | DualSide, channel: Channel, came: Peer | None) -> None:
        child = _PROCESS.search(channel.describe)
        if child is not None:
            self._log.write(Grade.NOTICE, f"forked off child process {child[1]}")
        if not isinstance(end, Side):
            return
        peer = channel.peer or came
        lines = [*program_lines(end), *connected_lines(channel, end)]
        if peer is not None and channel.reader is not None and channel.reader.boundaries:
            lines.insert(0, packet_start(end, peer))
        self._tell(lines)

    def _tell_packets(self, session: Session, near: Channel, far: Channel) -> None:
        """Tell where packets are sent from, and of the one that a session is about."""
        for end, channel in ((self.bridge.first, near), (self.bridge.second, far)):
            if isinstance(end, Side):
                peer = channel.peer or session.peer
                self._tell([first_packet_line(channel, peer), local_line(channel, end)])

    def _tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            if line:
                self._log.write(Grade.NOTICE, line)

    def _arrived(self, size: int, address: object) -> None:
        """Hear of a packet by a socket of many senders."""
        self._log.write(Grade.NOTICE, arrival_line(size, address))

    def _tapped(self, session: Session, fds: tuple[int, int, int, int]):  # type: ignore[no-untyped-def] # noqa: ANN202
        right, left = "<>" if self._plan.swapped else "><"
        counts = (Count(), Count())
        self._counts[session.id] = counts
        settings = self._settings
        into = self._raw_files(session)
        tells = self._log.shows(Grade.INFO)
        taps = [
            tap_of(
                mark,
                count,
                text=settings.text,
                hexadecimal=settings.hexadecimal,
                raw=raw,
                tell=self._teller(source, sink) if tells else None,
            )
            for mark, count, raw, source, sink in (
                (right, counts[0], into[right == "<"], fds[0], fds[3]),
                (left, counts[1], into[left == "<"], fds[2], fds[1]),
            )
        ]
        return replace(self._plain, forward_tap=taps[0], backward_tap=taps[1])

    def _raw_files(self, session: Session) -> tuple[int | None, int | None]:
        """Return where the bytes of a session go as they are; with ``fork`` files of its own.

        Their names may tell the session's peer, as those of the C program's children may.
        """
        patterns = self._settings.raw
        if self.single or not any(patterns):
            return self._raw
        from catflap.relay.children_environment import session_environment

        opening = replace(self.opening, peer=session.peer, local=session.local or Peer(""))
        ours = session_environment(self.bridge.sides[0], opening)
        program, environment = self._log.settings.program, {**os.environ, **ours}
        found: list[int | None] = []
        mine = self._raw_of[session.id] = []
        for pattern in patterns:
            found.append(open_raw(raw_name(pattern, program, environment)) if pattern else None)
            mine.extend(each for each in found[-1:] if each is not None)
        return found[0], found[1]

    def _teller(self, source: int, sink: int) -> Callable[[int], None]:
        def tell(count: int) -> None:
            self._log.write(Grade.INFO, f"transferred {count} bytes from {source} to {sink}")

        return tell

    def _close_raw(self, session: str) -> None:
        """Close the files that have what passed in a session (``-r``, ``-R``)."""
        for descriptor in self._raw_of.pop(session, ()):
            os.close(descriptor)

    def closed(self, event: Closed) -> None:
        """Tell how a session came to its end."""
        fds = self._ends.pop(event.session, None)
        counts = self._counts.pop(event.session, None)
        if counts is not None:
            for mine, total in zip(counts, self.total, strict=True):
                total.bytes += mine.bytes
                total.blocks += mine.blocks
        else:
            self.total[0].bytes += event.sent
            self.total[1].bytes += event.received
        self._close_raw(event.session)
        if event.lost:
            self._log.write(Grade.WARNING, f"{event.lost} packet(s) could not be passed on")
        if fds is None or self.is_signalled:
            return
        log = self._log
        if event.limit.startswith("idle"):
            log.write(Grade.NOTICE, "inactivity timeout triggered")
            return
        if event.reason and event.closed_by in {"error", "near", "far"} and not event.limit:
            at = int(event.closed_by == "far")
            ends = (self.bridge.first, self.bridge.second)
            self.failure = transfer_failure(event.reason, at, fds, ends)
            if not self.single:
                log.write(Grade.ERROR, self.failure)
            return
        first, second = (1, fds[0]), (2, fds[2])
        if event.closed_by == "far":
            first, second = second, first
        log.write(Grade.NOTICE, f"socket {first[0]} (fd {first[1]}) is at EOF")
        if not event.limit and self._settings.flow is Flow.BOTH:
            log.write(Grade.NOTICE, f"socket {second[0]} (fd {second[1]}) is at EOF")

    def tell_statistics(self) -> None:
        """Write how many bytes and blocks went either way, the live sessions included.

        Blocks are counted only where somebody looks at every one of them anyhow.
        """
        log = self._log
        log.write(Grade.WARNING, "statistics are experimental")
        passed = self._passed()
        ways = ("right to left", "left to right") if self._plan.swapped else _WAYS
        unused = {Flow.FORWARD: _WAYS[1], Flow.BACKWARD: _WAYS[0]}.get(self._settings.flow)
        for way, (total, blocks) in sorted(zip(ways, passed, strict=True)):
            if way == unused:
                continue
            packets = f"{blocks} packets(s), " if self._taps_needed else ""
            hint = "" if self._taps_needed else " (--statistics counts packets too)"
            text = f"STATISTICS: {way}: {packets}{total} byte(s){hint}"
            log.write(Grade.INFO, text, always=True)

    def _passed(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return bytes and blocks of both ways, from the near end to the far one first."""
        if self._taps_needed:
            found = []
            for at in (0, 1):
                parts = [self.total[at], *(counts[at] for counts in self._counts.values())]
                found.append(
                    (sum(each.bytes for each in parts), sum(each.blocks for each in parts))
                )
            return found[0], found[1]
        live = [session.moved for session in self.registry]
        sent, received = (self.total[at].bytes + sum(each[at] for each in live) for at in (0, 1))
        return (sent, 0), (received, 0)

    def _heard(self, message: str) -> None:
        """Hear what an opener has to say; of a child that failed, what wait(2) says."""
        terminal = _TERMINAL.match(message)
        if terminal is not None:
            self._log.write(Grade.NOTICE, f"PTY is {terminal[1]}")
            return
        refused = _REFUSED.match(message)
        if refused is not None:
            for grade, line in refusal_lines(self.bridge, *refused.groups("")):
                self._log.write(grade, line)
            return
        found = _CHILD.search(message)
        if found is None:
            self._log.write(Grade.NOTICE, retry_line(message, self.bridge) or message)
            return
        self.child_failed = True
        child, status, name = found.groups()
        self.child_status = int(status) if status else 128 + _number_of(name)
        how = f"with status {status}" if status else f"on signal {_number_of(name)}"
        self._log.write(Grade.WARNING, f"waitpid(): child {child} exited {how}")

    def session_over(self, session: Session) -> None:
        """Hear that a session is over; without ``fork`` everything is over with the first."""
        self._room.set()
        if not session.was_opened:
            self._tell_begun(opened=False)
        replaced = not session.was_opened and not session.failure
        if self.single and self.serves and not replaced and not self.over.done():
            self.over.set_result(session)
        super().session_over(session)


def _is_peer(end: Side | DualSide) -> bool:
    """Whether somebody else reads what is written there: no program, which may need no input."""
    sink = end.write if isinstance(end, DualSide) else end
    return sink.kind.role is not Role.PROGRAM


def _number_of(name: str) -> int:
    """Return the number of a signal by its name; 0 for one without."""
    return signal.Signals[name].value if name in signal.Signals.__members__ else 0
