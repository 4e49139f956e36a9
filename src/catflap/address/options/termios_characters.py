"""The characters that a terminal treats specially; the value is the character's code.

Sources: termios(3).
"""

from __future__ import annotations

import termios
from typing import Final

from catflap.address.rows import Flag, Group, OptionRow, Phase, TermiosAction, ValueType

__all__ = ("OPTIONS",)


def _character(name: str, index: int, text: str, *aliases: str) -> OptionRow:
    return OptionRow(
        name,
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.BYTE,
        text,
        aliases,
        TermiosAction(Flag.CHARACTER, index),
    )


OPTIONS: Final = (
    _character("vintr", termios.VINTR, "Interrupts the foreground job (usually 3, Ctrl-C)", "intr"),
    _character(
        "vquit",
        termios.VQUIT,
        "Quits the foreground job with a core dump (usually 28, Ctrl-\\)",
        "quit",
    ),
    _character("vsusp", termios.VSUSP, "Suspends the foreground job (usually 26, Ctrl-Z)", "susp"),
    _character("vstart", termios.VSTART, "Resumes stopped output (usually 17, Ctrl-Q)", "start"),
    _character("vstop", termios.VSTOP, "Stops the output (usually 19, Ctrl-S)", "stop"),
    _character("veof", termios.VEOF, "Ends the input (usually 4, Ctrl-D)", "eof"),
    _character("veol", termios.VEOL, "Ends a line besides newline (usually 0, none)", "eol"),
    _character(
        "veol2", termios.VEOL2, "Ends a line besides newline and veol (usually 0, none)", "eol2"
    ),
    _character(
        "verase", termios.VERASE, "Erases the character before (usually 127, Backspace)", "erase"
    ),
    _character("vwerase", termios.VWERASE, "Erases the word before (usually 23, Ctrl-W)", "werase"),
    _character("vkill", termios.VKILL, "Erases the line so far (usually 21, Ctrl-U)", "kill"),
    _character(
        "vlnext",
        termios.VLNEXT,
        "Takes the meaning off the next character (usually 22, Ctrl-V)",
        "lnext",
    ),
    _character(
        "vreprint",
        termios.VREPRINT,
        "Shows the unread input again (usually 18, Ctrl-R)",
        "reprint",
        "rprnt",
    ),
    _character(
        "vdiscard",
        termios.VDISCARD,
        "Throws output away (usually 15, Ctrl-O); Linux does not act on it",
        "discard",
    ),
    _character(
        "vswtc", termios.VSWTC, "Switches shell layers; Linux does not act on it", "swtc", "swtch"
    ),
    _character("vmin", termios.VMIN, "Least number of bytes that a raw read waits for", "min"),
    _character("vtime", termios.VTIME, "Longest wait of a raw read, in tenths of a second", "time"),
)
