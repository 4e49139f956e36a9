"""Terminal settings by their rows, put on a descriptor and taken back.

Each setting is one bit, a choice of several, a character, a speed or a whole mode. They act in the
order of writing, as socat's do, so that ``raw,echo=0`` and ``sane,isig=0`` mean what they say.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import struct
import termios
from typing import TYPE_CHECKING

from catflap.address.rows import Flag, TermiosAction
from catflap.address.values import read_named
from catflap.core.errors import OperationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.address.model import Option
    from catflap.address.values import Value
    from catflap.bridge.side import Side

__all__ = ("TERMINAL_OPTIONS", "apply", "edit_by_key", "terminal_options")

Settings = list["int | list[bytes | int]"]
"""What :func:`termios.tcgetattr` returns: four words of bits, two speeds, the characters."""

_INPUT, _OUTPUT, _CONTROL, _LOCAL, _IN_SPEED, _OUT_SPEED, _CHARACTERS = range(7)
_WORDS = {Flag.INPUT: _INPUT, Flag.OUTPUT: _OUTPUT, Flag.CONTROL: _CONTROL, Flag.LOCAL: _LOCAL}

_RAW_INPUT = (
    termios.IGNBRK
    | termios.BRKINT
    | termios.IGNPAR
    | termios.PARMRK
    | termios.INPCK
    | termios.ISTRIP
    | termios.INLCR
    | termios.IGNCR
    | termios.ICRNL
    | termios.IXON
    | termios.IXOFF
    | termios.IUCLC
    | termios.IXANY
    | termios.IMAXBEL
)
_RAW_LOCAL = termios.ISIG | termios.ICANON | termios.XCASE
_ALL_LOCAL = termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN
_SANE_OUTPUT_OFF = (
    termios.OLCUC
    | termios.OCRNL
    | termios.ONOCR
    | termios.ONLRET
    | termios.OFILL
    | termios.OFDEL
    | termios.NLDLY
    | termios.CRDLY
    | termios.TABDLY
    | termios.BSDLY
    | termios.VTDLY
    | termios.FFDLY
)
_SANE_LOCAL = (
    termios.ISIG
    | termios.ICANON
    | termios.IEXTEN
    | termios.ECHO
    | termios.ECHOE
    | termios.ECHOK
    | termios.ECHOCTL
    | termios.ECHOKE
)
_SANE_CHARACTERS = {
    termios.VINTR: 3,
    termios.VQUIT: 28,
    termios.VERASE: 127,
    termios.VKILL: 21,
    termios.VEOF: 4,
    termios.VSTART: 17,
    termios.VSTOP: 19,
    termios.VSUSP: 26,
    termios.VREPRINT: 18,
    termios.VWERASE: 23,
    termios.VLNEXT: 22,
    termios.VDISCARD: 15,
    termios.VEOL: 0,
    termios.VEOL2: 0,
    termios.VSWTC: 0,
}
_FIELDS = {
    "csize": (_CONTROL, termios.CSIZE, termios.CS6),
    "crdly": (_OUTPUT, termios.CRDLY, termios.CR1),
    "tabdly": (_OUTPUT, termios.TABDLY, termios.TAB1),
}
"""Options that are a number within a word: the word, its bits, and what 1 means there."""


def _clear(settings: Settings, word: int, bits: int) -> None:
    settings[word] = _bits(settings, word) & ~bits


def _set(settings: Settings, word: int, bits: int) -> None:
    settings[word] = _bits(settings, word) | bits


def _bits(settings: Settings, word: int) -> int:
    found = settings[word]
    return found if isinstance(found, int) else 0


def _character(settings: Settings, index: int, code: int) -> None:
    characters = settings[_CHARACTERS]
    if isinstance(characters, list):
        # tcsetattr takes VMIN and VTIME as numbers, all others as bytes.
        counts = index in {termios.VMIN, termios.VTIME}
        characters[index] = code if counts else bytes((code,))


def _one_byte_reads(settings: Settings) -> None:
    _character(settings, termios.VMIN, 1)
    _character(settings, termios.VTIME, 0)


def _raw(settings: Settings) -> None:
    """Do as socat's ``raw``, which leaves echo on."""
    _clear(settings, _INPUT, _RAW_INPUT)
    _clear(settings, _OUTPUT, termios.OPOST)
    _clear(settings, _LOCAL, _RAW_LOCAL)
    _one_byte_reads(settings)


