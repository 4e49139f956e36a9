"""What one end presents and believes, exchanged as a whole while connections live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.tls.context import make_context
from catflap.tls.files import signature_of
from catflap.tls.resumption import ChainJudge, ClientSessions

if TYPE_CHECKING:
    from OpenSSL import SSL

    from catflap.tls.handshake import Connection
    from catflap.tls.settings import TlsSettings

__all__ = ("Material", "Proof", "Trust")


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that was made from the files of one end at one time.

    Args:
        settings: by which it was made.
        context: for new connections. Its ticket keys are its own: tickets of the one before are
            worth nothing, so a peer that was let in by older trust proves itself in full.
        judge: judges certificates that no handshake verifies.
        sessions: what a client may resume; empty at first, for the same reason.
        notes: what a person should know.
        seen: the signature of each file, taken before it was read.
    """

    settings: TlsSettings
    context: SSL.Context
    judge: ChainJudge
    sessions: ClientSessions
    notes: tuple[str, ...]
    seen: dict[str, tuple[object, ...]]


class Trust:
    """The material in force, and whatever comes in its place."""

    __slots__ = ("_successor", "material")

    def __init__(self, settings: TlsSettings) -> None:
        """Load the files.

        Raises:
            OperationError: one cannot be used.
            UsageError: options contradict each other.
        """
        self._successor: Trust | None = None
        self.material = _made(settings, None)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files and directories that it was made from."""
        return self.material.settings.paths

    def prepare(self) -> Material:
        """Load the files anew, without any effect.

        Raises:
            OperationError: one cannot be used.
        """
        return _made(self.material.settings, self.material.judge)

    def take(self, material: Material) -> None:
        """Use it for every connection from now on."""
        self.material = material

    def hand_over(self, successor: Trust) -> None:
        """Let another one judge the connections that were made by this one."""
        self._successor = successor
        successor.material.judge.learn(self.material.judge)

    def latest(self) -> Trust:
        """Return the one that judges now."""
        found = self
        while found._successor is not None:
            found = found._successor
        return found


class Proof:
    """What a peer proved on a connection that lives, for judging it again.

    Args:
        trust: by which it was judged.
        connection: carries the certificates.
        until: when the first certificate of the chain expires, seconds since the epoch.
    """

    __slots__ = ("_connection", "_trust", "until")

    def __init__(self, trust: Trust, connection: Connection, until: float) -> None:
        """Remember where the certificates are."""
        self._trust = trust
        self._connection = connection
        self.until = until

    def judge(self) -> None:
        """Judge it by the trust of now.

        Raises:
            HandshakeError: a new connection of this peer would be refused.
        """
        self._trust = self._trust.latest()
        material = self._trust.material
        if material.settings.verifies:
            material.judge.judge_live(self._connection)


def _made(settings: TlsSettings, before: ChainJudge | None) -> Material:
    seen = {path: signature_of(path) for path in settings.paths}
    made = make_context(settings)
    judge = ChainJudge(
        made.context,
        expects=settings.expects,
        by_common_name=not settings.strict,
        lists_until=made.lists_until,
        before=before,
    )
    return Material(settings, made.context, judge, ClientSessions(), made.notes, seen)
