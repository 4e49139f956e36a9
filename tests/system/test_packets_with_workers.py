"""Packets of one peer come to one process, however many there are."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from tests.support.waiting import PATIENCE, eventually
from tests.system.test_up import bridge, to


def test_one_worker_has_them_all(up: Any, echo: Any) -> None:
    """Each of five peers has one session, and the log says whose it is."""
    service = up(bridge("udp", "UDP-LISTEN:0,bind=127.0.0.1", to(echo)), "--workers", "2")
    assert "worker 1 alone serves it" in service.wait_for("notice", bridge="udp")["message"]
    port = service.port_of("udp")
    with contextlib.ExitStack() as held:
        peers = [
            held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(5)
        ]
        for peer in peers:
            peer.settimeout(PATIENCE)
            peer.connect(("127.0.0.1", port))
        for turn in range(30):
            for peer in peers:
                peer.send(b"%d" % turn)
                assert peer.recv(10) == b"%d" % turn
        # The log is written by a thread of its own, a moment after the bytes.
        eventually(lambda: len(service.find("opened")) >= len(peers), what="five sessions told")
        assert len(service.find("opened")) == len(peers)
