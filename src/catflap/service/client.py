"""Asking a running service over its control socket."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any

from catflap.core.errors import OperationError
from catflap.core.spans import printable
from catflap.service.protocol import LONGEST_ANSWER, ProtocolError, Question, decode_answer
from catflap.service.state import control_path, state_directory

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("ask",)

_SECONDS = 60.0


def ask(state: str, do: str, fields: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the answer of the service whose state is in a directory.

    Args:
        state: the directory; nothing is the usual one.
        do: what is asked.
        fields: of the question.

    Raises:
        OperationError: no service answers, or it says no.
    """
    directory = state_directory(state)
    path = control_path(directory)
    try:
        line = _exchange(path, Question(do, dict(fields or {})).encode())
        answer = decode_answer(line)
    except TimeoutError:
        message = f"the service of {printable(path)} did not answer within {_SECONDS:g} s"
        raise OperationError(message) from None
    except (FileNotFoundError, ConnectionRefusedError) as error:
        message = f"no service answers at {printable(path)}"
        hint = "catflap up starts one; --state DIR looks elsewhere; run takes --control"
        raise OperationError(message, hint) from error
    except PermissionError as error:
        message = f"{printable(path)} is for root and the service's own user"
        raise OperationError(message) from error
    except OSError as error:
        raise OperationError(f"{printable(path)}: {error.strerror}") from error
    except ProtocolError as error:
        raise OperationError(f"{printable(path)}: {error}") from error
    if not answer["ok"]:
        lines = str(answer.get("error", "it does not say why")).split("\n")
        told = "\n".join(printable(line) for line in lines)
        raise OperationError(told, printable(str(answer.get("hint", ""))))
    return answer


def _exchange(path: str, question: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        _connect(sock, path)
        sock.sendall(question)
        pieces: list[bytes] = []
        size = 0
        while not pieces or not pieces[-1].endswith(b"\n"):
            piece = sock.recv(1 << 18)
            if not piece:
                raise ProtocolError("the service hung up before it answered")
            pieces.append(piece)
            size += len(piece)
            if size > LONGEST_ANSWER:
                raise ProtocolError("the answer is longer than 64 MiB")
        return b"".join(pieces)


def _connect(sock: socket.socket, path: str) -> None:
    """Wait for a place in the queue: a socket that does not block gets EAGAIN, unix(7)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(_SECONDS))
    try:
        sock.connect(path)
    except BlockingIOError:
        raise TimeoutError from None
    sock.settimeout(_SECONDS)


def _timeval(seconds: float) -> bytes:
    whole = int(seconds)
    return struct.pack("ll", whole, int((seconds - whole) * 1_000_000))
