"""One file, from its bytes to its bytes with fixes."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catflap.audit.decode import Decoded, decode
from catflap.audit.detect import find_kind, is_report
from catflap.audit.fix.plan import Fixed, Wanted, fix_snapshot
from catflap.audit.fix.to_catflap import rewrite_snapshot
from catflap.audit.fix.verify import Snapshot
from catflap.audit.reader import audit_reading
from catflap.audit.report import State
from catflap.audit.sources.registry import find_source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from catflap.address.model import Address
    from catflap.audit.judge import Judged
    from catflap.audit.options import Options
    from catflap.audit.sources.registry import Source
    from catflap.audit.tree import Found

__all__ = ("Asked", "FixedFile", "fix_data")

_NEVER_WRITTEN = frozenset({"cmdline"})
"""Kinds that are no files of anybody's: what the kernel shows of a process."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a file.

    Args:
        unsafe: whether unsafe fixes are made too.
        rules: the rules whose findings are mended; all without any.
        missing: for a rewrite to ``catflap run``, what tells which part of an address is not
            built; fixes are made without it.
    """

    unsafe: bool = False
    rules: Collection[str] = ()
    missing: Callable[[Address], str] | None = None


@dataclass(frozen=True, slots=True)
class FixedFile:
    """What came of a file.

    Args:
        before: its text, as it was written.
        fixed: its text with fixes, and what was done.
    """

    found: Found
    before: Decoded
    fixed: Fixed

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return self.fixed.text != self.before.text

    @property
    def data(self) -> bytes:
        """The bytes of the fixed file: its encoding, byte order mark and line ends stay."""
        return self.before.encode(self.fixed.text)


def fix_data(data: bytes, found: Found, options: Options, asked: Asked) -> FixedFile:
    """Mend what stands in a file; one of no known kind, or of nobody's, stays as it is."""
    before = decode(data)
    source = _source(found, before.text, options)
    if source is None or before.encode(before.text) != data:
        return FixedFile(found, before, Fixed(before.text))
    snapshot = Snapshot.of(before.text, source, found.path)
    if asked.missing is not None:
        return FixedFile(found, before, rewrite_snapshot(snapshot, asked.missing))
    skip = _Skipped(found, options)
    wanted = Wanted(unsafe=asked.unsafe, rules=asked.rules, skip=skip)
    return FixedFile(found, before, fix_snapshot(snapshot, wanted))


def _source(found: Found, text: str, options: Options) -> Source | None:
    if options.kind:
        source = find_source(options.kind)
    elif not found.given and is_report(found.path, text):
        return None
    else:
        source = find_kind(found.path, text) or find_kind(os.path.abspath(found.file), text)
        source = source or (find_source("shell") if found.given else None)
    return None if source is None or source.name in _NEVER_WRITTEN else source


class _Skipped:
    """Tells which findings are left alone: suppressed by a comment, or turned off."""

    def __init__(self, found: Found, options: Options) -> None:
        self._found = found
        self._options = options
        self._text: str | None = None
        self._places: set[tuple[str, int, int]] = set()

    def __call__(self, snapshot: Snapshot, judged: Judged) -> bool:
        finding = judged.finding
        if self._options.severities.get(finding.rule, finding.severity) is None:
            return True
        if snapshot.text != self._text:
            self._text = snapshot.text
            self._places = self._suppressed(snapshot)
        return (finding.rule, finding.span.start, finding.span.end) in self._places

    def _suppressed(self, snapshot: Snapshot) -> set[tuple[str, int, int]]:
        if not self._options.ignores or "catflap" not in snapshot.text.lower():
            return set()
        options = replace(self._options, kind=snapshot.source.name)
        audited = audit_reading(snapshot.reading, snapshot.text, self._found, options, None)
        return {
            (each.rule, each.place.start, each.place.end)
            for each in audited.findings
            if each.state is State.SUPPRESSED
        }
