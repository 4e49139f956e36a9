"""One running bridge takes the place of another: sockets and sessions live on, policy is new."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from catflap.address.networks import parse_networks
from catflap.bridge.commandline import bridge_from_words
from catflap.bridge.policy import Policy
from catflap.core import clock
from catflap.core.errors import CatflapError
from catflap.events.model import Closed, Denied, Event, Listening
from catflap.relay.bridging import Bridging
from catflap.relay.loop import RelayLoop, running_loop
from catflap.relay.poller import Poller
from catflap.relay.registry import Registry
from tests.support.traffic_servers import EchoServer
from tests.support.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from catflap.bridge.model import Bridge


class _Running:
    """A bridge that serves, and what it told."""

    def __init__(self, bridge: Bridge) -> None:
        self.events: list[Event] = []
        self.poller = Poller(running_loop())
        self.registry = Registry(100)
        self.bridging = Bridging(
            bridge, self.poller, self.registry, self.events.append, lambda: False
        )

    @property
    def port(self) -> int:
        """Where it listens now."""
        return int(self.bridging.listening_on[0].rpartition(":")[2])

    async def until(self, kind: type[Event], count: int = 1) -> Any:
        """Return the ``count``-th event of a kind."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [each for each in self.events if isinstance(each, kind)]
                if len(found) >= count:
                    return found[count - 1]
                await asyncio.sleep(0.01)

    async def ask(self) -> _Asking:
        """Return a connection to it that has been answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        asking = _Asking(reader, writer)
        try:
            assert await asking.ask(b"hello") == b"hello"
        except BaseException:
            await asking.close()
            raise
        return asking


class _Asking:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, question: bytes) -> bytes:
        """Return the answer, or nothing when we were dropped."""
        self.writer.write(question)
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.reader.read(100)
        except ConnectionError:
            return b""

    async def close(self) -> None:
        """Close it."""
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return


def _bridge(echo: Any, first: str = "TCP-LISTEN:0,bind=127.0.0.1", allow: str = "") -> Bridge:
    made = bridge_from_words(first, f"TCP:127.0.0.1:{echo.port}", name="api")
    if not allow:
        return made
    return replace(made, policy=Policy(networks=parse_networks(f"[{allow}]")))


@asynccontextmanager
async def _serving(bridge: Bridge) -> AsyncIterator[_Running]:
    running = _Running(bridge)
    try:
        await running.bridging.open()
        running.bridging.start()
        yield running
        running.registry.end_all()
        await running.registry.wait_empty(PATIENCE)
    finally:
        running.bridging.close()
        running.poller.close()


@pytest.fixture
def echo() -> Iterator[EchoServer]:
    """Return a server on 127.0.0.1 that sends back what comes."""
    with EchoServer() as server:
        yield server


@pytest.fixture
def play() -> Callable[[Coroutine[Any, Any, None]], None]:
    """Return what plays a story on the relay's own loop."""

    def run(story: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=RelayLoop) as runner:
            runner.run(story)

    return run


def test_policy_that_no_longer_allows(play: Any, echo: Any) -> None:
    """The new policy keeps our address out: the live session ends, and a new one is refused."""

    async def story() -> None:
        async with _serving(_bridge(echo, allow="127.0.0.0/8")) as running:
            live, port = await running.ask(), running.port
            running.bridging.replace(_bridge(echo, allow="10.0.0.0/8"))
            closed = await running.until(Closed)
            assert (closed.closed_by, closed.rule) == ("policy", "allow")
            assert running.port == port
            with pytest.raises((ConnectionError, AssertionError)):
                await running.ask()
            assert (await running.until(Denied)).rule == "allow"
            running.bridging.replace(_bridge(echo, allow="127.0.0.1"))
            await (await running.ask()).close()
            await live.close()

    play(story())


