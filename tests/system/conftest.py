"""Fixtures of the system tests: connections and servers that end with their test."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.configured import Configured
from tests.support.traffic_servers import EchoServer, Taker, tcp_client, unix_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.traffic import SocketEnd


@pytest.fixture
def connect() -> Iterator[Callable[..., SocketEnd]]:
    """Return what connects to a port of this host (host=, source=) or to a path."""
    with ExitStack() as stack:

        def open_end(to: int | Path, **settings: Any) -> SocketEnd:
            end = tcp_client(to, **settings) if isinstance(to, int) else unix_client(to)
            stack.callback(end.close)
            return end

        yield open_end


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    """Return a server on 127.0.0.1 that sends back what comes."""
    with EchoServer() as server:
        yield server


@pytest.fixture
def taker() -> Iterator[Taker]:
    """Return a listening socket on 127.0.0.1 whose connections the test takes."""
    with Taker() as server:
        yield server


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a directory that every user of the host can enter, unlike those of pytest."""
    with TemporaryDirectory(prefix="catflap-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Configured]]:
    """Return what starts ``catflap up`` on a text; it waits until every bridge listens."""
    with ExitStack() as stack:

        def start(text: str, *arguments: str, until: str = "listening", **settings: Any):  # type: ignore[no-untyped-def]
            service = Configured(tmp_path, text, *arguments, **settings)
            stack.callback(service.close)
            if until:
                service.wait_for(until, count=text.count("[bridge."))
            return service

        yield start


@pytest.fixture
def pair(catflap: Callable[..., Any], certificates: Any) -> Callable[..., tuple[Any, Any]]:
    """Return what starts a client relay and a server relay with mutual TLS between them.

    Its arguments are the client's near address and the server's far address; it returns both
    services, the client first.
    """

    def start(near: str, far: str, *arguments: str, until: str = "listening", **settings: Any):  # type: ignore[no-untyped-def]
        server = catflap(
            f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}", far
        )
        client = catflap(
            near,
            f"TLS:127.0.0.1:{server.port},cert={certificates.client},cafile={certificates.ca}",
            *arguments,
            until=until,
            **settings,
        )
        return client, server

    return start
