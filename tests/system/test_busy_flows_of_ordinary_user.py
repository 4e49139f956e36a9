"""Two hundred busy flows as an ordinary user, who gets few large pipes: all complete."""

import os
import select

import pytest

from tests.support.peers import needs
from tests.support.traffic import FULL, digest_of, stream

_FLOWS = 200
_SIZE = (16 if FULL else 1) * 1024**2 + 3


class _Flow:
    """One sender and one receiver that never block."""

    def __init__(self, near, far, seed):
        import hashlib

        self.near, self.far = near.socket, far.socket
        self.blocks = stream(_SIZE, seed)
        self.rest = memoryview(b"")
        self.found = hashlib.sha256()
        self.near.setblocking(False)
        self.far.setblocking(False)

    def send(self) -> bool:
        """Send what goes; return whether all is gone."""
        if not self.rest:
            self.rest = memoryview(next(self.blocks, b""))
            if not self.rest:
                return True
        self.rest = self.rest[self.near.send(self.rest) :]
        return False

    def receive(self) -> bool:
        """Take what came; return whether that was the end."""
        data = self.far.recv(1 << 18)
        self.found.update(data)
        return not data


def _run(flows) -> None:
    """Drive all flows from one thread, as one poll says which may go on."""
    poll = select.epoll()
    senders = {flow.near.fileno(): flow for flow in flows}
    receivers = {flow.far.fileno(): flow for flow in flows}
    for number in senders:
        poll.register(number, select.EPOLLOUT)
    for number in receivers:
        poll.register(number, select.EPOLLIN)
    while receivers:
        ready = poll.poll(20)
        assert ready, f"{len(receivers)} flows stand still"
        for number, _ in ready:
            if number in senders and senders[number].send():
                poll.unregister(number)
                senders.pop(number).near.shutdown(1)
            elif number in receivers and receivers[number].receive():
                poll.unregister(number)
                receivers.pop(number)
    poll.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_all_complete(catflap, connect, taker):
    """All two hundred arrive with the right hash though the user may have few pipes."""
    service = catflap(
        "TCP-LISTEN:0,bind=127.0.0.1",
        f"TCP:127.0.0.1:{taker.port}",
        prefix=(needs("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"),
    )
    flows = []
    for seed in range(_FLOWS):
        near = connect(service.port)
        near.send(b"!")
        far = taker.take()
        assert far.socket.recv(1) == b"!"
        flows.append(_Flow(near, far, seed))
    _run(flows)
    for seed, flow in enumerate(flows):
        assert flow.found.hexdigest() == digest_of(_SIZE, seed)
