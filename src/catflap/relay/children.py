"""Children: started without forking Python, watched by a descriptor each, never left behind.

posix_spawn(3) shares memory with the child until it executes, so that starting one costs the same
however large this process has grown, and no code of ours runs in between. What it cannot do goes
by way of a small launcher that executes the program in its turn.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import signal
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from catflap.core import clock
from catflap.core.errors import OperationError
from catflap.relay.descriptor_limit import as_it_was
from catflap.relay.readiness import readable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Collection, Iterator, Mapping

    from catflap.relay.poller import Poller
    from catflap.survey.accounts import Credentials

__all__ = (
    "DEFAULT_AGAIN",
    "SHELL",
    "Child",
    "Order",
    "Patience",
    "above",
    "end_children",
    "seal_descriptors",
    "start_child",
)

_GONE_SECONDS = 5.0
"""Most that a killed child takes to be gone: mostly none, but a loaded machine lets it wait."""

_LAUNCHER = os.path.join(os.path.dirname(__file__), "children_launcher.py")
_STANDARD = 3
SHELL = "/bin/sh"
DEFAULT_AGAIN = (signal.SIGPIPE, signal.SIGXFSZ)
"""Python ignores these two; what is ignored would stay so in the program."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to start, and how.

    Args:
        shown: the program in messages.
        descriptors: our descriptor for each number that the child gets besides its standard ones.
        terminal: path of the terminal that becomes the controlling one, at the least number.
        session: start a session of its own.
        group: process group, 0 for a new one, ``None`` for ours.
        root: directory that becomes its root.
        folder: directory it starts in.
        odd_by_shell: have the shell read what the kernel cannot execute, as execvp(3) does: a
            script without a first line such as ``#!/bin/sh``.
    """

    shown: str
    executable: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    descriptors: Mapping[int, int] = field(default_factory=dict)
    terminal: str = ""
    session: bool = False
    group: int | None = None
    umask: int | None = None
    root: str = ""
    folder: str = ""
    credentials: Credentials | None = None
    odd_by_shell: bool = False

    @property
    def needs_launcher(self) -> bool:
        """Whether it asks for what posix_spawn(3) cannot do."""
        return bool(self.root or self.folder or self.credentials)

    def steps(self) -> Iterator[tuple[str, str]]:
        """Yield what only the process itself can do, by the launcher's names and in its order."""
        if self.root:
            yield "chroot", self.root
        if self.folder:
            yield "chdir", self.folder
        credentials = self.credentials
        if credentials is None:
            return
        if credentials.groups is not None:
            yield "groups", ",".join(map(str, credentials.groups))
        if credentials.gid is not None:
            yield "gid", str(credentials.gid)
        if credentials.uid is not None:
            yield "uid", str(credentials.uid)

    def by_shell(self) -> Order:
        """Return the same with the shell as the program, which reads the file."""
        argv = ("sh", self.executable, *self.argv[1:])
        return replace(self, executable=SHELL, argv=argv)

    @property
    def leads_group(self) -> bool:
        """Whether the child is the first of a process group of its own."""
        return self.session or self.group == 0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a child has to end by itself once its session is over, and after SIGTERM."""

    term: float = 2.0
    kill: float = 5.0


class Child:
    """A program that runs.

    ``told_to_end`` says that we asked for its end, ``hung_up`` that we closed the terminal under
    it: how it ends then tells of us, not of it.

    Args:
        leads_group: signals go to its whole process group, which is its own.
        ended: hears once how it ended: its exit status, or minus the signal.
    """

    __slots__ = (
        "_ended",
        "_leads_group",
        "_loop",
        "_pidfd",
        "_timer",
        "hung_up",
        "pid",
        "told_to_end",
    )

    def __init__(
        self,
        loop: Poller,
        pid: int,
        ended: Callable[[Child, int], None],
        *,
        leads_group: bool = False,
    ) -> None:
        """Watch the process ``pid``, which is ours to reap.

        Raises:
            OSError: no descriptor is left; the process is killed and reaped.
        """
        self.pid = pid
        self.told_to_end = False
        self.hung_up = False
        self._loop = loop
        self._ended = ended
        self._leads_group = leads_group
        self._timer: asyncio.TimerHandle | None = None
        try:
            self._pidfd = os.pidfd_open(pid)
        except OSError:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise
        loop.add_reader(self._pidfd, self.reap)

    @property
    def pidfd(self) -> int:
        """The descriptor that becomes readable when it ends; -1 once it is reaped."""
        return self._pidfd

    def reap(self) -> None:
        """Take its exit status, if it has one."""
        if self._pidfd < 0:
            return
        try:
            found = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOHANG)
        except ChildProcessError:
            # Somebody else reaped it: the status is lost, the process is gone all the same.
            self._gone(0)
            return
        if found is not None:
            exited = found.si_code == os.CLD_EXITED
            self._gone(found.si_status if exited else -found.si_status)

    def _gone(self, status: int) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = -1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._ended(self, status)

    def send(self, number: int) -> None:
        """Send a signal, to its group if that is its own."""
        if self._pidfd < 0:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._leads_group:
                # Unreaped, it keeps the number of its group from being given to another.
                os.killpg(self.pid, number)
            else:
                signal.pidfd_send_signal(self._pidfd, number)

    def release(self, patience: Patience, *, at_once: bool = False) -> None:
        """Hear that its session is over: it may finish, then it is asked to, then it is ended.

        Args:
            patience: how long each of this takes.
            at_once: ask now, not when the loop has its turn.
        """
        if self._pidfd < 0 or self._timer is not None:
            return
        if at_once:
            self._ask(patience.kill)
            return
        self._timer = self._loop.call_later(patience.term, self._ask, patience.kill)

    def _ask(self, seconds: float) -> None:
        self.told_to_end = True
        self.send(signal.SIGTERM)
        self._timer = self._loop.call_later(seconds, self.send, signal.SIGKILL)


def end_children(children: Collection[Child], patience: Patience) -> None:
    """End children at the end of the service, and wait for it.

    The loop is not needed any more, so this waits here; a child that does as SIGTERM says costs
    no more than its own time. Also who is killed is waited for: a program that had ended by itself,
    and only was not seen as gone yet, still tells how.
    """
    for seconds, number in ((patience.term, signal.SIGTERM), (patience.kill, signal.SIGKILL)):
        if not _await_all(children, seconds):
            return
        for child in list(children):
            child.told_to_end = True
            child.send(number)
    _await_all(children, max(patience.kill, _GONE_SECONDS))


def _await_all(children: Collection[Child], seconds: float) -> bool:
    """Reap for so long; return whether some still live."""
    deadline = clock.monotonic() + seconds
    while living := [child for child in children if child.pidfd >= 0]:
        poll = select.poll()
        for child in living:
            poll.register(child.pidfd, select.POLLIN)
        if not poll.poll(max(0.0, deadline - clock.monotonic()) * 1000):
            return True
        for child in living:
            child.reap()
    return False


def seal_descriptors() -> None:
    """Keep every descriptor that we were started with, save the standard ones, from children."""
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        with contextlib.suppress(OSError):
            if number >= _STANDARD and os.get_inheritable(number):
                os.set_inheritable(number, False)


async def start_child(loop: Poller, order: Order, ended: Callable[[Child, int], None]) -> Child:
    """Start a program; return once it really runs.

    Raises:
        OperationError: it cannot be started.
    """
    loop.expect_copies()
    try:
        if order.needs_launcher:
            return await _launch(loop, order, ended)
        try:
            pid = _spawn(order, order.executable, order.argv, order.descriptors)
        except OSError as error:
            if error.errno != errno.ENOEXEC or not order.odd_by_shell:
                raise
            shell = order.by_shell()
            pid = _spawn(shell, shell.executable, shell.argv, shell.descriptors)
        return Child(loop, pid, ended, leads_group=order.leads_group)
    except OSError as error:
        message = f"{order.shown} cannot be started: {error.strerror or error}"
        raise OperationError(message, _hint(error)) from error


def _hint(error: OSError) -> str:
    hints = {
        errno.ENOEXEC: "a script needs a first line such as #!/bin/sh",
        errno.EBADF: "fdin and fdout must be below the limit of open files (ulimit -n)",
    }
    return hints.get(error.errno or 0, "")


async def _launch(loop: Poller, order: Order, ended: Callable[[Child, int], None]) -> Child:
    """Start by way of the launcher, and wait until it has executed the program or failed."""
    told, tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    child: Child | None = None
    try:
        number = max((2, *order.descriptors)) + 1
        try:
            argv = (sys.executable, "-I", "-S", _LAUNCHER, *_orders(order, number))
            argv = (*argv, "--", order.executable, *order.argv)
            pid = _spawn(order, sys.executable, argv, {**order.descriptors, number: tell})
        finally:
            os.close(tell)
        child = Child(loop, pid, ended, leads_group=order.leads_group)
        await readable(loop, told)
        failure = os.read(told, 4096).decode(errors="replace")
        if failure:
            message = f"{order.shown} cannot be started: {failure}"
            raise OperationError(message)
    except BaseException:
        if child is not None:
            child.told_to_end = True
            child.send(signal.SIGKILL)
        raise
    finally:
        os.close(told)
    return child


def _orders(order: Order, status: int) -> Iterator[str]:
    yield f"status={status}"
    yield f"locale={order.environment.get('LC_CTYPE', '')}"
    yield f"odd={SHELL if order.odd_by_shell else ''}"
    yield from (f"{name}={value}" for name, value in order.steps())


def _spawn(
    order: Order, executable: str, argv: tuple[str, ...], descriptors: Mapping[int, int]
) -> int:
    """Call posix_spawn(3); return the process id.

    Raises:
        OSError: the program cannot be executed.
    """
    attributes: dict[str, Any] = {"setsigdef": DEFAULT_AGAIN}
    if order.session:
        attributes["setsid"] = True
    elif order.group is not None:
        attributes["setpgroup"] = order.group
    with above(descriptors) as sources:
        actions: list[tuple[Any, ...]] = []
        if order.terminal and sources:
            # The leader of a session without a terminal gets the first that it opens (tty(4)).
            first = min(order.descriptors)
            actions.append((os.POSIX_SPAWN_OPEN, first, order.terminal, os.O_RDWR, 0))
            sources.pop(first)
        actions += [(os.POSIX_SPAWN_DUP2, ours, theirs) for theirs, ours in sources.items()]
        with _umask(order.umask), as_it_was():
            return os.posix_spawn(
                executable, argv, order.environment, file_actions=actions, **attributes
            )


@contextlib.contextmanager
def above(descriptors: Mapping[int, int]) -> Iterator[dict[int, int]]:
    """Yield a mapping with every descriptor of ours above all numbers of the child's.

    So that putting one at its place never covers another that is still to be moved.
    """
    least = max(descriptors, default=-1) + 1
    copies: list[int] = []
    found = {}
    try:
        for theirs, ours in descriptors.items():
            source = ours
            if ours < least:
                source = fcntl.fcntl(ours, fcntl.F_DUPFD_CLOEXEC, least)
                copies.append(source)
            found[theirs] = source
        yield found
    finally:
        for copy in copies:
            os.close(copy)


@contextlib.contextmanager
def _umask(wanted: int | None) -> Iterator[None]:
    """Hold a umask for one synchronous call; the child keeps it."""
    if wanted is None:
        yield
        return
    before = os.umask(wanted)
    try:
        yield
    finally:
        os.umask(before)
