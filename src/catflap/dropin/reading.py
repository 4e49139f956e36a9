"""From the words of the command line to a bridge, or to the line by which the C program refuses.

The first thing that is wrong is told, in the C program's words where people search for them.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catflap.address.check import check
from catflap.address.model import Address, Dual, Endpoint, Literal, Option, Word
from catflap.address.networks import split_host_port
from catflap.address.rows import Direction, Role, Transport
from catflap.address.syntax import parse
from catflap.bridge.commandline import wanted_direction
from catflap.bridge.effective import Dialect
from catflap.bridge.model import Bridge, DualSide, Flow, Limits
from catflap.bridge.side import Side
from catflap.core.errors import UsageError
from catflap.core.spans import Span
from catflap.dropin.complaints import in_their_words
from catflap.dropin.lowering import lowering_side, without_privileges
from catflap.relay.handing_over import hands_over

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.address.rows import Kind
    from catflap.bridge.flags import Flags
    from catflap.dropin.settings import Settings

__all__ = ("Line", "Plan", "line_from", "plan_from")


_LARGEST_BLOCK = 2**62
"""Half of what a signed size may be: read(2) takes no more than the whole of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A command line as one text with its words in their places.

    Args:
        text: the words, each as the program got it, joined by blanks.
        words: each with its place in the text.
    """

    text: str
    words: tuple[Word, ...]


def line_from(arguments: Sequence[str]) -> Line:
    """Return the words of a command line, each in its place."""
    words = []
    at = 0
    for argument in arguments:
        place = Span(at, at + len(argument))
        parts = (Literal(argument, place),) if argument else ()
        words.append(Word(parts, place))
        at = place.end + 1
    return Line(" ".join(arguments), tuple(words))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to run, and how often.

    Args:
        bridge: the listener first, wherever it was written.
        forks: whether each connection is a session of its own and the process goes on.
        swapped: whether the bridge's first end is the second on the command line.
        complaints: what is wrong with options that are left out (``-s``).
        most: how many sessions a client that connects again and again has at once; 0 for no limit.
        lowered: the ends at which privileges are given up, as they were written.
        flow: which way bytes flow, as the addresses stand on the command line.
        warnings: what is done in another way than it was written.
    """

    bridge: Bridge
    forks: bool = False
    swapped: bool = False
    complaints: tuple[str, ...] = ()
    most: int = 0
    lowered: tuple[Side | None, Side | None] = (None, None)
    flow: Flow = Flow.BOTH
    warnings: tuple[str, ...] = ()


def plan_from(words: tuple[Word, ...], line: Line, flags: Flags, settings: Settings) -> Plan:
    """Return what is to run.

    Raises:
        UsageError: with the C program's words for the first thing that is wrong.
    """
    if len(words) != 2:
        message = f'exactly 2 addresses required (there are {len(words)}); use option "-h" for help'
        raise UsageError(message)
    if not 0 <= settings.block <= _LARGEST_BLOCK:
        message = f"buffer size option (-b) to big - {settings.block} (max is {_LARGEST_BLOCK})"
        raise UsageError(message)
    complaints: list[str] = []
    first, second = (_end(word, line, settings, complaints) for word in words)
    flow, warnings = _flow_between(first, second, settings.flow)
    said = flow
    first, second = _needed(first, flow, 0), _needed(second, flow, 1)
    forking = [isinstance(end, Side) and end.flag("fork").value for end in (first, second)]
    if hands_over(first):
        message = "option nofork is not allowed here"
        raise UsageError(message)
    swapped = forking[1] and not forking[0] and isinstance(second, Side) and second.listens
    if swapped:
        # Who comes to the second address is served as by the first: a listener is our near end.
        first, second = second, first
        flow = _REVERSED[flow]
    packets = isinstance(first, Side) and _brings_packets(first)
    if packets and isinstance(second, Side) and hands_over(second):
        # One socket has the packets of all peers, so a program gets a socket of its own instead.
        second = _without(second, "nofork")
    forks = any(forking)
    most = 0
    if forks:
        second = _kept_open(second)
        if isinstance(first, Side) and first.kind.role is Role.CONNECT:
            most = first.number("max-children").value
            first = _without(_without(first, "fork"), "max-children")
    lowered = (None, None) if forks else (lowering_side(first), lowering_side(second))
    first, second = (
        without_privileges(side) if side is not None else end
        for side, end in zip(lowered, (first, second), strict=True)
    )
    bridge = Bridge(
        first,
        second,
        Dialect.SOCAT,
        name="socat",
        flow=flow,
        limits=_limits(settings),
        flags=flags,
    )
    return Plan(bridge, forks, swapped, tuple(complaints), most, lowered, said, warnings)


