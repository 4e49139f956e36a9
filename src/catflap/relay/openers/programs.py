"""Programs as the other end: EXEC, SYSTEM, SHELL."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from catflap.address.rows import SocketOption
from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError, UsageError
from catflap.core.spans import Problem
from catflap.relay.channel import Channel
from catflap.relay.children import (
    Child,
    Order,
    Patience,
    end_children,
    seal_descriptors,
    start_child,
)
from catflap.relay.children_environment import base_environment, session_environment
from catflap.relay.openers.child_command import command_of
from catflap.relay.openers.child_ends import Ends, make_pipes, make_socket_pair, make_terminal
from catflap.relay.openers.pty import LINK_OPTIONS
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.passed_signals import SIGNAL_OPTIONS, passes
from catflap.relay.socket_options import SocketSetup
from catflap.relay.terminal import TERMINAL_OPTIONS, terminal_options
from catflap.survey.accounts import PRIVILEGE_OPTIONS, credentials_of, new_root

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from catflap.address.model import Option
    from catflap.bridge.side import Side

__all__ = ("ProgramOpener",)

_TERMINAL = ("pty", "openpty", "ptmx")
_OF_TERMINAL = (*sorted(LINK_OPTIONS), *("perm", "user", "group"))
"""What is done with the terminal's entry in the file system."""
_PATIENCE = {
    # Ours lets a program finish its work. The C program sends SIGTERM the moment it closes, and
    # never more than that.
    Dialect.CATFLAP: Patience(term=2.0, kill=5.0),
    Dialect.SOCAT: Patience(term=0.0, kill=3600.0),
}
_LAST_PATIENCE = {
    Dialect.CATFLAP: Patience(term=2.0, kill=2.0),
    # A program that has closed its output is mostly about to end, and its status counts.
    Dialect.SOCAT: Patience(term=0.05, kill=0.0),
}


