"""Socket addresses as raw bytes: what the socket module has no form for (bind(2), connect(2))."""

from __future__ import annotations

import ctypes
import os
import struct
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

__all__ = ("bind_raw", "connect_raw", "pack_sockaddr", "receive_raw", "send_raw")

_ROOM = 128
"""struct sockaddr_storage."""


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def pack_sockaddr(family: int, data: bytes) -> bytes:
    """Return a struct sockaddr: the family in the byte order of this host, then the data."""
    return struct.pack("=H", family) + data


def bind_raw(sock: socket.socket, address: bytes) -> None:
    """Bind to a struct sockaddr.

    Raises:
        OSError: the kernel refuses.
    """
    _checked(_library().bind(sock.fileno(), address, len(address)))


def connect_raw(sock: socket.socket, address: bytes) -> None:
    """Connect to a struct sockaddr.

    Raises:
        BlockingIOError: it takes waiting.
        OSError: the kernel refuses.
    """
    _checked(_library().connect(sock.fileno(), address, len(address)))


def send_raw(sock: socket.socket, data: memoryview | bytes, address: bytes) -> int:
    """Send a packet to a struct sockaddr; return how many bytes.

    Raises:
        OSError: the kernel refuses.
    """
    packet = bytes(data)
    send = _library().sendto
    send.restype = ctypes.c_ssize_t
    size = ctypes.c_size_t(len(packet))
    return _checked(send(sock.fileno(), packet, size, 0, address, len(address)))


def receive_raw(sock: socket.socket, buffer: memoryview) -> tuple[int, bytes]:
    """Receive a packet into a buffer; return its size and its sender's struct sockaddr.

    Raises:
        BlockingIOError: there is none.
    """
    room = ctypes.create_string_buffer(_ROOM)
    length = ctypes.c_uint32(_ROOM)
    target = (ctypes.c_char * len(buffer)).from_buffer(buffer)
    receive = _library().recvfrom
    receive.restype = ctypes.c_ssize_t
    size = ctypes.c_size_t(len(buffer))
    got = receive(sock.fileno(), target, size, 0, room, ctypes.byref(length))
    return _checked(got), room.raw[: length.value]
