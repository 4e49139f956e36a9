"""Whether a certificate proves a name: RFC 9525, by service-identity.

Subject alternative names only, never the common name; an address literal matches address entries
only; no look-up of any kind takes part in the decision. In the dialect of socat, whose users make
certificates that have nothing else, a common name counts where there is no alternative name at all
(RFC 6125, section 6.4.4); a wildcard in it does not.
"""

from __future__ import annotations

from cryptography import x509
from service_identity import CertificateError, VerificationError
from service_identity.cryptography import (
    verify_certificate_hostname,
    verify_certificate_ip_address,
)

from catflap.address.networks import numeric_host
from catflap.tls.certificates import facts_of

__all__ = ("name_mismatch",)

_UNPROVEN = (
    VerificationError,
    CertificateError,
    ValueError,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""No name, another one, or extensions that cannot be read."""


def name_mismatch(
    certificate: x509.Certificate, expected: str, *, by_common_name: bool = False
) -> str:
    """Return why the certificate does not prove ``expected``, or nothing when it does.

    Args:
        certificate: of the peer.
        expected: a host name or an address.
        by_common_name: whether the common name counts where there are no alternative names.
    """
    bare = expected.rstrip(".")
    try:
        if numeric_host(bare) is not None:
            verify_certificate_ip_address(certificate, bare.strip("[]"))
        else:
            verify_certificate_hostname(certificate, bare)
    except _UNPROVEN:
        facts = facts_of(certificate)
        if by_common_name and not facts.names():
            wanted = bare.strip("[]").lower()
            # Certificates for an address of IPv6 mostly have it in brackets, as in a URL.
            if wanted in {name.rstrip(".").lower().strip("[]") for name in facts.common_names}:
                return ""
        presented = ", ".join(facts.shown_names()) or "no subject alternative name"
        return f"expected {expected}, but it is for {presented}"
    return ""
