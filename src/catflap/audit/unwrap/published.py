"""What ``-p`` of ``docker run`` and ``ports`` of compose hand on."""

from __future__ import annotations

import re

from catflap.core.surroundings import Publication

__all__ = ("publication",)

_PUBLISHED = re.compile(
    r"(?:(?P<host>\[[^\]]*\]|[^:]*):)?(?:(?P<outer>[^:]*):)?(?P<inner>[^:/]*)(?:/(?P<protocol>\w+))?"
)


def publication(text: str) -> Publication:
    """Read ``[HOST:][PORT:]PORT[/PROTOCOL]``.

    Args:
        text: as it is written; nothing for ``-P``, which hands on all.

    Returns:
        the host's address, nothing for all of them, ``None`` when it is not known; the
        container's port, ``None`` when it is not one known number.
    """
    found = _PUBLISHED.fullmatch(text)
    if found is None:
        return Publication(None, None)
    host, outer, inner = found.group("host", "outer", "inner")
    if outer is None:
        # Two parts are two ports; three name the host's address first.
        host = ""
    host = (host or "").strip("[]")
    if "$" in host or "{" in host:
        return Publication(None, inner if inner.isdigit() else None)
    return Publication(host, inner if inner.isdigit() else None)
