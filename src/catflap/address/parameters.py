"""The positional parameters of an address: how many, and whether each is what it should be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from catflap.address.hosts import judge_host, judge_port
from catflap.address.model import arguments, written_parameters
from catflap.address.networks import NetworkError, numeric_host, parse_rule
from catflap.address.rows import ParameterType, Role, Transport
from catflap.address.syntax import command_flaws, split_command
from catflap.address.values import ValueProblem
from catflap.core.spans import Problem, Span, excerpt
from catflap.core.units import parse_integer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from catflap.address.model import Address, Word
    from catflap.address.rows import Kind

__all__ = ("check_parameters", "judge_path", "span_within")

_HIGHEST_DESCRIPTOR = 2**20
_LONGEST_SOCKET_PATH = 107
"""sun_path has 108 bytes, the last of which is NUL (unix(7))."""
_LONGEST_INTERFACE = 15
_A_PROGRAM = "a program and its arguments"
_SOCKETS = frozenset({Transport.UNIX, Transport.ABSTRACT})


def check_parameters(
    address: Address, kind: Kind, source: str, *, strict: bool
) -> Iterator[Problem]:
    """Yield what is wrong with the number of the parameters, or else with each of them."""
    required = sum(not parameter.optional for parameter in kind.parameters)
    if len(address.parameters) > len(kind.parameters):
        yield _surplus(address, kind, source)
    elif len(address.parameters) < required:
        yield _missing(address, kind, source)
    else:
        for parameter, word in arguments(address).values():
            yield from _parameter(word, parameter.type, kind, source, strict=strict)


def _surplus(address: Address, kind: Kind, source: str) -> Problem:
    written = written_parameters(address)
    surplus = address.parameters[len(kind.parameters) :]
    span = surplus[0].span.cover(surplus[-1].span)
    name, texts = address.keyword.text, [word.text for word in written]
    form = f"{kind.name if written is not address.parameters else name}{kind.syntax}"
    expected = f"{form} (\\: is a colon within a parameter)" if kind.parameters else form
    six = _six(texts, kind)
    if six:
        expected = f"IPv6 in brackets: {name}:{six}"
    elif kind.listens and len(texts) == 2 and _is_address(texts[0]):
        expected = f"{name}:{texts[1]},bind={texts[0]}"
    count = "one parameter" if len(surplus) == 1 else f"{len(surplus)} parameters"
    return Problem(f"{kind.name} has {count} too many", span, source, expected)


def _six(texts: list[str], kind: Kind) -> str:
    """Return the parameters with the IPv6 address that they begin with in brackets, if they do."""
    rest = len(kind.parameters) - 1
    host = ":".join(texts[: len(texts) - rest])
    if rest < 0 or kind.parameters[0].type is not ParameterType.HOST or ":" not in host:
        return ""
    return ":".join([f"[{host}]", *texts[len(texts) - rest :]]) if numeric_host(host) else ""


def _is_address(text: str) -> bool:
    return numeric_host(text) is not None or text.lower() in {"localhost", "*"}


def _missing(address: Address, kind: Kind, source: str) -> Problem:
    given = arguments(address)
    names = [p.name for p in kind.parameters if not p.optional and p.name not in given]
    end = max([address.keyword.span.end, *(word.span.end for word in address.parameters)])
    return Problem(
        f"{address.keyword.text} lacks its {' and '.join(names)}",
        Span(end, end),
        source,
        f"{address.keyword.text}{kind.syntax}",
    )


def _parameter(
    word: Word, type_: ParameterType, kind: Kind, source: str, *, strict: bool
) -> Iterator[Problem]:
    text = word.literal
    if text is None:
        return
    try:
        if type_ is ParameterType.HOST:
            judge_host(text, strict=strict)
        elif type_ is ParameterType.PORT:
            # A SOCKS server that is to listen may choose the port itself.
            goes_there = kind.role is Role.CONNECT and kind.name != "SOCKS5-LISTEN" and strict
            judge_port(text, lowest=1 if goes_there else 0)
        elif type_ is ParameterType.PATH:
            judge_path(text, is_socket=kind.transport in _SOCKETS)
        elif type_ in _JUDGES:
            _JUDGES[type_](text)
    except ValueProblem as problem:
        message = problem.wrong or f"{excerpt(text)} cannot be a {type_}"
        yield Problem(message, span_within(word, problem.at), source, problem.expected)
        return
    if type_ is ParameterType.COMMAND:
        yield from _command(word, kind, source, strict=strict)


def _command(word: Word, kind: Kind, source: str, *, strict: bool) -> Iterator[Problem]:
    """Yield what is wrong with a command line; EXEC alone splits its own."""
    if not word.text.strip():
        yield Problem("the command is empty", word.span, source, _A_PROGRAM)
    elif kind.name == "EXEC":
        flaws = command_flaws(word, source)
        if flaws:
            if strict:
                yield flaws[0]
            return
        if not any(part.text for part in split_command(word)[:1]):
            yield Problem("the command names no program", word.span, source, _A_PROGRAM)


def span_within(word: Word, at: tuple[int, int] | None) -> Span:
    """Return the place of a part of a word's text, or of the whole when quoting hides it."""
    if at is None or len(word.parts) != 1:
        return word.span
    whole = word.parts[0].span
    if whole.end - whole.start != len(word.text):
        return word.span
    return Span(whole.start + at[0], whole.start + at[1])


def judge_path(text: str, *, is_socket: bool) -> None:
    """Find what is wrong with a path.

    Raises:
        ValueProblem: it is empty, or too long for a socket.
    """
    if not text:
        raise ValueProblem("a path", wrong="the path is empty")
    length = _bytes_of(text)
    if is_socket and length > _LONGEST_SOCKET_PATH:
        wrong = f"the socket's path has {length} bytes"
        raise ValueProblem(f"at most {_LONGEST_SOCKET_PATH} (unix(7))", wrong=wrong)


def _bytes_of(text: str) -> int:
    try:
        return len(os.fsencode(text))
    except UnicodeEncodeError:
        return len(text.encode("utf-8", "replace"))


def _descriptor(text: str) -> None:
    try:
        readable = 0 <= parse_integer(text) <= _HIGHEST_DESCRIPTOR
    except ValueError:
        readable = False
    if not readable:
        raise ValueProblem("a number such as 3", wrong=f"{excerpt(text)} is not a descriptor")


def _number(text: str) -> None:
    try:
        parse_integer(text)
    except ValueError:
        wrong = f"{excerpt(text)} is not a number"
        raise ValueProblem("a whole number", wrong=wrong) from None


def _interface(text: str) -> None:
    if not text or "/" in text or len(text) > _LONGEST_INTERFACE:
        wrong = f"{excerpt(text)} is not an interface" if text else "the interface is empty"
        raise ValueProblem("a name such as eth0", wrong=wrong)


def _network(text: str) -> None:
    try:
        parse_rule(text)
    except NetworkError as error:
        raise ValueProblem("ADDRESS/BITS", wrong=str(error)) from None


def _queue(text: str) -> None:
    if not text.startswith("/") or "/" in text[1:] or len(text) == 1:
        raise ValueProblem("a name such as /queue (mq_overview(7))")


_JUDGES: dict[ParameterType, Callable[[str], None]] = {
    ParameterType.DESCRIPTOR: _descriptor,
    ParameterType.INTERFACE: _interface,
    ParameterType.NETWORK: _network,
    ParameterType.NUMBER: _number,
    ParameterType.QUEUE: _queue,
}
