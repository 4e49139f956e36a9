"""TLS over TCP, both ways."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from catflap.address.networks import numeric_host
from catflap.address.rows import Transport
from catflap.bridge.effective import Dialect
from catflap.core.errors import UsageError
from catflap.relay.openers.grounds import SocketGround, ground_of
from catflap.relay.openers.tcp_acceptor import TcpAcceptor
from catflap.relay.openers.tcp_client import TcpClient
from catflap.tls.failure import HandshakeError, HandshakeTimeoutError
from catflap.tls.handshake import accepting, connecting
from catflap.tls.leaf import leaf_of
from catflap.tls.settings import LARGEST_RECORD, SMALLEST_RECORD, TlsSettings
from catflap.tls.trust import Proof, Trust

if TYPE_CHECKING:
    import socket

    from catflap.bridge.side import Side
    from catflap.core.nouns import Peer
    from catflap.relay.channel import Channel
    from catflap.relay.openers.grounds import Ground
    from catflap.relay.opening import Opening
    from catflap.relay.poller import Poller
    from catflap.tls.handshake import Connection
    from catflap.tls.trust import Material

__all__ = ("OF_STREAMS", "TLS_OPTIONS", "TlsListener", "TlsOpener", "prove", "settings_of")

TLS_OPTIONS = frozenset(
    {
        "openssl-certificate",
        "openssl-key",
        "openssl-cafile",
        "openssl-capath",
        "openssl-verify",
        "openssl-commonname",
        "openssl-snihost",
        "openssl-no-sni",
        "openssl-min-proto-version",
        "openssl-max-proto-version",
        "openssl-cipherlist",
        "openssl-dhparam",
        "openssl-compress",
        "handshake-timeout",
        "crl",
        "on-expiry",
    }
)

OF_STREAMS = frozenset({"openssl-maxsendfrag"})
"""In DTLS a record is a packet, and what came as one packet goes as one."""


def _record_of(side: Side) -> int:
    """Return how many bytes go into one record at most.

    Raises:
        UsageError: that is no size for a record.
    """
    size = side.number("openssl-maxsendfrag", LARGEST_RECORD)
    if not SMALLEST_RECORD <= size.value <= LARGEST_RECORD:
        message = f"maxsendfrag={size.value} is no size for a record"
        hint = f"from {SMALLEST_RECORD} to {LARGEST_RECORD} bytes"
        raise UsageError(message, hint=hint)
    return size.value


def settings_of(side: Side) -> TlsSettings:
    """Return the TLS settings that an address gives, under its dialect."""
    server = side.is_tls_server
    strict = side.dialect is Dialect.CATFLAP
    host = side.target_host.value
    expects = side.text("openssl-commonname", "" if server else host).value
    sni = side.text("openssl-snihost", expects or host).value
    if side.flag("openssl-no-sni").value or server or numeric_host(sni) is not None:
        sni = ""
    return TlsSettings(
        server=server,
        context=f"{side.address.name} {side.source[side.span.start : side.span.end]}",
        certificate=side.text("openssl-certificate").value,
        key=side.text("openssl-key").value,
        cafile=side.text("openssl-cafile").value,
        capath=side.text("openssl-capath").value,
        verifies=side.verifies.value,
        minimum=side.minimum_protocol.value,
        maximum=side.text("openssl-max-proto-version").value,
        ciphers=side.text("openssl-cipherlist").value,
        expects=expects,
        server_name=sni,
        system_store=not server or not strict,
        strict=strict,
        datagrams=side.kind.transport is Transport.DTLS,
        dh_parameters=side.text("openssl-dhparam").value,
        record=_record_of(side),
        crls=tuple(option.value.text for option in side.options("crl") if option.value),
    )


class TlsOpener(TcpClient):
    """Connects to a TLS server and proves its name."""

    takes: ClassVar[frozenset[str]] = TcpClient.takes | TLS_OPTIONS | OF_STREAMS

    def __init__(self, side: Side) -> None:
        """Load certificates and trust.

        Raises:
            OperationError: a file cannot be used.
            UsageError: options contradict each other.
        """
        super().__init__(side)
        self._trust = Trust(settings_of(side))
        self.trusts = (self._trust, *self.trusts)
        self._limit = side.seconds("handshake-timeout", -1.0)

    async def open(self, opening: Opening) -> Channel:
        """Connect and do the handshake."""
        return await self._retry.run(opening, lambda: self._once(opening))

    async def _once(self, opening: Opening) -> Channel:
        ground = await self._ground(opening)
        seconds = self._limit.value if self._limit.is_said else opening.patience
        try:
            async with asyncio.timeout(seconds or None):
                return await self._secure(ground)
        except TimeoutError:
            ground.close()
            raise HandshakeTimeoutError(self.target, seconds) from None
        except BaseException:
            ground.close()
            raise

    async def _ground(self, opening: Opening) -> Ground:
        if self.is_carried:
            return ground_of(opening.loop, await self.carry(opening))
        return SocketGround(opening.loop, await self.connect(opening))

    async def _secure(self, ground: Ground) -> Channel:
        material = self._trust.material
        sessions, settings = material.sessions, material.settings
        connection = connecting(material.context, ground.sock, settings.server_name, sessions)
        try:
            await ground.handshake(connection)
        except HandshakeError as error:
            sessions.forget()
            message = f"{self.target}: {error.message}"
            raise HandshakeError(error.rule, message, error.certificate, _hint(error)) from error
        channel = ground.channel(connection, self.target, sessions.keep, settings.record)
        if settings.verifies:
            try:
                prove(self._trust, material, connection, channel)
            except BaseException:
                sessions.forget()
                channel.close(abort=True)
                raise
        channel.proofs = (*channel.proofs, *ground.proofs)
        return channel


def prove(trust: Trust, material: Material, connection: Connection, channel: Channel) -> None:
    """Judge what the handshake proved, and say so on the channel.

    Raises:
        HandshakeError: the session that was resumed carries what no longer holds, or a client's
            certificate says what cannot be read.
    """
    leaf = leaf_of(connection)
    if channel.tls is not None and channel.tls.resumed:
        until = material.judge.judge_resumed(leaf)
    elif leaf is None:
        return
    else:
        until = material.judge.remember(connection, leaf)
    if material.settings.server:
        if leaf is not None:
            leaf.check_readable()
        material.judge.check_name(leaf)
    channel.certificate = leaf.facts if leaf is not None else None
    channel.proofs = (Proof(trust, connection, until),)


def _hint(error: HandshakeError) -> str:
    hints = {
        "certificate-wrong-name": "commonname=NAME names the one to expect",
        "certificate-untrusted": "cafile=FILE names the CA that signed it",
        "certificate-self-signed": "cafile=FILE names the CA that signed it",
        "not-tls": "the server speaks without TLS; TCP: in the place of TLS: would reach it",
        "peer-rejected": "cert=FILE gives a client certificate that the server trusts",
    }
    return hints.get(error.rule, "")


class TlsListener(TcpAcceptor):
    """Accepts TLS and, unless told otherwise, demands a client certificate."""

    takes: ClassVar[frozenset[str]] = TcpAcceptor.takes | TLS_OPTIONS | OF_STREAMS

    def __init__(self, side: Side) -> None:
        """Load certificates and trust.

        Raises:
            OperationError: a file cannot be used.
            UsageError: options contradict each other.
        """
        super().__init__(side)
        self._trust = Trust(settings_of(side))
        self.trusts = (self._trust,)
        self.notes.extend(self._trust.material.notes)

    async def receive(self, loop: Poller, sock: socket.socket, peer: Peer) -> Channel:
        """Do the handshake and judge what it proved."""
        self._setup.after(sock)
        material = self._trust.material
        ground = SocketGround(loop, sock)
        connection = accepting(material.context, sock)
        await ground.handshake(connection)
        channel = ground.channel(connection, str(peer), None, material.settings.record)
        if material.settings.verifies:
            try:
                prove(self._trust, material, connection, channel)
            except BaseException:
                channel.close(abort=True)
                raise
        return channel
