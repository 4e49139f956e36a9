"""What may stand in the lists of catflap.toml: one row a form, for the reference and explain."""

from __future__ import annotations

__all__ = ("FORMS", "NOTES")

FORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "allow": (
        ("10.0.0.0/8", "a network; 10.1.2.3 alone is one address"),
        ("2001:db8::/32", "the same for IPv6"),
        ("!10.9.0.0/16", "denies; before the network that it is taken from"),
    ),
    "identities": (
        ("dns:a.acme.example", "a DNS name of the certificate (subjectAltName), whatever the case"),
        ("dns:*.acme.example", "any name with one label more"),
        ("spiffe://acme/billing", "a URI of the certificate; uri: may stand before it"),
        ("spiffe://acme/*", "* is what one segment holds, or a part of it: spiffe://acme/bill*"),
        ("spiffe://acme/**", "** is one segment or more"),
        ("ip:10.1.2.3", "an IP address in the certificate; ip:10.0.0.0/8 is any of a network"),
        ("email:bob@acme.example", "a mail address in it; email:*@acme.example is any of a domain"),
        ("pin:sha256:BASE64", "the SHA-256 of its public key (RFC 7469); hexadecimal will do too"),
        ("cn:alice", "the common name of its subject: only when asked for so"),
        ("ou:ops", "an organizational unit of its subject: likewise"),
        ("user:alice", "a UNIX peer that runs as this user (SO_PEERCRED); uid:1000 by its number"),
        ("group:ops", "a UNIX peer whose user is in this group; gid:1000 by its number"),
        ("!dns:old.acme.example", "denies; before the entry that it is taken from"),
    ),
    "hours": (
        ("Mon-Fri 08:00-18:00", "days and times, in the zone of zone, which is UTC when left out"),
        ("Sat,Sun 10:00-16:00 Europe/Berlin", "another zone, by its name in the tz database"),
        ("08:00-18:00", "every day"),
        ("Fri 22:00-06:00", "over midnight, into the next day"),
    ),
}
"""By key: as it is written, and what it means."""

NOTES: dict[str, str] = {
    "allow": "The first entry that matches decides; no match, and an empty list, is a no. A peer "
    "that comes by IPv6 with an IPv4 address in it is judged as IPv4.",
    "identities": "The first entry that matches anything the peer proved decides; no match, and "
    "an empty list, is a no. Only the leaf certificate whose key did the handshake counts.",
    "hours": "Any of them opens the door; an empty list never does. Sessions end with their hours.",
}
"""By key: how the entries of its list work together."""