def test_last_day_of_the_policy_comes(
    play: Any, echo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bridge that is open until a moment ends its sessions when that moment has passed."""
    end, real = clock.now() + 3600, clock.now

    async def story() -> None:
        closing = replace(_bridge(echo), policy=Policy(not_after=end))
        async with _serving(closing) as running:
            live = await running.ask()
            assert not any(isinstance(each, Closed) for each in running.events)
            monkeypatch.setattr(clock, "now", lambda: real() + 3601)
            closed = await running.until(Closed)
            assert (closed.closed_by, closed.rule) == ("policy", "no-longer-open")
            await live.close()

    play(story())


def test_several_change_together_or_not_at_all(play: Any, echo: Any) -> None:
    """What was prepared and then cancelled left no trace: no port, no policy."""

    async def story() -> None:
        async with _serving(_bridge(echo)) as running:
            live, port = await running.ask(), running.port
            made = _bridge(echo, "TCP-LISTEN:0,bind=127.0.0.2", allow="10.0.0.0/8")
            running.bridging.prepare(made).cancel()
            assert running.port == port
            assert await live.ask(b"still here") == b"still here"
            await (await running.ask()).close()
            await live.close()

    play(story())


def test_session_that_is_still_allowed_lives_on(play: Any, echo: Any) -> None:
    """Limits and options change, also the far side: who is in stays, who comes meets the new."""

    async def story() -> None:
        async with _serving(_bridge(echo)) as running:
            live = await running.ask()
            changed = _bridge(echo, "TCP-LISTEN:0,bind=127.0.0.1,idle-timeout=7")
            running.bridging.replace(changed)
            assert running.bridging.bridge is changed
            assert running.bridging.limits.idle == 7
            assert await live.ask(b"still here") == b"still here"
            await (await running.ask()).close()
            await live.close()

    play(story())


def test_far_side_becomes_a_program_that_gets_the_connection(play: Any, echo: Any) -> None:
    """Who comes after the change talks to the program itself; who is in stays with the relay."""

    async def story() -> None:
        async with _serving(_bridge(echo)) as running:
            live = await running.ask()
            words = ("TCP-LISTEN:0,bind=127.0.0.1", "EXEC:cat,nofork")
            running.bridging.replace(bridge_from_words(*words, name="api"))
            await (await running.ask()).close()
            assert await live.ask(b"still here") == b"still here"
            await live.close()

    play(story())


def test_other_address(play: Any, echo: Any, free_port: Callable[[], int]) -> None:
    """The new listener is open before the old one closes; live sessions do not notice."""
    before, port = free_port(), free_port()

    async def story() -> None:
        async with _serving(_bridge(echo, f"TCP-LISTEN:{before},bind=127.0.0.1")) as running:
            live = await running.ask()
            running.bridging.replace(_bridge(echo, f"TCP-LISTEN:{port},bind=127.0.0.1"))
            assert running.port == port
            assert f"127.0.0.1:{port}" in (await running.until(Listening, 2)).on
            await (await running.ask()).close()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", before)
            assert await live.ask(b"still here") == b"still here"
            await live.close()

    play(story())


def test_what_cannot_be_changes_nothing(play: Any, echo: Any, certificates: Any) -> None:
    """A taken port, a file that is not there, a bridge for one session: all stays as it was."""

    async def story() -> None:
        async with _serving(_bridge(echo)) as running:
            live, before, port = await running.ask(), running.bridging.bridge, running.port
            for words in (
                f"TCP-LISTEN:{echo.port},bind=127.0.0.1",
                f"TLS-LISTEN:0,cert=absent.pem,cafile={certificates.ca}",
                "TCP-LISTEN:0,bind=127.0.0.1,fork=0",
            ):
                with pytest.raises(CatflapError):
                    running.bridging.replace(_bridge(echo, words))
                assert running.bridging.bridge is before
                assert running.port == port
                await (await running.ask()).close()
            assert await live.ask(b"still here") == b"still here"
            await live.close()

    play(story())


def test_unix_socket_stays_where_it_is(play: Any, echo: Any, tmp_path: Any) -> None:
    """A replaced listener on a path keeps its socket file, and removes it at its own end."""
    path = tmp_path / "api.sock"

    async def story() -> None:
        async with _serving(_bridge(echo, f"UNIX-LISTEN:{path}")) as running:
            inode = path.stat().st_ino
            running.bridging.replace(_bridge(echo, f"UNIX-LISTEN:{path},idle-timeout=9"))
            assert path.stat().st_ino == inode
            reader, writer = await asyncio.open_unix_connection(str(path))
            assert await _Asking(reader, writer).ask(b"hello") == b"hello"
            writer.close()
        assert not path.exists()

    play(story())
