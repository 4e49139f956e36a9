"""Programs that start a command on another machine or in another network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.unwrap.layers import base_name, unwrap
from catflap.audit.unwrap.options import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

__all__ = ("ip", "ssh", "ssh_context")

_SSH = "-B -b -c -D -E -e -F -I -i -J -L -l -M -m -O -o -P -p -Q -R -S -W -w"
# ssh's own -M is a flag; autossh takes a port there.
_FLAGS = {"ssh": frozenset({"-M"})}
_IP = "-f -family -n -netns -b -batch -rc -rcvbuf -l -loops"


def ssh_context(words: Sequence[Argument], context: Context) -> tuple[Context, int]:
    """Return where a command of ssh runs, and the index of its first word."""
    flags = _FLAGS.get(base_name(words[0]), frozenset())
    valued = [name for name in _SSH.split() if name not in flags]
    given = options(words, valued)
    account = given.value("-l")
    user = account.text if account is not None else ""
    at = given.rest
    if at < len(words):
        host = words[at].text
        if "@" in host:
            user = host.rpartition("@")[0].removeprefix("ssh://")
        # Options may also follow the host.
        at = options(words, valued, at + 1).rest
    inner = context.inside(
        user=user, elsewhere=True, container=False, published=None, own_network=False, bounded=False
    )
    return inner, at


def ssh(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``ssh HOST WORDS``: the words are joined, and the other side's shell reads them."""
    from catflap.audit.unwrap.texts import from_stdin, shell_text

    inner, at = ssh_context(words, context)
    if at < len(words):
        yield from shell_text(words[at:], inner)
    else:
        yield from from_stdin(inner)


def ip(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``ip netns exec NAME COMMAND`` and ``ip vrf exec NAME COMMAND``."""
    at = options(words, _IP.split()).rest
    named = [word.text for word in words[at : at + 2]]
    if len(named) == 2 and named[0] in {"netns", "vrf"} and "exec".startswith(named[1]):
        facts = {"elsewhere": True} if named[0] == "netns" else {}
        yield from unwrap(words[at + 3 :], span, context.inside(**facts))
