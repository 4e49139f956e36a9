"""Values that must not show."""

from __future__ import annotations

__all__ = ("Secret",)


class Secret:
    """A text that no log, repr or traceback prints."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Hold ``text``."""
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        """Return a mark instead of the text."""
        return "Secret(...)"

    __str__ = __repr__
