"""Hosts and ports as a person writes them: what is wrong with one, before anybody looks it up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.networks import numeric_host, split_host_port
from catflap.address.values import ValueProblem
from catflap.core.units import parse_integer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("judge_bind", "judge_host", "judge_port")

_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.\-]*")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_FOREIGN = re.compile(r"[\s/\\@?#,;'\"<>(){}|]|[\x00-\x20\x7f]")
_HIGHEST_PORT = 65535
_A_HOST = "a name or an address"
_A_PORT = "a port from 0 to 65535 or a service name"


def judge_host(text: str, *, strict: bool = True) -> None:
    """Find what is wrong with a host: a name, an address, or IPv6 in brackets.

    Args:
        text: the host.
        strict: refuse numbers that inet_aton(3) would complete in its own way, such as 127.1.

    Raises:
        ValueProblem: it cannot be one.
    """
    if not text:
        raise ValueProblem(_A_HOST, wrong="the host is empty")
    if numeric_host(text) is not None:
        return
    foreign = _FOREIGN.search(text)
    if foreign is not None:
        char = foreign.group()
        named = "a blank" if char.isspace() else char
        raise ValueProblem(_A_HOST, wrong=f"a host does not hold {named}", at=foreign.span())
    if set(text) & set("[]:"):
        raise ValueProblem("IPv6 in brackets, such as [::1]", wrong=f"{text} is not an address")
    # A name whose last label is a number is an address or nothing (WHATWG URL, "ends in a number").
    if strict and _NUMBER.fullmatch(text.rstrip(".").rpartition(".")[2]):
        raise ValueProblem("four numbers, such as 127.0.0.1", wrong=f"{text} is not an address")


def judge_port(text: str, *, lowest: int = 0) -> None:
    """Find what is wrong with a port: a number, or the name of a service.

    Raises:
        ValueProblem: it cannot be one.
    """
    expected = _A_PORT if not lowest else _A_PORT.replace("0", str(lowest), 1)
    if not text:
        raise ValueProblem(expected, wrong="the port is empty")
    try:
        number = parse_integer(text)
    except ValueError:
        if not _SERVICE.fullmatch(text) or text.isdigit():
            raise ValueProblem(expected, wrong=f"{text} is not a port") from None
        return
    if not lowest <= number <= _HIGHEST_PORT:
        raise ValueProblem(expected, wrong=f"port {text} is out of range")


def judge_bind(text: str, *, strict: bool = True) -> None:
    """Find what is wrong with ``bind=HOST[:PORT]``; either may be missing, but not both.

    Raises:
        ValueProblem: the host or the port; ``at`` says where.
    """
    expected = "HOST, HOST:PORT or :PORT"
    if text in {"", ":"}:
        if not strict:
            return
        raise ValueProblem(expected, wrong="the local address is empty")
    host, port = split_host_port(text)
    bracketed = text.startswith("[")
    if bracketed and (
        numeric_host(f"[{host}]") is None or text[len(host) + 2 :][:1] not in {"", ":"}
    ):
        raise ValueProblem("IPv6 in brackets, such as [::1] or [::1]:80")
    if host and not bracketed:
        _judge_part(host, 0, lambda part: judge_host(part, strict=strict))
    if port or (text.endswith(":") and numeric_host(host) != numeric_host(text)):
        _judge_part(port, len(text) - len(port), judge_port)


def _judge_part(part: str, start: int, judge: Callable[[str], None]) -> None:
    """Judge a part of a text, and place what is wrong with it within the whole."""
    try:
        judge(part)
    except ValueProblem as problem:
        first, last = problem.at or (0, len(part))
        at = (start + first, start + last)
        raise ValueProblem(problem.expected, problem.choices, wrong=problem.wrong, at=at) from None
