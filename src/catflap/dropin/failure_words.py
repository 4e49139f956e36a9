"""What went wrong, in the words in which people and programs search the C program's log for it.

``127.0.0.1:80 cannot be reached: Connection refused`` becomes ``connect(5, AF=2 127.0.0.1:80, 16):
Connection refused``, and the like: the name of the system call, what it was asked, and what errno
says. What has no such form is told as it is.
"""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING

from catflap.address.rows import Group, ParameterType, Transport
from catflap.bridge.model import Flow
from catflap.dropin.log import Grade
from catflap.dropin.peer_words import of_text
from catflap.dropin.proxy_words import proxy_words
from catflap.relay.resolve import literal_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side

__all__ = ("REASONS", "failure_lines", "name_mismatch", "retry_line", "says_nobody_came")

_UNREACHED = re.compile(r"(?P<what>.+) cannot be reached(?: from here)?: (?P<why>.+)")
_SILENT = re.compile(r"(?P<what>\S+:\d+) did not answer within (?P<seconds>\S+) s")
_UNBOUND = re.compile(r"(?P<what>.+) cannot be listened on: (?P<why>.+)")
_UNOPENED = re.compile(r"(?P<what>.+) cannot be opened: (?P<why>.+)")
_UNKNOWN_HOST = re.compile(r"the host (?P<what>\S+)(?: of bind=)? is not known: (?P<why>.+)")
_NO_PROGRAM = re.compile(
    r"\w+:(?P<what>\S+) (?:is in no directory of PATH|cannot be executed: there is no (?P<path>.+))"
)
_NOT_EXECUTABLE = re.compile(r"\w+:\S+ cannot be executed: (?P<path>.+) is not executable")
_NO_ACCOUNT = re.compile(r"there is no (?P<what>user|group) (?P<name>.+)")
_NO_FILE = re.compile(
    r"the (?P<what>certificate file|key file|file of trusted certificates) "
    r"(?P<path>.+) cannot be read: (?P<why>.+)"
)
_NO_SUITE = re.compile(r"ciphers?=(?P<what>.*) names no suite")
_LOCKED = re.compile(r"(?P<option>[\w-]+): \w+ is locked by somebody else")
_LOCK_FILE = re.compile(r"the lock file (?P<path>.+) is there: ")
_NO_TUN = re.compile(r"a t(?:un|ap) interface cannot be made: (?P<why>.+)")
_AGAIN = re.compile(r"(?P<failed>.+)(?P<again>; trying again in \S+ s)")
_PROXIED = re.compile(r".+ by way of (?P<proxy>\S+)")
_RAW = re.compile(r"(?P<host>\S+) protocol (?P<number>\d+)")
_NO_TRUST = re.compile(r"(?P<what>\S+): (?P<why>the certificate '.+)")
_NO_HANDSHAKE = re.compile(r"(?P<what>\S+:\d+): (?P<why>.*\bhandshake\b.*|what came is not TLS.*)")
_OTHER_NAME = re.compile(r"expected (\S+), but it is for ")
_NO_INTERFACE = re.compile(r"the interface (?P<what>\S+) cannot be used: (?P<why>.+)")
_NOBODY = re.compile(r"nobody (?:connected|sent a packet) to .+ within .+ s")
_PROXIES = frozenset({Group.HTTP, Group.SOCKS})
_LOCAL = frozenset({Transport.UNIX, Transport.ABSTRACT})
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


_CALLS_OF_TLS = {
    "certificate file": "SSL_CTX_use_certificate_file",
    "key file": "SSL_CTX_use_PrivateKey_file",
    "file of trusted certificates": "SSL_CTX_load_verify_locations",
}

_ERRNO = {"nobody reads it": os.strerror(errno.ENXIO)}
"""What we say better than errno, and what errno says."""

REASONS = frozenset(os.strerror(number) for number in range(1, 134))


def _descriptor() -> int:
    """Return the lowest free descriptor: the one that the socket had, which is closed by now."""
    copy = os.dup(2)
    os.close(copy)
    return copy


def retry_line(text: str, bridge: Bridge) -> str:
    """Return how a failure is told after which it is tried again; nothing for other texts."""
    again = _AGAIN.match(text)
    if again is None:
        return ""
    lines = failure_lines(again["failed"], bridge)
    # The first names the system call; what comes before and after it is told once, at the end.
    found = [told for grade, told in lines if grade is not Grade.NOTICE]
    return found[0] + again["again"] if found else ""


