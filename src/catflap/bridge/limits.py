"""What one bridge may use up; every limit is finite unless somebody says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("Limits",)


@dataclass(frozen=True, slots=True)
class Limits:
    """Finite by default; 0 switches one off, ``None`` is the default that depends.

    Args:
        handshake: seconds from accept to a finished TLS handshake.
        connect: seconds to open the far side.
        half_close: seconds without a byte after one side has ended.
        idle: seconds without a byte either way; ``None`` is the default of the dialect.
        lifetime: seconds that a session may last.
        sessions: how many live at once; ``None`` is what the limit of open files allows.
        per_source: how many of one source (/32, /64); ``None`` is a default for other hosts,
            while this host has none: a proxy in front of us speaks for everybody.
        per_identity: how many of one proven identity.
        handshakes: how many handshakes at once; ``None`` is 4096.
        handshakes_per_source: how many of them of one source; ``None`` as above.
        rate: new connections a second of one source, by a token bucket; ``None`` as above.
        burst: how many may come at once before ``rate`` counts.
        penalties: whether sources that misbehave are kept out for a while; ``None`` as above.
        bandwidth: bytes a second of one session, each way on its own.
    """

    handshake: float = 10.0
    connect: float = 10.0
    half_close: float = 60.0
    idle: float | None = None
    lifetime: float = 0.0
    sessions: int | None = None
    per_source: int | None = None
    per_identity: int = 0
    handshakes: int | None = None
    handshakes_per_source: int | None = None
    rate: float | None = None
    burst: int | None = None
    penalties: bool | None = None
    bandwidth: int = 0