def _cfmakeraw(settings: Settings) -> None:
    """Do as cfmakeraw(3)."""
    _clear(
        settings,
        _INPUT,
        termios.IGNBRK
        | termios.BRKINT
        | termios.PARMRK
        | termios.ISTRIP
        | termios.INLCR
        | termios.IGNCR
        | termios.ICRNL
        | termios.IXON,
    )
    _clear(settings, _OUTPUT, termios.OPOST)
    _clear(settings, _LOCAL, _ALL_LOCAL)
    _clear(settings, _CONTROL, termios.CSIZE | termios.PARENB)
    _set(settings, _CONTROL, termios.CS8)
    _one_byte_reads(settings)


def _rawer(settings: Settings) -> None:
    """Clear everything, as socat's ``rawer``; the speed stays, for B0 would hang a modem up."""
    settings[_INPUT] = settings[_OUTPUT] = settings[_LOCAL] = 0
    _clear(settings, _CONTROL, termios.CSIZE | termios.PARENB)
    _set(settings, _CONTROL, termios.CS8)
    _one_byte_reads(settings)


def _sane(settings: Settings) -> None:
    """Do as ``stty sane``."""
    _clear(
        settings,
        _INPUT,
        termios.IGNBRK
        | termios.INLCR
        | termios.IGNCR
        | termios.IUCLC
        | termios.IXANY
        | termios.IXOFF,
    )
    _set(settings, _INPUT, termios.BRKINT | termios.ICRNL | termios.IXON | termios.IMAXBEL)
    _clear(settings, _OUTPUT, _SANE_OUTPUT_OFF)
    _set(settings, _OUTPUT, termios.OPOST | termios.ONLCR)
    _set(settings, _CONTROL, termios.CREAD)
    _clear(
        settings,
        _LOCAL,
        termios.ECHONL
        | termios.NOFLSH
        | termios.XCASE
        | termios.TOSTOP
        | termios.ECHOPRT
        | termios.FLUSHO,
    )
    _set(settings, _LOCAL, _SANE_LOCAL)
    for index, code in _SANE_CHARACTERS.items():
        _character(settings, index, code)


_WHOLE: dict[str, Callable[[Settings], None]] = {
    "raw": _raw,
    "termios-cfmakeraw": _cfmakeraw,
    "termios-rawer": _rawer,
    "sane": _sane,
}

TERMINAL_OPTIONS = frozenset(
    {*_WHOLE, *_FIELDS, "termios-setflags", "tiocswinsz", "ispeed", "ospeed"}
)
"""Options that this module applies by their names, besides the rows with a termios action."""


def terminal_options(side: Side) -> tuple[Option, ...]:
    """Return the options of a side that only a terminal can have, in phase order."""
    found = [
        option
        for option in side.address.options
        if option.row is not None
        and (isinstance(option.row.applies, TermiosAction) or option.row.name in TERMINAL_OPTIONS)
    ]
    return tuple(sorted(found, key=lambda option: option.row.phase if option.row else 0))


