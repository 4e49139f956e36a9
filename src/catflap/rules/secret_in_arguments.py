"""A password among the arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.rows import ParameterType
from catflap.findings.finding import Confidence, Severity
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, place, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "secret-in-arguments"
_OPTIONS = ("proxy-authorization", "sockspass")
_REFERENCES = ("${env:", "${file:")
_IN_COMMAND = re.compile(
    r"(?i)(?:sshpass\s+-p\s*|--?(?:password|passwd|secret|token|api-?key)[= ]\s*(?=['\"]?[^\s$'\"])"
    r"|\bPGPASSWORD=|\bMYSQL_PWD=|mysql\b.{0,200}\s-p(?=[^\s])|authorization:\s*(?:basic|bearer)\s+)"
    r"['\"]?(?P<value>[^\s$'\"\x00-\x1f\ufffc]+)?"
)
_STANDS_FOR = re.compile(
    r"(?i)[<\[{].*[>\]}]|.*(?:pass(?:word|wd|phrase)?|pwd|passwort|contrase\w+|mot-?de-?passe)\d?"
    r"|secret|token|(?:your|my|the)[-_].*|x{2,}|\*+|\.+|change-?me|example|foo|bar|pw|p"
)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """The secret itself is not repeated in the message."""
    del facts
    for side in known_sides(bridge):
        name = next((each for each in _OPTIONS if side.last(each) is not None), "")
        if name:
            if not _is_referred_to(side, name):
                yield _of_option(side, name)
            continue
        found = _IN_COMMAND.search(side.parameter(ParameterType.COMMAND))
        if found is not None:
            given = found["value"] or ""
            yield tell(
                _SLUG,
                _severity(side, given, known=bool(given)),
                side,
                f"the command of {side.kind.name} seems to hold a secret: {_whose(side)}",
                mend="a file, or a variable of the environment, that the program reads itself",
                confidence=Confidence.MEDIUM,
            )


def _is_referred_to(side: Side, name: str) -> bool:
    """Whether catflap.toml brings a value in by reference: then it is no argument of anything."""
    option = side.last(name)
    if option is None or option.value is None:
        return False
    span = option.value.span
    written = side.source[span.start : span.end]
    return any(each in written for each in _REFERENCES)


def _of_option(side: Side, name: str) -> Finding:
    option = side.last(name)
    value = option.value if option is not None else None
    known = value is not None and value.known
    text = value.text if value is not None else ""
    secret = text.partition(":")[2] if name == "proxy-authorization" else text
    return tell(
        _SLUG,
        _severity(side, secret, known=known),
        side,
        f"the password of {side.kind.name} is an argument: {_whose(side)}",
        span=place(side, name),
        mend="proxy-authorization-file=FILE"
        if name == "proxy-authorization"
        else "sockspass-file=FILE",
        confidence=Confidence.HIGH if known else Confidence.MEDIUM,
    )


def _severity(side: Side, secret: str, *, known: bool) -> Severity:
    """Return high for a password that a file keeps, medium for one that comes from elsewhere.

    What stands for a password, for the reader to fill in, is none.
    """
    kept = side.surroundings.written and not side.surroundings.document
    is_kept = known and kept and bool(secret) and _STANDS_FOR.fullmatch(secret) is None
    return Severity.HIGH if is_kept else Severity.MEDIUM


def _whose(side: Side) -> str:
    kept = side.surroundings.written and not side.surroundings.document
    return "it is kept here, and every user sees it in ps" if kept else "every user sees it in ps"


RULE = Rule(
    slug=_SLUG,
    title="A password stands among the arguments",
    worst=Severity.HIGH,
    cwe=214,
    bad="socat - PROXY:127.0.0.1:api.example:443,proxyport=3128,proxyauth=me:secret",
    good="socat - PROXY:127.0.0.1:api.example:443,proxyport=3128,"
    "proxy-authorization-file=/run/secrets/proxy",
    attacker="Reads it in ps, in a shell's history, in a log of processes, or in the file.",
    mend="Let it be read from a file: proxy-authorization-file=FILE.",
    check=_check,
    good_sentence="Passwords are read from files that only their user can read.",
    fixable="unsafe",
)
