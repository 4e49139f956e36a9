"""What is wrong with words of the command line, after the words by which people search for it.

The C program's text comes first, then our own sentence: whose fault it is and what would be right.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.model import Dual
from catflap.address.rows import ParameterType, ValueType

if TYPE_CHECKING:
    from catflap.address.model import Address, Option
    from catflap.address.syntax import Parsed
    from catflap.core.spans import Problem

__all__ = ("complaint_of_flag", "in_their_words", "of_sentence")

_HELP = 'use option "-h" for help'
_LONGEST_SOCKET_PATH = 108
"""What struct sockaddr_un holds (unix(7))."""

_MISSING = "missing numerical value"
_NUMBERS = frozenset({"-b", "-t", "-T", "-S"})
_NO_SERVICE = re.compile(r"(\S+) is not a \w+ service")
_NO_ACCOUNT = re.compile(r"there is no (user|group) (.+)")
_NO_VERSION = 'Unknown SSL/TLS version "{}" (use forms like "TLS1.2")'
_OF_VALUES = {
    "openssl-max-proto-version": _NO_VERSION,
    "openssl-min-proto-version": _NO_VERSION,
    "protocol-family": 'unknown protocol family "{}"',
}
_DIGITS = re.compile(r"[-+]?\d")
_OF_NUMBERS = frozenset(
    {
        *(ValueType.BOOL, ValueType.BYTE, ValueType.INT, ValueType.INT_NULL, ValueType.LONG),
        *(ValueType.MODE_T, ValueType.OFF_T, ValueType.OFF64_T, ValueType.SIZE_T),
        *(ValueType.STRUCT_LINGER, ValueType.UNSIGNED_INT, ValueType.UNSIGNED_SHORT),
    }
)


def complaint_of_flag(problem: Problem) -> str:
    """Return what the C program says of a flag that it does not take."""
    said = problem.source[problem.span.start : problem.span.end]
    if problem.message.startswith("-u and -U"):
        return "-U and -u must not be combined"
    if problem.message.startswith("only one of -L"):
        return "only one -L and -W option allowed"
    if "is not an option" in problem.message:
        what = "unknown log option" if said.startswith("-l") else "unknown option"
        return f'{what} "{said}"; {_HELP}'
    flag, _, rest = problem.message.partition(" ")
    if rest.startswith("needs a value"):
        return f"option {flag} requires an argument; {_HELP}"
    if rest.startswith("cannot be") and flag in _NUMBERS:
        what = "trailing garbage in numerical arg" if _DIGITS.match(said) else _MISSING
        return f'parseopts(): {what} of option "{flag}"'
    return f"{problem.message}; {_HELP}"


def in_their_words(problem: Problem, parsed: Parsed, written: str) -> str:
    """Return what is wrong with an address.

    Args:
        problem: the first that was found.
        parsed: the address.
        written: the word that it was read from.
    """
    sentence = problem.sentence()
    if problem in parsed.problems:
        return f'syntax error in "{written}": {sentence}'
    endpoint = parsed.endpoint
    for address in (endpoint.read, endpoint.write) if isinstance(endpoint, Dual) else (endpoint,):
        for option in address.options:
            if option.span.start <= problem.span.start < option.span.end:
                return _joined(_of_option(problem, option), sentence)
        known = _of_parameter(problem, address)
        if known:
            return _joined(known, sentence)
    return sentence


def of_sentence(sentence: str) -> str:
    """Return a complaint that comes without its place, after the known words if there are any."""
    service, account = _NO_SERVICE.match(sentence), _NO_ACCOUNT.match(sentence)
    if service is not None:
        known = "Servname not supported for ai_socktype"
        return f'getaddrinfo("", "{service[1]}", {{}}, {{}}): {known}: {sentence}'
    if account is not None:
        call = "getpwnam" if account[1] == "user" else "getgrnam"
        return f'{call}("{account[2]}"): no such {account[1]}'
    return sentence


def _joined(known: str, sentence: str) -> str:
    return f"{known}: {sentence}" if known else sentence


def _of_option(problem: Problem, option: Option) -> str:
    name, row = option.name.text, option.row
    if problem.message == f"{name} needs a value":
        return f'option "{name}": value required'
    if row is None or option.value is None:
        return ""
    text = option.value.text
    if row.type in _OF_NUMBERS:
        garbage = row.type is not ValueType.MODE_T and _DIGITS.match(text)
        what = "trailing garbage in numerical arg" if garbage else _MISSING
        return f'parseopts(): {what} of option "{name}={text}"'
    return _OF_VALUES[row.name].format(text) if row.name in _OF_VALUES else ""


def _of_parameter(problem: Problem, address: Address) -> str:
    kind = address.kind
    if kind is None:
        return ""
    for word, parameter in zip(address.parameters, kind.parameters, strict=False):
        inside = word.span.start <= problem.span.start <= word.span.end
        if not inside or not word.known:
            continue
        text = word.text
        if parameter.type is ParameterType.DESCRIPTOR:
            return f'error in FD number "{text}"'
        if parameter.type is ParameterType.PORT:
            return _of_port(text, address)
        if parameter.type is ParameterType.HOST and not text:
            return 'getaddrinfo("", "NULL", {}, {}): Name or service not known'
        if parameter.type is ParameterType.PATH and "has" in problem.message:
            size = len(text.encode("utf-8", "surrogateescape"))
            return (
                f"unix socket address {size} characters long, max length is {_LONGEST_SOCKET_PATH}"
            )
    return ""


def _of_port(text: str, address: Address) -> str:
    if not text:
        return "empty port/service"
    host = address.parameters[0].text if len(address.parameters) > 1 else ""
    what = "Servname not supported for ai_socktype"
    return f'getaddrinfo("{host}", "{text}", {{}}, {{}}): {what}'