def _needed(end: Side | DualSide, flow: Flow, position: int) -> Side | DualSide:
    """Return the one side of a dual address that is used where bytes flow one way.

    The other is not opened: it may be a file that opening would cut.
    """
    if flow is Flow.BOTH or not isinstance(end, DualSide):
        return end
    return end.read if wanted_direction(flow, position) is Direction.READ else end.write


_REVERSED = {Flow.BOTH: Flow.BOTH, Flow.FORWARD: Flow.BACKWARD, Flow.BACKWARD: Flow.FORWARD}
_PACKETS = frozenset({Transport.DTLS, Transport.UDP, Transport.UDPLITE})
_STREAMS = frozenset({Transport.TCP, Transport.TLS, Transport.SCTP, Transport.DCCP})
_INTERNET = _STREAMS | _PACKETS
_SHARED = frozenset({"STDIO", "STDIN", "STDOUT", "STDERR", "FD"})


def _kept_open(end: Side | DualSide) -> Side | DualSide:
    """Return an end whose descriptors all sessions share: none of them may end it."""
    if isinstance(end, DualSide):
        return DualSide(_kept_open_side(end.read), _kept_open_side(end.write))
    return _kept_open_side(end)


def _kept_open_side(side: Side) -> Side:
    if side.kind.name not in _SHARED:
        return side
    return replace(side, address=_with_option(side.address, "shut-none", first=True))


def _without(side: Side, name: str) -> Side:
    """Return a side without an option that is done elsewhere."""
    options = tuple(each for each in side.address.options if each.canonical != name)
    return replace(side, address=replace(side.address, options=options))


def _without_zero(address: Address, name: str) -> Address:
    """Return an address without an option whose value is 0."""
    options = tuple(
        each
        for each in address.options
        if each.canonical != name or each.value is None or each.value.text != "0"
    )
    return replace(address, options=options)


def _brings_packets(side: Side) -> bool:
    """Whether what comes is packets by a socket of many peers."""
    kind = side.kind
    return kind.role is Role.RECEIVE or (kind.role is Role.LISTEN and kind.transport in _PACKETS)


def _limits(settings: Settings) -> Limits:
    """Return the limits: the C program knows none for handshakes and connecting."""
    usual = Limits(handshake=0.0, connect=0.0, idle=settings.idle)
    if settings.half_close is None:
        return usual
    return replace(usual, half_close=settings.half_close)


def _end(word: Word, line: Line, settings: Settings, complaints: list[str]) -> Side | DualSide:
    parsed = parse(word.parts or "", line.text, lenient=True)
    if settings.sloppy:
        parsed = replace(parsed, endpoint=_tolerated(parsed.endpoint, settings, complaints))
    endpoint = parsed.endpoint
    sides = (endpoint.read, endpoint.write) if isinstance(endpoint, Dual) else (endpoint,)
    if len(sides) == 1:
        # 0 is how the C program says that there is no limit.
        endpoint = _without_zero(sides[0], "max-children")
        parsed = replace(parsed, endpoint=endpoint)
        sides = (endpoint,)
    for side in sides:
        for complaint in _complaints(side, settings):
            raise UsageError(complaint)
    if any(option.canonical == "range" for side in sides for option in side.options):
        from catflap.dropin.ranges import with_numeric_ranges

        parsed = replace(parsed, endpoint=with_numeric_ranges(endpoint))
        endpoint = parsed.endpoint
    for problem in check(parsed, lenient=True):
        if settings.unchecked and "does not take the option" in problem.message:
            continue
        raise UsageError(in_their_words(problem, parsed, word.text))
    return _sides(endpoint, line, settings)


_WAYS = {Direction.READ: "read-only", Direction.WRITE: "write-only", Direction.BOTH: "read-write"}


def _flow_between(
    first: Side | DualSide, second: Side | DualSide, wanted: Flow
) -> tuple[Flow, tuple[str, ...]]:
    """Return which way bytes can flow, and what there is to tell where that is not as wanted.

    ``TCP-LISTEN:1234 STDOUT`` without ``-u`` is written everywhere: the C program warns, and the
    bytes flow the one way that is left.

    Raises:
        UsageError: no way is left.
    """
    told = []
    flow = wanted
    for position, end in enumerate((first, second)):
        way = wanted_direction(wanted, position)
        only = Direction.BOTH if isinstance(end, DualSide) else end.kind.direction
        if only in {Direction.BOTH, way}:
            continue
        told.append(f"address is opened in {_WAYS[way]} mode but only supports {_WAYS[only]}")
        left = Flow.FORWARD if (only is Direction.READ) == (position == 0) else Flow.BACKWARD
        if flow not in {Flow.BOTH, left}:
            raise UsageError(told[-1])
        flow = left
    return flow, tuple(told)


