"""Text that a peer chose is handed to a shell."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from catflap.address.model import Unknown
from catflap.address.rows import ParameterType
from catflap.core.spans import printable
from catflap.findings.finding import Confidence, Severity
from catflap.rules.assets import ways_to
from catflap.rules.exposure import Access
from catflap.rules.rule import Rule
from catflap.rules.telling import known_sides, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.model import Bridge
    from catflap.bridge.side import Side
    from catflap.core.facts import Facts
    from catflap.findings.finding import Finding

__all__ = ("RULE",)

_SLUG = "shell-interpolation"
_MOST_PLACES = 20
_PEER_MADE = re.compile(r"\$\{?(SOCAT_(?:OPENSSL_X509\w*|IP_OPTIONS|PEER\w*|UNIX\w*))\b")
_EVALUATES = re.compile(r"\b(eval|ssh|xargs|(ba|da|z|k)?sh\s+-\w*c)\b")


def _check(bridge: Bridge, facts: Facts) -> Iterator[Finding]:
    del facts
    for side in known_sides(bridge):
        if side.kind.name not in {"SYSTEM", "SHELL"}:
            continue
        text = side.parameter(ParameterType.COMMAND)
        made = itertools.islice(_PEER_MADE.finditer(text), _MOST_PLACES)
        places = [each for each in made if not _is_harmless(text, each)]
        if places:
            worst = next((each for each in places if _is_evaluated(text, each)), places[0])
            yield _peer_made(bridge, side, text, worst)
        elif any(isinstance(part, Unknown) for part in _parts(side)):
            yield tell(
                _SLUG,
                Severity.LOW,
                side,
                "a variable is put into the text of a shell command before the shell reads it",
                mend="EXEC:PROGRAM ARGUMENTS, which no shell reads",
                confidence=Confidence.LOW,
            )


def _parts(side: Side) -> tuple[object, ...]:
    word = side.word(ParameterType.COMMAND)
    return word.parts if word is not None else ()


def _peer_made(bridge: Bridge, side: Side, text: str, found: re.Match[str]) -> Finding:
    evaluated = _is_evaluated(text, found)
    access = max((way.access for way in ways_to(bridge, side)), default=Access.OWNER)
    open_door = evaluated and access in {Access.NETWORK, Access.LOCAL}
    how = "is read again as a command" if evaluated else "is split into words and patterns"
    return tell(
        _SLUG,
        Severity.HIGH if open_door else Severity.LOW,
        side,
        f"{printable(found[1])} is what the peer made it, and here it {how}",
        mend=f'"${found[1]}" in double quotes, outside eval and sh -c; better EXEC:PROGRAM, '
        "which reads it from its environment",
        confidence=Confidence.MEDIUM,
    )


def _is_evaluated(text: str, found: re.Match[str]) -> bool:
    """Whether the simple command that holds a place reads its words as a command again."""
    start, _ = _command_around(text, found.start())
    return _EVALUATES.search(text, start, found.start()) is not None


def _is_harmless(text: str, found: re.Match[str]) -> bool:
    """Whether quotes keep a place together and nothing evaluates it."""
    _, quoted = _command_around(text, found.start())
    return quoted and not _is_evaluated(text, found)


def _command_around(text: str, position: int) -> tuple[int, bool]:
    """Return where the simple command around a place begins, and whether it stands in quotes."""
    start, inside, escaped, single = 0, False, False, False
    for at, char in enumerate(text[:position]):
        if escaped:
            escaped = False
        elif char == "\\" and not single:
            escaped = True
        elif char == "'" and not inside:
            single = not single
        elif char == '"' and not single:
            inside = not inside
        elif char in ";\n|&" and not inside and not single:
            start = at + 1
    return start, inside or single


RULE = Rule(
    slug=_SLUG,
    title="Text that a peer chose is handed to a shell",
    worst=Severity.HIGH,
    cwe=78,
    bad="catflap run TCP-LISTEN:7000 'SYSTEM:eval greet $SOCAT_PEERADDR'",
    good="catflap run TCP-LISTEN:7000 EXEC:./greet",
    attacker="Chooses a name, for instance in a certificate, that the shell reads as a command or "
    "an option.",
    mend="Use EXEC with a program that reads the variable from its environment; else quote it.",
    check=_check,
    good_sentence="No text that a peer chose is read as a command.",
    fixable="unsafe",
)
