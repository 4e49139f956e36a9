"""Reading the configuration again while the service runs: on SIGHUP, on a change, when asked."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.core.errors import CatflapError, UsageError
from catflap.events.model import Event, Notice, Reloaded, ReloadFailed, stamp
from catflap.relay.renewing import FILES_CHANGED
from catflap.sandbox.privileges import privileges_of
from catflap.service.greeting import tell_verdict
from catflap.service.writers import tell_writers

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.service.serving import Serving
    from catflap.service.source import Approved, ConfigurationSource

__all__ = ("ConfigurationWatch", "Outcome", "Reader", "Reloads", "tell_failure", "why_not")

_EVERY_SECONDS = 0.5
_SETTLES_SECONDS = 0.2
_MOST_LOOKS = 4
_AT_START = (
    "workers",
    "log",
    "log_file",
    "log_format",
    "log_level",
    "log_full",
    "state",
    "metrics",
)

Signature = tuple[object, ...]


class Reader:
    """Reads the file again and says what of it cannot hold before the next start.

    Args:
        source: the file.
        approved: what holds now.
        emit: takes events.
    """

    def __init__(
        self, source: ConfigurationSource, approved: Approved, emit: Callable[[Event], None]
    ) -> None:
        """Remember what holds."""
        self._source = source
        self._emit = emit
        self.approved = approved

    def read(self) -> Approved:
        """Read, build and judge everything again; nothing changes by it.

        Raises:
            CatflapError: it cannot be used.
        """
        approved = self._source.read()
        before = {privileges_of(each) for each in self.approved.bridges} - {None}
        after = {privileges_of(each) for each in approved.bridges} - {None}
        if before != after:
            message = "su, setuid, setgid and chroot hold for a whole process from its start on"
            raise UsageError(message, hint="restart the service to change them")
        return approved

    def take(self, approved: Approved) -> None:
        """Let what was read hold from now on, and tell what the gate said of what is new."""
        before = self.approved
        self.approved = approved
        known = before.by_name
        for bridge, verdict in zip(approved.bridges, approved.verdicts, strict=True):
            if known.get(bridge.name) != bridge:
                tell_verdict(self._emit, bridge, verdict)
        tell_writers(self._emit, approved)
        late = [
            name.replace("_", "-")
            for name in _AT_START
            if getattr(before.service, name) != getattr(approved.service, name)
        ]
        if late:
            message = f"[service] {', '.join(late)}: holds from the next start on"
            self._emit(Notice(time=stamp(), message=message))

    @property
    def watched(self) -> tuple[str, ...]:
        """The files whose change is a change of the configuration."""
        return (*self.approved.paths, *self.approved.referred)

    @property
    def is_late(self) -> bool:
        """Whether files changed between being read and being watched."""
        return self.says_other_than(self.approved)

    def says_other_than(self, approved: Approved) -> bool:
        """Return whether the files are others by now than those that this was read from."""
        return self._source.says_other_than(approved)

    def tell(self, reason: str, changes: object, changed: tuple[str, ...]) -> None:
        """Tell what a reload came to, once all of it holds; ``changed`` are the files."""
        self._emit(Reloaded(time=stamp(), reason=f"{reason}: {changes}", changed=changed))


def why_not(error: CatflapError) -> str:
    """Return in one line why what was read again does not hold."""
    problems = error.problems if isinstance(error, UsageError) else ()
    places = [problem.render().partition("\n")[0] for problem in problems]
    return "; ".join(places) or error.message


def tell_failure(emit: Callable[[Event], None], reason: str, error: CatflapError) -> None:
    """Tell, by one event, why what was read again does not hold."""
    told = f"{reason}: {why_not(error)}"
    emit(ReloadFailed(time=stamp(), reason=told, hint=error.hint))


class ConfigurationWatch:
    """Sees that a file of the configuration changed, by stat(2) twice a second.

    Directories are looked at as well: a file that comes into one may match an ``include``.

    Args:
        call_later: of the loop.
        paths: returns the files that count now.
        changed: is called once what changed has settled.
    """

    def __init__(
        self,
        call_later: Callable[..., object],
        paths: Callable[[], tuple[str, ...]],
        changed: Callable[[], None],
    ) -> None:
        """Look from now on."""
        self._call_later = call_later
        self._paths = paths
        self._changed = changed
        self._in_force = self.look_at()
        self._last = self._read = self._in_force
        self._looks = 0
        self._running = True
        call_later(_EVERY_SECONDS, self._look)

    def stop(self) -> None:
        """Look no more."""
        self._running = False

    def settle(self, seen: dict[str, Signature]) -> None:
        """Take what was there before a reading for known, whether what was read holds or not.

        What changed while it was read differs from it, and is read next.
        """
        self._in_force = self._last = self._read = seen

    def changed_since(self, seen: dict[str, Signature]) -> tuple[str, ...]:
        """Return the files that differ from those that were read last."""
        files = set(self._paths())
        return tuple(path for path in seen if path in files and seen[path] != self._read.get(path))

    def look_at(self) -> dict[str, Signature]:
        """Return what tells the files, and those beside them, from what they may become."""
        files = self._paths()
        watched = {*files, *(os.path.dirname(path) or "." for path in files)}
        return {path: _signature(path) for path in sorted(watched)}

    def _look(self) -> None:
        if not self._running:
            return
        now = self.look_at()
        if now == self._in_force:
            self._looks = 0
            self._call_later(_EVERY_SECONDS, self._look)
            return
        settled = now == self._last or self._looks >= _MOST_LOOKS
        self._last = now
        self._looks += 1
        self._call_later(_EVERY_SECONDS if settled else _SETTLES_SECONDS, self._look)
        if settled:
            self._looks = 0
            self._in_force = now
            self._changed()


def _signature(path: str) -> Signature:
    """Return what changes when a file is another one, or another file stands behind a link."""
    try:
        found = os.stat(path)
    except OSError as error:
        return (error.errno,)
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reload went.

    Args:
        holds: whether everything that was read holds now.
        told: one line about it.
    """

    holds: bool
    told: str


