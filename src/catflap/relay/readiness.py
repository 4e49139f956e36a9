"""Waiting for a descriptor, outside the data path."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from catflap.relay.poller import Poller

__all__ = ("Waiter", "readable", "until_connected", "writable")


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def readable(loop: Poller, descriptor: int) -> None:
    """Wait until the descriptor can be read."""
    future: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, _wake, future)
    try:
        await future
    finally:
        loop.remove_reader(descriptor)


async def writable(loop: Poller, descriptor: int) -> None:
    """Wait until the descriptor can be written."""
    future: asyncio.Future[None] = loop.create_future()
    loop.add_writer(descriptor, _wake, future)
    try:
        await future
    finally:
        loop.remove_writer(descriptor)


async def until_connected(loop: Poller, sock: socket.socket) -> None:
    """Wait until a connect(2) that goes on by itself is over.

    Raises:
        OSError: it failed, as connect(2) itself would have.
    """
    await writable(loop, sock.fileno())
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, os.strerror(number))


class Waiter:
    """Waits several times for one descriptor, and leaves it with the loop in between.

    Taking a descriptor from epoll and giving it back costs two system calls and a handle. A
    parked reader stays; should bytes come before somebody else reads, it takes itself away.
    """

    __slots__ = ("_descriptor", "_loop")

    def __init__(self, loop: Poller, descriptor: int) -> None:
        """Nothing is registered yet."""
        self._loop = loop
        self._descriptor = descriptor

    async def readable(self) -> None:
        """Wait until it can be read; the reader is parked afterwards."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_reader(self._descriptor, _wake, future)
        await future

    async def writable(self) -> None:
        """Wait until it can be written."""
        await writable(self._loop, self._descriptor)

    def park(self) -> None:
        """Let the next ``add_reader`` find the descriptor registered."""
        self._loop.add_reader(self._descriptor, self._loop.remove_reader, self._descriptor)

    def leave(self) -> None:
        """Take the reader away; needed before the descriptor is closed."""
        self._loop.remove_reader(self._descriptor)
