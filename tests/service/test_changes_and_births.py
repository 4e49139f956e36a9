"""A parent of workers: nothing that it tells is lost or told twice, and no change misses a worker."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from catflap.core.errors import OperationError
from catflap.events.model import Notice, stamp
from catflap.relay.renewing import FILES_CHANGED
from catflap.service import supervisor as module
from catflap.service.failures import Failures
from catflap.service.logging import LogOptions
from catflap.service.supervised import Supervised
from catflap.service.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.events.model import Event


class Kept:
    """A sink that keeps what it gets."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def write(self, events: Sequence[Event]) -> None:
        """Keep the messages."""
        self.told += [event.message for event in events if isinstance(event, Notice)]

    def close(self) -> None:
        """Nothing is open."""


def test_what_happens_while_a_worker_is_born_is_told_afterwards(monkeypatch) -> None:
    """The log has no thread while the process forks; its events wait, and keep their order."""
    parent = Supervisor(None, None, SimpleNamespace(workers=1, log=LogOptions()))
    parent._sink = sink = Kept()
    allowed = []
    parent.supervised = SimpleNamespace(allow_changes=lambda: allowed.append(True))
    monkeypatch.setattr(module, "bear", lambda *_: None)
    for text in ("first", "second"):
        parent.emit(Notice(time=stamp(), message=text))
    assert sink.told == []
    parent.bear(parent.crew[0])
    parent.emit(Notice(time=stamp(), message="third"))
    parent._log.close()
    assert sink.told == ["first", "second", "third"]
    assert allowed == [True]


class Place:
    """A worker's place, and what it was asked."""

    def __init__(self, *, ready: bool = True) -> None:
        self.number, self.ready = 1, ready
        self.sockets = self.line = self
        self.asked: list[str] = []
        self.says_no = 0

    async def ask(self, do: str, _seconds: float, **_fields: Any) -> dict[str, Any]:
        """Do what is asked, or say no as often as was said before."""
        self.asked.append(do)
        if do == "prepare" and self.says_no:
            self.says_no -= 1
            raise OperationError("the configuration changed while it was read")
        return {}


class World:
    """What a :class:`Supervised` has around it, and what it does there."""

    def __init__(self, *crew: Place) -> None:
        self.did: list[str] = []
        self.crew = crew
        self.is_settled = asyncio.Event()
        self.is_settled.set()
        self.front = SimpleNamespace(
            notifier=SimpleNamespace(reloading=lambda: None, ready=lambda: None)
        )
        self.serving = SimpleNamespace(
            exchange=lambda _: SimpleNamespace(prepare=self._pass, opened={}, cancel=lambda: None),
            commit=self._commit,
            heard=lambda _: None,
            has_told=lambda _: False,
        )
        self.failures = Failures(lambda _: "")
        # The reader of the file.
        self.approved = SimpleNamespace(bridges=(), digest="")
        self.changes_again = False

    async def _pass(self) -> None:
        return

    def _commit(self, _: object) -> SimpleNamespace:
        self.did.append("committed")
        return SimpleNamespace(added=(), kept=())

    async def settled(self) -> None:
        """Wait for whoever is on its way."""
        await self.is_settled.wait()

    def emit(self, event: Event) -> None:
        """Keep the kind of an event."""
        self.did.append(type(event).__name__)

    def has_told(self, _: str) -> bool:
        """Nothing was told."""
        return False

    def tell_unshared(self, _: object) -> None:
        """Everything is shared."""

    def read(self) -> SimpleNamespace:
        """Read the file."""
        self.did.append("read")
        return self.approved

    def take(self, _: object) -> None:
        """Let it hold."""

    def tell(self, *_: object) -> None:
        """Tell that it holds."""

    def says_other_than(self, _: object) -> bool:
        """Whether it was saved once more."""
        return self.changes_again


def reloading(world: World) -> Supervised:
    """Return what reloads in such a world."""
    found = Supervised(world, world)
    found.state = "serving"
    return found


def test_no_change_begins_while_a_worker_is_being_born() -> None:
    """It would be born with what held before, and nobody would tell it of the change."""

    async def story() -> None:
        world = World()
        changes = reloading(world)
        await changes.hold_changes()
        asked = asyncio.create_task(changes.reload(FILES_CHANGED))
        for _ in range(20):
            await asyncio.sleep(0)
        assert world.did == []
        changes.allow_changes()
        await asked
        assert world.did == ["read", "committed"]

    asyncio.run(story())


def test_whoever_is_on_its_way_reads_renewed_files_too() -> None:
    """That a certificate was renewed is told once the worker that was just born has it."""

    async def story() -> None:
        place = Place(ready=False)
        world = World(place)
        changes = reloading(world)
        world.is_settled.clear()
        renewed = asyncio.create_task(changes.renew_all(FILES_CHANGED, ["one"]))
        born = asyncio.create_task(changes.hold_changes())
        for _ in range(20):
            await asyncio.sleep(0)
        assert place.asked == []
        assert not born.done()
        world.is_settled.set()
        await renewed
        assert place.asked == ["reload"]
        await born

    asyncio.run(story())


@pytest.mark.parametrize(
    ("says_no", "changes_again", "did"),
    [
        (1, True, ["read", "read", "committed"]),
        (1, False, ["read", "ReloadFailed"]),
        (99, True, [*["read"] * 10, "ReloadFailed"]),
    ],
)
def test_a_file_that_is_saved_twice_is_read_twice(
    monkeypatch, says_no: int, changes_again: bool, did: list[str]
) -> None:
    """Saved between two readers of one change: that is no failure, but not tried for ever."""
    monkeypatch.setattr("catflap.service.supervised.socket.send_fds", lambda *_: 0)

    async def story() -> None:
        place = Place()
        place.says_no = says_no
        world = World(place)
        world.changes_again = changes_again
        outcome = await reloading(world).reload(FILES_CHANGED)
        assert outcome.holds is (did[-1] == "committed")
        assert world.did == did
        assert place.asked.count("cancel") == did.count("read") - outcome.holds

    asyncio.run(story())


def test_a_failure_is_told_once_for_each_state_of_the_files() -> None:
    """However much later a sibling finds it out; a new mistake of the same kind is news."""
    now = {"one": "a"}
    failures = Failures(lambda bridge: now.get(bridge, ""))
    assert failures.is_news("one", "no certificate", "a")
    assert not failures.is_news("one", "no certificate", "a")
    assert failures.is_news("two", "no certificate", "a")
    assert failures.has_told("in [bridge.one]: no certificate")
    assert not failures.has_told("in [bridge.one]: no key")
    now["one"] = "b"
    assert not failures.has_told("in [bridge.one]: no certificate")
    assert failures.is_news("one", "no certificate", "b")
    failures.forget()
    assert failures.is_news("one", "no certificate", "b")


def test_what_failed_long_ago_is_forgotten() -> None:
    """The memory is bounded: a file that is broken anew each second does not fill it."""
    failures = Failures(lambda _: "")
    for number in range(1000):
        assert failures.is_news("one", "why", str(number))
    assert len(failures._told) <= 256
    assert not failures.is_news("one", "why", "999")
