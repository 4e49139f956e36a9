"""Fixes of what TLS is asked to check, and how well it protects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.address.rows import Transport
from catflap.audit.fix.listeners import CLIENT_CA
from catflap.audit.fix.proposal import NotFixableError, Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.address.model import Option
    from catflap.audit.fix.site import Site

__all__ = (
    "ask_for_certificates",
    "choose_protocol",
    "default_ciphers",
    "expect_name",
    "name_ca",
    "verify_server",
)


def _given(site: Site, name: str) -> Option:
    option = site.side.last(name)
    if option is None:
        raise NotFixableError("the option is not written here")
    return option


def ask_for_certificates(site: Site) -> Iterator[Proposal]:
    """Let a TLS listener ask its clients for certificates of a CA that it names."""
    side, option = site.side, _given(site, "openssl-verify")
    if side.last("openssl-cafile") is not None or side.last("openssl-capath") is not None:
        yield Proposal(
            "without verify=0 every client needs a certificate of the CA that is named",
            (site.remove_option(option),),
        )
        return
    site.remove_option(option)
    yield Proposal(
        "every client needs a certificate of the CA in cafile=",
        (site.replace(option.span, f"cafile={CLIENT_CA.name}"),),
        placeholders=(CLIENT_CA,),
    )


def name_ca(site: Site) -> Iterator[Proposal]:
    """Name the CA whose clients a TLS listener lets in."""
    change = site.add_option(site.side, f"cafile={CLIENT_CA.name}")
    yield Proposal(
        "cafile= names the CA whose clients come in", (change,), placeholders=(CLIENT_CA,)
    )


def verify_server(site: Site) -> Iterator[Proposal]:
    """Check the server's certificate.

    Never safe: who wrote verify=0 may have met a certificate that does not verify.
    """
    side = site.side
    own = side.last("openssl-cafile") is not None or side.last("openssl-capath") is not None
    trust = "the CA that is named" if own else "this host's store of CAs (else give cafile=)"
    change = site.remove_option(_given(site, "openssl-verify"))
    yield Proposal(f"without verify=0 the server is checked against {trust}", (change,))


def expect_name(site: Site) -> Iterator[Proposal]:
    """Expect the name of the host that is connected to."""
    change = site.remove_option(_given(site, "openssl-commonname"))
    yield Proposal("without commonname= the host's own name is expected", (change,))


def default_ciphers(site: Site) -> Iterator[Proposal]:
    """Leave the ciphers to the library."""
    change = site.remove_option(_given(site, "openssl-cipherlist"))
    yield Proposal("the library's own ciphers are good; a very old peer may miss its", (change,))


def choose_protocol(site: Site) -> Iterator[Proposal]:
    """Let TLS 1.2 be the oldest version.

    Safe where nobody chose a version: the libraries of today start there. Whoever wrote an older
    one had a peer in mind that knows no better.
    """
    side = site.side
    version = "DTLS1.2" if side.kind.transport is Transport.DTLS else "TLS1.2"
    said = side.last("openssl-min-proto-version") is not None
    option = f"openssl-min-proto-version={version}"
    change = site.set_option(side, ("openssl-min-proto-version",), option)
    newest = side.last("openssl-max-proto-version")
    if newest is not None and newest.span == site.written:
        title = f"{option} is the oldest version spoken, and newer ones are"
        yield Proposal(title, (change, site.remove_option(newest)))
        return
    yield Proposal(f"{option} is the oldest version spoken", (change,), safe=not said)
