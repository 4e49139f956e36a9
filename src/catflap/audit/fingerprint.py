"""Names for findings that stay the same while their commands move."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("fingerprints",)

_DIGITS = 32


def fingerprints(path: str, causes: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return one name for each cause, 32 hexadecimal digits.

    Neither lines nor offsets go in, so that what stands above a command may change. Causes that
    are the same in all else are counted, so that another copy of a command is another finding.

    Args:
        path: the file's, from the root of its repository.
        causes: in the order of the file: rule, words of the command, text of the place.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    found: list[str] = []
    for rule, command, place in causes:
        cause = (rule, _plain(command), _plain(place))
        text = "\0".join((path, *cause, str(seen[cause])))
        seen[cause] += 1
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape"), usedforsecurity=False)
        found.append(digest.hexdigest()[:_DIGITS])
    return found


def _plain(text: str) -> str:
    """Return the text without what a new indentation or line break changes."""
    return " ".join(text.split())
