"""Lists of identities, indexed, and what a peer proved compared with them."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from catflap.bridge.identities import PolicyError, parse_identity
from catflap.bridge.policy import IdentityKind, IdentityPattern
from catflap.guard.uri_patterns import UriPatterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.core.nouns import CertificateFacts, Identity

__all__ = ("IdentityIndex", "admitting_entry", "best_name", "proven_names")

_Place = tuple[int, IdentityPattern]


class IdentityIndex:
    """Finds the first entry of a list that matches anything a peer proved.

    Exact entries cost one look into a dictionary each; wildcards of DNS names and e-mail addresses
    one by their domain; networks one by the length of their prefix; URIs a walk along their path.

    Args:
        patterns: first match decides; users and groups as numbers.
    """

    __slots__ = ("_domains", "_exact", "_networks", "_uris")

    def __init__(self, patterns: Iterable[IdentityPattern]) -> None:
        """Sort the entries into what finds them."""
        self._exact: dict[tuple[IdentityKind, str], _Place] = {}
        self._domains: dict[tuple[IdentityKind, str], _Place] = {}
        self._uris: UriPatterns[_Place] = UriPatterns()
        self._networks: dict[tuple[int, int], dict[int, _Place]] = {}
        for position, entry in enumerate(patterns):
            self._add(entry, (position, entry))

    def _add(self, entry: IdentityPattern, place: _Place) -> None:
        if entry.kind is IdentityKind.IP:
            network = ipaddress.ip_network(entry.pattern)
            same = self._networks.setdefault((network.max_prefixlen, int(network.netmask)), {})
            same.setdefault(int(network.network_address), place)
        elif entry.kind is IdentityKind.URI and "*" in entry.pattern:
            self._uris.add(entry.pattern, place)
        elif entry.pattern.startswith(("*.", "*@")) and entry.kind in _WITH_DOMAINS:
            self._domains.setdefault((entry.kind, entry.pattern[2:]), place)
        else:
            self._exact.setdefault((entry.kind, entry.pattern), place)

    def find(self, identity: Identity, groups: Iterable[int] = ()) -> IdentityPattern | None:
        """Return the first entry that matches.

        Args:
            identity: what the peer proved.
            groups: further groups of a UNIX peer.
        """
        places: list[_Place] = []
        for kind, name in proven_names(identity, groups):
            places.extend(self._matching(kind, name))
        return min(places, key=_position)[1] if places else None

    def _matching(self, kind: IdentityKind, name: str) -> Iterator[_Place]:
        exact = self._exact.get((kind, name))
        # A wildcard in a certificate names nobody who could be let in; who is kept out stays so.
        if exact is not None and ("*" not in name or exact[1].denies):
            yield exact
        if kind in _WITH_DOMAINS:
            mark = "." if kind is IdentityKind.DNS else "@"
            first, _, domain = name.partition(mark) if mark == "." else name.rpartition(mark)
            found = self._domains.get((kind, domain))
            if found is not None and first and ("*" not in first or found[1].denies):
                yield found
        elif kind is IdentityKind.URI and self._uris:
            yield from self._uris.matching(name)
        elif kind is IdentityKind.IP and self._networks:
            address = ipaddress.ip_address(name)
            for (bits, mask), places in self._networks.items():
                found = places.get(int(address) & mask) if bits == address.max_prefixlen else None
                if found is not None:
                    yield found


_WITH_DOMAINS = frozenset({IdentityKind.DNS, IdentityKind.EMAIL})


def _position(place: _Place) -> int:
    return place[0]


def proven_names(
    identity: Identity, groups: Iterable[int] = ()
) -> Iterator[tuple[IdentityKind, str]]:
    """Yield everything that a peer proved, in the form in which patterns are compared with it."""
    certificate = identity.certificate
    if certificate is not None:
        yield from _of_certificate(certificate)
    credentials = identity.credentials
    if credentials is not None:
        yield IdentityKind.USER, str(credentials.uid)
        for group in {credentials.gid, *groups}:
            yield IdentityKind.GROUP, str(group)


def _of_certificate(certificate: CertificateFacts) -> Iterator[tuple[IdentityKind, str]]:
    for name in certificate.uris:
        yield IdentityKind.URI, _canonical_uri(name)
    for name in certificate.dns:
        yield IdentityKind.DNS, name.lower().removesuffix(".")
    for name in certificate.emails:
        local, _, domain = name.rpartition("@")
        yield IdentityKind.EMAIL, f"{local}@{domain.lower()}"
    for name in certificate.addresses:
        try:
            yield IdentityKind.IP, str(ipaddress.ip_address(name))
        except ValueError:
            continue  # a network in a name constraint's clothes identifies nobody
    if certificate.pin:
        yield IdentityKind.PIN, certificate.pin
    for name in certificate.common_names:
        yield IdentityKind.COMMON_NAME, name
    for name in certificate.organizational_units:
        yield IdentityKind.ORGANIZATIONAL_UNIT, name


def _canonical_uri(name: str) -> str:
    """Scheme and host do not depend on case (RFC 3986, section 6.2.2.1); the path does."""
    scheme, mark, rest = name.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{mark}{host.lower()}{slash}{path}"


def best_name(identity: Identity) -> str:
    """Return the first name that the peer proved, or nothing when it proved nothing."""
    return next((_written(*each) for each in proven_names(identity)), "")


def admitting_entry(identity: Identity) -> str:
    """Return the entry that would admit just this peer, or nothing when none would.

    Not every name in a certificate can be one: a wildcard names nobody, and a name may hold what
    an entry cannot. The pin of its key always can.
    """
    written = (_written(*each) for each in proven_names(identity) if "*" not in each[1])
    return next((entry for entry in written if _is_entry(entry)), "")


def _written(kind: IdentityKind, name: str) -> str:
    if kind is IdentityKind.URI:
        return name
    return f"pin:sha256:{name}" if kind is IdentityKind.PIN else f"{kind.value}:{name}"


def _is_entry(text: str) -> bool:
    try:
        parse_identity(text)
    except PolicyError:
        return False
    return True
