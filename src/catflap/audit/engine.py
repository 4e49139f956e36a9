"""An audit: from paths, words or processes to a report."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from catflap.audit.load import load
from catflap.audit.reader import Audited
from catflap.audit.report import Report, Trouble
from catflap.audit.tree import Found, walk
from catflap.audit.work import audit_data, audit_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from catflap.audit.ignore import Patterns
    from catflap.audit.load import Loaded
    from catflap.audit.options import Options
    from catflap.audit.workers import Workers

__all__ = ("Request", "audit_paths", "audit_standard_input", "report_of")

_ENOUGH = 40
"""So many files with the word, and more processes pay for what it costs to start them."""

_MOST_JOBS = 4


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Args:
        paths: files and directories.
        options: how each file is read.
        excluded: patterns of the settings.
        gitignore: whether what git leaves out is left out.
        jobs: how many processes; 0 is one for each processor, at most four.
        progress: called with the files looked at and the files with the word, now and then.
    """

    paths: tuple[str, ...]
    options: Options
    excluded: Patterns | None = None
    gitignore: bool = True
    jobs: int = 0
    progress: Callable[[int, int], None] | None = None


def audit_paths(request: Request) -> Report:
    """Audit files and directories; whatever is wrong with one of them is told, never raised."""
    troubles: list[Trouble] = []
    counts = [0, 0]

    def refused(path: str, error: OSError) -> None:
        troubles.append(Trouble(path, f"cannot be read: {error.strerror or error}"))

    found = walk(
        request.paths,
        excluded=request.excluded,
        gitignore=request.gitignore,
        trouble=refused,
    )
    candidates = _candidates(found, request, troubles, counts)
    # Results come in any order.
    results = dict(_spread(candidates, request))
    ordered = [results[index] for index in sorted(results)]
    return report_of(ordered, files=counts[0], troubles=troubles)


def audit_standard_input(data: bytes, options: Options) -> Report:
    """Audit what was read from the standard input."""
    return report_of([audit_data(data, Found("-", "", given=True), options)], files=1)


def report_of(
    audited: Sequence[Audited], *, files: int, troubles: Sequence[Trouble] = ()
) -> Report:
    """Return the report of files in their order."""
    return Report(
        findings=tuple(finding for each in audited for finding in each.findings),
        troubles=(*troubles, *(trouble for each in audited for trouble in each.troubles)),
        files=files,
        read=sum(each.read for each in audited),
        commands=sum(each.commands for each in audited),
    )


def _candidates(
    found: Iterator[Found], request: Request, troubles: list[Trouble], counts: list[int]
) -> Iterator[tuple[Found, Loaded]]:
    """Yield the files in which the word stands, with their bytes; count all of them."""
    vector = request.options.kind == "cmdline"
    for each in found:
        counts[0] += 1
        loaded = load(each, request.options.largest, vector=vector)
        if loaded.trouble:
            fatal = each.given and loaded.unreadable
            counts[0] -= fatal
            troubles.append(Trouble(each.path, loaded.trouble, fatal=fatal))
        elif loaded.data:
            counts[1] += 1
            yield each, loaded
        if request.progress is not None and counts[0] % 256 == 0:
            request.progress(counts[0], counts[1])


def _spread(
    candidates: Iterator[tuple[Found, Loaded]], request: Request
) -> Iterator[tuple[int, Audited]]:
    """Yield the results by the number of their file, in the order in which they come.

    What can be read once alone, and what comes before it is known whether more processes pay,
    is audited here.
    """
    jobs = request.jobs or min(_processors(), _MOST_JOBS)
    numbered = _here(enumerate(candidates), request, jobs)
    later: list[tuple[int, Found]] = []
    for index, each in numbered:
        if isinstance(each, Audited):
            yield index, each
            continue
        later.append((index, each))
        if len(later) > _ENOUGH:
            yield from _in_processes(later, numbered, request, jobs)
            return
    for index, found in later:
        yield index, audit_file(found, request.options)


def _here(
    numbered: Iterator[tuple[int, tuple[Found, Loaded]]], request: Request, jobs: int
) -> Iterator[tuple[int, Audited | Found]]:
    """Yield the results of what must be audited at once, and the other files as they are."""
    for index, (found, loaded) in numbered:
        if jobs == 1 or loaded.once:
            yield index, audit_data(loaded.data, found, request.options)
        else:
            yield index, found


def _in_processes(
    first: Sequence[tuple[int, Found]],
    rest: Iterator[tuple[int, Audited | Found]],
    request: Request,
    jobs: int,
) -> Iterator[tuple[int, Audited]]:
    # Imported when there is enough to do: multiprocessing costs 15 ms.
    from catflap.audit.workers import Workers

    task = partial(audit_file, options=request.options)
    workers: Workers[Found, Audited] = Workers(task, _broken, jobs)
    try:
        for index, each in chain(first, rest):
            if isinstance(each, Audited):
                yield index, each
            else:
                yield from workers.add(index, each)
        yield from workers.finish()
    finally:
        workers.close()


def _broken(found: Found, why: str) -> Audited:
    return Audited(troubles=(Trouble(found.path, f"not read: {why}"),))


def _processors() -> int:
    return len(os.sched_getaffinity(0))
