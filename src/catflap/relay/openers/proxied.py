"""Through a proxy: HTTP CONNECT, SOCKS 4, 4A and 5, and SOCKS 5's wait for a connection (BIND).

Connecting to the proxy and all that is said to it stand under one limit, that of connecting. The
C program has none for what is said, and hangs on a proxy that is silent.
"""

from __future__ import annotations

import asyncio
import os
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError, UsageError
from catflap.core.nouns import Peer
from catflap.core.secrets import Secret
from catflap.core.spans import Problem
from catflap.proxies.dialogue import ProxyRefusedError
from catflap.proxies.http_connect import http_connect
from catflap.proxies.socks4 import socks4_connect
from catflap.proxies.socks5 import socks5_bind, socks5_bound, socks5_connect
from catflap.relay.dialogues import converse, wire_of, words_of
from catflap.relay.openers.tcp_client import TcpClient
from catflap.relay.resolve import port_number, resolve

if TYPE_CHECKING:
    from catflap.bridge.side import Side
    from catflap.proxies.dialogue import Dialogue
    from catflap.relay.channel import Channel
    from catflap.relay.dialogues import Wire
    from catflap.relay.opening import Opening

__all__ = ("HttpProxyOpener", "Socks4Opener", "Socks5ListenOpener", "Socks5Opener")

_LONGEST_SECRET = 4096


class ProxiedOpener(TcpClient, ABC):
    """Connects to a proxy and asks it for the target; what is asked is for those below."""

    def __init__(self, side: Side) -> None:
        """Read the address.

        Raises:
            UsageError: a port is no service, or options contradict each other.
            OperationError: a file with a password cannot be read.
        """
        super().__init__(side)
        self._proxy = self.target
        self._target_host = side.target_host.value
        self._target_port = port_number(side, side.target_port.value, side.target_port.span)
        self.target = f"{_joined(self._target_host, self._target_port)} by way of {self._proxy}"

    async def open(self, opening: Opening) -> Channel:
        """Connect and ask.

        Raises:
            OperationError: the proxy cannot be reached, says no, or takes too long.
        """
        return await self._retry.run(opening, lambda: self._once(opening))

    async def _once(self, opening: Opening) -> Channel:
        seconds = self.limit(opening)
        started = time.monotonic()
        channel = await self.carry(opening, greet=False)
        rest = max(0.001, seconds - (time.monotonic() - started)) if seconds else None
        try:
            wire = wire_of(opening.loop, channel)
            async with asyncio.timeout(rest):
                await self._ask(opening, wire)
                await self._greeting.send_over(wire, opening)
            await self._await_peer(opening, wire, channel)
        except TimeoutError:
            channel.close()
            message = f"the proxy {self._proxy} did not answer within {seconds:g} s"
            raise OperationError(message, "connect-timeout=SECONDS changes the limit") from None
        except ProxyRefusedError as error:
            channel.close()
            raise OperationError(f"{self.target} cannot be reached: {error}") from error
        except OSError as error:
            channel.close()
            message = f"the proxy {self._proxy} broke off: {words_of(error)}"
            raise OperationError(message) from error
        except BaseException:
            channel.close()
            raise
        channel.describe = self.target
        return channel

    @abstractmethod
    async def _ask(self, opening: Opening, wire: Wire) -> None:
        """Hold the dialogue."""

    async def _await_peer(self, opening: Opening, wire: Wire, channel: Channel) -> None:
        """Wait for whom the proxy lets in, where it listens for us; there is no limit."""

    async def _looked_up(self, opening: Opening, family: str = "") -> str:
        found = await resolve(opening.loop, self._target_host, self._target_port, family)
        return str(found[0][1][0])