def _nothing() -> None:
    """Nobody wants to hear."""


class Reloads:
    """Reloads a service, one after the other; while it drains, not at all.

    Args:
        serving: the bridges that run.
        emit: takes events.
        reader: of the configuration; ``None`` where bridges come from a command line, whose
            certificates, keys and lists alone are read again.

    Attributes:
        began: called when a reload begins.
        ended: called when it is over, however it went.
    """

    def __init__(
        self, serving: Serving, emit: Callable[[Event], None], reader: Reader | None = None
    ) -> None:
        """Wait to be asked."""
        self._serving = serving
        self._emit = emit
        self._reader = reader
        self._busy = asyncio.Lock()
        self._watch: ConfigurationWatch | None = None
        self._tasks: set[asyncio.Task[Outcome]] = set()
        self._running = True
        self.began: Callable[[], None] = _nothing
        self.ended: Callable[[], None] = _nothing

    def watch(self) -> None:
        """Reload by itself when a file of the configuration changes."""
        reader = self._reader
        if reader is not None:
            self._watch = ConfigurationWatch(
                self._serving.poller.call_later,
                lambda: reader.watched,
                lambda: self.begin(FILES_CHANGED),
            )
            if reader.is_late:
                self.begin(FILES_CHANGED)

    def stop(self) -> None:
        """Reload no more."""
        self._running = False
        if self._watch is not None:
            self._watch.stop()

    def begin(self, reason: str) -> None:
        """Reload without anybody waiting for it."""
        task = self._serving.poller.loop.create_task(self.reload(reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def reload(self, reason: str) -> Outcome:
        """Read everything again; what held before goes on to hold where the new is broken.

        Args:
            reason: ``SIGHUP``, :data:`FILES_CHANGED`, or who asked.
        """
        async with self._busy:
            if not self._running:
                return Outcome(holds=False, told="the service drains, and reloads no more")
            self.began()
            try:
                if self._reader is not None:
                    return await self._read(self._reader, reason)
                holds = self._serving.reload(reason)
                told = "certificates were read again" if holds else "what held before goes on"
                return Outcome(holds, told)
            finally:
                self.ended()

    async def _read(self, reader: Reader, reason: str) -> Outcome:
        by_itself = self._watch is not None and reason == FILES_CHANGED
        seen = self._watch.look_at() if self._watch is not None else {}
        changed = self._watch.changed_since(seen) if self._watch is not None else ()
        try:
            approved = reader.read()
            changes = await self._serving.apply(approved.bridges)
        except CatflapError as error:
            told = why_not(error)
            # A certificate beside the file was seen to be broken by the bridge that it belongs to.
            if not (by_itself and self._serving.has_told(told)):
                tell_failure(self._emit, reason, error)
            self._serving.heard(told)
            return Outcome(holds=False, told=error.render())
        finally:
            if self._watch is not None:
                self._watch.settle(seen)
        reader.take(approved)
        # Those that were replaced have read their files just now.
        holds = by_itself or self._serving.reload(reason, changes.kept)
        if changes or not by_itself:
            reader.tell(reason, changes, changed)
        return Outcome(holds, str(changes))
