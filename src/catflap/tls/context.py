"""One OpenSSL context for one end of one bridge."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from OpenSSL import SSL, crypto

from catflap.core import clock
from catflap.core.errors import CatflapError, OperationError, UsageError
from catflap.core.units import duration_text
from catflap.tls.certificates import (
    PemError,
    UnreadableError,
    facts_of,
    read_certificates,
    read_key,
)
from catflap.tls.datagrams import DTLS_VERSIONS, prepare_datagrams
from catflap.tls.failure import VerifyFailure
from catflap.tls.files import read_file
from catflap.tls.leaf import parsed
from catflap.tls.names import name_mismatch
from catflap.tls.revocation import load_lists
from catflap.tls.settings import TLS12_SUITES

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography import x509

    from catflap.tls.settings import TlsSettings

__all__ = ("TICKET_SECONDS", "Made", "find_faults", "make_context")

TICKET_SECONDS = 600
_MOST_BYTES = 4 * 1024 * 1024
_LONGEST_CHAIN = 100 * 1024
"""Bytes that OpenSSL takes of a peer's certificates (SSL_MAX_CERT_LIST_DEFAULT)."""
_CHECK_ALL = crypto.X509StoreFlags.CRL_CHECK | crypto.X509StoreFlags.CRL_CHECK_ALL
"""Not the leaf alone: whoever withdraws an intermediate authority means all that it signed."""

_VERSIONS = {
    "SSL3": SSL.SSL3_VERSION,
    "TLS1": SSL.TLS1_VERSION,
    "TLS1.0": SSL.TLS1_VERSION,
    "TLS1.1": SSL.TLS1_1_VERSION,
    "TLS1.2": SSL.TLS1_2_VERSION,
    "TLS1.3": SSL.TLS1_3_VERSION,
}
_WRONG_NAME = 62
_NO_RENEGOTIATION = getattr(SSL, "OP_NO_RENEGOTIATION", 0x40000000)


@dataclass(frozen=True, slots=True)
class Made:
    """What the files of one end gave.

    Args:
        context: ready for connections.
        lists_until: when its first revocation list is out of date, seconds since the epoch.
        notes: what a person should know.
    """

    context: SSL.Context
    lists_until: float
    notes: tuple[str, ...] = ()


def make_context(settings: TlsSettings) -> Made:
    """Return a context that is ready for connections.

    Raises:
        OperationError: a file is missing, unreadable, expired, or key and certificate differ.
        UsageError: versions or ciphers that cannot be.
    """
    context = _new_context(settings)
    context.set_options(SSL.OP_NO_COMPRESSION | _NO_RENEGOTIATION | SSL.OP_CIPHER_SERVER_PREFERENCE)
    context.set_mode(
        SSL._lib.SSL_MODE_ENABLE_PARTIAL_WRITE  # type: ignore[attr-defined] # noqa: SLF001 - no public names for these
        | SSL._lib.SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER  # type: ignore[attr-defined] # noqa: SLF001
        | SSL._lib.SSL_MODE_AUTO_RETRY  # type: ignore[attr-defined] # noqa: SLF001
        | 0x10  # SSL_MODE_RELEASE_BUFFERS (openssl/ssl.h): an idle connection keeps no buffers
    )
    _versions(context, settings)
    _ciphers(context, settings)
    _dh_parameters(context, settings)
    _own_certificate(context, settings)
    anchors = _trust(context, settings)
    until, notes = _revocation(context, settings, anchors)
    _resumption(context, settings)
    if settings.datagrams:
        prepare_datagrams(context, settings.minimum, settings.maximum, server=settings.server)
    return Made(context, until, notes)


def _new_context(settings: TlsSettings) -> SSL.Context:
    method = SSL.TLS_SERVER_METHOD if settings.server else SSL.TLS_CLIENT_METHOD
    if settings.datagrams:
        method = SSL.DTLS_SERVER_METHOD if settings.server else SSL.DTLS_CLIENT_METHOD
    return SSL.Context(method)


