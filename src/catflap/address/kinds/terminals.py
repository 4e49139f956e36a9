"""Pseudo-terminals and the line editor.

Sources: pty(7), readline(3).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import Group, Kind, Role, Transport

__all__ = ("KINDS",)

KINDS: Final = (
    Kind(
        "PTY",
        "",
        (Group.FD, Group.NAMED, Group.TERMIOS, Group.PTY),
        Role.TERMINAL,
        Transport.LOCAL,
        "Make a pseudo-terminal and use its master side",
    ),
    Kind(
        "READLINE",
        "",
        (Group.FD, Group.READLINE, Group.TERMIOS),
        Role.TERMINAL,
        Transport.LOCAL,
        "Edit lines on the terminal, with history",
    ),
)
