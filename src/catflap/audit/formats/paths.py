"""Paths of findings, as hosts of code and editors expect them."""

from __future__ import annotations

import os
from urllib.parse import quote

__all__ = ("file_uri", "from_root", "uri_of")


def from_root(path: str, root: str) -> str:
    """Return a path from the root's point of view; one that is not below it stays as it is."""
    if root and path.startswith("/"):
        below = os.path.relpath(path, root)
        return path if below.startswith("../") or below == ".." else below
    normal = os.path.normpath(path) if path else path
    return normal if path.startswith("./") else path


def uri_of(path: str, root: str) -> str:
    """Return the URI of a path: relative to the root, or absolute if it is not below (RFC 3986).

    Bytes of a name that are no UTF-8 stay the same bytes.
    """
    shown = from_root(path, root)
    return file_uri(shown) if shown.startswith("/") else quote(_bytes(shown))


def file_uri(path: str) -> str:
    """Return the URI of an absolute path (RFC 8089)."""
    return f"file://{quote(_bytes(path))}"


def _bytes(path: str) -> bytes:
    # Paths come from the operating system, so all surrogates in them stand for bytes.
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "replace")