class HttpProxyOpener(ProxiedOpener):
    """Goes through an HTTP proxy (CONNECT)."""

    takes: ClassVar[frozenset[str]] = TcpClient.takes | {
        "proxyport",
        "proxy-authorization",
        "proxy-authorization-file",
        "proxy-resolve",
        "http-version",
        "ignorecr",
    }

    def __init__(self, side: Side) -> None:
        """Read the address and the password's file."""
        super().__init__(side)
        self._credentials = _secret(side, "proxy-authorization", "proxy-authorization-file")
        self._resolves = side.flag("proxy-resolve").value
        self._version = side.text("http-version", "1.0").value
        self._bare_lf = side.flag("ignorecr").value

    async def _ask(self, opening: Opening, wire: Wire) -> None:
        host = await self._looked_up(opening, self._family) if self._resolves else self._target_host
        dialogue = http_connect(
            host,
            self._target_port,
            credentials=self._credentials.reveal(),
            version=self._version,
            bare_lf=self._bare_lf,
        )
        await converse(wire, dialogue)


class Socks4Opener(ProxiedOpener):
    """Goes through a SOCKS 4 server; 4A lets it look the name up."""

    takes: ClassVar[frozenset[str]] = TcpClient.takes | {"socksport", "socksuser"}

    def __init__(self, side: Side) -> None:
        """Read the address."""
        super().__init__(side)
        self._by_name = side.kind.name == "SOCKS4A"
        self._user = side.text("socksuser", _login_name(side)).value

    async def _ask(self, opening: Opening, wire: Wire) -> None:
        host = self._target_host if self._by_name else await self._looked_up(opening, "4")
        port = self._target_port
        await converse(wire, socks4_connect(host, port, user=self._user, by_name=self._by_name))


class Socks5Opener(ProxiedOpener):
    """Goes through a SOCKS 5 server, which looks the name up."""

    takes: ClassVar[frozenset[str]] = TcpClient.takes | {
        "socksport",
        "socksuser",
        "sockspass",
        "sockspass-file",
    }

    def __init__(self, side: Side) -> None:
        """Read the address and the password's file."""
        super().__init__(side)
        self._user = side.text("socksuser").value
        self._password = _secret(side, "sockspass", "sockspass-file")

    async def _ask(self, opening: Opening, wire: Wire) -> None:
        del opening
        await converse(wire, self._dialogue())

    def _dialogue(self) -> Dialogue[tuple[str, int]]:
        password = self._password.reveal()
        return socks5_connect(
            self._target_host, self._target_port, user=self._user, password=password
        )


class Socks5ListenOpener(Socks5Opener):
    """Lets a SOCKS 5 server listen and pass one connection on."""

    async def _ask(self, opening: Opening, wire: Wire) -> None:
        password = self._password.reveal()
        dialogue = socks5_bind(
            self._target_host, self._target_port, user=self._user, password=password
        )
        host, port = await converse(wire, dialogue)
        opening.notice(f"the proxy {self._proxy} listens on {_joined(host, port)}")

    async def _await_peer(self, opening: Opening, wire: Wire, channel: Channel) -> None:
        host, port = await converse(wire, socks5_bound())
        channel.peer = Peer(host, port)
        opening.notice(f"{_joined(host, port)} connected to the proxy {self._proxy}")


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _login_name(side: Side) -> str:
    """Return whom SOCKS 4 is told by default; ours tells nobody who its user is."""
    if side.dialect is Dialect.CATFLAP:
        return ""
    return os.environ.get("LOGNAME") or os.environ.get("USER") or "anonymous"


def _secret(side: Side, name: str, file_name: str) -> Secret:
    """Return a password from an option, or from the first line of the file another one names.

    Raises:
        UsageError: both are given.
        OperationError: the file cannot be read, or holds no password.
    """
    option, file = side.last(name), side.last(file_name)
    if file is None:
        return Secret(side.text(name).value)
    if option is not None:
        problem = Problem(
            f"{name} and {file_name} exclude each other", file.span, side.source, "one of them"
        )
        raise UsageError(problem.sentence(), (problem,))
    path = side.text(file_name).value
    try:
        with open(path, "rb") as stream:
            data = stream.read(_LONGEST_SECRET + 1)
        text = data.split(b"\n", 1)[0].rstrip(b"\r").decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise OperationError(f"{path} of {file_name} cannot be read: {why}") from error
    if not text or len(data) > _LONGEST_SECRET:
        raise OperationError(f"{path} of {file_name} holds no password in its first line")
    return Secret(text)
