"""Terminal settings that choose one of several values: character size and output delays.

Sources: termios(3). Of the delays Linux itself acts on tab expansion alone; the driver of a real
terminal may act on the others.
"""

from __future__ import annotations

import termios
from typing import Final

from catflap.address.rows import BuiltIn, Flag, Group, OptionRow, Phase, TermiosAction, ValueType

__all__ = ("OPTIONS",)


def _choice(name: str, word: Flag, value: int, mask: int, text: str) -> OptionRow:
    return OptionRow(
        name,
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.CONST,
        text,
        applies=TermiosAction(word, value, mask),
    )


def _delay(name: str, bit: int, text: str) -> OptionRow:
    return OptionRow(
        name,
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.BOOL,
        text,
        applies=TermiosAction(Flag.OUTPUT, bit),
    )


def _number(name: str, text: str) -> OptionRow:
    return OptionRow(
        name, (Group.TERMIOS,), Phase.FD, ValueType.UNSIGNED_INT, text, applies=BuiltIn()
    )


OPTIONS: Final = (
    _choice("cs5", Flag.CONTROL, termios.CS5, termios.CSIZE, "Characters of five bits"),
    _choice("cs6", Flag.CONTROL, termios.CS6, termios.CSIZE, "Characters of six bits"),
    _choice("cs7", Flag.CONTROL, termios.CS7, termios.CSIZE, "Characters of seven bits"),
    _choice("cs8", Flag.CONTROL, termios.CS8, termios.CSIZE, "Characters of eight bits"),
    _number("csize", "Character size as a number: 0 to 3 mean five to eight bits"),
    _choice("nl0", Flag.OUTPUT, termios.NL0, termios.NLDLY, "No delay after a newline"),
    _choice("nl1", Flag.OUTPUT, termios.NL1, termios.NLDLY, "Delay of 0.1 s after a newline"),
    _delay("nldly", termios.NLDLY, "Whether newlines are delayed"),
    _choice("cr0", Flag.OUTPUT, termios.CR0, termios.CRDLY, "No delay after a carriage return"),
    _choice(
        "cr1", Flag.OUTPUT, termios.CR1, termios.CRDLY, "Delay after a carriage return by column"
    ),
    _choice(
        "cr2", Flag.OUTPUT, termios.CR2, termios.CRDLY, "Delay of 0.1 s after a carriage return"
    ),
    _choice(
        "cr3", Flag.OUTPUT, termios.CR3, termios.CRDLY, "Delay of 0.15 s after a carriage return"
    ),
    _number("crdly", "Delay after a carriage return as a number, 0 to 3"),
    _choice("tab0", Flag.OUTPUT, termios.TAB0, termios.TABDLY, "No delay after a tab"),
    _choice("tab1", Flag.OUTPUT, termios.TAB1, termios.TABDLY, "Delay after a tab by column"),
    _choice("tab2", Flag.OUTPUT, termios.TAB2, termios.TABDLY, "Delay of 0.1 s after a tab"),
    _choice(
        "tab3",
        Flag.OUTPUT,
        termios.TAB3,
        termios.TABDLY,
        "Expand tabs to blanks, eight columns apart",
    ),
    _choice(
        "xtabs",
        Flag.OUTPUT,
        termios.XTABS,
        termios.TABDLY,
        "Expand tabs to blanks; the older name of tab3",
    ),
    _number("tabdly", "Delay after a tab as a number, 0 to 3"),
    _choice("bs0", Flag.OUTPUT, termios.BS0, termios.BSDLY, "No delay after a backspace"),
    _choice("bs1", Flag.OUTPUT, termios.BS1, termios.BSDLY, "Delay of 0.05 s after a backspace"),
    _delay("bsdly", termios.BSDLY, "Whether backspaces are delayed"),
    _choice("vt0", Flag.OUTPUT, termios.VT0, termios.VTDLY, "No delay after a vertical tab"),
    _choice("vt1", Flag.OUTPUT, termios.VT1, termios.VTDLY, "Delay of 2 s after a vertical tab"),
    _delay("vtdly", termios.VTDLY, "Whether vertical tabs are delayed"),
    _choice("ff0", Flag.OUTPUT, termios.FF0, termios.FFDLY, "No delay after a form feed"),
    _choice("ff1", Flag.OUTPUT, termios.FF1, termios.FFDLY, "Delay of 2 s after a form feed"),
    _delay("ffdly", termios.FFDLY, "Whether form feeds are delayed"),
)
