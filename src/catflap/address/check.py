"""Whether an address means something: kind, parameters, options and their values."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from catflap.address.catalogue import find_kind, find_option, kinds, option_rows
from catflap.address.hosts import judge_bind, judge_port
from catflap.address.model import Address, Dual, Option, options_named
from catflap.address.parameters import check_parameters, judge_path, span_within
from catflap.address.rows import Direction, Kind, OptionRow, Role, Transport, ValueType
from catflap.address.values import ValueProblem, read_named
from catflap.address.via import through, via_problems
from catflap.core.spans import Problem, Span, excerpt, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.syntax import Parsed

__all__ = ("check", "check_direction", "nearest_kind", "nearest_option")

_ONCE = frozenset(
    {
        "backlog",
        "bind",
        "chroot",
        "max-children",
        "on-expiry",
        "openssl-cafile",
        "openssl-capath",
        "openssl-certificate",
        "openssl-commonname",
        "openssl-key",
        "openssl-max-proto-version",
        "openssl-min-proto-version",
        "openssl-verify",
        "perm",
        "protocol-family",
        "proxy-from",
        "range",
        "send-proxy",
        "setgid",
        "setuid",
        "substuser",
        "substuser-delayed",
        "umask",
        "via",
    }
)
"""Options that decide who gets in or what they may do: which of two counts must not be guessed."""

_MAY_BE_EMPTY = frozenset({"openssl-commonname", "prompt", "sockspass", "socksuser"})
_PATHS = frozenset({Transport.UNIX, Transport.ABSTRACT})
_LOCAL_ADDRESSES = frozenset(
    {
        Transport.TCP,
        Transport.TLS,
        Transport.UDP,
        Transport.DTLS,
        Transport.UDPLITE,
        Transport.SCTP,
        Transport.DCCP,
    }
)
_SOME_KIND = "a kind such as TCP or UNIX-LISTEN (catflap list addresses), or a path with /"


def check(parsed: Parsed, *, lenient: bool = False) -> tuple[Problem, ...]:
    """Return all that is wrong with a parsed address, its form included.

    What stands in a broken form is not judged any further: one mistake is one problem.

    Args:
        parsed: from :func:`catflap.address.syntax.parse`.
        lenient: skip what only our dialect refuses (repeated options, guessed addresses).
    """
    source = parsed.source.text
    endpoint = parsed.endpoint
    sides = (endpoint.read, endpoint.write) if isinstance(endpoint, Dual) else (endpoint,)
    problems = list(parsed.problems)
    for side in sides:
        problems.extend(_address(side, parsed.problems, source, strict=not lenient))
        if not lenient:
            problems.extend(_repeated(side, source))
    if isinstance(endpoint, Dual):
        problems.extend(_directions(endpoint, source))
    return tuple(sorted(problems, key=lambda problem: problem.span))


def check_direction(address: Address, wanted: Direction, source: str) -> Iterator[Problem]:
    """Yield a problem when bytes cannot flow that way through the address."""
    kind = address.kind
    if kind is None or kind.direction in {Direction.BOTH, wanted}:
        return
    if wanted is Direction.BOTH:
        can = "read" if kind.direction is Direction.READ else "written"
        yield Problem(
            f"{kind.name} can only be {can}",
            address.keyword.span,
            source,
            "an address for both ways, -u or -U for one way, or READ!!WRITE",
        )
    else:
        cannot = "read" if wanted is Direction.READ else "written"
        yield Problem(f"{kind.name} cannot be {cannot}", address.keyword.span, source)


def _directions(dual: Dual, source: str) -> Iterator[Problem]:
    found = [
        *check_direction(dual.read, Direction.READ, source),
        *check_direction(dual.write, Direction.WRITE, source),
    ]
    if len(found) == len((dual.read, dual.write)):
        names = f"{dual.write.name}!!{dual.read.name}"
        yield Problem(
            "the two sides are the wrong way round",
            dual.span,
            source,
            "the one to read first, then the one to write",
            names,
        )
    else:
        yield from found


def _address(
    address: Address, broken: tuple[Problem, ...], source: str, *, strict: bool
) -> Iterator[Problem]:
    kind = address.kind
    if kind is None:
        if address.keyword.known and not _holds(address.span, broken):
            yield _unknown_kind(address, source)
        return
    head = address.keyword.span
    for word in address.parameters:
        head = head.cover(word.span)
    if not _holds(head, broken):
        yield from check_parameters(address, kind, source, strict=strict)
    for option in address.options:
        if not _holds(option.span, broken):
            yield from _option(option, kind, source, strict=strict)
    yield from _via(address, kind, source, strict=strict)


def _via(address: Address, kind: Kind, source: str, *, strict: bool) -> Iterator[Problem]:
    """Yield what is wrong with the address that this one goes through, by all that holds here."""
    fits = any(option.row and option.row.fits(kind) for option in options_named(address, "via"))
    parsed = through(address, source) if fits else None
    if parsed is None:
        if kind.role is Role.SERVE and not fits:
            yield Problem(
                f"nothing leads to a client of {address.keyword.text}",
                address.keyword.span,
                source,
                "via=[ADDRESS] with what its client comes by, such as via=[/dev/ttyS0,rawer]",
            )
        return
    wrong = tuple(via_problems(address, source))
    yield from wrong or check(parsed, lenient=not strict)


def _holds(span: Span, problems: tuple[Problem, ...]) -> bool:
    """Whether one of the problems begins within the span."""
    return any(span.start <= problem.span.start < span.end for problem in problems)


def _unknown_kind(address: Address, source: str) -> Problem:
    text = address.keyword.text
    span = address.keyword.span
    if not text:
        return Problem("an address is empty", span, source, "a kind such as TCP or UNIX-LISTEN")
    if text.isdecimal():
        expected = f"one digit for a descriptor, or FD:{excerpt(text)}"
        return Problem(f"{excerpt(text)} is not an address kind", span, source, expected)
    option = find_option(text)
    if option is not None:
        expected = "a kind first, then its options"
        return Problem(f"{text} is an option, not an address", span, source, expected)
    close = nearest_kind(text)
    message = f"{excerpt(text)} is not an address kind"
    return Problem(message, span, source, "" if close else _SOME_KIND, close)


def _option(option: Option, kind: Kind, source: str, *, strict: bool) -> Iterator[Problem]:
    row = option.row
    if row is None:
        if option.name.known:
            yield _unknown_option(option, kind, source)
        return
    if not row.fits(kind):
        yield _misplaced(option, row, kind, source)
        return
    if row.refused:
        yield Problem(f"{row.name} is not supported: {row.refused}", option.name.span, source)
        return
    if option.value is not None and not option.value.known:
        return
    text = option.value.literal if option.value is not None else None
    try:
        _judge_value(row, kind, text, strict=strict)
    except ValueProblem as problem:
        yield _wrong_value(option, problem, source)


def _judge_value(row: OptionRow, kind: Kind, text: str | None, *, strict: bool) -> None:
    """Find what is wrong with a value; some options mean more than their type says.

    Raises:
        ValueProblem: it is not what the option takes.
    """
    read_named(row.name, row.type, text)
    if text is None:
        return
    if row.name == "bind":
        if kind.transport in _LOCAL_ADDRESSES:
            judge_bind(text, strict=strict)
        elif kind.transport in _PATHS:
            judge_path(text, is_socket=True)
    elif row.name in {"proxyport", "socksport"}:
        judge_port(text, lowest=1)
    elif strict and row.type is ValueType.BOOL and text not in {"0", "1"}:
        raise ValueProblem("0 or 1")
    elif strict and row.type is ValueType.STRING and not text and row.name not in _MAY_BE_EMPTY:
        raise ValueProblem("a value after =")


def _wrong_value(option: Option, problem: ValueProblem, source: str) -> Problem:
    name = option.name.text
    if option.value is None:
        return Problem(f"{name} needs a value", option.span, source, f"{name}=VALUE")
    text = option.value.text
    if option.row is not None and option.row.type is ValueType.CONST:
        return Problem(f"{name} takes no value", option.span, source, f"{name} alone")
    if not text:
        # Nothing after the = leaves no place of its own to point at.
        message = problem.wrong or f"the value of {name} is empty"
        return Problem(message, option.span, source, problem.expected)
    message = problem.wrong or f"{name} cannot be {excerpt(text)}"
    place = span_within(option.value, problem.at)
    return Problem(message, place, source, problem.expected, nearest(text, problem.choices))


@lru_cache(maxsize=512)
def nearest_kind(text: str) -> str:
    """Return the kind whose name or alias comes closest to a word, or nothing."""
    return nearest(text, [name for kind in kinds() for name in (kind.name, *kind.aliases)])


@lru_cache(maxsize=512)  # a file repeats its mistakes, and several rules ask
def nearest_option(kind: Kind, text: str) -> str:
    """Return the option of a kind whose name or alias comes closest to a word, or nothing."""
    fitting = [name for row in option_rows() if row.fits(kind) for name in (row.name, *row.aliases)]
    return nearest(text, fitting)


def _unknown_option(option: Option, kind: Kind, source: str) -> Problem:
    text = option.name.text
    span = option.name.span
    stripped = text.strip()
    if text != stripped and find_option(stripped):
        return Problem("a blank stands beside an option's name", span, source, stripped)
    if find_kind(text) is not None:
        expected = f"an option of {kind.name}"
        return Problem(f"{text} is an address, not an option", span, source, expected)
    close = nearest_option(kind, text)
    expected = "" if close else f"an option of {kind.name} (catflap explain {kind.name})"
    return Problem(f"{excerpt(text)} is not an option", span, source, expected, close)


def _misplaced(option: Option, row: OptionRow, kind: Kind, source: str) -> Problem:
    """Return the problem of an option of another kind, with the kinds that take it."""

    def distance(other: Kind) -> tuple[bool, bool, int, str]:
        foreign_role = other.role is not kind.role
        return foreign_role, other.family != kind.family, len(other.name), other.name

    takers = sorted((other for other in kinds() if row.fits(other)), key=distance)
    names = " or ".join(other.name for other in takers[:2])
    return Problem(
        f"{kind.name} does not take the option {option.name.text}",
        option.name.span,
        source,
        f"an address that does, such as {names}" if names else "",
    )


def _repeated(address: Address, source: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for option in address.options:
        if option.row is None or option.row.name not in _ONCE:
            continue
        if option.row.name in seen:
            mend = "one list, such as range=[A/8,B/8]" if option.row.name == "range" else "it once"
            yield Problem(f"{option.name.text} is given twice", option.span, source, mend)
        seen.add(option.row.name)