def _complaints(address: Address, settings: Settings) -> Iterator[str]:
    kind = address.kind
    written = address.keyword.text
    if kind is None:
        yield f'unknown device/address "{written}"'
        return
    needed = sum(not each.optional for each in kind.parameters)
    given = len(address.parameters)
    if not needed <= given <= len(kind.parameters):
        wanted = f"{needed}" if needed == len(kind.parameters) else _between(needed, kind)
        usage = f"{written.upper()}{kind.syntax}"
        yield f"{written}: wrong number of parameters ({given} instead of {wanted}): usage: {usage}"
    if written.upper() == "POSIXMQ":
        # It used to read only, which takes the messages away from others.
        yield (
            f'Keyword "{written}" in bidirectional mode might unwanted flush the queue; '
            'use "POSIXMQ-BIDIRECTIONAL" to confirm usage'
        )
    for option in address.options:
        yield from _complaint_of_option(option, kind, settings)
    yield from _contradictions(address, kind)


def _contradictions(address: Address, kind: Kind) -> Iterator[str]:
    """Tell of options without effect, and of those that would open more than was meant."""
    if kind.name == "TUN" and address.parameters:
        network = address.parameters[0].text
        if network and not {"/", ":"} & set(network):
            # Without a mask the kernel would be asked for a network of one host.
            yield f'xioparsenetwork_ip4("{network}",,): missing netmask delimiter'
    named = {option.canonical: option for option in address.options}
    fork = named.get("fork")
    forks = fork is not None and (fork.value is None or fork.value.text != "0")
    if named.get("max-children") is not None and not forks:
        yield "option max-children not allowed without option fork"
    bound = named.get("bind")
    waits = kind.role in {Role.LISTEN, Role.RECEIVE} and kind.transport in _INTERNET
    if bound is None or bound.value is None or not waits:
        return
    where = bound.value.text
    if not bound.value.parts:
        yield 'bind="": Name or service not known: nothing would mean all interfaces'
    elif split_host_port(where)[1] and kind.transport in _STREAMS:
        yield f'bind="{where}": Name or service not known: the port stands before the options'
    elif split_host_port(where)[1]:
        yield f'port specification not allowed in this bind option: "{where}"'


def _tolerated(endpoint: Endpoint, settings: Settings, complaints: list[str]) -> Endpoint:
    """Return the address without the options that are wrong, which are told and left out."""
    if isinstance(endpoint, Dual):
        return Dual(
            _tolerated_side(endpoint.read, settings, complaints),
            _tolerated_side(endpoint.write, settings, complaints),
            endpoint.span,
        )
    return _tolerated_side(endpoint, settings, complaints)


def _tolerated_side(address: Address, settings: Settings, complaints: list[str]) -> Address:
    kind = address.kind
    if kind is None:
        return address
    kept = []
    for option in address.options:
        wrong = list(_complaint_of_option(option, kind, settings))
        complaints.extend(wrong)
        if not wrong:
            kept.append(option)
    return replace(address, options=tuple(kept))


def _between(needed: int, kind: Kind) -> str:
    return f"{needed} to {len(kind.parameters)}"


def _complaint_of_option(option: Option, kind: Kind, settings: Settings) -> Iterator[str]:
    name = option.name.text
    if option.row is None:
        yield f'parseopts_table(): unknown option "{name}"'
    elif not option.row.fits(kind) and not settings.unchecked:
        yield f'parseopts_table(): option "{name}" not supported with this address type'


def _sides(endpoint: Endpoint, line: Line, settings: Settings) -> Side | DualSide:
    if isinstance(endpoint, Dual):
        return DualSide(_side(endpoint.read, line, settings), _side(endpoint.write, line, settings))
    return _side(endpoint, line, settings)


def _side(address: Address, line: Line, settings: Settings) -> Side:
    side = Side(address, Dialect.SOCAT, line.text)
    if not side.listens or not side.is_internet or side.family:
        return side
    version = settings.listen_version
    # A socket of IPv6 takes both versions here; an address to bind to says its own.
    both = version == "0" and side.last("bind") is None and _has_six()
    if version == "6" or both:
        side = Side(_with_option(address, "pf", "ip6"), Dialect.SOCAT, line.text)
    return side


def _has_six() -> bool:
    """Whether this kernel has IPv6."""
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()
    except OSError:
        return False
    return True


def _with_option(address: Address, name: str, value: str = "", *, first: bool = False) -> Address:
    """Return the address with an option that stands for what flags or environment say.

    Args:
        address: as it was written.
        name: of the option.
        value: after its ``=``; nothing for none.
        first: whether options of the address itself come later, and so count more.
    """
    from catflap.address.catalogue import find_option

    place = Span(address.span.end, address.span.end)
    named = Word((Literal(name, place),), place)
    valued = Word((Literal(value, place),), place) if value else None
    option = Option(named, valued, find_option(name), place)
    options = (option, *address.options) if first else (*address.options, option)
    return replace(address, options=options)
