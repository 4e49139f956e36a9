"""Who else may write what a service is made from, and so decide what it does and as whom."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from catflap.core.spans import printable
from catflap.events.model import Notice, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.events.model import Event
    from catflap.service.source import Approved

__all__ = ("tell_writers",)


def tell_writers(emit: Callable[[Event], None], approved: Approved) -> None:
    """Tell which files and directories of a configuration everybody on this host may write.

    A change of them is taken up by itself, so that a line of anybody's would run with our rights.
    """
    for path in dict.fromkeys(_open_to_all(approved)):
        message = f"everybody may write {printable(path)}, and so change what this service does"
        emit(Notice(time=stamp(), message=f"{message}; chmod o-w mends it"))


def _open_to_all(approved: Approved) -> Iterator[str]:
    for path in (*approved.paths, *approved.referred):
        mode = _mode(path)
        # In a directory from which patterns include, a new file is enough.
        if mode & stat.S_IWOTH:
            yield path
        if not stat.S_ISDIR(mode):
            folder = os.path.dirname(path) or "."
            above = _mode(folder)
            if above & stat.S_IWOTH and not above & stat.S_ISVTX:
                yield folder


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode
    except OSError:
        return 0