def find_faults(settings: TlsSettings) -> tuple[CatflapError, ...]:
    """Return everything that :func:`make_context` refuses in settings, not the first alone."""
    context = _new_context(settings)
    found: list[CatflapError] = []
    anchors: list[x509.Certificate] = []

    def attempt(step: Callable[[], object]) -> bool:
        try:
            step()
        except CatflapError as error:
            found.append(error)
            return False
        return True

    if attempt(lambda: _versions(context, settings)):
        attempt(lambda: _ciphers(context, settings))
    attempt(lambda: _dh_parameters(context, settings))
    certificate_fits = attempt(lambda: _own_certificate(context, settings))
    if settings.key and not certificate_fits:
        attempt(lambda: _key_of(settings))
    attempt(lambda: anchors.extend(_trust(context, settings)))
    for path in settings.crls:
        attempt(lambda path=path: load_lists((path,), anchors))  # type: ignore[misc]
    return tuple({error.message: error for error in found}.values())


def _key_of(settings: TlsSettings) -> object:
    try:
        return read_key(_read(settings.key, "the key file"), settings.key)
    except PemError as error:
        raise OperationError(str(error), "key=FILE is a PEM with the private key") from error


def _versions(context: SSL.Context, settings: TlsSettings) -> None:
    low, high = settings.minimum, settings.maximum
    known = DTLS_VERSIONS if settings.datagrams else _VERSIONS
    for version in (low, high):
        if version and version not in known:
            message = f"{version} is not offered by this OpenSSL"
            raise UsageError(message, hint=" or ".join(tuple(known)[-2:]))
    if settings.datagrams:
        return
    if low and high and _VERSIONS[low] > _VERSIONS[high]:
        message = f"min-proto-version={low} is above max-proto-version={high}"
        raise UsageError(message)
    if low:
        context.set_min_proto_version(_VERSIONS[low])
        if _VERSIONS[low] < SSL.TLS1_2_VERSION:
            context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    if high:
        context.set_max_proto_version(_VERSIONS[high])


def _ciphers(context: SSL.Context, settings: TlsSettings) -> None:
    names = settings.ciphers.replace(",", ":").split(":") if settings.ciphers else []
    modern = [name for name in names if name.startswith("TLS_")]
    older = [name for name in names if not name.startswith("TLS_")]
    # DTLS 1.2 has the suites of TLS 1.2.
    minimum = SSL.TLS1_2_VERSION if settings.datagrams else _VERSIONS.get(settings.minimum, 0)
    allows_older = minimum < SSL.TLS1_3_VERSION
    if settings.strict and older and not allows_older:
        message = f"cipher={':'.join(older)} names TLS 1.2 suites, and this end speaks TLS 1.3 only"
        raise UsageError(message, hint="add min-proto-version=TLS1.2, or name TLS_... suites")
    try:
        if modern:
            context.set_tls13_ciphersuites(":".join(modern).encode())
        if older:
            context.set_cipher_list(":".join(older).encode())
        elif settings.strict and allows_older and minimum == SSL.TLS1_2_VERSION:
            context.set_cipher_list(":".join(TLS12_SUITES).encode())
    except SSL.Error as error:
        message = f"cipher={settings.ciphers} names no suite that this OpenSSL has"
        raise UsageError(message, hint="openssl ciphers -v lists them") from error


def _dh_parameters(context: SSL.Context, settings: TlsSettings) -> None:
    path = settings.dh_parameters
    if not path:
        return
    if settings.strict and not (settings.server and _agrees_by_dh(settings.ciphers)):
        message = f"dhparam={path} has no effect: no suite of this end agrees by it"
        hint = "leave it out; X25519 and its like need no file"
        raise UsageError(message, hint=hint)
    _read(path, "the file of Diffie-Hellman parameters")
    try:
        context.load_tmp_dh(path)
    except (SSL.Error, crypto.Error) as error:
        message = f"{path} holds no Diffie-Hellman parameters that OpenSSL takes"
        raise OperationError(message, "openssl dhparam -out FILE 2048 makes some") from error


