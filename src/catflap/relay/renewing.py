"""Certificates, keys, authorities and revocation lists that change while a bridge runs.

Files are looked at twice a second by stat(2): no thread, and it sees what inotify(7) does not: a
renamed link anywhere above a file, a network file system, a volume of Kubernetes.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from catflap.core.errors import CatflapError
from catflap.events.model import Reloaded, ReloadFailed, stamp

if TYPE_CHECKING:
    import asyncio

    from catflap.relay.bridging import Bridging

__all__ = ("FILES_CHANGED", "Renewing", "is_same")

FILES_CHANGED = "files changed"
"""The reason of a reload that nobody asked for."""

_EVERY_SECONDS = 0.5
_SETTLES_SECONDS = 0.2
"""Who writes a file in place writes it in pieces; so long nothing of it must have changed."""
_MOST_LOOKS = 4

_Seen = dict[str, tuple[object, ...]]


class Renewing:
    """Looks after the files of one bridge.

    Args:
        bridging: the running bridge.
    """

    def __init__(self, bridging: Bridging) -> None:
        """Look at nothing before :meth:`start`."""
        self._bridging = bridging
        self._timer: asyncio.TimerHandle | None = None
        self._running = False
        self._last: _Seen = {}
        self._failed: _Seen | None = None
        self._told = self._heard = self._heard_mark = ""
        self._looks = 0
        self._reach = _reach()

    def start(self) -> None:
        """Look at the files from now on, where there are any."""
        self._running = True
        if self._bridging.trusts:
            if self._reach != _reach():
                self._accept_out_of_reach()
            self._wait(_EVERY_SECONDS)

    def _accept_out_of_reach(self) -> None:
        """Take for known, and tell, that files are behind ``chroot=`` or ``su=`` by now."""
        from catflap.tls.files import leads_nowhere

        now, before = self._signatures(), self._in_force()
        gone = [
            path
            for path, seen in now.items()
            if leads_nowhere(seen) and not leads_nowhere(before.get(path, seen))
        ]
        if gone:
            self._failed = now
            message = f"{', '.join(gone)} cannot be reached any more: a change takes a restart"
            self._bridging.notice_of_files(message)

    def has_told(self, told: str) -> bool:
        """Return whether this is about what cannot be used, and was told already."""
        return is_same(self._told, told)

    def heard(self, told: str) -> None:
        """Hear what was told already of why files cannot be used: it is not told twice."""
        self._heard, self._heard_mark = told, self.mark_now()

    def has_heard(self, reason: str, mark: str) -> bool:
        """Return whether it was told already, by somebody else, that files cannot be used.

        Args:
            reason: why not.
            mark: of the state in which they were read, as :attr:`failed_mark` gives it.
        """
        return is_same(reason, self._heard) and mark == self._heard_mark

    @property
    def failed_mark(self) -> str:
        """The state of the files that could not be used last; nothing when they could."""
        return _mark(self._failed) if self._failed is not None else ""

    def mark_now(self) -> str:
        """Return the state of the files as they are now, the same in every process."""
        return _mark(self._signatures())

    def stop(self) -> None:
        """Look no more, and read nothing again: what drains is left in peace."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self, seconds: float) -> None:
        if self._running and self._timer is None:
            self._timer = self._bridging.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        now = self._signatures()
        if now in (self._in_force(), self._failed):
            self._looks = 0
            self._wait(_EVERY_SECONDS)
            return
        settled = now == self._last or self._looks >= _MOST_LOOKS
        self._last = now
        self._looks += 1
        # First, so that a defect in reading does not end the looking.
        self._wait(_EVERY_SECONDS if settled else _SETTLES_SECONDS)
        if settled:
            self._looks = 0
            self._renew(FILES_CHANGED, self._changed(now))

    def reload(self, reason: str) -> bool:
        """Read every file again at once; return whether what was read holds now."""
        if not self._running:
            return False
        return self._renew(reason, self._changed(self._signatures()))

    def _signatures(self) -> _Seen:
        from catflap.tls.files import signature_of

        paths = {path for trust in self._bridging.trusts for path in trust.paths}
        return {path: signature_of(path) for path in sorted(paths)}

    def _in_force(self) -> _Seen:
        found: _Seen = {}
        for trust in self._bridging.trusts:
            found.update(trust.material.seen)
        return found

    def _changed(self, now: _Seen) -> tuple[str, ...]:
        known = self._in_force()
        return tuple(path for path, seen in now.items() if known.get(path) != seen)

    def _renew(self, reason: str, changed: tuple[str, ...]) -> bool:
        """Prepare all ends, then exchange them: no connection sees some of the new and not all."""
        bridging = self._bridging
        seen = self._signatures()
        try:
            prepared = [(trust, trust.prepare()) for trust in bridging.trusts]
            bridging.gate(bridging.bridge)
        except CatflapError as error:
            self._failed = seen
            self._told = error.message
            if reason == FILES_CHANGED and self.has_heard(error.message, self.failed_mark):
                return False
            bridging.emit(
                ReloadFailed(
                    time=stamp(),
                    bridge=bridging.name,
                    reason=error.message,
                    hint=error.hint,
                    changed=changed,
                )
            )
            return False
        except Exception:
            # A defect of ours; the same files would meet it again at each look.
            self._failed = seen
            raise
        self._failed, self._told, self._heard = None, "", ""
        self._heard_mark = ""
        for trust, material in prepared:
            trust.take(material)
        bridging.emit(Reloaded(time=stamp(), bridge=bridging.name, reason=reason, changed=changed))
        for note in sorted({note for trust, _ in prepared for note in trust.material.notes}):
            bridging.notice_of_files(note)
        bridging.changed()
        return True


def _reach() -> tuple[int, ...]:
    """Return what decides which files this process reaches: its user, its group and its root."""
    root = os.stat("/")
    return os.geteuid(), os.getegid(), root.st_dev, root.st_ino


def is_same(reason: str, told: str) -> bool:
    """Return whether two words for why files cannot be used mean the same: one holds the other.

    Whoever judges a whole configuration says more around it, or names the file alone.
    """
    return bool(reason and told) and (reason in told or told in reason)


def _mark(seen: _Seen) -> str:
    """Return a short name for a state of files."""
    return hashlib.sha256(repr(sorted(seen.items())).encode()).hexdigest()[:16]
