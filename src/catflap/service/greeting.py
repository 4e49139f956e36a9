"""What a service says first: that it starts, and what the gate let through with which marks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from catflap import __version__
from catflap.events.model import Notice, Started, UnsafeAccepted, Warned, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.model import Bridge
    from catflap.events.model import Event
    from catflap.service.gate import Verdict

__all__ = ("greet", "tell_verdict")


def greet(emit: Callable[[Event], None], name: str = "") -> None:
    """Tell that the service starts.

    Args:
        emit: takes events.
        name: of the bridge, when there is but one.
    """
    emit(Started(time=stamp(), bridge=name, version=__version__, pid=os.getpid()))


def tell_verdict(emit: Callable[[Event], None], bridge: Bridge, verdict: Verdict) -> None:
    """Tell the warnings about one bridge, and which findings were accepted, by whose word."""
    name = bridge.name
    for finding in verdict.warnings:
        emit(
            Warned(
                time=stamp(),
                bridge=name,
                rule=finding.rule,
                message=finding.message,
                mend=finding.mend,
            )
        )
    for finding, acceptance in verdict.accepted:
        emit(
            UnsafeAccepted(
                time=stamp(),
                bridge=name,
                rule=finding.rule,
                message=finding.message,
                reason=acceptance.reason,
            )
        )
    for acceptance in verdict.idle:
        message = f"--unsafe {acceptance.rule} accepts what is not there; it can go"
        emit(Notice(time=stamp(), bridge=name, message=message))
    reason = bridge.single_session_reason
    if reason and any(side.serves_streams for side in bridge.sides):
        message = f"serves one session, then ends: {reason}"
        emit(Notice(time=stamp(), bridge=name, message=message))
