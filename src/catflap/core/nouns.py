"""Who is at the other end, what they proved, and what was decided about them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("CertificateFacts", "Decision", "Identity", "Peer", "TlsFacts", "UnixCredentials")

_MOST_NAMES = 16
_LONGEST_NAME = 255
_MAPPED = "::ffff:"


@dataclass(frozen=True, slots=True)
class UnixCredentials:
    """Process, user and group of a UNIX peer (SO_PEERCRED, unix(7)).

    Args:
        groups: the further groups that its process is in, as far as the kernel told them.
    """

    pid: int
    uid: int
    gid: int
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Peer:
    """The transport address at the other end.

    Args:
        host: a numeric address, a socket path, or a word such as ``stdio``.
        port: 0 where there is none.
        credentials: of a UNIX peer, when they could be read.
    """

    host: str
    port: int = 0
    credentials: UnixCredentials | None = None

    @property
    def shown_host(self) -> str:
        """The address as it is told: IPv4 that an IPv6 socket took is IPv4 (RFC 4291, 2.5.5.2)."""
        if not self.host.startswith(_MAPPED):
            return self.host
        import ipaddress

        try:
            mapped = ipaddress.IPv6Address(self.host).ipv4_mapped
        except ValueError:
            return self.host
        return str(mapped) if mapped is not None else self.host

    def __str__(self) -> str:
        """Return ``127.0.0.1:80``, ``[::1]:80`` or the path."""
        host = self.shown_host
        if not self.port:
            return host
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What one X.509 certificate says (RFC 5280).

    Args:
        subject: RFC 4514 text.
        serial: upper-case hex.
        not_before: seconds since the epoch.
        not_after: seconds since the epoch.
        fingerprint: SHA-256 of the DER, lower-case hex.
        pin: SHA-256 of the public key's DER, base64 (RFC 7469, section 2.4).
        subject_fields: short name, long name and value of each, in the certificate's order.
        issuer_fields: the same of its issuer.
    """

    subject: str
    issuer: str
    serial: str
    not_before: float
    not_after: float
    fingerprint: str
    dns: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    common_names: tuple[str, ...] = ()
    key_kind: str = ""
    key_bits: int = 0
    signature_hash: str = ""
    is_authority: bool = False
    self_issued: bool = False
    pin: str = ""
    organizational_units: tuple[str, ...] = ()
    subject_fields: tuple[tuple[str, str, str], ...] = ()
    issuer_fields: tuple[tuple[str, str, str], ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return every subject alternative name with its type in front."""
        return (
            *(f"dns:{name}" for name in self.dns),
            *(f"uri:{name}" for name in self.uris),
            *(f"ip:{name}" for name in self.addresses),
            *(f"email:{name}" for name in self.emails),
        )

    def shown_names(self) -> tuple[str, ...]:
        """Return its names as a line of the log can bear them.

        Whoever is refused for a certificate of thousands of names would else fill the log, and the
        memory of the queue before it, with what he made up.
        """
        names = self.names()
        shown = tuple(
            name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
            for name in names[:_MOST_NAMES]
        )
        more = len(names) - len(shown)
        return (*shown, f"and {more} more") if more else shown


@dataclass(frozen=True, slots=True)
class Identity:
    """What a peer proved: the leaf certificate whose key did the handshake, or UNIX credentials."""

    certificate: CertificateFacts | None = None
    credentials: UnixCredentials | None = None

    def __str__(self) -> str:
        """Return the shortest text that names the peer."""
        if self.certificate is not None:
            return self.certificate.subject or ",".join(self.certificate.shown_names())
        if self.credentials is not None:
            return f"uid={self.credentials.uid}"
        return "anonymous"


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What a finished handshake agreed on."""

    version: str
    cipher: str
    group: str
    resumed: bool
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed or denied, by which rule, and why.

    Args:
        rule: a stable slug, such as ``range`` or ``client-certificate``.
        reason: one sentence for a person.
        mend: the smallest change that would turn the decision.
        entry: the entry of a list that decided, as it is written.
    """

    allowed: bool
    rule: str
    reason: str = ""
    mend: str = ""
    entry: str = ""
