"""OpenWrt's service of socat: the command's words are an option of ``/etc/config/socat``.

Source: https://openwrt.org/docs/guide-user/base-system/uci and the package's init script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.audit.command import Argument

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

__all__ = ("NAME", "option", "uci")

NAME = "SocatOptions"
_VERBS = frozenset({"set", "add_list"})


def uci(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Read ``uci set socat.web.SocatOptions='TCP-LISTEN:80 TCP:web:80'``."""
    from catflap.audit.shell.words import as_passage

    if not _VERBS.intersection(word.text for word in words[1:4]):
        return
    for word in words[2:]:
        name, sign, _ = word.text.partition("=")
        if sign and name.endswith(f".{NAME}"):
            whole = as_passage(word.pieces)
            value = whole.part(whole.text.index("=") + 1, len(whole))
            yield from _started(word, Argument(value.pieces(), word.span), context)


def option(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Read ``option SocatOptions 'TCP-LISTEN:80 TCP:web:80'``, a line of the configuration."""
    if len(words) == 3 and words[1].text == NAME:
        yield from _started(words[1], words[2], context)


def _started(name: Argument, value: Argument, context: Context) -> Iterator[Command]:
    """Yield what the service starts: the program, and the value parted as a shell does."""
    from catflap.audit.unwrap.texts import shell_text

    program = Argument((Literal("socat", name.span),), name.span)
    yield from shell_text((program, value), context.inside(user="root"))
