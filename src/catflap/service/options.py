"""How a service behaves besides its bridges."""

from __future__ import annotations

from dataclasses import dataclass, field

from catflap.service.logging import LogOptions

__all__ = ("ServiceOptions",)


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """How a service behaves besides its bridges.

    Args:
        drain: seconds that live sessions have after the first signal.
        payload: ``text`` or ``hex`` to dump what passes to the standard error.
        control: whether it can be asked over a control socket.
        state: the directory of that socket; nothing is the usual one.
        workers: processes that serve.
        metrics: where metrics and health are served; nothing is nowhere.
    """

    log: LogOptions = field(default_factory=LogOptions)
    drain: float = 30.0
    payload: str = ""
    control: bool = False
    state: str = ""
    metrics: str = ""
    workers: int = 1
