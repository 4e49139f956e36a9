"""Terminal settings that are one bit each: input, output, control and local modes.

Sources: termios(3), stty(1).
"""

from __future__ import annotations

import termios
from typing import Final

from catflap.address.rows import Flag, Group, OptionRow, Phase, TermiosAction, ValueType

__all__ = ("OPTIONS",)


def _flag(name: str, word: Flag, bit: int, text: str, *aliases: str) -> OptionRow:
    return OptionRow(
        name,
        (Group.TERMIOS,),
        Phase.FD,
        ValueType.BOOL,
        text,
        aliases,
        TermiosAction(word, bit),
    )


OPTIONS: Final = (
    _flag(
        "brkint",
        Flag.INPUT,
        termios.BRKINT,
        "A break interrupts the foreground job and drops what is queued",
    ),
    _flag("icrnl", Flag.INPUT, termios.ICRNL, "Read carriage return as newline"),
    _flag("ignbrk", Flag.INPUT, termios.IGNBRK, "Ignore breaks on the line"),
    _flag("igncr", Flag.INPUT, termios.IGNCR, "Drop carriage returns from the input"),
    _flag(
        "ignpar", Flag.INPUT, termios.IGNPAR, "Drop bytes that arrive with framing or parity errors"
    ),
    _flag(
        "imaxbel",
        Flag.INPUT,
        termios.IMAXBEL,
        "Ring the bell when the input queue is full; Linux always does",
    ),
    _flag("inlcr", Flag.INPUT, termios.INLCR, "Read newline as carriage return"),
    _flag("inpck", Flag.INPUT, termios.INPCK, "Check the parity of the input"),
    _flag("istrip", Flag.INPUT, termios.ISTRIP, "Clear the eighth bit of the input"),
    _flag("iuclc", Flag.INPUT, termios.IUCLC, "Read capitals as small letters"),
    _flag(
        "ixany", Flag.INPUT, termios.IXANY, "Any character resumes stopped output, not only START"
    ),
    _flag(
        "ixoff",
        Flag.INPUT,
        termios.IXOFF,
        "Send STOP and START to hold the sender when the input queue fills",
        "tandem",
    ),
    _flag(
        "ixon",
        Flag.INPUT,
        termios.IXON,
        "STOP and START characters from the other end hold and resume the output",
    ),
    _flag(
        "parmrk",
        Flag.INPUT,
        termios.PARMRK,
        "Mark bytes with parity errors and breaks in the input",
    ),
    _flag("ocrnl", Flag.OUTPUT, termios.OCRNL, "Write carriage return as newline"),
    _flag(
        "ofdel",
        Flag.OUTPUT,
        termios.OFDEL,
        "Fill with DEL instead of NUL; Linux keeps the bit without effect",
    ),
    _flag("ofill", Flag.OUTPUT, termios.OFILL, "Delay by fill characters instead of time"),
    _flag("olcuc", Flag.OUTPUT, termios.OLCUC, "Write small letters as capitals"),
    _flag("onlcr", Flag.OUTPUT, termios.ONLCR, "Write newline as carriage return and newline"),
    _flag(
        "onlret",
        Flag.OUTPUT,
        termios.ONLRET,
        "Newline moves to column 0 by itself, so no carriage return is needed",
    ),
    _flag("onocr", Flag.OUTPUT, termios.ONOCR, "Write no carriage return in column 0"),
    _flag(
        "opost",
        Flag.OUTPUT,
        termios.OPOST,
        "Process the output at all; off writes bytes as they are",
    ),
    _flag("clocal", Flag.CONTROL, termios.CLOCAL, "Ignore the modem's control lines"),
    _flag("cread", Flag.CONTROL, termios.CREAD, "Receive at all"),
    _flag("crtscts", Flag.CONTROL, termios.CRTSCTS, "Hold and resume by the RTS and CTS lines"),
    _flag("cstopb", Flag.CONTROL, termios.CSTOPB, "Send two stop bits instead of one"),
    _flag(
        "hupcl",
        Flag.CONTROL,
        termios.HUPCL,
        "Hang the modem up when the last user closes the line",
        "hup",
    ),
    _flag("parenb", Flag.CONTROL, termios.PARENB, "Send a parity bit and expect one"),
    _flag("parodd", Flag.CONTROL, termios.PARODD, "Parity is odd instead of even"),
    _flag("echo", Flag.LOCAL, termios.ECHO, "Show typed characters"),
    _flag("echoctl", Flag.LOCAL, termios.ECHOCTL, "Show control characters as ^X", "ctlecho"),
    _flag(
        "echoe",
        Flag.LOCAL,
        termios.ECHOE,
        "ERASE wipes the character before from the screen",
        "crterase",
    ),
    _flag("echok", Flag.LOCAL, termios.ECHOK, "KILL is followed by a newline"),
    _flag(
        "echoke",
        Flag.LOCAL,
        termios.ECHOKE,
        "KILL wipes the line from the screen, character by character",
        "crtkill",
    ),
    _flag("echonl", Flag.LOCAL, termios.ECHONL, "Show newlines even when echo is off"),
    _flag(
        "echoprt",
        Flag.LOCAL,
        termios.ECHOPRT,
        "Show erased characters between backslash and slash, as on paper",
        "prterase",
    ),
    _flag(
        "flusho",
        Flag.LOCAL,
        termios.FLUSHO,
        "Output is being thrown away; Linux keeps the bit without effect",
    ),
    _flag("icanon", Flag.LOCAL, termios.ICANON, "Hand the input over line by line, with editing"),
    _flag(
        "iexten",
        Flag.LOCAL,
        termios.IEXTEN,
        "Enable the extended characters such as LNEXT and WERASE",
    ),
    _flag("isig", Flag.LOCAL, termios.ISIG, "INTR, QUIT and SUSP characters send signals"),
    _flag("noflsh", Flag.LOCAL, termios.NOFLSH, "Keep the queues when INTR, QUIT or SUSP is typed"),
    _flag(
        "pendin",
        Flag.LOCAL,
        termios.PENDIN,
        "Show pending input again at the next read; Linux keeps the bit without effect",
    ),
    _flag("tostop", Flag.LOCAL, termios.TOSTOP, "Stop background jobs that write to the terminal"),
    _flag(
        "xcase",
        Flag.LOCAL,
        termios.XCASE,
        "Escape capitals by a backslash; Linux keeps the bit without effect",
    ),
)
