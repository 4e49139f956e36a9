"""The flags of a command line and the environment, as values."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catflap.bridge.model import Flow
from catflap.bridge.socat_flags import log_level
from catflap.core.units import parse_integer
from catflap.dropin.log import LogSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catflap.bridge.flags import Flags

__all__ = ("Settings", "log_settings", "settings_from")

_LEAST_SECONDS = 0.001
"""Stands for 0 where 0 would mean that there is no limit."""

_USUAL_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)

_NOT_OURS = frozenset(
    {
        # Nobody catches these two,
        *(signal.SIGKILL, signal.SIGSTOP),
        # these are told to a program whose next instruction would fail again,
        *(signal.SIGILL, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV, signal.SIGABRT),
        # and these have a meaning here.
        *(signal.SIGCHLD, signal.SIGUSR1, signal.SIGPIPE),
    }
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the flags and SOCAT_* of the environment ask for.

    Args:
        describe: print the descriptors before bytes flow (``-D``).
        text: show what passes as text (``-v``).
        hexadecimal: show what passes in hexadecimal (``-x``).
        raw: files for what passes to the right and to the left (``-r``, ``-R``).
        block: bytes read at once (``-b``); 0 leaves it to us.
        sloppy: go on without an option that is wrong (``-s``).
        signals: that are told before they end the program (``-S``).
        half_close: seconds of ``-t``; ``None`` when it was not given.
        idle: seconds of ``-T``; ``None`` for no limit.
        unchecked: do not look whether an option fits its kind (``-g``).
        lock: a lock file (``-L``, ``-W``), or nothing.
        waits_for_lock: wait for it instead of failing.
        listen_version: of IP, for listeners that say none: ``4``, ``6``, or ``0`` for both.
        prefer: the version of IP whose addresses are tried first: ``4``, ``6`` or ``0``.
        statistics: tell bytes and blocks at the end.
        enforce: whether findings of the gate refuse to start.
        main_wait: seconds before anything is opened (SOCAT_MAIN_WAIT, for debuggers).
        transfer_wait: seconds before bytes flow (SOCAT_TRANSFER_WAIT).

    ``--experimental`` has no field: nothing is held back here as experimental.
    """

    describe: bool = False
    text: bool = False
    hexadecimal: bool = False
    raw: tuple[str, str] = ("", "")
    block: int = 0
    sloppy: bool = False
    signals: tuple[signal.Signals, ...] = _USUAL_SIGNALS
    half_close: float | None = None
    idle: float | None = None
    flow: Flow = Flow.BOTH
    unchecked: bool = False
    lock: str = ""
    waits_for_lock: bool = False
    listen_version: str = "4"
    prefer: str = "4"
    statistics: bool = False
    enforce: bool = False
    main_wait: float = 0.0
    transfer_wait: float = 0.0


def log_settings(flags: Flags, program: str) -> LogSettings:
    """Return where the log goes; flags that cannot be read count as not given."""
    last = flags.last("-ly", "-lf", "-ls", "-lm")
    name = last.row.name if last is not None else ""
    facility = ""
    if name in {"-ly", "-lm"} and last is not None:
        facility = (last.value.text if last.value is not None else "") or "daemon"
    return LogSettings(
        level=log_level(flags),
        program=flags.text("-lp", program).value or program,
        micros=flags.has("-lu"),
        host=flags.has("-lh"),
        file=flags.text("-lf").value if name == "-lf" else "",
        facility=facility,
        mixed=name == "-lm",
    )


def settings_from(flags: Flags, environment: Mapping[str, str]) -> Settings:
    """Return what flags without problems ask for."""
    idle = flags.seconds("-T").value
    half_close = flags.seconds("-t").value
    way = flags.last("-u", "-U")
    version = flags.last("-4", "-6", "-0")
    prefer = version.row.name[1:] if version is not None else ""
    return Settings(
        describe=flags.has("-D"),
        text=flags.has("-v"),
        hexadecimal=flags.has("-x"),
        raw=(flags.text("-r").value, flags.text("-R").value),
        block=_number(flags.text("-b").value),
        sloppy=flags.has("-s"),
        signals=_signals(flags),
        half_close=None if half_close is None else max(half_close, _LEAST_SECONDS),
        idle=None if idle is None or idle < 0 else max(idle, _LEAST_SECONDS),
        flow=_flow(way.row.name if way is not None else ""),
        unchecked=flags.has("-g"),
        lock=flags.text("-W").value or flags.text("-L").value,
        waits_for_lock=flags.has("-W"),
        listen_version=prefer or _version(environment, "SOCAT_DEFAULT_LISTEN_IP", "4"),
        prefer=prefer or _version(environment, "SOCAT_PREFERRED_RESOLVE_IP", "4"),
        statistics=flags.has("--statistics"),
        enforce=environment.get("CATFLAP_GATE", "").lower() == "enforce",
        main_wait=_seconds(environment, "SOCAT_MAIN_WAIT"),
        transfer_wait=_seconds(environment, "SOCAT_TRANSFER_WAIT"),
    )


def _flow(name: str) -> Flow:
    return {"-u": Flow.FORWARD, "-U": Flow.BACKWARD}.get(name, Flow.BOTH)


def _signals(flags: Flags) -> tuple[signal.Signals, ...]:
    text = flags.text("-S")
    if not text.is_said:
        return _USUAL_SIGNALS
    mask = parse_integer(text.value)
    return tuple(
        number
        for number in sorted(signal.valid_signals() - _NOT_OURS)
        if isinstance(number, signal.Signals) and mask & (1 << number)
    )


def _number(text: str) -> int:
    return parse_integer(text) if text else 0


def _version(environment: Mapping[str, str], name: str, otherwise: str) -> str:
    found = environment.get(name, "")
    return found if found in {"0", "4", "6"} else otherwise


def _seconds(environment: Mapping[str, str], name: str) -> float:
    from catflap.bridge.flags import read_seconds

    return max(read_seconds(environment.get(name, "") or "0") or 0.0, 0.0)
