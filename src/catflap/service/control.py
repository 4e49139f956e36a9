"""The control socket: for the user that runs the service, and for root; nobody else is heard."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import socket
import struct
from typing import TYPE_CHECKING, Any, Protocol

from catflap.core.errors import CatflapError, OperationError
from catflap.core.spans import printable
from catflap.events.model import Denied, stamp
from catflap.service.protocol import LONGEST_QUESTION, ProtocolError, decode_question, encode
from catflap.service.state import control_path, make_state_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from catflap.events.model import Event
    from catflap.service.protocol import Question

__all__ = ("Answering", "ControlSocket", "close_in_child")

_MOST_AT_ONCE = 16
_QUESTION_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
_STRANGER_SECONDS = 0.5
_BACKLOG = 16


def close_in_child(writers: Iterable[asyncio.StreamWriter], server: asyncio.Server | None) -> None:
    """Close what a forked process has of its parent's connections, and nothing of the parent's."""
    numbers = [writer.get_extra_info("socket").fileno() for writer in writers]
    numbers += [sock.fileno() for sock in server.sockets] if server is not None else []
    for number in numbers:
        with contextlib.suppress(OSError):
            os.close(number)


class Answering(Protocol):
    """What answers questions about a service."""

    async def answer(self, question: Question) -> dict[str, Any]:
        """Return the answer without version and ``ok``.

        Raises:
            CatflapError: what was asked cannot be.
        """


class ControlSocket:
    """Listens in the state directory and answers one question after the other.

    Args:
        directory: of the state.
        answering: knows the answers.
        emit: takes events: who is refused is told.
    """

    def __init__(self, directory: str, answering: Answering, emit: Callable[[Event], None]) -> None:
        """Prepare; nothing is made before :meth:`open`."""
        self._directory = directory
        self._answering = answering
        self._emit = emit
        self.path = control_path(directory)
        self._sock: socket.socket | None = None
        self._lock = -1
        self._identity: tuple[int, int] = (0, 0)
        self._server: asyncio.Server | None = None
        self._writers: dict[asyncio.StreamWriter, bool] = {}
        """Who is there, and whether it waits for an answer."""
        self._owners = {0, os.geteuid()}

    def open(self) -> None:
        """Make the socket, mode 0600; one that a dead service left is replaced.

        Raises:
            OperationError: a live service has it, or it cannot be made.
        """
        make_state_directory(self._directory)
        self._lock = self._locked()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            with contextlib.suppress(FileNotFoundError):
                # The lock is ours, so whoever made it is dead.
                os.unlink(self.path)
            before = os.umask(0o177)
            try:
                sock.bind(self.path)
            finally:
                os.umask(before)
            found = os.stat(self.path)
            self._identity = (found.st_dev, found.st_ino)
            sock.listen(_BACKLOG)
            sock.setblocking(False)
        except OSError as error:
            sock.close()
            os.close(self._lock)
            self._lock = -1
            message = f"the control socket {printable(self.path)} cannot be made: {error.strerror}"
            raise OperationError(message, "--state DIR names another directory") from error
        self._sock = sock

    def _locked(self) -> int:
        """Take the lock that a service holds for as long as it lives (flock(2))."""
        path = os.path.join(self._directory, "lock")
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(path, flags, 0o600)
        except OSError as error:
            message = f"{printable(path)} cannot be opened: {error.strerror}"
            raise OperationError(message, "--state DIR names another directory") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if error.errno != errno.EWOULDBLOCK:
                message = f"{printable(path)} cannot be locked: {error.strerror}"
                raise OperationError(message) from error
            message = f"another service that runs has {printable(self._directory)} for its state"
            raise OperationError(message, "--state DIR gives this one its own") from None
        return descriptor

    async def start(self) -> None:
        """Answer from now on."""
        if self._sock is not None:
            self._server = await asyncio.start_unix_server(
                self._serve, sock=self._sock, limit=LONGEST_QUESTION, backlog=_BACKLOG
            )

    def disown(self) -> None:
        """Let go of everything without touching what others see: after a fork."""
        close_in_child(self._writers, self._server)
        if self._lock >= 0:
            os.close(self._lock)
        self._lock, self._sock = -1, None

    def close(self) -> None:
        """Stop answering and remove the socket, if it is still ours."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._sock is not None:
            self._sock.close()
            self._sock = None
            with contextlib.suppress(OSError):
                found = os.stat(self.path)
                if (found.st_dev, found.st_ino) == self._identity:
                    os.unlink(self.path)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_heard = self._make_room()
        self._writers[writer] = False
        try:
            refusal = self._refusal(writer) if is_heard else "too many ask at once"
            if refusal:
                # Its question is heard first: closing on unread bytes would lose the answer.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_STRANGER_SECONDS):
                        await reader.readline()
                writer.write(encode({"ok": False, "error": refusal}))
                return
            while True:
                async with asyncio.timeout(_QUESTION_SECONDS):
                    line = await reader.readline()
                if not line.endswith(b"\n"):
                    return
                self._writers[writer] = True
                writer.write(encode(await self._answer(line)))
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await writer.drain()
                self._writers[writer] = False
        except ValueError:
            told = f"a question has at most {LONGEST_QUESTION} bytes"
            writer.write(encode({"ok": False, "error": told}))
        except (TimeoutError, ConnectionError):
            writer.transport.abort()
        finally:
            self._writers.pop(writer, None)
            writer.close()

    def _make_room(self) -> bool:
        """Let the oldest who asks nothing give way; return whether there is room for another."""
        if len(self._writers) < _MOST_AT_ONCE:
            return True
        silent = next((each for each, waits in self._writers.items() if not waits), None)
        if silent is None:
            return False
        self._writers.pop(silent)
        silent.transport.abort()
        return True

    def _refusal(self, writer: asyncio.StreamWriter) -> str:
        sock = writer.get_extra_info("socket")
        packed = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid, uid, _ = struct.unpack("iII", packed)
        if uid in self._owners:
            return ""
        self._emit(
            Denied(
                time=stamp(),
                session="control",
                peer=f"uid={uid}",
                rule="control-owner",
                reason=f"the control socket is for root and the service's user, not for pid {pid}",
            )
        )
        return "the control socket is for root and the service's own user"

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            question = decode_question(line)
            return {"ok": True, **await self._answering.answer(question)}
        except ProtocolError as error:
            return {"ok": False, "error": str(error)}
        except CatflapError as error:
            return {"ok": False, "error": error.message, "hint": error.hint}
