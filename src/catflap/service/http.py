"""A small and strict HTTP server for those who watch: GET and HEAD, one answer a connection.

It refuses what it does not know rather than guessing (RFC 9112): a body, a header that is folded,
a target that is no plain path, a name in Host that is not this host's, so that no page in a
browser reads it by way of a name that points to loopback.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ("BadRequestError", "Reply", "Watchers", "parse_request")

_LONGEST = 8192
_SECONDS = 5.0
_MOST_AT_ONCE = 32
"""Several times what is accepted in one turn, so that who asks at once is there to be answered."""
_LINE = re.compile(
    rb"(GET|HEAD|[A-Z]{1,20}) (/[A-Za-z0-9/_.-]{0,200})(?:\?[!-~]{0,500})? HTTP/1\.[01]"
)
# White space around a value is taken off afterwards: a pattern for it would try every way to part a
# long row of blanks, and a request of 8 KiB would stop the loop for minutes.
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)")
_HOSTS = re.compile(rb"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"

    def encode(self, *, head: bool = False) -> bytes:
        """Return it as bytes; without its body for HEAD."""
        allow = "Allow: GET, HEAD\r\n" if self.status == 405 else ""
        top = (
            f"HTTP/1.1 {self.status} {_REASONS[self.status]}\r\n"
            f"Content-Type: {self.kind}\r\nContent-Length: {len(self.body)}\r\n"
            f"{allow}Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
            "Connection: close\r\n\r\n"
        )
        return top.encode() + (b"" if head else self.body)


class BadRequestError(Exception):
    """A request that is refused; ``reply`` says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.reply = Reply(status, f"{why}\n".encode())


def parse_request(head: bytes, *, any_host: bool) -> tuple[str, str]:
    """Return method and path of a request.

    Args:
        head: everything up to the empty line, which is left out.
        any_host: whether Host may name anything: on a UNIX socket.

    Raises:
        BadRequestError: with a ``reply`` that says what is wrong.
    """
    first, *fields = head.split(b"\r\n")
    line = _LINE.fullmatch(first)
    if line is None:
        raise BadRequestError(400, "this is no request line")
    hosts: list[bytes] = []
    for field in fields:
        found = _FIELD.fullmatch(field)
        if found is None:
            raise BadRequestError(400, "this is no header field")
        name, value = found[1].lower(), found[2].strip(b" \t")
        if name == b"host":
            hosts.append(value)
        if name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
            raise BadRequestError(400, "a request here has no body")
    if len(hosts) > 1 or (not hosts and first.endswith(b"1.1")):
        raise BadRequestError(400, "one Host, no more and no less")
    if hosts and not any_host and _HOSTS.fullmatch(hosts[0]) is None:
        raise BadRequestError(403, "Host names another host")
    if line[1] not in {b"GET", b"HEAD"}:
        raise BadRequestError(405, "GET and HEAD alone")
    return line[1].decode(), line[2].decode()


class Watchers:
    """Answers those who watch.

    Args:
        pages: what is at which path.
        any_host: whether Host may name anything.
    """

    def __init__(self, pages: Mapping[str, Callable[[], Reply]], *, any_host: bool) -> None:
        """Serve these pages."""
        self._pages = pages
        self._any_host = any_host
        self.writers: dict[asyncio.StreamWriter, None] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, then close.

        When too many are there, the oldest gives way: an honest question is answered long before,
        and those who ask nothing must not keep a health check from its answer.
        """
        if len(self.writers) >= _MOST_AT_ONCE:
            # Off the list at once: of those who come in one turn each must send another one away.
            oldest = next(iter(self.writers))
            del self.writers[oldest]
            oldest.transport.abort()
        self.writers[writer] = None
        try:
            async with asyncio.timeout(_SECONDS):
                writer.write(await self._answer(reader))
                await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            self.writers.pop(writer, None)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        try:
            head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
        except asyncio.LimitOverrunError:
            return Reply(431, b"the request is too long\n").encode()
        try:
            method, path = parse_request(head, any_host=self._any_host)
        except BadRequestError as error:
            return error.reply.encode()
        page = self._pages.get(path)
        reply = Reply(404, b"/metrics, /healthz and /readyz\n") if page is None else page()
        return reply.encode(head=method == "HEAD")
