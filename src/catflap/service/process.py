"""What every process that serves sees to: its limits, its memory, its defects."""

from __future__ import annotations

import gc
import os
import resource
import traceback
from typing import TYPE_CHECKING, Any

from catflap.events.model import Defect, stamp
from catflap.relay.descriptor_limit import raise_descriptor_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.events.model import Event

__all__ = ("GRACE_SECONDS", "capacity", "prepare_process", "unexpected")

_RESERVED_DESCRIPTORS = 64
_DESCRIPTORS_A_SESSION = 2
_COLLECT_EVERY = 20_000
GRACE_SECONDS = 2.0
"""How long sessions have to end once they were told to."""


def prepare_process() -> None:
    """Raise the limit of open files, and keep the collector from what lives as long as we do."""
    raise_descriptor_limit()
    # Sessions hold no reference cycles; what start-up made lives as long as the process.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, 20, 20)


def capacity() -> int:
    """Return how many sessions the limit of open files allows."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 1_000_000
    return max(1, (soft - _RESERVED_DESCRIPTORS) // _DESCRIPTORS_A_SESSION)


def unexpected(emit: Callable[[Event], None], _: object, context: dict[str, Any]) -> None:
    """Tell a defect of ours without ending what else runs."""
    error = context.get("exception")
    place = traceback.extract_tb(error.__traceback__)[-1] if error is not None else None
    where = f" ({place.name}, {os.path.basename(place.filename)}:{place.lineno})" if place else ""
    reason = f"{context.get('message', '')}: {error!r}{where}"
    emit(Defect(time=stamp(), reason=reason))
