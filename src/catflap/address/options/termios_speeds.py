"""Speeds of a serial line, in baud.

Sources: termios(3).
"""

from __future__ import annotations

import termios
from typing import Final

from catflap.address.rows import Flag, Group, OptionRow, Phase, TermiosAction, ValueType

__all__ = ("OPTIONS",)


def _speed(baud: int, constant: int) -> OptionRow:
    return OptionRow(
        f"b{baud}",
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.CONST,
        f"Run the line at {baud} baud" if baud else "Hang up, by dropping the modem control lines",
        applies=TermiosAction(Flag.SPEED, constant),
    )


OPTIONS: Final = (
    _speed(0, termios.B0),
    _speed(50, termios.B50),
    _speed(75, termios.B75),
    _speed(110, termios.B110),
    _speed(134, termios.B134),
    _speed(150, termios.B150),
    _speed(200, termios.B200),
    _speed(300, termios.B300),
    _speed(600, termios.B600),
    _speed(1200, termios.B1200),
    _speed(1800, termios.B1800),
    _speed(2400, termios.B2400),
    _speed(4800, termios.B4800),
    _speed(9600, termios.B9600),
    _speed(19200, termios.B19200),
    _speed(38400, termios.B38400),
    _speed(57600, termios.B57600),
    _speed(115200, termios.B115200),
    _speed(230400, termios.B230400),
    _speed(460800, termios.B460800),
    _speed(500000, termios.B500000),
    _speed(576000, termios.B576000),
    _speed(921600, termios.B921600),
    _speed(1000000, termios.B1000000),
    _speed(1152000, termios.B1152000),
    _speed(1500000, termios.B1500000),
    _speed(2000000, termios.B2000000),
    _speed(2500000, termios.B2500000),
    _speed(3000000, termios.B3000000),
    _speed(3500000, termios.B3500000),
    _speed(4000000, termios.B4000000),
)
