"""What is tried again, and what the next try would not better."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.side import Side
from catflap.core.errors import CatflapError, OperationError
from catflap.relay.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable


class _HandshakeError(CatflapError):
    """A handshake that ended, by which rule."""

    def __init__(self, rule: str) -> None:
        """Fail by a rule."""
        super().__init__("no handshake")
        self.rule = rule


def _tries(error: CatflapError, dialect: Dialect) -> int:
    """Return how often an address is tried that always fails so, where two retries are allowed."""
    text = "TCP:127.0.0.1:9,retry=2,interval=0"
    side = Side(parse(text).endpoint, dialect, text)
    tries: list[int] = []

    async def attempt() -> None:
        tries.append(1)
        raise error

    with pytest.raises(CatflapError):
        asyncio.run(Retry(side).run(SimpleNamespace(notice=lambda _: None), attempt))
    return len(tries)


@pytest.mark.parametrize(
    ("error", "ours", "socats"),
    [
        (lambda: OperationError("refused"), 3, 3),
        (lambda: CatflapError("wrong words"), 1, 1),
        (lambda: _HandshakeError("handshake-aborted"), 3, 3),
        (lambda: _HandshakeError("not-tls"), 3, 3),
        # What was proved once is proved: nobody knocks again at the door of a stranger.
        (lambda: _HandshakeError("certificate-expired"), 1, 3),
    ],
)
def test_what_may_pass(error: Callable[[], CatflapError], ours: int, socats: int) -> None:
    """A relay on the way may not have reached the server yet; the C program retries all."""
    assert _tries(error(), Dialect.CATFLAP) == ours
    assert _tries(error(), Dialect.SOCAT) == socats
