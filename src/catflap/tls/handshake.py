"""A handshake on a non-blocking socket, step by step; somebody else waits between the steps."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from OpenSSL import SSL

from catflap.tls.failure import VerifyFailure, explain_failure

if TYPE_CHECKING:
    import socket

    from catflap.tls.resumption import ClientSessions

__all__ = ("Connection", "Wants", "accepting", "connecting", "handshake_step")

Connection = SSL.Connection
"""The library's connection, which other floors hold without knowing the library."""


class Wants(Enum):
    """What the next step waits for."""

    NOTHING = "nothing"
    READ = "read"
    WRITE = "write"


def accepting(context: SSL.Context, sock: socket.socket | None) -> SSL.Connection:
    """Return the server's end of a connection to be; without a socket it is over memory."""
    connection = SSL.Connection(context, sock)
    connection.set_accept_state()
    return connection


def connecting(
    context: SSL.Context,
    sock: socket.socket | None,
    server_name: str,
    sessions: ClientSessions,
) -> SSL.Connection:
    """Return the client's end of a connection to be.

    Args:
        context: what it trusts and presents.
        sock: a connected socket; without one the connection is over memory.
        server_name: sent by SNI (RFC 6066, section 3), or nothing.
        sessions: offers a session to resume.
    """
    connection = SSL.Connection(context, sock)
    connection.set_connect_state()
    if server_name:
        connection.set_tlsext_host_name(server_name.encode("idna"))
    sessions.offer(connection)
    return connection


def handshake_step(connection: SSL.Connection) -> Wants:
    """Go as far as the bytes at hand allow.

    Raises:
        HandshakeError: it failed; the alert that says so has been sent.
    """
    try:
        connection.do_handshake()
    except SSL.WantReadError:
        return Wants.READ
    except SSL.WantWriteError:
        return Wants.WRITE
    except (SSL.Error, OSError) as error:
        noted = connection.get_app_data()
        verify = noted if isinstance(noted, VerifyFailure) else None
        raise explain_failure(error, verify) from error
    return Wants.NOTHING
