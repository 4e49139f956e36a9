"""What a PROXY header says (HAProxy's proxy-protocol.txt, 2020/03/05, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag, StrEnum

__all__ = ("Client", "Endpoint", "Header", "ProxyError", "TlsInfo", "Tlv", "TlvType", "Version")


class ProxyError(ValueError):
    """Bytes that are no header, or facts that do not fit into one; the message says which."""


class Version(StrEnum):
    """How a header is written."""

    V1 = "v1"
    V2 = "v2"


class TlvType(IntEnum):
    """The types of section 2.2; others are kept as they are and mean nothing here."""

    ALPN = 0x01
    AUTHORITY = 0x02
    CRC32C = 0x03
    NOOP = 0x04
    UNIQUE_ID = 0x05
    SSL = 0x20
    SSL_VERSION = 0x21
    SSL_CN = 0x22
    SSL_CIPHER = 0x23
    SSL_SIG_ALG = 0x24
    SSL_KEY_ALG = 0x25
    SSL_GROUP = 0x26
    NETNS = 0x30


class Client(IntFlag):
    """The bit field of the SSL record, section 2.2.5."""

    SSL = 0x01
    CERT_CONN = 0x02
    CERT_SESS = 0x04


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a connection.

    Args:
        host: a numeric address; of a UNIX socket its path.
        port: 0 for a UNIX socket.
    """

    host: str
    port: int = 0


@dataclass(frozen=True, slots=True)
class Tlv:
    """A type and its value, as they travel."""

    type: int
    value: bytes


@dataclass(frozen=True, slots=True)
class TlsInfo:
    """The SSL record: what the sender's own TLS peer agreed on and proved.

    Args:
        client: which of it holds; without ``SSL`` the connection was plain.
        verified: whether the client's certificate was verified.
    """

    client: Client
    verified: bool
    version: str = ""
    common_name: str = ""
    cipher: str = ""
    signature: str = ""
    key: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """One header.

    Args:
        source: who connected to the sender; ``None`` when the sender speaks for itself (LOCAL) or
            does not know (UNKNOWN, AF_UNSPEC): the transport's own address then stands.
        destination: where to.
        is_local: whether the sender speaks for itself, such as a health check.
        tls: what the sender says of its client's TLS.
        tlvs: every record as it came, in its order.
    """

    version: Version
    source: Endpoint | None = None
    destination: Endpoint | None = None
    is_local: bool = False
    tls: TlsInfo | None = None
    unique_id: bytes = b""
    authority: str = ""
    alpn: bytes = b""
    tlvs: tuple[Tlv, ...] = ()
