"""Small HTTP by hand, and connections that know where they come from."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from catflap.prove import wire as module
from catflap.prove.wire import Address, connect, http_request, is_answer, text_of

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 201 Created\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", False),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", False),
        (b"", False),
        (b"\x15\x03\x01\x00\x02\x02\x46", False),
    ],
)
def test_only_a_whole_success_is_an_answer(data: bytes, whole: bool) -> None:
    assert is_answer(data) is whole


def test_a_request_names_its_attempt_and_its_length() -> None:
    raw = http_request("POST", "/orders", "mine", b"{}")
    assert raw.startswith(b"POST /orders HTTP/1.1\r\nHost: ")
    assert b"\r\nX-Attempt: mine\r\n" in raw
    assert raw.endswith(b"Content-Length: 2\r\n\r\n{}")


def test_addresses_read_as_events_write_them() -> None:
    assert text_of(("127.0.0.1", 80)) == "127.0.0.1:80"
    assert text_of(("::1", 80, 0, 0)) == "[::1]:80"


def test_no_port_is_used_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bridge tells of connections by their ports; what it told of an old one is not the new."""
    wanted: list[int] = []

    class Given(socket.socket):
        """Gets the ports that are wanted, as long as there are any."""

        def bind(self, address: tuple[str, int]) -> None:  # type: ignore[override]
            super().bind((address[0], wanted.pop() if wanted else 0))

    monkeypatch.setattr(module.socket, "socket", Given)

    found = []
    for _ in range(2):
        with module._never_used(socket.AF_INET, "127.0.0.66") as sock:
            found.append(sock.getsockname())
        wanted.append(found[-1][1])
    assert found[0] != found[1]
    assert wanted == [found[1][1]]  # the first was offered again, and passed over


def test_a_connection_comes_from_where_it_was_told_to() -> None:
    async def story() -> None:
        seen: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.set_result(text_of(writer.get_extra_info("peername")))
            writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        target = Address(*server.sockets[0].getsockname()[:2])
        async with connect(target, "127.0.0.66") as wire:
            assert wire.source.startswith("127.0.0.66:")
            assert await seen == wire.source
        server.close()

    asyncio.run(story())


def test_a_port_where_nobody_listens_is_an_error(free_port: Callable[[], int]) -> None:
    async def story() -> None:
        async with connect(Address("127.0.0.1", free_port())):
            pass

    with pytest.raises(ConnectionRefusedError):
        asyncio.run(story())