class ProgramOpener:
    """Starts a program for each session and talks to it."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | {"chdir", "umask"}
        | PRIVILEGE_OPTIONS
        | SIGNAL_OPTIONS
        | TERMINAL_OPTIONS
        | {
            *("pty", "openpty", "ptmx", "tiocsctty", "pipes", "f-setpipe-sz", "stderr", "so-type"),
            *("nofork", "fdin", "fdout", "setsid", "setpgid", "path", "dash", "shell", "env"),
            *_OF_TERMINAL,
        }
    )

    def __init__(self, side: Side) -> None:
        """Find the program, the user and the directories.

        Raises:
            UsageError: options contradict each other.
            OperationError: there is no such program or user.
        """
        self._side = side
        self._hands_over = side.flag("nofork").value
        self._terminal = any(side.flag(name).value for name in _TERMINAL)
        self._pipes = side.flag("pipes").value
        if not self._hands_over:
            _check_options(side, terminal=self._terminal, pipes=self._pipes)
        self._credentials = credentials_of(side)
        self._command = command_of(side, {**base_environment(side), **self._identity()})
        self._setup = SocketSetup(side)
        self._patience = _PATIENCE[side.dialect]
        self._last = _LAST_PATIENCE[side.dialect]
        self._children: set[Child] = set()
        passes(side, self._children)
        self._environment: dict[str, str] | None = None
        self.target = self._command.shown
        if side.dialect is Dialect.CATFLAP:
            seal_descriptors()
        if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
            # Ignored, it makes the kernel throw exit statuses away (wait(2)).
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def _identity(self) -> dict[str, str]:
        return dict(self._credentials.environment) if self._credentials is not None else {}

    async def open(self, opening: Opening) -> Channel:
        """Start the program.

        Raises:
            OperationError: it cannot be started.
        """
        if self._hands_over:
            return await self._hand_over(opening)
        self._check_ways(opening)
        try:
            ends = self._make_ends(opening)
        except OSError as error:
            message = f"{self.target} cannot be started: {error.strerror}"
            raise OperationError(message) from error
        try:
            child = await self._start(opening, ends)
        except BaseException:
            ends.close()
            raise
        ends.close_theirs()

        patience = self._patience
        only_reads = self._side.dialect is Dialect.SOCAT and not opening.reads
        if only_reads and self._pipes:
            # Who only reads tells nothing by ending: it has a moment to do what it was told.
            patience = replace(patience, term=opening.flush)
            self._last = replace(self._last, term=max(self._last.term, opening.flush))

        def release(abort: bool) -> None:
            """Give back what this session holds."""
            del abort
            # How it ended by itself still counts; what it does without its terminal does not.
            child.hung_up = ends.hangs_up()
            if ends.terminal and not patience.term:
                # As the C program does: a read from a terminal whose other end is gone would
                # fail in the program's hands (EIO), before the signal comes.
                child.release(patience, at_once=True)
            patient = patience
            if only_reads and ends.is_left():
                # It has closed its input and not ended yet: od writes what it read only then.
                patient = replace(patience, term=opening.flush)
                self._last = replace(self._last, term=max(self._last.term, opening.flush))
            ends.close()
            child.release(patient)

        described = f"{self.target} (pid {child.pid})"
        channel = Channel(ends.reader, ends.writer, described, release)
        channel.tells_end = ends.tells_end
        if only_reads and not self._pipes:
            # That moment belongs to the session, which ends as soon as the program is gone.
            channel.drains = opening.flush
        return channel

    async def _hand_over(self, opening: Opening) -> Channel:
        """Start the program with the near end's own descriptors; or become it, where that can be.

        SYSTEM is started even so: as with system(3), somebody waits for the shell.
        """
        from catflap.relay.openers.lent import lent_ends, take_back

        ends = lent_ends(opening, self.target)
        if opening.replaces is not None and self._side.kind.name != "SYSTEM":
            from catflap.relay.becoming import become

            order = self._order(opening, ends)
            opening.replaces()
            become(order)
        until = opening.loop.create_future()
        child = await self._start(opening, ends, until)

        def release(abort: bool) -> None:
            del abort
            if child.pidfd >= 0:
                take_back(opening.near)
                child.release(self._patience)

        channel = Channel(None, None, f"{self.target} (pid {child.pid})", release)
        channel.until = until
        return channel

    def _check_ways(self, opening: Opening) -> None:
        """Refuse to say where a way ends that no bytes go.

        Raises:
            OperationError: fdout and nothing is read from the program, or fdin and nothing written.
        """
        for name, used in (("fdout", opening.reads), ("fdin", opening.writes)):
            if not used and self._side.last(name) is not None:
                way = "read from" if name == "fdout" else "written to"
                message = f"{self.target}: {name} has no effect where nothing is {way} the program"
                raise OperationError(message, "bytes flow the other way only (-u, -U, !!)")

    def _make_ends(self, opening: Opening) -> Ends:
        if self._terminal:
            return make_terminal(self._side, opening)
        if self._pipes:
            return make_pipes(self._side, opening)
        return make_socket_pair(self._side, self._setup, opening)

    async def _start(
        self, opening: Opening, ends: Ends, until: asyncio.Future[None] | None = None
    ) -> Child:
        children = self._children

        def ended(child: Child, status: int) -> None:
            children.discard(child)
            if ends.child_gone is not None:
                ends.child_gone()
            told = _ending(status, asked=child.told_to_end, hung_up=child.hung_up)
            if told:
                opening.notice(f"{self.target} (pid {child.pid}) {told}")
            if until is not None and not until.done():
                until.set_result(None)

        child = await start_child(opening.loop, self._order(opening, ends), ended)
        if child.pidfd >= 0:
            children.add(child)
        return child

    def _order(self, opening: Opening, ends: Ends) -> Order:
        side = self._side
        if self._environment is None:
            # Read now, not before: su on a listener has changed USER and HOME by then.
            self._environment = {**base_environment(side), **self._identity()}
        group = side.value("setpgid").value if side.last("setpgid") is not None else None
        umask = side.value("umask").value
        controls = side.flag("tiocsctty").value
        return Order(
            shown=self.target,
            executable=self._command.executable,
            argv=self._command.argv,
            environment={**self._environment, **session_environment(side, opening)},
            descriptors=self._descriptors(ends),
            terminal=ends.terminal if controls else "",
            # A controlling terminal needs a session of its own (setsid(2)).
            session=side.flag("setsid").value or controls,
            # 1 means a new group too, as the C program has it.
            group=(0 if group == 1 else group) if isinstance(group, int) else None,
            umask=umask if isinstance(umask, int) else None,
            root=new_root(side),
            folder=side.text("chdir").value,
            credentials=self._credentials,
            odd_by_shell=side.dialect is Dialect.SOCAT,
        )

    def _descriptors(self, ends: Ends) -> dict[int, int]:
        """Return what the child gets where; a way that no bytes go stays as we have it."""
        side = self._side
        reads, writes = side.number("fdin", 0).value, side.number("fdout", 1).value
        found: dict[int, int] = {}
        if ends.child_reads >= 0:
            found[reads] = ends.child_reads
        if ends.child_writes >= 0:
            found[writes] = ends.child_writes
            if side.flag("stderr").value:
                found[2] = ends.child_writes
        return found

    def close(self) -> None:
        """End every program that still runs."""
        end_children(self._children, self._last)


def _ending(status: int, *, asked: bool, hung_up: bool) -> str:
    """Return how a program ended, in words; nothing for a success.

    Args:
        status: its exit status, or minus the signal.
        asked: whether we sent it a signal before.
        hung_up: whether its terminal was closed before it ended.
    """
    if status == 0:
        return ""
    # A program that cleans up first exits with 128 and the signal's number, as shells do.
    number = -status if status < 0 else status - 128
    if asked and number in {signal.SIGTERM, signal.SIGKILL}:
        return f"ran on after its session and was ended by {signal.Signals(number).name}"
    if status > 0:
        # read(2) fails once the terminal is closed: most programs take that for a failure.
        return f"{'lost its terminal and ' if hung_up else ''}ended with status {status}"
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"was ended by {name}"


def _check_options(side: Side, *, terminal: bool, pipes: bool) -> None:
    """Refuse options that would have no effect.

    Raises:
        UsageError: with a caret under the first of each kind.
    """
    problems: list[Problem] = []

    def complain(options: Iterable[Option], needed: str, expected: str) -> None:
        for option in options:
            message = f"{option.name.text} has no effect without {needed}"
            problems.append(Problem(message, option.span, side.source, expected))

    named = side.address.options
    if terminal and pipes:
        options = tuple(side.options("pipes"))
        problems.append(
            Problem(
                "pipes and pty exclude each other", options[-1].span, side.source, "one of them"
            )
        )
    if not terminal:
        complain(terminal_options(side), "a terminal", "pty besides")
        complain(side.options("tiocsctty"), "a terminal", "pty besides")
        for name in _OF_TERMINAL:
            complain(side.options(name), "a terminal", "pty besides")
    if not pipes:
        complain(side.options("f-setpipe-sz"), "pipes", "pipes besides")
    if terminal or pipes:
        complain(side.options("so-type"), "a socket pair", "no pty and no pipes")
        of_socket = [o for o in named if o.row and isinstance(o.row.applies, SocketOption)]
        complain(of_socket, "a socket pair", f"no {'pty' if terminal else 'pipes'}")
    if problems:
        raise UsageError(problems[0].sentence(), tuple(problems))