def _agrees_by_dh(ciphers: str) -> bool:
    """Whether a list may hold a suite that agrees by finite-field DH, which no default does."""
    names = ciphers.replace(",", ":").split(":")
    return any(name.startswith(("DHE", "EDH", "ADH")) or "-" not in name for name in names if name)


def _read(path: str, what: str) -> bytes:
    return read_file(path, what, _MOST_BYTES)


def _own_certificate(context: SSL.Context, settings: TlsSettings) -> None:
    if not settings.certificate:
        if settings.server:
            message = "a TLS listener needs its own certificate"
            raise UsageError(message, hint="cert=FILE, a PEM with the certificate and its key")
        if settings.key:
            message = f"key={settings.key} without cert="
            raise UsageError(message, hint="cert=FILE")
        return
    pem = _read(settings.certificate, "the certificate file")
    key_path = settings.key or settings.certificate
    try:
        chain = read_certificates(pem, settings.certificate)
        key = read_key(_read(key_path, "the key file") if settings.key else pem, key_path)
    except PemError as error:
        hint = "cert=FILE is a PEM: the certificate, then its intermediates"
        if "private key" in str(error):
            hint = "" if settings.key else "key=FILE names a file of its own for the key"
        raise OperationError(str(error), hint) from error
    _refuse_expired(chain[0], settings.certificate)
    _refuse_long(chain, settings.certificate)
    try:
        context.use_certificate(chain[0])
        for certificate in chain[1:]:
            context.add_extra_chain_cert(certificate)
        context.use_privatekey(key)  # type: ignore[arg-type]
        context.check_privatekey()
    except (SSL.Error, TypeError) as error:
        message = (
            f"the key in {key_path} does not belong to the certificate in {settings.certificate}"
        )
        hint = "key=FILE is the key that the certificate was issued for"
        raise OperationError(message, hint) from error


def _refuse_long(chain: list[x509.Certificate], path: str) -> None:
    size = sum(len(each.public_bytes(serialization.Encoding.DER)) for each in chain)
    if size > _LONGEST_CHAIN:
        message = (
            f"{path} holds {len(chain)} certificates, and peers take no more than "
            f"{_LONGEST_CHAIN // 1024} KiB of them"
        )
        raise OperationError(message, "the leaf and its intermediates are all that a peer needs")


def _refuse_expired(certificate: x509.Certificate, path: str) -> None:
    try:
        facts = facts_of(certificate)
    except UnreadableError as error:
        raise OperationError(f"the certificate in {path} cannot be read: {error}") from error
    now = clock.now()
    if now > facts.not_after:
        age = duration_text(now - facts.not_after)
        message = f"the certificate in {path} expired {age} ago ({clock.utc(facts.not_after)})"
        raise OperationError(message, "renew it; no peer would accept it")
    if now < facts.not_before:
        message = f"the certificate in {path} is not valid before {clock.utc(facts.not_before)}"
        raise OperationError(message, "check the clock, or wait")


def _trust(context: SSL.Context, settings: TlsSettings) -> list[x509.Certificate]:
    """Say whom to trust; return the anchors that were given in a file."""
    anchors = _anchors(context, settings)
    if not settings.verifies:
        context.set_verify(SSL.VERIFY_NONE)
        return anchors
    named = bool(settings.cafile or settings.capath)
    if settings.server and settings.strict and not named:
        message = "a TLS listener demands client certificates and was not told whom to trust"
        raise UsageError(message, hint="cafile=FILE with the CA of your clients")
    mode = SSL.VERIFY_PEER | (SSL.VERIFY_FAIL_IF_NO_PEER_CERT if settings.server else 0)
    try:
        context.set_verify(mode, _judge(settings.expects, by_common_name=not settings.strict))
    except MemoryError:
        message = "the system forbids memory that is writable and executable, which TLS needs here"
        hint = "MemoryDenyWriteExecute=no in the systemd unit"
        raise OperationError(message, hint) from None
    return anchors


