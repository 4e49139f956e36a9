"""What the flags of socat are for ``catflap run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.fix.proposal import NotFixableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catflap.bridge.flags import Flags

__all__ = ("translate_flags",)

_SAME: Mapping[str, tuple[str, ...]] = {
    "-u": ("-u",),
    "-U": ("-U",),
    "-v": ("--dump", "text"),
    "-x": ("--dump", "hex"),
    "-ly": ("--log", "syslog"),
    "-lm": ("--log", "syslog"),
}
_WITH_VALUE = {"-T": "--idle-timeout", "-t": "--half-close-timeout", "-lf": "--log-file"}
_NEEDLESS = frozenset({"-d", "-ls", "-lu", "-0", "--statistics", "--experimental"})
"""What catflap does anyway, or what means nothing to it."""

_DROPPED: Mapping[str, str] = {
    "-b": "-b is left out: the size of reads adapts itself",
    "-s": "-s is left out: an error ends its session, never the listener",
    "-S": "-S is left out: signals end the service as the manual says",
    "-g": "-g is left out: options are always checked",
    "-D": "-D is left out: --log-level debug tells what is opened",
    "-lp": "-lp is left out: the log names its bridge",
    "-lh": "-lh is left out: the host's name is not logged",
    "-4": "-4 is left out: pf=ip4 on an address says the same",
    "-6": "-6 is left out: pf=ip6 on an address says the same",
}
_WITHOUT_EQUAL: Mapping[str, str] = {
    "-r": "catflap writes no payload to a file, as -r does",
    "-R": "catflap writes no payload to a file, as -R does",
    "-L": "catflap takes no lock file, as -L does; flock(1) does",
    "-W": "catflap waits for no lock file, as -W does; flock(1) does",
}


def translate_flags(flags: Flags) -> tuple[list[str], list[str]]:
    """Return the words of ``catflap run`` for the flags of socat, and what to know about them.

    Raises:
        NotFixableError: a flag has no equal, or a variable holds its value.
    """
    words: list[str] = []
    notes: list[str] = []
    for flag in flags.given:
        name = flag.row.name
        if name in _WITHOUT_EQUAL:
            raise NotFixableError(_WITHOUT_EQUAL[name])
        if name in _WITH_VALUE:
            if flag.value is None or not flag.value.known:
                raise NotFixableError(f"a variable or template holds the value of {name}")
            words += [_WITH_VALUE[name], flag.value.text]
        elif name in _SAME:
            words += _SAME[name]
        elif name in _DROPPED:
            notes.append(_DROPPED[name])
        elif name not in _NEEDLESS:
            raise NotFixableError(f"{name} has no equal")
    if flags.has("-v") and flags.has("-x"):
        raise NotFixableError("--dump shows either text or hexadecimal, not both")
    return words, notes
