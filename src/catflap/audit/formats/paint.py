"""Colours and links for a terminal, or nothing of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from catflap.findings.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("LEVELS", "Paint", "is_coloured")

LEVELS = {
    Severity.CRITICAL: "1;35",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "1;33",
    Severity.LOW: "1;36",
    Severity.INFO: "1;34",
}
"""Parameters of SGR (ECMA-48, 8.3.117); only the sixteen colours that a theme can change."""

_BOLD = "1"
_DIM = "2"
_FRAME = "34"
_HELP = "1;32"


@dataclass(frozen=True, slots=True)
class Paint:
    """Wraps text that is already printable.

    Args:
        color: whether colours are written.
        links: whether links are written.
    """

    color: bool = False
    links: bool = False

    def level(self, severity: Severity, text: str) -> str:
        """Return a text in the colour of a severity."""
        return self._styled(LEVELS[severity], text)

    def bold(self, text: str) -> str:
        """Return a text that stands out."""
        return self._styled(_BOLD, text)

    def dim(self, text: str) -> str:
        """Return a text that stands back."""
        return self._styled(_DIM, text)

    def frame(self, text: str) -> str:
        """Return what stands around the source."""
        return self._styled(_FRAME, text)

    def helpful(self, text: str) -> str:
        """Return what leads on."""
        return self._styled(_HELP, text)

    def link(self, url: str, text: str) -> str:
        r"""Return a text that leads to a URL (OSC 8, as terminals have agreed on it)."""
        if not self.links or not url or not url.isascii() or not url.isprintable():
            return text
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\"

    def _styled(self, style: str, text: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.color and text else text


def is_coloured(stream: TextIO, choice: str, environ: Mapping[str, str]) -> bool:
    """Return whether colours belong on a stream.

    Args:
        stream: where the text goes.
        choice: ``always``, ``never`` or ``auto``.
        environ: the environment; ``NO_COLOR``, not empty, means no (no-color.org), and so does
            a terminal that calls itself ``dumb``.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return stream.isatty()
