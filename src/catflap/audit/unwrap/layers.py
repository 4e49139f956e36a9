"""One layer after the other, down to the relay's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.address.model import Unknown
from catflap.audit.command import Command
from catflap.audit.unwrap.options import options
from catflap.audit.unwrap.rows import WRAPPERS
from catflap.bridge.invocation import SOCAT_NAME
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument
    from catflap.audit.context import Context
    from catflap.audit.unwrap.rows import Wrapper
    from catflap.core.spans import Span

__all__ = ("HELD", "base_name", "is_held_relay", "is_relay", "unwrap")

_RELAY = re.compile(rf"{SOCAT_NAME}|catflap|catflap-socat|filan-socat")
HELD = re.compile(
    r"[$({@]{0,3}[ \t]*[\w.]{0,40}(?:socat|catflap)\w{0,40}[ \t]*[)}@]{0,2}",
    re.IGNORECASE | re.ASCII,
)
"""A variable, or a template's, that is named after a relay."""
_TEXT = re.compile(rf"\s*(?:[\w./-]*/)?{SOCAT_NAME}(\s+\S+){{1,40}}\s*")
_PROGRAM_AND_ADDRESS = 2
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)


def base_name(word: Argument) -> str:
    """Return the last part of a program's path, or nothing when that is not known."""
    tail: list[str] = []
    for piece in reversed(word.pieces):
        if isinstance(piece, Unknown):
            return ""
        _, slash, name = piece.text.rpartition("/")
        tail.append(name)
        if slash:
            break
    return "".join(reversed(tail))


def is_relay(word: Argument) -> bool:
    """Whether a program is socat or catflap, in whatever directory, of whatever version."""
    return _RELAY.fullmatch(base_name(word)) is not None


def is_held_relay(words: Sequence[Argument], at: int = 0) -> bool:
    """Whether a variable named after a relay is the program, and what follows reads like one's.

    Its value stands in another file: ``$SOCAT TCP-LISTEN:80 TCP:web:80``.

    Args:
        words: an argument vector.
        at: where in it the program stands.
    """
    pieces = words[at].pieces
    if len(pieces) != 1 or not isinstance(pieces[0], Unknown) or len(words) < at + 3:
        return False
    if HELD.fullmatch(pieces[0].text) is None:
        return False
    from catflap.audit.unwrap.unfamiliar import reads_like_address

    return any(reads_like_address(words[each]) for each in range(at + 1, len(words)))


def unwrap(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Yield the relay's commands that an argument vector starts."""
    if not words or context.too_deep:
        return
    context.budget.spend(len(words))
    if is_relay(words[0]):
        yield Command(tuple(words), span, context.surroundings, context.confidence)
        return
    if is_held_relay(words):
        sure = context.at_most(Confidence.MEDIUM).confidence
        yield Command(tuple(words), span, context.surroundings, sure)
        return
    if _TEXT.fullmatch(words[0].text):
        yield from _as_text(words, context)
        return
    name = base_name(words[0])
    from catflap.audit.unwrap.special import SPECIAL

    if handler := SPECIAL.get(name):
        yield from handler(words, span, context)
    elif wrapper := WRAPPERS.get(name):
        yield from _wrapped(wrapper, words, span, context)
    elif _ASSIGNMENT.match(words[0].text):
        yield from unwrap(words[1:], span, context)
    else:
        from catflap.audit.unwrap.unfamiliar import unfamiliar

        yield from unfamiliar(words, span, context)


def _as_text(words: Sequence[Argument], context: Context) -> Iterator[Command]:
    """Yield the command of a vector whose program is a whole line: ``CMD ["socat A B"]``.

    No such program is found when it is started; whoever meets that parts the words.
    """
    from catflap.audit.unwrap.texts import shell_text

    line = words if len(words[0].text.split()) <= _PROGRAM_AND_ADDRESS else words[:1]
    yield from shell_text(line, context.at_most(Confidence.MEDIUM))


def _wrapped(
    wrapper: Wrapper, words: Sequence[Argument], span: Span, context: Context
) -> Iterator[Command]:
    """Take off a program that starts what follows its options and operands."""
    given = options(words, wrapper.valued.split())
    at = given.rest
    facts = dict(wrapper.facts)
    account = given.value(*wrapper.user)
    if wrapper.user_operand and at < len(words):
        account = words[at]
    if account is not None:
        facts["user"] = account.text.partition(":")[0]
    elif wrapper.default_user:
        facts["user"] = wrapper.default_user
    at += wrapper.operands
    while wrapper.assignments and at < len(words) and _ASSIGNMENT.match(words[at].text):
        at += 1
    if at < len(words) and words[at].text == "--":
        at += 1
    yield from unwrap(words[at:], span, context.inside(**facts))
