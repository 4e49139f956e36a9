"""A TLS client of the test, with every wait bounded."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Any, Self

from OpenSSL import SSL

from tests.support.traffic_servers import tcp_client
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

__all__ = ("TlsClient",)

_VERSIONS = {"TLS1.2": SSL.TLS1_2_VERSION, "TLS1.3": SSL.TLS1_3_VERSION}


class TlsClient:
    """One connection that presents a certificate and may resume a session.

    Args:
        port: of 127.0.0.1.
        certificate: a PEM with certificate and key, or nothing.
        session: of an earlier connection.
        source: the address it comes from.
        newest: the newest version it speaks, such as ``TLS1.2``; nothing leaves it to the library.
    """

    def __init__(
        self,
        port: int,
        certificate: Path | None,
        session: SSL.Session | None = None,
        source: str = "",
        newest: str = "",
    ) -> None:
        """Connect and do the handshake."""
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        if newest:
            context.set_max_proto_version(_VERSIONS[newest])
        if certificate is not None:
            context.use_certificate_chain_file(str(certificate))
            context.use_privatekey_file(str(certificate))
        self._end = tcp_client(port, source=source)
        self._end.socket.setblocking(False)
        self.connection = SSL.Connection(context, self._end.socket)
        self.connection.set_connect_state()
        if session is not None:
            # pyOpenSSL wants the context that made it; a thief of tickets would not care.
            session._context = context
            self.connection.set_session(session)
        try:
            self._wait(self.connection.do_handshake)
        except BaseException:
            self._end.close()
            raise

    def _wait(self, call: Callable[..., Any], *arguments: object) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return call(*arguments)
            except SSL.WantReadError:
                wanted = select.POLLIN
            except SSL.WantWriteError:
                wanted = select.POLLOUT
            poll = select.poll()
            poll.register(self._end.socket, wanted)
            if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
                message = f"the server said nothing for {PATIENCE:g} s"
                raise AssertionError(message)

    @property
    def resumed(self) -> bool:
        """Whether the server took the session."""
        ssl = self.connection._ssl
        return bool(SSL._lib.SSL_session_reused(ssl))  # type: ignore[attr-defined]

    def send(self, data: bytes) -> None:
        """Write all of it; what does not fit is written once there is room."""
        while data:
            data = data[self._wait(self.connection.send, data) :]

    def receive(self) -> bytes:
        """Return some bytes; nothing at the end, whether it was said properly or not."""
        try:
            found: bytes = self._wait(self.connection.recv, 65_536)
        except (SSL.Error, ConnectionError):
            return b""
        return found

    def ask(self, question: bytes) -> bytes:
        """Write and return as many bytes as an echo gives back; nothing when we were dropped."""
        try:
            self.send(question)
        except (SSL.Error, ConnectionError):
            return b""
        answer = b""
        while len(answer) < len(question):
            data = self.receive()
            if not data:
                break
            answer += data
        return answer

    def end(self) -> None:
        """Send close_notify, without which OpenSSL would not let the session resume."""
        self.connection.shutdown()

    def cut(self) -> None:
        """Send FIN without close_notify, as a connection does that somebody cut."""
        self._end.end()

    def ticket(self) -> SSL.Session:
        """Return the session for a later connection; it came with the first answer."""
        session = self.connection.get_session()
        assert session is not None
        return session

    def __enter__(self) -> Self:
        """Stay connected until the block ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close."""
        self._end.close()
