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
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "secret-in-arguments"
_OPTIONS = ("proxy-authorization", "sockspass")
_IN_COMMAND = re.compile(
    r"(?i)(sshpass\s+-p|--?(password|passwd|secret|token|api-?key)[= ]\s*['\"]?[^\s$'\"]"
    r"|\bPGPASSWORD=|\bMYSQL_PWD=|mysql\b.{0,200}\s-p[^\s]|authorization:\s*(basic|bearer)\s+\w)"
)


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    """The secret itself is not repeated in the message."""
    del facts
    for side in known_sides(bridge):
        name = next((each for each in _OPTIONS if side.last(each) is not None), "")
        if name:
            option = side.last(name)
            known = option is not None and option.value is not None and option.value.known
            yield tell(
                _SLUG,
                Severity.LOW,
                side,
                f"the password of {side.kind.name} is an argument, which every user sees in ps",
                span=place(side, name),
                mend="proxy-authorization-file=FILE"
                if name == "proxy-authorization"
                else "sockspass-file=FILE",
                confidence=Confidence.HIGH if known else Confidence.MEDIUM,
            )
        elif _IN_COMMAND.search(side.parameter(ParameterType.COMMAND)):
            yield tell(
                _SLUG,
                Severity.LOW,
                side,
                f"the command of {side.kind.name} seems to hold a secret: ps shows it to all",
                mend="a file, or a variable of the environment, that the program reads itself",
                confidence=Confidence.MEDIUM,
            )


RULE = Rule(
    slug=_SLUG,
    title="A password stands among the arguments",
    worst=Severity.LOW,
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
