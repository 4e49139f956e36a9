"""The events of one session, as it tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core import clock
from catflap.events.model import Closed, ConnectFailed, Denied, HandshakeFailed, Opened, stamp
from catflap.relay.told import certificate_told, tls_told

if TYPE_CHECKING:
    from catflap.core.errors import CatflapError
    from catflap.core.nouns import CertificateFacts, Decision
    from catflap.relay.channel import Channel
    from catflap.relay.pump.pump import Outcome
    from catflap.relay.session import Session

__all__ = ("closed", "connect_failed", "denied", "handshake_failed", "opened")


def denied(session: Session, decision: Decision, certificate: CertificateFacts | None) -> Denied:
    """Return that a rule turned the peer away."""
    return Denied(
        time=stamp(),
        bridge=session.bridging.name,
        session=session.id,
        peer=session.peer_text,
        rule=decision.rule,
        reason=decision.reason,
        mend=decision.mend,
        entry=decision.entry,
        via=session.via,
        certificate=certificate_told(certificate),
        handshake=session.handshake,
    )


def handshake_failed(
    session: Session, rule: str, reason: str, facts: CertificateFacts | None
) -> HandshakeFailed:
    """Return that the peer did not get through TLS, or through a PROXY header."""
    return HandshakeFailed(
        time=stamp(),
        bridge=session.bridging.name,
        session=session.id,
        peer=session.peer_text,
        rule=rule,
        reason=reason,
        via=session.via,
        certificate=certificate_told(facts),
    )


def connect_failed(session: Session, error: CatflapError, to: str) -> ConnectFailed:
    """Return that an end could not be opened."""
    return ConnectFailed(
        time=stamp(),
        bridge=session.bridging.name,
        session=session.id,
        peer=session.peer_text,
        to=to,
        reason=error.message,
        hint=error.hint,
        rule=getattr(error, "rule", ""),
        certificate=certificate_told(getattr(error, "certificate", None)),
        handshake=session.handshake,
    )


def opened(session: Session, near: Channel, far: Channel) -> Opened:
    """Return that both ends are open."""
    credentials = session.peer.credentials
    return Opened(
        time=stamp(),
        bridge=session.bridging.name,
        session=session.id,
        peer=session.peer_text,
        to=far.describe,
        rule=session.rule,
        entry=session.entry,
        via=session.via,
        certificate=certificate_told(near.certificate) if near.certificate else None,
        tls=tls_told(near.tls) if near.tls else None,
        far_certificate=certificate_told(far.certificate) if far.certificate else None,
        far_tls=tls_told(far.tls) if far.tls else None,
        uid=credentials.uid if credentials is not None else None,
        handshake=session.handshake,
        connect=session.reached,
    )


def closed(session: Session, outcome: Outcome, moved: tuple[int, int], lost: int) -> Closed:
    """Return that it is over.

    Args:
        session: the one.
        outcome: how it ended.
        moved: bytes from the near to the far side, and back.
        lost: packets that nobody took.
    """
    sent, received = moved
    return Closed(
        time=stamp(),
        bridge=session.bridging.name,
        session=session.id,
        peer=session.peer_text,
        sent=sent,
        received=received,
        duration=round(clock.monotonic() - session.started, 6),
        closed_by=outcome.closed_by,
        rule=outcome.rule,
        reason=outcome.reason,
        limit=outcome.limit,
        lost=lost,
    )
