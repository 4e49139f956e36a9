"""What went wrong, in the words in which people and programs search the C program's log for it.

``127.0.0.1:80 cannot be reached: Connection refused`` becomes ``connect(5, AF=2 127.0.0.1:80, 16):
Connection refused``, and the like: the name of the system call, what it was asked, and what errno
says. What has no such form is told as it is.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType, Transport
from catflap.bridge.model import Flow
from catflap.dropin.log import Grade
from catflap.dropin.peer_words import of_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side

__all__ = ("failure_lines", "says_nobody_came", "transfer_failure")

_UNREACHED = re.compile(r"(?P<what>.+) cannot be reached(?: from here)?: (?P<why>.+)")
_UNBOUND = re.compile(r"(?P<what>.+) cannot be listened on: (?P<why>.+)")
_UNOPENED = re.compile(r"(?P<what>.+) cannot be opened: (?P<why>.+)")
_UNKNOWN_HOST = re.compile(r"the host (?P<what>.+) is not known: (?P<why>.+)")
_NO_PROGRAM = re.compile(
    r"\w+:(?P<what>\S+) (?:is in no directory of PATH|cannot be executed: there is no (?P<path>.+))"
)
_NO_TRUST = re.compile(r"(?P<what>\S+): (?P<why>the certificate '.+)")
_NO_HANDSHAKE = re.compile(r"(?P<what>\S+): (?P<why>.*\bhandshake\b.*)")
_NO_INTERFACE = re.compile(r"the interface (?P<what>\S+) cannot be used: (?P<why>.+)")
_NOBODY = re.compile(r"nobody (?:connected|sent a packet) to .+ within .+ s")
_OF_WRITING = frozenset(
    {
        "Broken pipe",
        "File too large",
        "Message too long",
        "Network is unreachable",
        "No space left on device",
        "No such file or directory",
        "Permission denied",
    }
)
_LOCAL = frozenset({Transport.UNIX, Transport.ABSTRACT})
_BLOCK = 8192
_MODE_OF_FILES = "0666"
_FLAGS = (("o-creat", 0o100), ("o-excl", 0o200), ("o-trunc", 0o1000), ("o-append", 0o2000))


def failure_lines(text: str, bridge: Bridge) -> list[tuple[Grade, str]]:
    """Return the lines that tell a failure.

    Args:
        text: our own sentence.
        bridge: what was to be opened.
    """
    for pattern, tell in _TOLD:
        found = pattern.match(text)
        if found is not None:
            lines = list(tell(found, bridge))
            if lines:
                return lines
    return [(Grade.ERROR, text)]


def says_nobody_came(reason: str) -> bool:
    """Whether ``accept-timeout`` ran out, which is no failure in the C program."""
    return _NOBODY.match(reason) is not None


def transfer_failure(reason: str, source: int, sink: int) -> str:
    """Return what is told when reading or writing failed after both ends were open.

    Args:
        reason: what errno says.
        source: the descriptor that is read.
        sink: the one that is written.
    """
    if reason not in _REASONS:
        return reason
    if reason in _OF_WRITING:
        return f"write({sink}, ..., {_BLOCK}): {reason}"
    return f"read({source}, ..., {_BLOCK}): {reason}"


_REASONS = frozenset(os.strerror(number) for number in range(1, 134))


def _descriptor() -> int:
    """Return the lowest free descriptor: the one that the socket had, which is closed by now."""
    copy = os.dup(2)
    os.close(copy)
    return copy


def _unreached(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    what, why = found["what"], found["why"]
    for side in bridge.sides:
        if side.kind.transport in _LOCAL and what in {
            side.parameter(ParameterType.PATH),
            f"@{side.parameter(ParameterType.PATH)}",
        }:
            name = what.replace("@", "\\0", 1) if what.startswith("@") else what
            yield Grade.ERROR, f'connect(, AF=1 "{name}", {len(what.encode()) + 2}): {why}'
            return
        if side.is_internet and not side.listens and what == _target(side):
            size = 28 if what.startswith("[") else 16
            yield Grade.WARNING, f"connect({_descriptor()}, {_internet(what)}, {size}): {why}"
            yield Grade.ERROR, f"{side.address.keyword.text}:{what}: {why}"
            return


def _target(side: Side) -> str:
    host = side.host.value
    return f"[{host}]:{side.port.value}" if ":" in host else f"{host}:{side.port.value}"


def _internet(what: str) -> str:
    told = of_text(what)
    return told if not told.startswith("AF=1 ") else f"AF=2 {what}"


def _unbound(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    what, why = found["what"], found["why"]
    if any(side.is_internet for side in bridge.sides if side.listens):
        size = 28 if what.startswith("[") else 16
        yield Grade.ERROR, f"bind({_descriptor()}, {{{of_text(what)}}}, {size}): {why}"
    elif why == "Address already in use" and not what.startswith("@"):
        yield Grade.ERROR, f'"{what}" exists'
    else:
        name = what.replace("@", "\\0", 1) if what.startswith("@") else what
        yield (
            Grade.ERROR,
            f'bind({_descriptor()}, {{AF=1 "{name}"}}, {len(what.encode()) + 2}): {why}',
        )


def _unopened(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    what, why = found["what"], found["why"]
    for at, side in enumerate(bridge.sides):
        name = side.kind.name
        if side.parameter(ParameterType.PATH) != what:
            continue
        if name == "CREATE":
            yield Grade.ERROR, f'creat("{what}", {_MODE_OF_FILES}): {why}'
        elif name in {"OPEN", "GOPEN", "PIPE"}:
            flags = _flags_of(side, bridge, at)
            yield Grade.ERROR, f'open("{what}", 0{flags:o}, {_MODE_OF_FILES}): {why}'
        return


def _flags_of(side: Side, bridge: Bridge, at: int) -> int:
    right, left = bridge.flow is not Flow.BACKWARD, bridge.flow is not Flow.FORWARD
    writes, reads = (right, left) if at else (left, right)
    flags = 2 if reads and writes else int(writes)
    for name, bit in _FLAGS:
        if side.last(name) is not None and side.flag(name).value:
            flags |= bit
    if side.kind.name == "GOPEN":
        flags |= 0o100
    return flags


def _unknown_host(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    port = next((each.port.value for each in bridge.sides if each.host.value == found["what"]), "")
    yield Grade.ERROR, f'getaddrinfo("{found["what"]}", "{port}", {{}}, {{}}): {found["why"]}'


def _no_program(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    path = found["path"] or found["what"]
    name = os.path.basename(path) if not found["path"] else path
    yield Grade.ERROR, f'execvp("{path}", "{name}"): No such file or directory'


def _no_trust(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    told = f"{found['what']}: {found['why']}"
    yield Grade.ERROR, f"SSL_connect(): certificate verify failed: {told}"


def _no_handshake(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    yield Grade.ERROR, f"SSL_connect(): {found['what']}: {found['why']}"


def _no_interface(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    yield Grade.ERROR, f'unknown interface "{found["what"]}": {found["why"]}'


def _nobody(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del found, bridge
    yield Grade.WARNING, "accept: Connection timed out"


_TOLD: tuple[
    tuple[re.Pattern[str], Callable[[re.Match[str], Bridge], Iterator[tuple[Grade, str]]]], ...
] = (
    (_UNREACHED, _unreached),
    (_UNBOUND, _unbound),
    (_UNOPENED, _unopened),
    (_UNKNOWN_HOST, _unknown_host),
    (_NO_PROGRAM, _no_program),
    (_NO_TRUST, _no_trust),
    (_NO_HANDSHAKE, _no_handshake),
    (_NO_INTERFACE, _no_interface),
    (_NOBODY, _nobody),
)
