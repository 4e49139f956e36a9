"""URIs with wildcards, as a tree of segments: a thousand cost as much as a path is long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("UriPatterns",)

T = TypeVar("T")


class _Node(Generic[T]):
    """What may follow when the segments so far have matched."""

    __slots__ = ("any", "deep", "exact", "partial", "value")

    def __init__(self) -> None:
        self.exact: dict[str, _Node[T]] = {}
        self.partial: dict[str, dict[str, tuple[re.Pattern[str], _Node[T]]]] = {}
        """By what stands before the first ``*`` of the segment, then by the segment."""
        self.any: _Node[T] | None = None
        self.deep: _Node[T] | None = None
        self.value: T | None = None


class UriPatterns(Generic[T]):
    """What patterns of URIs stand for: ``*`` within a segment, ``**`` one segment or more."""

    __slots__ = ("_roots",)

    def __init__(self) -> None:
        """Start with none."""
        self._roots: dict[str, _Node[T]] = {}

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._roots)

    def add(self, pattern: str, value: T) -> None:
        """Let a pattern stand for a value; the first value of equal patterns counts."""
        head, segments = _parts(pattern)
        node = self._roots.setdefault(head, _Node())
        for segment in segments:
            node = _child(node, segment)
        if node.value is None:
            node.value = value

    def matching(self, uri: str) -> Iterator[T]:
        """Yield the values of all patterns that match a URI, in no order."""
        head, segments = _parts(uri)
        root = self._roots.get(head)
        if root is None:
            return
        seen: set[tuple[int, int]] = set()
        waiting = [(root, 0)]
        while waiting:
            node, at = waiting.pop()
            if (id(node), at) in seen:
                continue
            seen.add((id(node), at))
            if at < len(segments):
                waiting.extend(_next(node, segments, at))
            elif node.value is not None:
                yield node.value


def _parts(uri: str) -> tuple[str, list[str]]:
    scheme, _, rest = uri.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority}", path.split("/") if slash else []


def _child(node: _Node[T], segment: str) -> _Node[T]:
    if segment == "**":
        node.deep = node.deep or _Node()
        return node.deep
    if segment == "*":
        node.any = node.any or _Node()
        return node.any
    if "*" not in segment:
        return node.exact.setdefault(segment, _Node())
    same = node.partial.setdefault(segment.partition("*")[0], {})
    if segment not in same:
        text = ".*".join(re.escape(piece) for piece in segment.split("*"))
        same[segment] = (re.compile(text, re.DOTALL), _Node())
    return same[segment][1]


def _next(node: _Node[T], segments: list[str], at: int) -> Iterator[tuple[_Node[T], int]]:
    """Yield where a path may go on, and after how many segments."""
    segment = segments[at]
    exact = node.exact.get(segment)
    if exact is not None:
        yield exact, at + 1
    if node.any is not None and segment:
        yield node.any, at + 1
    if node.partial:
        for end in range(len(segment) + 1):
            begin_so = node.partial.get(segment[:end])
            for pattern, child in begin_so.values() if begin_so is not None else ():
                if pattern.fullmatch(segment):
                    yield child, at + 1
    if node.deep is not None:
        for end in range(at + 1, len(segments) + 1):
            if not segments[end - 1]:
                break
            yield node.deep, end