def _unreached(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    what, why = found["what"], found["why"]
    proxied, raw = _PROXIED.fullmatch(what), _RAW.fullmatch(what)
    if proxied is not None:
        side = next((each for each in bridge.sides if _PROXIES & {*each.kind.groups}), None)
        if side is not None and why in REASONS:
            address = f"{side.address.keyword.text}:{what}"
            yield from _refused_connect(proxied["proxy"], why, address)
        elif side is not None:
            known = proxy_words(why, what.partition(" ")[0], side)
            told = f"{what} cannot be reached: {why}"
            yield Grade.NOTICE, f"opening connection to {_internet(proxied['proxy'])}"
            yield Grade.ERROR, f"{known}: {told}" if known else told
        return
    if raw is not None:
        family = 10 if ":" in raw["host"] else 2
        yield Grade.ERROR, f"socket({family}, 3, {raw['number']}): {why}"
        return
    for side in bridge.sides:
        if side.kind.transport in _LOCAL and what in {
            side.parameter(ParameterType.PATH),
            f"@{side.parameter(ParameterType.PATH)}",
        }:
            yield from _unreached_path(what, why, side)
            return
        if side.is_internet and not side.listens and what == _target(side):
            yield from _refused_connect(what, why, f"{side.address.keyword.text}:{what}")
            return


def _unreached_path(what: str, why: str, side: Side) -> Iterator[tuple[Grade, str]]:
    name = what.replace("@", "\\0", 1) if what.startswith("@") else what
    yield Grade.NOTICE, f'opening connection to AF=1 "{name}"'
    told = f'connect(, AF=1 "{name}", {len(what.encode()) + 2}): {why}'
    if side.kind.name.endswith("-CLIENT"):
        yield Grade.NOTICE, told
        yield Grade.ERROR, f"{side.address.keyword.text}:{what}: {why}"
    else:
        yield Grade.ERROR, told


def _refused_connect(what: str, why: str, address: str) -> Iterator[tuple[Grade, str]]:
    told = _internet(what)
    yield Grade.NOTICE, f"opening connection to {told}"
    size = 28 if told.startswith("AF=10") else 16
    yield Grade.WARNING, f"connect({_descriptor()}, {told}, {size}): {why}"
    yield Grade.ERROR, f"{address}: {why}"


def _silent(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    told = _internet(found["what"])
    yield Grade.NOTICE, f"opening connection to {told}"
    limit = f"no answer within {found['seconds']} s"
    yield Grade.ERROR, f"connecting to {told}: Connection timed out: {limit}"


def _target(side: Side) -> str:
    host = side.host.value
    return f"[{host}]:{side.port.value}" if ":" in host else f"{host}:{side.port.value}"


def _internet(what: str) -> str:
    """Return an address as numbers, of a name that no name server has to be asked about."""
    told = of_text(what)
    if not told.startswith("AF=1 "):
        return told
    host, _, port = what.rpartition(":")
    found = literal_targets(host, int(port)) if port.isdecimal() else ()
    return of_text(f"{found[0][1][0]}:{port}") if found else f"AF=2 {what}"


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
    what, why = found["what"], _ERRNO.get(found["why"], found["why"])
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


def _not_executable(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    path = found["path"]
    yield Grade.ERROR, f'execvp("{path}", "{path}"): Permission denied'


def _no_account(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    call = "getpwnam" if found["what"] == "user" else "getgrnam"
    yield Grade.ERROR, f'{call}("{found["name"]}"): no such {found["what"]}'


def _no_file(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    call = _CALLS_OF_TLS[found["what"]]
    yield Grade.ERROR, f"{call}(): {found['path']}: {found['why']}"


def _no_suite(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    yield Grade.ERROR, f'SSL_set_cipher_list(, "{found["what"]}"): no cipher match'


def _locked(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    call = "flock" if "flock" in found["option"] else "fcntl"
    yield Grade.ERROR, f"{call}({_descriptor()}, ...): Resource temporarily unavailable"


def _lock_file(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    yield Grade.ERROR, f'could not obtain lock "{found["path"]}"'


def _no_tun(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    yield Grade.ERROR, f'ioctl({_descriptor()}, TUNSETIFF, {{""}}): {found["why"]}'


def _no_trust(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    what, why = found["what"], found["why"]
    yield Grade.NOTICE, f"opening connection to {_internet(what)}"
    yield (
        Grade.ERROR,
        name_mismatch(what, why) or (f"SSL_connect(): certificate verify failed: {what}: {why}"),
    )


def name_mismatch(what: str, why: str) -> str:
    """Return how it is told that a certificate is for somebody else; nothing for other failures.

    Args:
        what: the peer.
        why: what is wrong with its certificate.
    """
    found = _OTHER_NAME.search(why)
    if found is None:
        return ""
    known = "certificate is valid but its commonName does not match hostname"
    return f'{known} "{found[1]}": {what}: {why}'


def _no_handshake(found: re.Match[str], bridge: Bridge) -> Iterator[tuple[Grade, str]]:
    del bridge
    yield Grade.NOTICE, f"opening connection to {_internet(found['what'])}"
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
    (_SILENT, _silent),
    (_UNBOUND, _unbound),
    (_UNOPENED, _unopened),
    (_UNKNOWN_HOST, _unknown_host),
    (_NO_PROGRAM, _no_program),
    (_NOT_EXECUTABLE, _not_executable),
    (_NO_ACCOUNT, _no_account),
    (_NO_FILE, _no_file),
    (_NO_SUITE, _no_suite),
    (_NO_TUN, _no_tun),
    (_LOCKED, _locked),
    (_LOCK_FILE, _lock_file),
    (_NO_TRUST, _no_trust),
    (_NO_HANDSHAKE, _no_handshake),
    (_NO_INTERFACE, _no_interface),
    (_NOBODY, _nobody),
)