def _anchors(context: SSL.Context, settings: TlsSettings) -> list[x509.Certificate]:
    anchors = _anchor_file(context, settings) if settings.cafile else []
    if settings.capath:
        if not os.path.isdir(settings.capath):
            message = f"the directory of trusted certificates {settings.capath} is not there"
            raise OperationError(message)
        context.load_verify_locations(None, settings.capath.encode())
    if settings.system_store and not settings.cafile and not settings.capath:
        context.set_default_verify_paths()
    return anchors


def _anchor_file(context: SSL.Context, settings: TlsSettings) -> list[x509.Certificate]:
    pem = _read(settings.cafile, "the file of trusted certificates")
    try:
        anchors = read_certificates(pem, settings.cafile)
    except PemError as error:
        hint = "cafile=FILE is a PEM with the certificates of the authorities to trust"
        raise OperationError(str(error), hint) from error
    store = context.get_cert_store()
    if store is not None:
        for anchor in anchors:
            store.add_cert(crypto.X509.from_cryptography(anchor))
    if settings.server and settings.verifies:
        # The library reads the file once more: its list of names has no other way in that is kept.
        context.load_client_ca(settings.cafile.encode())
    return anchors


def _revocation(
    context: SSL.Context, settings: TlsSettings, anchors: list[x509.Certificate]
) -> tuple[float, tuple[str, ...]]:
    """Let the store ask the revocation lists; return when they are out of date, and notes."""
    if not settings.crls:
        return float("inf"), ()
    if not settings.verifies:
        message = "crl= judges certificates, and verify=0 asks for none"
        raise UsageError(message, hint="remove verify=0, or crl=")
    found = load_lists(settings.crls, anchors)
    store = context.get_cert_store()
    if store is None or not found.lists:
        message = f"{', '.join(settings.crls)}: no revocation list is there"
        raise OperationError(message)
    try:
        for each in found.lists:
            store.add_crl(each)
        store.set_flags(_CHECK_ALL)
    except crypto.Error as error:
        message = f"a revocation list in {', '.join(settings.crls)} is not taken by OpenSSL"
        raise OperationError(message) from error
    listed = {each.issuer for each in found.lists}
    notes = tuple(
        f"no revocation list of {anchor.subject.rfc4514_string()!r}: whom it vouches for is refused"
        for anchor in anchors
        if anchor.subject not in listed
    )
    return found.until, notes


def _judge(expects: str, *, by_common_name: bool):  # type: ignore[no-untyped-def] # noqa: ANN202 - pyOpenSSL's callback type is private
    """Return the callback that remembers what was wrong, and checks the name of a server."""

    def judge(
        connection: SSL.Connection, wrapped: crypto.X509, code: int, depth: int, ok: int
    ) -> bool:
        if ok and not (expects and depth == 0):
            return True
        failure = VerifyFailure(code, depth, None, "nobody can say whom it names" if ok else "")
        # Anybody may show a certificate that OpenSSL takes and we cannot read; it is refused as
        # every other, and told.
        with contextlib.suppress(UnreadableError):
            certificate = parsed(wrapped)
            facts = facts_of(certificate)
            failure = VerifyFailure(code, depth, facts)
            if ok:
                mismatch = name_mismatch(certificate, expects, by_common_name=by_common_name)
                if not mismatch:
                    return True
                failure = VerifyFailure(_WRONG_NAME, 0, facts, mismatch)
        connection.set_app_data(failure)
        return False

    return judge


def _resumption(context: SSL.Context, settings: TlsSettings) -> None:
    if settings.server:
        # Tickets only: a server-side cache would hold memory for every client it ever saw.
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_session_id(hashlib.sha256(settings.context.encode()).digest())
    else:
        context.set_session_cache_mode(SSL.SESS_CACHE_CLIENT | SSL.SESS_CACHE_NO_INTERNAL)
    context.set_timeout(TICKET_SECONDS)
