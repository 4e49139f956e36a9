"""Who may connect: range= as a list, sourceport=, lowport, max-children=."""

import socket

import pytest

from tests.support.traffic_servers import abort
from tests.support.waiting import PATIENCE

_RANGE = "range=[127.0.0.2,!127.0.1.0/24,127.0.0.0/16,::1]"


def _is_served(connect, port, **settings) -> bool:
    try:
        return connect(port, **settings).ask(b"hello") == b"hello"
    except ConnectionError:
        return False


def _be_denied(sock, port) -> None:
    sock.connect(("127.0.0.1", port))
    assert sock.recv(10)


@pytest.mark.parametrize(
    ("source", "host", "served"),
    [
        ("127.0.0.2", "127.0.0.1", True),
        ("127.0.1.7", "127.0.0.1", False),
        ("127.0.2.7", "127.0.0.1", True),
        ("127.9.0.1", "127.0.0.1", False),
        ("::1", "::1", True),
    ],
)
def test_first_match_of_the_list_decides(catflap, connect, echo, source, host, served):
    """A list of networks, with an exception before a wider one, for both versions of IP."""
    service = catflap(f"TCP-LISTEN:0,{_RANGE}", f"TCP:127.0.0.1:{echo.port}")
    assert _is_served(connect, service.port, host=host, source=source) is served
    if served:
        assert service.wait_for("opened")["rule"] == "range"
        return
    denied = service.wait_for("denied")
    assert denied["rule"] == "range"
    assert denied["peer"].startswith(f"{source}:")
    assert denied["reason"]
    assert denied["mend"]
    assert echo.accepted == 0


def test_denied_before_any_tls(catflap, connect, certificates, echo):
    """A denied source does not get as far as a handshake."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca},"
        "range=[10.0.0.0/8]",
        f"TCP:127.0.0.1:{echo.port}",
    )
    assert not _is_served(connect, service.port)
    assert service.wait_for("denied")["rule"] == "range"
    assert not service.find("handshake-failed")


@pytest.mark.parametrize(
    ("networks", "served"),
    [("127.0.0.0/8", True), ("127.0.0.1:255.255.255.255", True), ("10.0.0.0/8", False)],
)
def test_one_network_as_in_the_c_program(catflap, connect, echo, networks, served):
    """range=NETWORK/BITS and NETWORK:MASK still mean what they mean in socat."""
    service = catflap(f"TCP-LISTEN:0,bind=127.0.0.1,range={networks}", f"TCP:127.0.0.1:{echo.port}")
    assert _is_served(connect, service.port) is served


def test_empty_list_admits_nobody(catflap, connect, echo):
    """range=[] admits nobody."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1,range=[]", f"TCP:127.0.0.1:{echo.port}")
    assert not _is_served(connect, service.port)
    assert service.wait_for("denied")["rule"] == "range"


def test_source_port(catflap, echo, free_port):
    """sourceport= on a listener takes peers from that port only."""
    wanted = free_port()
    service = catflap(
        f"TCP-LISTEN:0,bind=127.0.0.1,sourceport={wanted}", f"TCP:127.0.0.1:{echo.port}"
    )
    for source, served in ((wanted, True), (0, False)):
        with socket.socket() as sock:
            sock.settimeout(PATIENCE)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("127.0.0.1", source))
            if served:
                sock.connect(("127.0.0.1", service.port))
                sock.sendall(b"hello")
                assert sock.recv(10) == b"hello"
                abort(sock)
            else:
                with pytest.raises(ConnectionError):
                    _be_denied(sock, service.port)
    assert service.wait_for("denied")["rule"] == "sourceport"


def test_low_port_is_demanded(catflap, connect, echo):
    """Lowport on a listener refuses a peer from an ordinary port."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1,lowport", f"TCP:127.0.0.1:{echo.port}")
    assert not _is_served(connect, service.port)
    assert service.wait_for("denied")["rule"] == "lowport"


def test_low_port_is_used(catflap, connect):
    """Lowport on a client binds a port below 1024, sourceport= just the one that was asked for."""
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 1023))
    except PermissionError:
        pytest.skip("ports below 1024 need privileges")
    except OSError:
        pass  # taken by somebody else, who has the privilege
    with socket.create_server(("127.0.0.1", 0)) as far:
        far.settimeout(PATIENCE)
        service = catflap(
            "TCP-LISTEN:0,bind=127.0.0.1", f"TCP:127.0.0.1:{far.getsockname()[1]},lowport"
        )
        connect(service.port)
        sock, address = far.accept()
        sock.close()
        assert 640 <= address[1] < 1024


def test_bind_of_a_client(catflap, connect, free_port):
    """bind= and sourceport= on a client choose where it comes from."""
    wanted = free_port()
    with socket.create_server(("127.0.0.1", 0)) as far:
        far.settimeout(PATIENCE)
        service = catflap(
            "TCP-LISTEN:0,bind=127.0.0.1",
            f"TCP:127.0.0.1:{far.getsockname()[1]},bind=127.0.0.3,sourceport={wanted}",
        )
        connect(service.port)
        sock, address = far.accept()
        sock.close()
        assert address == ("127.0.0.3", wanted)


def test_max_children(catflap, connect, echo):
    """max-children=2 serves two at once and refuses the third by name, at once."""
    service = catflap("TCP-LISTEN:0,bind=127.0.0.1,max-children=2", f"TCP:127.0.0.1:{echo.port}")
    first, second = connect(service.port), connect(service.port)
    assert first.ask(b"one") == b"one"
    assert second.ask(b"two") == b"two"
    assert not _is_served(connect, service.port)
    assert service.wait_for("denied")["rule"] == "too-many-sessions"
    first.close()
    service.wait_for("closed")
    assert _is_served(connect, service.port)


def test_a_v4_mapped_peer_is_told_as_v4(catflap, connect, taker):
    """One socket for both families: whoever comes by IPv4 is judged, logged and passed on so."""
    words = "TCP6-LISTEN:0,bind=[::],ipv6-v6only=0,range=[!127.0.0.9,127.0.0.0/8]"
    accepted = ("--unsafe", "plaintext-exposed=tried", "--unsafe", "wildcard-bind=tried")
    service = catflap(words, f"TCP:127.0.0.1:{taker.port},send-proxy=v1", *accepted)
    connect(service.port, source="127.0.0.7")
    assert taker.take().receive().startswith(b"PROXY TCP4 127.0.0.7 127.0.0.1 ")
    assert service.wait_for("opened")["peer"].startswith("127.0.0.7:")
    assert not _is_served(connect, service.port, source="127.0.0.9")
    denied = service.wait_for("denied")
    assert denied["reason"] == "127.0.0.9 is in !127.0.0.9"
    assert denied["mend"] == "put 127.0.0.9 before !127.0.0.9 in range"
