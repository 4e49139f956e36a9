"""Known holes of socat by version: data for :mod:`catflap.rules.vulnerable_version`.

From the program's own advisories and the CVE list. CVE-2024-54661 is left out: it is in an
example script, not in the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ("ADVISORIES", "Advisory", "Use")


class Use(Enum):
    """What a command must do for a hole to matter."""

    ANY = "any"
    SYSLOG = "syslog"
    READLINE = "readline"
    REFUSES = "refuses peers"
    HTTP_PROXY = "http proxy"
    FORK = "fork"
    TLS = "tls"
    SOCKS5 = "socks5"
    BLOCK_SIZE = "-b"


@dataclass(frozen=True, slots=True)
class Advisory:
    """A hole.

    Args:
        name: CVE, else the number of socat's advisory.
        fixed: the first version without it.
        what: one phrase.
        use: who is affected.
        runs_code: whether a peer may gain more than a denial of service.
    """

    name: str
    fixed: tuple[int, ...]
    what: str
    use: Use
    runs_code: bool = False


ADVISORIES: tuple[Advisory, ...] = (
    Advisory(
        "CVE-2026-56123",
        (1, 8, 1, 2),
        "a SOCKS5 server overflows the heap by its answer",
        Use.SOCKS5,
        runs_code=True,
    ),
    Advisory("the fault of 2021", (1, 7, 4, 0), "a large -b overflows the heap", Use.BLOCK_SIZE),
    Advisory("advisory 8", (1, 7, 3, 1), "long words overflow the stack", Use.ANY),
    Advisory(
        "CVE-2016-2217",
        (1, 7, 3, 1),
        "the number that DH keys are agreed by is not prime",
        Use.TLS,
        runs_code=True,
    ),
    Advisory("CVE-2015-1379", (1, 7, 3, 0), "a server with fork freezes", Use.FORK),
    Advisory(
        "CVE-2014-0019", (1, 7, 2, 3), "a long proxy address overflows the stack", Use.HTTP_PROXY
    ),
    Advisory("CVE-2013-3571", (1, 7, 2, 2), "refused peers use up descriptors", Use.REFUSES),
    Advisory(
        "CVE-2012-0219",
        (1, 7, 2, 1),
        "a peer overflows the heap through READLINE",
        Use.READLINE,
        runs_code=True,
    ),
    Advisory("CVE-2010-2799", (1, 7, 1, 3), "long words overflow the stack", Use.ANY),
    Advisory(
        "CVE-2004-1484",
        (1, 4, 0, 3),
        "what is logged to syslog is taken as a format",
        Use.SYSLOG,
        runs_code=True,
    ),
)
"""Newest first."""
