"""PROXY headers on real sockets: taken off before anything else, or sent before anything else."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, ClassVar

from catflap.core.errors import OperationError, UsageError
from catflap.core.nouns import Decision, Peer
from catflap.guard.guard import Guard
from catflap.proxyproto.header import Client, Endpoint, Header, ProxyError, TlsInfo
from catflap.proxyproto.reader import HeaderReader
from catflap.relay.readiness import readable

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.core.nouns import CertificateFacts, TlsFacts
    from catflap.relay.dialogues import Wire
    from catflap.relay.opening import Opening
    from catflap.relay.poller import Poller

__all__ = ("Greeting", "ProxyHeaderError", "ProxyTrust", "peer_behind")

_UNIX = "unix"


class ProxyHeaderError(OperationError):
    """A proxy that is trusted did not say who it speaks for, or said it wrongly."""

    rule: ClassVar[str] = "proxy-header-invalid"


class ProxyTrust:
    """Who may say by a PROXY header that it speaks for somebody else.

    Args:
        side: a listener with ``proxy-from=``.
    """

    def __init__(self, side: Side) -> None:
        """Read the option.

        Raises:
            UsageError: networks for a UNIX listener, or the other way round.
        """
        found = side.value("proxy-from").value
        if (found == _UNIX) is side.is_internet:
            mend = "a list of networks" if side.is_internet else f"proxy-from={_UNIX}"
            raise UsageError(f"proxy-from: {side.address.name} takes {mend}")
        self._guard = None if found == _UNIX else Guard(networks=found)  # type: ignore[arg-type]

    @staticmethod
    def of(side: Side) -> ProxyTrust | None:
        """Return the trust of a listener, or ``None`` when it takes no headers."""
        return ProxyTrust(side) if side.last("proxy-from") is not None else None

    def admit(self, peer: Peer) -> Decision:
        """Decide whether a peer is a proxy that is trusted; nobody else is served."""
        if self._guard is None or self._guard.admit(peer).allowed:
            return Decision(allowed=True, rule="proxy-from")
        return Decision(
            allowed=False,
            rule="proxy-from",
            reason=f"{peer.shown_host} is no trusted proxy",
            mend=f"add {peer.shown_host} to proxy-from=, or give direct clients another listener",
        )

    async def read(self, loop: Poller, sock: socket.socket) -> Header:
        """Take the header off; what follows it stays in the socket. The caller has the deadline.

        Raises:
            ProxyHeaderError: there is none, it is broken, or the proxy hung up.
        """
        reader = HeaderReader()
        while reader.header is None:
            await readable(loop, sock.fileno())
            try:
                seen = sock.recv(reader.wanted, socket.MSG_PEEK)
                if not seen:
                    raise ProxyHeaderError("the proxy hung up before its PROXY header was complete")
                sock.recv(reader.feed(seen))
            except BlockingIOError:
                continue
            except ProxyError as error:
                raise ProxyHeaderError(str(error)) from error
            except OSError as error:
                raise ProxyHeaderError(f"the proxy is gone: {error.strerror}") from error
        return reader.header


def peer_behind(header: Header) -> Peer | None:
    """Return whom the proxy speaks for; ``None`` when it speaks for itself."""
    source = header.source
    return Peer(source.host or _UNIX, source.port) if source is not None else None


class Greeting:
    """The header that is sent to a far side before any other byte.

    Args:
        side: a client with ``send-proxy=``, or without.
    """

    def __init__(self, side: Side) -> None:
        """Read the option."""
        self._version = side.text("send-proxy").value

    def send(self, sock: socket.socket, opening: Opening) -> None:
        """Send the header on a socket that has just connected.

        Raises:
            OperationError: it cannot be sent whole; the caller closes the socket.
        """
        if not self._version:
            return
        try:
            data = self._encode(opening)
            # Nothing was sent before, so a header of at most 4 KiB always finds room.
            sent = sock.send(data)
        except ProxyError as error:
            message = f"the PROXY header would not be true: {error}"
            raise OperationError(message, "send-proxy=v2 can say more than v1") from error
        except OSError as error:
            message = f"the PROXY header could not be sent: {error.strerror}"
            raise OperationError(message) from error
        if sent != len(data):
            raise OperationError("the PROXY header could not be sent whole")

    async def send_over(self, wire: Wire, opening: Opening) -> None:
        """Send the header over what other addresses carry.

        Raises:
            OperationError: it would not be true.
            OSError: it cannot be sent.
        """
        if not self._version:
            return
        try:
            data = self._encode(opening)
        except ProxyError as error:
            message = f"the PROXY header would not be true: {error}"
            raise OperationError(message, "send-proxy=v2 can say more than v1") from error
        await wire.send(data)

    def _encode(self, opening: Opening) -> bytes:
        if self._version == "v1":
            from catflap.proxyproto.v1 import encode_v1

            return encode_v1(_end(opening.peer), _end(opening.local))
        from catflap.proxyproto.v2 import encode_v2

        return encode_v2(
            _end(opening.peer),
            _end(opening.local),
            tls=_tls_info(opening.tls, opening.certificate),
            unique_id=opening.session.encode(),
            authority=opening.tls.server_name if opening.tls is not None else "",
        )


def _end(peer: Peer) -> Endpoint | None:
    return Endpoint(peer.shown_host, peer.port) if peer.port else None


def _tls_info(tls: TlsFacts | None, certificate: CertificateFacts | None) -> TlsInfo | None:
    if tls is None:
        return None
    client = Client.SSL
    if certificate is not None:
        # A resumed session carries the certificate of the handshake that it resumes.
        client |= Client.CERT_SESS if tls.resumed else Client.CERT_CONN | Client.CERT_SESS
    names = certificate.common_names if certificate is not None else ()
    key = f"{certificate.key_kind}{certificate.key_bits}" if certificate is not None else ""
    return TlsInfo(
        client,
        verified=certificate is not None,
        version=tls.version,
        common_name=names[0] if names else "",
        cipher=tls.cipher,
        signature=certificate.signature_hash.upper() if certificate is not None else "",
        key=key,
        group=tls.group,
    )
