"""A reload that moves listeners about on ports that the service has already."""

from __future__ import annotations

import socket
import stat
from typing import TYPE_CHECKING

import pytest

from tests.system.test_up import bridge, change, speaks, to

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.configured import Configured
    from tests.support.traffic import SocketEnd
    from tests.support.traffic_servers import EchoServer, Taker

    Up = Callable[..., Configured]
    Connect = Callable[..., SocketEnd]

_RANGE = "range=[127.0.0.0/8,::1]"
_UNSAFE = "unsafe = [{ rule = 'plaintext-exposed', reason = 'a test of loopback' }]"


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("before", "after", "host"),
    [
        ("", ",bind=0.0.0.0", "127.0.0.2"),
        (",bind=0.0.0.0", ",bind=127.0.0.1", "127.0.0.1"),
        (",bind=127.0.0.1", "", "127.0.0.1"),
        (",bind=[::1]", ",bind=[::]", "::1"),
    ],
)
def test_more_or_fewer_addresses_on_one_port(
    up: Up,
    connect: Connect,
    echo: EchoServer,
    free_port: Callable[[], int],
    before: str,
    after: str,
    host: str,
    workers: str,
) -> None:
    port = free_port()
    listen = f"TCP-LISTEN:{port},{_RANGE}"
    service = up(bridge("one", listen + before, to(echo), _UNSAFE), "--workers", workers)
    change(service, bridge("one", listen + after, to(echo), _UNSAFE), bridge=None)
    assert speaks(connect(port, host=host))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as other, pytest.raises(OSError, match="in use"):
        other.bind((host, port))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_two_bridges_exchange_their_ports(
    up: Up,
    connect: Connect,
    echo: EchoServer,
    taker: Taker,
    free_port: Callable[[], int],
    workers: str,
) -> None:
    first, second = (f"TCP-LISTEN:{free_port()},bind=127.0.0.1" for _ in range(2))
    service = up(
        bridge("one", first, to(echo)) + bridge("two", second, to(taker)), "--workers", workers
    )
    port = service.port_of("one")
    change(service, bridge("one", second, to(echo)) + bridge("two", first, to(taker)), bridge=None)
    near = connect(port)
    near.send(b"hello")
    assert taker.take().receive() == b"hello"
    assert speaks(connect(service.port_of("one")))


def test_a_port_that_stays_is_not_shared(
    up: Up, connect: Connect, echo: EchoServer, free_port: Callable[[], int]
) -> None:
    """What is not given up cannot be taken, and nothing changes."""
    port = free_port()
    other = free_port()
    stays = bridge("stays", f"TCP-LISTEN:{port},bind=127.0.0.1", to(echo))
    service = up(stays + bridge("moves", f"TCP-LISTEN:{other},bind=127.0.0.1", to(echo)))
    # A name that stands for the address of another bridge, which the check of a file cannot see.
    wants = bridge("moves", f"TCP-LISTEN:{port},bind=localhost", to(echo))
    change(service, stays + wants, event="reload-failed")
    assert speaks(connect(port))
    assert speaks(connect(other))


def test_a_path_that_another_bridge_serves(
    up: Up, connect: Connect, echo: EchoServer, taker: Taker, tmp_path: Path
) -> None:
    """Paths are not exchanged in one reload, and the advice is not to remove what is served."""
    here, there = "UNIX-LISTEN:here.sock", "UNIX-LISTEN:there.sock"
    service = up(bridge("one", here, to(echo)) + bridge("two", there, to(taker)))
    text = bridge("one", there, to(echo)) + bridge("two", here, to(taker))
    failed = change(service, text, event="reload-failed")
    assert "somebody listens there" in str(failed["hint"])
    assert speaks(connect(tmp_path / "here.sock"))
    assert (tmp_path / "there.sock").exists()


def test_the_mode_of_a_socket_is_changed_where_it_stands(
    up: Up, connect: Connect, echo: EchoServer
) -> None:
    """Who may connect is what the file says now, and a mode that is left out is the narrow one."""
    service = up(bridge("api", "UNIX-LISTEN:here.sock,mode=660", to(echo)))
    path = service.folder / "here.sock"
    live = connect(str(path))
    for count, (words, mode) in enumerate((("", 0o600), (",mode=606", 0o606)), start=1):
        service.change(bridge("api", f"UNIX-LISTEN:here.sock{words}", to(echo)))
        service.wait_for("reloaded", count=count)
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert speaks(connect(str(path)))
    assert speaks(live)
    assert not [each for each in service.find("notice") if "next start" in each["message"]]
    service.change(bridge("api", "UNIX-LISTEN:here.sock,mode=600,backlog=5", to(echo)))
    service.wait_for(
        "notice", message="options of the listening socket hold from the next start on"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
