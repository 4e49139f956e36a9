"""What events say of certificates and of handshakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.core import clock
from catflap.events.model import Certificate, Tls

if TYPE_CHECKING:
    from catflap.core.nouns import CertificateFacts, TlsFacts

__all__ = ("certificate_told", "tls_told")

_MOST_REMEMBERED = 512
_remembered: dict[str, Certificate] = {}


def certificate_told(facts: CertificateFacts | None) -> Certificate | None:
    """Return what events say of a certificate; the last few hundred are remembered."""
    if facts is None:
        return None
    found = _remembered.get(facts.fingerprint)
    if found is None:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        expires = clock.utc(facts.not_after)
        found = Certificate(facts.subject, facts.shown_names(), facts.serial, expires)
        _remembered[facts.fingerprint] = found
    return found


def tls_told(facts: TlsFacts | None) -> Tls | None:
    """Return what events say of a finished handshake."""
    if facts is None:
        return None
    return Tls(facts.version, facts.cipher, facts.group, facts.resumed)
