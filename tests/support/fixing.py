"""Fixes of a text, for tests: by the kind of file, in one line."""

from __future__ import annotations

from catflap.audit.fix.plan import Fixed, Wanted, fix_snapshot
from catflap.audit.fix.to_catflap import rewrite_snapshot
from catflap.audit.fix.verify import Snapshot
from catflap.audit.sources.registry import find_source

__all__ = ("fixed", "rewritten", "snapshot")


def snapshot(text: str, kind: str = "shell", path: str = "file") -> Snapshot:
    """Return a text as it was read and judged."""
    source = find_source(kind)
    assert source is not None, kind
    return Snapshot.of(text, source, path)


def fixed(
    text: str, *rules: str, kind: str = "shell", path: str = "file", unsafe: bool = True
) -> Fixed:
    """Return what fixes make of a text; of these rules, or of all."""
    return fix_snapshot(snapshot(text, kind, path), Wanted(unsafe=unsafe, rules=rules))


def rewritten(text: str, kind: str = "shell", path: str = "file") -> Fixed:
    """Return a text in which ``catflap run`` takes socat's place wherever it can."""
    return rewrite_snapshot(snapshot(text, kind, path), lambda address: "")
