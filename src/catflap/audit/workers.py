"""Processes that share the work; one that breaks down takes a single file with it."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections import deque
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Generic, TypeVar

from catflap.core import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

__all__ = ("Workers",)

_BATCH = 8
_AHEAD = 2
_PATIENCE = 60.0
_LEARNING = 4
"""Batches after which a worker has imported and cached what it will need."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class _Worker(Generic[Item]):
    process: BaseProcess
    pipe: Connection
    given: deque[tuple[int, Item]] = field(default_factory=deque)
    heard: float = 0.0


class Workers(Generic[Item, Result]):
    """Runs a function on items in several processes.

    They are forked, so that they need not import anything again. No thread is started: results
    are taken when :meth:`add` or :meth:`finish` is called.

    Args:
        task: what is done with an item; it runs in the workers and must raise nothing.
        broken: makes the result of an item whose worker broke down, from the item and why.
        count: how many processes.
    """

    def __init__(
        self,
        task: Callable[[Item], Result],
        broken: Callable[[Item, str], Result],
        count: int,
    ) -> None:
        """Start the processes."""
        self._task = task
        self._broken = broken
        self._waiting: deque[tuple[int, Item]] = deque()
        self._workers: list[_Worker[Item]] = []
        for _ in range(count):
            self._workers.append(self._start())

    def add(self, index: int, item: Item) -> Iterator[tuple[int, Result]]:
        """Hand out an item; yield the results that have come meanwhile."""
        self._waiting.append((index, item))
        if len(self._waiting) >= _BATCH:
            yield from self._collect(0.0)
            self._hand_out()

    def finish(self) -> Iterator[tuple[int, Result]]:
        """Yield the results that are still to come, then end the processes."""
        self._hand_out()
        while any(worker.given for worker in self._workers):
            yield from self._collect(1.0)
            self._hand_out()
        self.close()

    def close(self) -> None:
        """End the processes, whatever they do."""
        for worker in self._workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
        self._workers.clear()

    def _start(self) -> _Worker[Item]:
        ours, theirs = multiprocessing.Pipe()
        others = [worker.pipe for worker in self._workers]
        process = multiprocessing.get_context("fork").Process(
            target=_serve, args=(theirs, self._task, [*others, ours]), daemon=True
        )
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _hand_out(self) -> None:
        for worker in self._workers:
            if not self._waiting:
                return
            if len(worker.given) > _BATCH * (_AHEAD - 1):
                continue
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            if not worker.given:
                worker.heard = clock.monotonic()
            worker.given.extend(batch)
            try:
                worker.pipe.send(batch)
            except OSError:
                # It has broken down; that is noticed, and mended, when its end is read.
                continue

    def _collect(self, seconds: float) -> Iterator[tuple[int, Result]]:
        pipes = {worker.pipe: worker for worker in self._workers if worker.given}
        for pipe in wait(list(pipes), seconds):
            worker = pipes[pipe]  # type: ignore[index]
            try:
                while worker.pipe.poll():
                    result: Result = worker.pipe.recv()
                    index, _ = worker.given.popleft()
                    worker.heard = clock.monotonic()
                    yield index, result
            except (EOFError, OSError):
                yield from self._replace(worker, "")
        now = clock.monotonic()
        for worker in list(self._workers):
            if worker.given and now - worker.heard > _PATIENCE:
                yield from self._replace(worker, f"nothing came of it for {_PATIENCE:.0f}s")

    def _replace(self, worker: _Worker[Item], why: str) -> Iterator[tuple[int, Result]]:
        """Start another process instead of one that broke down; its other items are done again."""
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        self._workers.remove(worker)
        if worker.given:
            index, item = worker.given.popleft()
            yield index, self._broken(item, why or _ending(worker.process.exitcode))
        self._waiting.extendleft(reversed(worker.given))
        self._workers.append(self._start())


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its reader was ended by {signal.Signals(-code).name}"
    return f"its reader ended with status {code}"


def _serve(pipe: Connection, task: Callable[[Item], Result], others: list[Connection]) -> None:
    """Do what is asked for until nobody asks any more."""
    # A terminal's Ctrl-C reaches the whole group; who started us ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        other.close()
    # Syntax trees hang in cycles, and are large: garbage is collected after each batch, when
    # little else is alive, and never meanwhile. What is there for good is not looked through.
    gc.disable()
    batches = 0
    while True:
        try:
            batch = pipe.recv()
            for _, item in batch:
                pipe.send(task(item))
            gc.collect()
            batches += 1
            if batches <= _LEARNING:
                gc.freeze()
        except (EOFError, OSError):
            return
