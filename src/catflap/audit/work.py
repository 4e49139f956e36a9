"""What a worker does with one file: within a time, and whatever the file is."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catflap.audit.load import load
from catflap.audit.neighbours import Neighbours
from catflap.audit.reader import Audited, audit_text
from catflap.audit.report import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from catflap.audit.options import Options
    from catflap.audit.tree import Found

__all__ = ("audit_data", "audit_file", "limited")

_SECONDS = 0.8
_SECONDS_A_BYTE = 1.0 / (1024 * 1024)
_AGAIN = 0.05


class _TooLong(BaseException):  # not an Exception: nothing on the way may take it for its own
    """The time for a file is over."""


def audit_file(found: Found, options: Options) -> Audited:
    """Open a file and audit it; whatever is wrong with it becomes a trouble."""
    loaded = load(found, options.largest, vector=options.kind == "cmdline")
    if loaded.trouble:
        return Audited(troubles=(Trouble(found.path, loaded.trouble),))
    if not loaded.data:
        return Audited()
    return audit_data(loaded.data, found, options)


def audit_data(data: bytes, found: Found, options: Options) -> Audited:
    """Audit what was read; a file that takes too long or breaks a reader becomes a trouble."""
    seconds = _SECONDS + len(data) * _SECONDS_A_BYTE
    look = Neighbours(found.file) if options.look and found.file else None
    try:
        with limited(seconds):
            return audit_text(data, found, options, look=look)
    except (_TooLong, TimeoutError):
        message = f"took more than {seconds:.1f}s to read, not read"
    except RecursionError:
        message = "nested too deeply, not read"
    except Exception as error:  # noqa: BLE001 - one file must not end the audit of all others
        message = f"not read, by a fault of catflap's: {type(error).__name__}: {error}"
    finally:
        # What was raised between the block and its end would have left the timer running.
        signal.setitimer(signal.ITIMER_PROF, 0)
    return Audited(troubles=(Trouble(found.path, message),))


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise in the block once it has used so much time of a processor (setitimer(2)).

    The time of the processor counts, not the clock's: a busy machine must not change what is
    found. Outside of the main thread there is no limit, for signals arrive there alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise _TooLong

    before = signal.signal(signal.SIGPROF, stop)
    # Again and again: what is raised within a finalizer is dropped.
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