def apply(side: Side, descriptor: int) -> Callable[[], None] | None:
    """Put the terminal options of a side on a descriptor.

    Returns:
        What puts the terminal back as it was, or ``None`` when no option asks for anything.

    Raises:
        OperationError: the descriptor is no terminal, or the terminal refuses.
    """
    options = terminal_options(side)
    if not options:
        return None
    first = options[0].canonical
    try:
        before = termios.tcgetattr(descriptor)
        size = _window(descriptor)
    except termios.error as error:
        reason = error.args[-1]
        message = f"{side.address.name} is no terminal, so {first} cannot be set: {reason}"
        raise OperationError(message, "leave the option out, or give pty to a program") from error
    settings = termios.tcgetattr(descriptor)
    try:
        for option in options:
            _apply_one(option, settings, descriptor)
        termios.tcsetattr(descriptor, termios.TCSANOW, settings)
    except (termios.error, OSError) as error:
        _restore(descriptor, before, size)
        message = f"the terminal of {side.address.name} refuses the settings: {error.args[-1]}"
        raise OperationError(message) from error
    return lambda: _restore(descriptor, before, size)


def edit_by_key(descriptor: int) -> Callable[[], None]:
    """Have a terminal give each key at once, without showing it, and return what puts it back.

    Keys that send signals go on doing so.

    Raises:
        OperationError: the terminal refuses.
    """
    try:
        before = termios.tcgetattr(descriptor)
        settings = termios.tcgetattr(descriptor)
        _clear(settings, _LOCAL, termios.ICANON | termios.ECHO)
        _one_byte_reads(settings)
        termios.tcsetattr(descriptor, termios.TCSANOW, settings)
    except termios.error as error:
        message = f"the terminal cannot give single keys: {error.args[-1]}"
        raise OperationError(message) from error
    return lambda: _restore(descriptor, before, b"")


def _value(option: Option) -> Value:
    row = option.row
    text = option.value.literal if option.value is not None else None
    return read_named(row.name, row.type, text) if row is not None else None


def _apply_one(option: Option, settings: Settings, descriptor: int) -> None:
    row = option.row
    if row is None:
        return
    value = _value(option)
    number = value if isinstance(value, int) else 0
    name = row.name
    if isinstance(row.applies, TermiosAction):
        _by_row(row.applies, number, settings)
    elif name in _WHOLE:
        _WHOLE[name](settings)
    elif name in _FIELDS:
        word, mask, unit = _FIELDS[name]
        _clear(settings, word, mask)
        _set(settings, word, number * unit & mask)
    elif name in {"ispeed", "ospeed"}:
        settings[_IN_SPEED if name == "ispeed" else _OUT_SPEED] = _speed(name, number)
    elif isinstance(value, tuple) and name == "termios-setflags":
        which, bits = value
        _set(settings, _word(which), bits if isinstance(bits, int) else 0)
    elif isinstance(value, tuple):
        columns, rows = value
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _by_row(action: TermiosAction, number: int, settings: Settings) -> None:
    if action.word is Flag.CHARACTER:
        _character(settings, action.value, number)
    elif action.word is Flag.SPEED:
        settings[_IN_SPEED] = settings[_OUT_SPEED] = action.value
    elif action.mask:
        _clear(settings, _WORDS[action.word], action.mask)
        _set(settings, _WORDS[action.word], action.value)
    else:
        change = _set if number else _clear
        change(settings, _WORDS[action.word], action.value)


def _speed(name: str, baud: int) -> int:
    constant = getattr(termios, f"B{baud}", None)
    if not isinstance(constant, int):
        message = f"{name}={baud} is not a speed of termios(3)"
        raise OperationError(message, "such as 9600, 38400 or 115200")
    return constant


def _word(number: object) -> int:
    if not isinstance(number, int) or not _INPUT <= number <= _LOCAL:
        message = f"{number} is no word of termios-setflags"
        raise OperationError(message, "0 input, 1 output, 2 control, 3 local modes")
    return number


def _window(descriptor: int) -> bytes:
    try:
        return fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return b""


def _restore(descriptor: int, settings: Settings, size: bytes) -> None:
    """Put a terminal back; it may be gone by now, and then there is nothing to put back."""
    # A job in the background would be stopped here (SIGTTOU, tcsetattr(3)) and never end.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        with contextlib.suppress(termios.error, OSError):
            if os.isatty(descriptor):
                termios.tcsetattr(descriptor, termios.TCSANOW, settings)
                if size and size != _window(descriptor):
                    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, size)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
