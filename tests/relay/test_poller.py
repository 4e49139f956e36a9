"""Readiness goes from one epoll straight to the callback, and to nobody else's."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING

import pytest

from catflap.relay.loop import RelayLoop, running_loop
from catflap.relay.poller import Poller
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def _run(story: Callable[[Poller], Awaitable[None]]) -> None:
    async def main() -> None:
        poller = Poller(running_loop())
        try:
            async with asyncio.timeout(PATIENCE):
                await story(poller)
        finally:
            poller.close()

    with asyncio.Runner(loop_factory=RelayLoop) as runner:
        runner.run(main())


def _pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    return ours, theirs


async def _turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_a_reader_is_called_while_bytes_wait_and_not_after_its_removal() -> None:
    """Level-triggered: called again until the bytes are read; silent once taken away."""

    async def story(poller: Poller) -> None:
        ours, theirs = _pair()
        calls: list[int] = []
        poller.add_reader(ours.fileno(), calls.append, 1)
        await _turns()
        assert calls == []
        theirs.send(b"x")
        await _turns()
        assert len(calls) >= 2
        assert poller.remove_reader(ours.fileno())
        assert not poller.remove_reader(ours.fileno())
        calls.clear()
        await _turns()
        assert calls == []
        ours.close()
        theirs.close()

    _run(story)


def test_a_second_reader_takes_the_place_of_the_first() -> None:
    """The last callback given is the one that is called."""

    async def story(poller: Poller) -> None:
        ours, theirs = _pair()
        first: list[int] = []
        second: list[int] = []
        poller.add_reader(ours.fileno(), first.append, 1)
        poller.add_reader(ours.fileno(), second.append, 1)
        theirs.send(b"x")
        await _turns()
        assert first == []
        assert second
        poller.remove_reader(ours.fileno())
        ours.close()
        theirs.close()

    _run(story)


def test_one_defect_does_not_stop_the_others() -> None:
    """A callback that raises is told to the loop; the rest of the round goes on."""

    async def story(poller: Poller) -> None:
        told: list[dict[str, object]] = []
        poller.loop.set_exception_handler(lambda _, context: told.append(context))
        pairs = [_pair() for _ in range(2)]
        heard: list[int] = []

        def fail() -> None:
            poller.remove_reader(pairs[0][0].fileno())
            message = "a defect"
            raise ValueError(message)

        poller.add_reader(pairs[0][0].fileno(), fail)
        poller.add_reader(pairs[1][0].fileno(), heard.append, 1)
        for _, theirs in pairs:
            theirs.send(b"x")
        await _turns()
        assert heard
        assert isinstance(told[0]["exception"], ValueError)
        poller.remove_reader(pairs[1][0].fileno())
        for pair in pairs:
            for each in pair:
                each.close()

    _run(story)


def test_a_descriptor_that_was_closed_is_not_confused_with_its_successor() -> None:
    """A number that is closed and opened again within one round gets no event of its past."""

    async def story(poller: Poller) -> None:
        first, one = _pair()
        second, two = _pair()
        strange: list[int] = []
        kept: list[socket.socket] = []

        def replace() -> None:
            poller.forget(second.fileno())
            poller.forget(first.fileno())
            first.close()
            number = second.fileno()
            second.close()
            ours, theirs = _pair()
            again = ours if ours.fileno() == number else theirs
            again.setblocking(False)
            kept.extend((ours, theirs))
            poller.add_reader(again.fileno(), strange.append, 1)

        poller.add_reader(first.fileno(), replace)
        poller.add_reader(second.fileno(), replace)
        one.send(b"x")
        two.send(b"x")
        await _turns(5)
        assert strange == []
        for each in kept:
            poller.forget(each.fileno())
            each.close()
        one.close()
        two.close()

    _run(story)


def test_a_closed_descriptor_that_a_child_still_holds_is_not_heard_by_its_number() -> None:
    """A program that is started has all our descriptors for a moment longer than we have them."""

    async def story(poller: Poller) -> None:
        ours, theirs = _pair()
        old: list[int] = []
        poller.add_reader(ours.fileno(), old.append, 1)
        poller.expect_copies()
        with ours.dup():  # what a child has until execve(2) closes it
            number = ours.fileno()
            poller.forget(number)
            ours.close()
            successor, peer = _pair()
            if successor.fileno() != number:
                os.dup2(successor.fileno(), number)
            gone: list[int] = []
            poller.add_hangup(number, lambda: gone.append(1))
            theirs.close()
            await _turns()
            assert (old, gone) == ([], [])
            peer.close()
            await _turns()
            assert gone
        poller.remove_hangup(number)
        if successor.fileno() != number:
            os.close(number)
        successor.close()

    _run(story)


def test_a_hangup_is_heard_without_reading() -> None:
    """Who only watches for the end is called when both ways of the peer are shut."""

    async def story(poller: Poller) -> None:
        ours, theirs = _pair()
        ended: list[int] = []
        poller.add_hangup(ours.fileno(), lambda: ended.append(1))
        theirs.send(b"unread")
        await _turns()
        assert ended == []
        theirs.close()
        await _turns()
        assert ended
        assert poller.remove_hangup(ours.fileno())
        ours.close()

    _run(story)


def test_the_loop_keeps_its_own_descriptors() -> None:
    """asyncio's readers and the relay's live side by side in one epoll."""

    async def story(poller: Poller) -> None:
        ours, theirs = _pair()
        loop = asyncio.get_running_loop()
        receiving = loop.create_task(loop.sock_recv(ours, 10))
        other, far = _pair()
        heard: list[bytes] = []
        poller.add_reader(other.fileno(), lambda: heard.append(other.recv(10)))
        far.send(b"relay")
        theirs.send(b"loop")
        assert await receiving == b"loop"
        await _turns()
        assert heard == [b"relay"]
        poller.remove_reader(other.fileno())
        for each in (ours, theirs, other, far):
            each.close()

    _run(story)


def test_another_loop_is_refused() -> None:
    """The relay does not run half-way on a loop that cannot serve it."""

    async def main() -> None:
        running_loop()

    with pytest.raises(RuntimeError, match="RelayLoop"):
        asyncio.run(main())
