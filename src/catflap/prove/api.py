"""A small JSON API on a UNIX socket, for the demo: ``python -m catflap.prove.api SOCKET``.

It knows nothing of TLS. On its standard output it writes one line of JSON for each request it
saw, so that the demo can show it, and it ends when its standard input does: with its parent.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Shop", "main", "serve")

_LONGEST_HEAD = 16_384
_LONGEST_BODY = 65_536


class Shop:
    """What the API knows: orders, and how to answer a request."""

    def __init__(self) -> None:
        """Start with an empty book."""
        self._orders: list[object] = []

    def answer(self, method: str, path: str, body: bytes) -> tuple[str, object]:
        """Return the status and what the answer says."""
        match method, path:
            case "GET", "/":
                return "200 OK", {"shop": "open", "orders": len(self._orders)}
            case "GET", "/orders":
                return "200 OK", {"orders": self._orders}
            case "POST", "/orders":
                return self._order(body)
            case _:
                return "404 Not Found", {"error": "there is nothing here"}

    def _order(self, body: bytes) -> tuple[str, object]:
        try:
            order = json.loads(body)
        except ValueError:
            return "400 Bad Request", {"error": "an order is JSON"}
        self._orders.append(order)
        return "201 Created", {"order": len(self._orders)}


class _Conversation:
    """The requests of one connection, one after the other."""

    def __init__(self, shop: Shop, saw: Callable[[bytes], None]) -> None:
        self._shop = shop
        self._saw = saw

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, EOFError, asyncio.LimitOverrunError):
            # The caller went away or spoke nonsense: there is nobody to answer.
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _length(head)
        if length is None:
            return False
        body = await reader.readexactly(length)
        self._saw(head + body)
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        method, path = (words[0], words[1]) if len(words) == 3 else ("", "")
        status, said = self._shop.answer(method, path, body)
        text = json.dumps(said).encode()
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(text)}\r\n\r\n".encode()
            + text
        )
        await writer.drain()
        return True


def _length(head: bytes) -> int | None:
    """Return the length of the body, or ``None`` when it is no length or too long."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            text = value.strip()
            return int(text) if text.isdigit() and int(text) <= _LONGEST_BODY else None
    return 0


async def serve(path: str, tell: Callable[[object], None]) -> None:
    """Serve on the socket ``path`` until the standard input ends.

    Args:
        path: of the socket.
        tell: is told ``ready``, then each request as text, byte by byte (Latin-1).
    """
    shop = Shop()
    conversation = _Conversation(shop, lambda raw: tell({"request": raw.decode("latin-1")}))
    server = await asyncio.start_unix_server(conversation.hold, path, limit=_LONGEST_HEAD)
    tell({"ready": path})
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    loop.add_reader(sys.stdin.fileno(), _set, over)
    try:
        await over
    finally:
        loop.remove_reader(sys.stdin.fileno())
        server.close()


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _tell(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the parent lets go."""
    asyncio.run(serve(sys.argv[1], _tell))


if __name__ == "__main__":
    main()
