"""A certificate judged as a handshake would judge it, without the handshake."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL

from catflap.core.errors import UsageError
from catflap.tls.certificates import facts_of
from catflap.tls.context import make_context
from catflap.tls.leaf import Leaf
from catflap.tls.resumption import ChainJudge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from catflap.tls.settings import TlsSettings

__all__ = ("appraise",)

_lib: Any = SSL._lib  # type: ignore[attr-defined] # noqa: SLF001 - a store's purpose has no public door
_CLIENT, _SERVER = _lib.X509_PURPOSE_SSL_CLIENT, _lib.X509_PURPOSE_SSL_SERVER


def appraise(settings: TlsSettings, chain: Sequence[x509.Certificate], at: float) -> None:
    """Judge the certificates that a peer would send: chain, time, purpose, revocation, name.

    Args:
        settings: of the end that judges.
        chain: the leaf first, then whatever else the peer would send.
        at: when it would come, seconds since the epoch.

    Raises:
        HandshakeError: it would be refused, by the rule and in the words of the handshake.
        OperationError: a file that judges it cannot be used.
    """
    # Its own certificate is not asked for here, and its key may be out of this user's reach.
    judging = dataclasses.replace(settings, server=False, certificate="", key="", expects="")
    made = make_context(judging)
    store = made.context.get_cert_store()
    if store is None:
        raise UsageError("a certificate cannot be judged without trust anchors", hint="cafile=FILE")
    store.set_time(datetime.fromtimestamp(at, UTC))
    _lib.X509_STORE_set_purpose(store._store, _CLIENT if settings.server else _SERVER)  # noqa: SLF001
    judge = ChainJudge(
        made.context,
        expects=settings.expects,
        by_common_name=not settings.strict,
        lists_until=made.lists_until,
    )
    leaf = Leaf(chain[0], facts_of(chain[0]))
    judge.verify(leaf, chain[1:])
    if settings.server:
        leaf.check_readable()
    judge.check_name(leaf)
