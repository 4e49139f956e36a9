"""Asking for addresses as the options of one address say: ``ai-*`` and ``res-*``.

The flags of getaddrinfo(3) are handed to it. What the C program changes inside its C library's
resolver cannot be changed for one address among many; so where one of these options is said, a
small resolver of ours asks: first /etc/hosts, then the name servers.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from catflap.address.networks import numeric_host, split_host_port
from catflap.core.errors import OperationError
from catflap.core.units import parse_integer
from catflap.relay.dns_message import Answer, DnsError, Record, question, read_answer

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.relay.resolve import Target

__all__ = ("LOOKUP_OPTIONS", "Lookup")

_FLAGS = {
    "ai-addrconfig": socket.AI_ADDRCONFIG,
    "ai-all": socket.AI_ALL,
    "ai-v4mapped": socket.AI_V4MAPPED,
}
_OURS = frozenset(
    {
        "res-nsaddr",
        "res-retrans",
        "res-retry",
        "res-usevc",
        "res-igntc",
        "res-recurse",
        "res-defnames",
        "res-dnsrch",
        "res-stayopen",
    }
)
LOOKUP_OPTIONS = _OURS | set(_FLAGS) | {"ai-passive"}
"""Options about names; ``ai-passive`` says where a listener without ``bind`` listens."""

_PORT = 53
_PACKET = 4096
_NAME_MISSING = 3
_RESOLV_CONF = Path("/etc/resolv.conf")
_HOSTS = Path("/etc/hosts")


class Lookup:
    """How the names of one address are asked for.

    Args:
        side: the address.
    """

    __slots__ = ("_searches", "_server", "_side", "asks_itself", "flags")

    def __init__(self, side: Side) -> None:
        """Read the options.

        Raises:
            OperationError: ``res-nsaddr`` is no address.
        """
        self._side = side
        self.flags = 0
        for name, flag in _FLAGS.items():
            self.flags |= flag if side.flag(name).value else 0
        self.asks_itself = any(side.last(name) is not None for name in _OURS)
        self._server = _server(side.text("res-nsaddr").value)
        # One step of searching is on unless switched off: the domain of resolv.conf.
        self._searches = side.flag("res-dnsrch", otherwise=True).value

    @classmethod
    def of(cls, side: Side) -> Lookup | None:
        """Return how a side asks, when its options say anything about it."""
        asked = any(side.last(name) is not None for name in LOOKUP_OPTIONS)
        return cls(side) if asked else None

    async def ask(self, host: str, port: int, family: str = "") -> list[Target]:
        """Return the addresses of a name by /etc/hosts, else by the name servers.

        Raises:
            OperationError: the name is not known, or no server answers.
        """
        found = _listed(host, family)
        if not found:
            servers, domains = _configuration()
            servers = [self._server] if self._server is not None else servers
            found = await self._asked(self._candidates(host, domains), servers, family)
        if not found:
            message = f"the host {host} is not known: no name server knows it"
            raise OperationError(message)
        return [_target(text, port) for text in found]

    def _candidates(self, host: str, domains: list[str]) -> list[str]:
        """Return the names to ask for in their order (resolv.conf(5), ndots 1)."""
        if host.endswith("."):
            return [host]
        if "." in host:
            return [host, *(f"{host}.{each}" for each in domains if self._searches)]
        if not self._side.flag("res-defnames", otherwise=True).value:
            return [host]
        used = domains if self._searches else domains[:1]
        return [*(f"{host}.{each}" for each in used), host]

    async def _asked(
        self, names: list[str], servers: list[tuple[str, int]], family: str
    ) -> list[str]:
        records = [Record.A] if family != "6" else []
        records += [Record.AAAA] if family != "4" else []
        for name in names:
            answers = [await self._answer(name, record, servers) for record in records]
            found = [text for answer in answers for text in answer.addresses]
            if found:
                return found
        return []

    async def _answer(self, name: str, record: Record, servers: list[tuple[str, int]]) -> Answer:
        seconds = self._side.number("res-retrans", 5).value
        tries = max(1, self._side.number("res-retry", 2).value)
        problem = "no name server is known"
        for server in servers * tries:
            try:
                async with asyncio.timeout(seconds or None):
                    answer = await self._once(name, record, server)
            except TimeoutError:
                problem = f"{server[0]} did not answer within {seconds} s"
            except (OSError, DnsError) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                problem = f"{server[0]}: {reason}"
            else:
                if answer.code in {0, _NAME_MISSING}:
                    return answer
                problem = f"{server[0]} failed with code {answer.code}"
        message = f"the host {name} is not known: {problem}"
        raise OperationError(message)

    async def _once(self, name: str, record: Record, server: tuple[str, int]) -> Answer:
        recurse = self._side.flag("res-recurse", otherwise=True).value
        asked = question(int.from_bytes(os.urandom(2), "big"), name, record, recurse=recurse)
        if not self._side.flag("res-usevc").value:
            answer = await _by_packet(asked, server)
            if not answer.truncated or self._side.flag("res-igntc").value:
                return answer
        return await _by_stream(asked, server)


def _server(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, port = split_host_port(text)
    bare = host.removeprefix("[").removesuffix("]")
    # RFC 6761, section 6.3: nobody is asked for this name.
    bare = "127.0.0.1" if bare.lower() == "localhost" else bare
    try:
        number = parse_integer(port) if port else _PORT
    except ValueError:
        number = -1
    if numeric_host(bare) is None or not 0 < number < 65536:
        message = f"res-nsaddr={text} is no ADDRESS[:PORT] of a name server"
        raise OperationError(message)
    return bare, number


async def _by_packet(asked: bytes, server: tuple[str, int]) -> Answer:
    """Ask by UDP; packets that are no answer are left alone, for anybody may send one."""
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        sock.connect(server)
        await loop.sock_sendall(sock, asked)
        while True:
            packet = await loop.sock_recv(sock, _PACKET)
            try:
                return read_answer(packet, asked)
            except DnsError:
                continue


async def _by_stream(asked: bytes, server: tuple[str, int]) -> Answer:
    """Ask by TCP, each packet after its length (RFC 1035, section 4.2.2)."""
    reader, writer = await asyncio.open_connection(*server)
    try:
        writer.write(struct.pack("!H", len(asked)) + asked)
        size = struct.unpack("!H", await reader.readexactly(2))[0]
        return read_answer(await reader.readexactly(size), asked)
    except asyncio.IncompleteReadError:
        message = "the answer is cut off"
        raise DnsError(message) from None
    finally:
        writer.close()


def _lines(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return [line for line in lines if len(line) > 1]


def _listed(host: str, family: str) -> list[str]:
    """Return the addresses that /etc/hosts gives a name."""
    wanted = host.lower().rstrip(".")
    return [
        address
        for address, *names in _lines(_HOSTS)
        if wanted in (name.lower() for name in names)
        and numeric_host(address) is not None
        and family in {"", "6" if ":" in address else "4"}
    ]


def _configuration() -> tuple[list[tuple[str, int]], list[str]]:
    """Return the name servers and the domains to search (resolv.conf(5))."""
    servers, domains = [], []
    for word, *rest in _lines(_RESOLV_CONF):
        if word == "nameserver" and numeric_host(rest[0]) is not None:
            servers.append((rest[0], _PORT))
        elif word in {"search", "domain"}:
            domains = rest
    return servers[:3], domains


def _target(text: str, port: int) -> Target:
    from catflap.relay.resolve import socket_address

    found = socket_address(text, port)
    if found is None:
        message = f"{text} is no address"
        raise OperationError(message)
    return found
