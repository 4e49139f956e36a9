"""Fixes of how long a session lasts, and of what is written down about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.fix.proposal import NotFixableError, Proposal
from catflap.audit.fix.words import add_flag, remove_flag
from catflap.bridge.effective import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.fix.site import Site

__all__ = ("end_silence", "forget_payload", "wait_for_answer")

IDLE_SECONDS = 3600
"""An hour without a byte ends a session, as catflap has it by default."""

ANSWER_SECONDS = 60
"""So long the other side has after one has ended, as catflap has it by default."""


def end_silence(site: Site) -> Iterator[Proposal]:
    """End sessions in which nothing passes.

    Never safe: some sessions are meant to be silent for longer.
    """
    if site.bridge.dialect is Dialect.SOCAT:
        if site.bridge.flags.has("-T"):
            raise NotFixableError("-T is given already")
        change = add_flag(site, "-T", str(IDLE_SECONDS))
        yield Proposal("-T 3600 ends a session after an hour without a byte", (change,))
        return
    for name in ("idle-timeout", "handshake-timeout"):
        option = site.side.last(name)
        if option is not None and option.span == site.written:
            change = site.remove_option(option)
            yield Proposal(f"the default of {name}= holds again", (change,))
            return
    flag = site.bridge.flags.last("--idle-timeout") or site.bridge.flags.last("--handshake-timeout")
    if flag is None:
        raise NotFixableError("the limit is not switched off here")
    yield Proposal(f"the default of {flag.row.name} holds again", (remove_flag(site, flag),))


def wait_for_answer(site: Site) -> Iterator[Proposal]:
    """Give a late answer time.

    Never safe: where the other side never ends, as with UDP, every call takes so much longer.
    """
    change = add_flag(site, "-t", str(ANSWER_SECONDS))
    yield Proposal("-t 60 gives the answer a minute once the question has ended", (change,))


def forget_payload(site: Site) -> Iterator[Proposal]:
    """No longer write down what passes.

    Never safe: somebody may read it, or the command may be there for nothing else.
    """
    for flag in site.bridge.flags.given:
        if flag.span == site.written:
            change = remove_flag(site, flag)
            yield Proposal(f"without {flag.row.name} nothing that passes is written", (change,))
            return
    raise NotFixableError("the flag is not written here")
