"""The API of the demo answers, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from catflap.prove.api import Shop
from catflap.prove.children import attempt_of, running_api
from catflap.prove.wire import http_request, is_answer, read_answer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", b"", "200 OK"),
        ("GET", "/orders", b"", "200 OK"),
        ("POST", "/orders", b'{"item": 1}', "201 Created"),
        ("POST", "/orders", b"{", "400 Bad Request"),
        ("POST", "/orders", b"\xff", "400 Bad Request"),
        ("DELETE", "/orders", b"", "404 Not Found"),
        ("GET", "/nowhere", b"", "404 Not Found"),
    ],
)
def test_each_request_has_its_answer(method: str, path: str, body: bytes, status: str) -> None:
    assert Shop().answer(method, path, body)[0] == status


def test_an_order_is_remembered() -> None:
    shop = Shop()
    shop.answer("POST", "/orders", b'{"item": "tuna"}')
    assert shop.answer("GET", "/orders", b"")[1] == {"orders": [{"item": "tuna"}]}


def test_requests_on_one_connection_are_answered_and_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with running_api(tmp_path, "api.sock") as api:
            reader, writer = await asyncio.open_unix_connection(tmp_path / "api.sock")
            post = http_request("POST", "/orders", "mine", b'{"item": "tuna"}')
            writer.write(post + http_request("GET", "/orders", "second"))
            assert is_answer(await read_answer(reader))
            answer = await read_answer(reader)
            assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"orders": [{"item": "tuna"}]}
            writer.close()
            assert await api.saw("mine") == post
            assert attempt_of(await api.saw("second")) == "second"
            assert await api.saw("never", 0.05) == b""

    asyncio.run(story())


@pytest.mark.parametrize("length", ["-1", "1e9", "99999999", "x"])
def test_a_length_that_cannot_be_ends_the_connection(tmp_path: Path, length: str) -> None:
    async def story() -> None:
        async with running_api(tmp_path, "api.sock"):
            reader, writer = await asyncio.open_unix_connection(tmp_path / "api.sock")
            writer.write(f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())
            assert await reader.read() == b""
            writer.close()

    asyncio.run(story())
