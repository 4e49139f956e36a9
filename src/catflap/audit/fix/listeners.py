"""Fixes that narrow who reaches a listener."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.model import Literal
from catflap.address.rows import Transport
from catflap.audit.fix.proposal import NotFixableError, Placeholder, Proposal
from catflap.audit.fix.words import insert_words
from catflap.rules.exposure import is_wildcard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.fix.site import Site
    from catflap.bridge.side import Side

__all__ = (
    "CERTIFICATE",
    "CLIENT_CA",
    "NETWORK",
    "allow_network",
    "become_nobody",
    "bind_address",
    "encrypt",
    "fork_limited",
    "keep_on_host",
    "log_connections",
    "narrow_network",
)

MOST_CHILDREN = 100
"""How many children a fix allows; the rule's own suggestion."""

CERTIFICATE = Placeholder(
    "CHANGE-ME-SERVER.pem", "the file with the certificate and key of this listener"
)
CLIENT_CA = Placeholder(
    "CHANGE-ME-CLIENT-CA.pem", "the file with the CA that signed the certificates of its clients"
)
NETWORK = Placeholder("CHANGE-ME-NETWORK/BITS", "the network that its clients come from")
_ADDRESS = Placeholder("CHANGE-ME-ADDRESS", "the one address of this host that its clients use")


def fork_limited(site: Site) -> Iterator[Proposal]:
    """Limit the children of a listener."""
    option = f"max-children={MOST_CHILDREN}"
    change = site.add_option(site.side, option)
    yield Proposal(f"{option} limits the processes", (change,), safe=True)


def keep_on_host(site: Site) -> Iterator[Proposal]:
    """Let a listener that is open to all listen on loopback only."""
    yield _on_loopback(site, _listener(site))


def encrypt(site: Site) -> Iterator[Proposal]:
    """Make a listener speak TLS and ask every client for a certificate."""
    yield _encrypted(site, _listener(site))


def _listener(site: Site) -> Side:
    """Return the listener that a finding is about, or that stands before what it is about."""
    side = site.side
    if side.listens and side.is_internet:
        return side
    found = [each for each in site.bridge.listeners if each.is_internet]
    if len(found) != 1:
        raise NotFixableError("it is not reached through one listener of this command")
    return found[0]


def _on_loopback(site: Site, side: Side) -> Proposal:
    place = site.command.surroundings
    if place.container and not place.host_network:
        raise NotFixableError("in a container, loopback is reached by nobody outside of it")
    if not is_wildcard(side):
        raise NotFixableError("it is bound to an address already")
    host = "localhost" if side.family == "6" else "127.0.0.1"
    change = site.set_option(side, ("bind",), f"bind={host}")
    return Proposal(f"bind={host} keeps it on this host: other hosts no longer reach it", (change,))


def _encrypted(site: Site, side: Side) -> Proposal:
    if side.kind.transport is not Transport.TCP or side.kind.name.startswith("SOCKS"):
        raise NotFixableError("no encrypted form of it is known")
    keyword = side.address.keyword
    name = "openssl-listen" if keyword.text.islower() else "OPENSSL-LISTEN"
    family = f"pf=ip{side.kind.family}," if side.kind.family else ""
    files = f"cert={CERTIFICATE.name},cafile={CLIENT_CA.name}"
    # The option's short name is not known to socat 1.7.
    option = f"{family}{files},openssl-min-proto-version=TLS1.2"
    changes = (site.replace_word(keyword, name), site.add_option(side, option))
    title = f"{name} encrypts it and asks every client for a certificate"
    return Proposal(title, changes, placeholders=(CERTIFICATE, CLIENT_CA))


def allow_network(site: Site) -> Iterator[Proposal]:
    """Let only one network come."""
    change = site.add_option(site.side, f"range={NETWORK.name}")
    yield Proposal("range= lets only its clients' network come", (change,), placeholders=(NETWORK,))


def narrow_network(site: Site) -> Iterator[Proposal]:
    """Put the clients' network in the place of an allowlist that is too wide."""
    change = site.set_option(site.side, ("range",), f"range={NETWORK.name}")
    yield Proposal("range= names its clients' network", (change,), placeholders=(NETWORK,))


def bind_address(site: Site) -> Iterator[Proposal]:
    """Listen on one address."""
    change = site.set_option(site.side, ("bind",), f"bind={_ADDRESS.name}")
    yield Proposal("bind= opens one address only", (change,), placeholders=(_ADDRESS,))


def become_nobody(site: Site) -> Iterator[Proposal]:
    """Give up root once the port is open."""
    change = site.add_option(site.side, "su=nobody")
    title = "su=nobody gives up root: files, sockets and programs must be open to nobody"
    yield Proposal(title, (change,))


def log_connections(site: Site) -> Iterator[Proposal]:
    """Log who connects."""
    given = [flag for flag in site.bridge.flags.given if flag.row.name == "-d"]
    if any(flag.value is not None for flag in given):
        raise NotFixableError("a level is given already")
    missing = ("-d",) * (2 - len(given))
    first = site.command.words[1] if len(site.command.words) > 1 else None
    if first is None or not isinstance(first.pieces[0], Literal):
        raise NotFixableError("a variable stands in front of the addresses")
    yield Proposal("-d -d logs who connects", (insert_words(site, 1, missing),), safe=True)
