"""Certificate revocation lists (RFC 5280, section 5): read, checked, and all of them or none.

A list that cannot be used is an error here, before any peer is judged by it. What is found out
only by a handshake (no list of that issuer, a list whose time ran out since) refuses the peer.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from catflap.core import clock
from catflap.core.errors import OperationError
from catflap.core.units import duration_text
from catflap.tls.certificates import PemError
from catflap.tls.files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ("RevocationLists", "load_lists", "parse_lists", "read_list_file")

_MOST_BYTES = 32 * 1024 * 1024
_MOST_FILES = 1024
_BEGIN = b"-----BEGIN X509 CRL-----"
_END = b"-----END X509 CRL-----"
_ANY_PEM = b"-----BEGIN "
_BLOCK = re.compile(re.escape(_BEGIN) + rb".*?" + re.escape(_END), re.DOTALL)
_SEQUENCE = 0x30
_LONG_FORM = 0x80

_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)

_List = x509.CertificateRevocationList


@dataclass(frozen=True, slots=True)
class RevocationLists:
    """Every list that one end was given.

    Args:
        lists: complete lists, each once.
        until: when the first of them is out of date, seconds since the epoch.
    """

    lists: tuple[_List, ...]
    until: float


def load_lists(paths: Iterable[str], anchors: Iterable[x509.Certificate]) -> RevocationLists:
    """Read files, and directories of files, of revocation lists and check each list.

    Args:
        paths: PEM with any number of lists, DER, or directories of such files.
        anchors: trusted authorities; a list in the name of one must bear its signature.

    Raises:
        OperationError: one is missing, broken, out of date, of a sort that is not read here, or
            signed by somebody else.
    """
    found: dict[bytes, _List] = {}
    by_name: dict[x509.Name, list[x509.Certificate]] = {}
    for anchor in anchors:
        by_name.setdefault(anchor.subject, []).append(anchor)
    for path, entry in _files(paths):
        for each in read_list_file(path, optional=entry):
            _check(each, path, by_name.get(each.issuer, ()))
            found[each.signature + each.tbs_certlist_bytes[:64]] = each
    until = min((_end(each) for each in found.values()), default=float("inf"))
    return RevocationLists(tuple(found.values()), until)


def _files(paths: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield each file, and whether it was only found in a directory."""
    for path in paths:
        if not os.path.isdir(path):
            yield path, False
            continue
        try:
            names = sorted(name for name in os.listdir(path) if not name.startswith("."))
        except OSError as error:
            message = f"the directory of revocation lists {path} cannot be read: {error.strerror}"
            raise OperationError(message) from error
        if len(names) > _MOST_FILES:
            message = f"the directory of revocation lists {path} has more than {_MOST_FILES} files"
            raise OperationError(message, "is it the right directory?")
        files = [file for name in names if not os.path.isdir(file := os.path.join(path, name))]
        if not files:
            message = f"the directory of revocation lists {path} is empty"
            raise OperationError(message, "put the lists of your authorities there")
        for file in files:
            yield file, True


def read_list_file(path: str, *, optional: bool = False) -> list[_List]:
    """Return the lists in one file.

    Args:
        path: the file.
        optional: whether a PEM file without a list is passed over: directories that
            ``openssl rehash`` made hold authorities too.

    Raises:
        OperationError: it cannot be read, or holds no list.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            message = f"the revocation list {path} is not a file"
            raise OperationError(message)
    except OSError as error:
        message = f"the revocation list {path} cannot be read: {error.strerror}"
        raise OperationError(message) from error
    data = read_file(path, "the revocation list", _MOST_BYTES)
    if optional and _ANY_PEM in data and _BEGIN not in data:
        return []
    try:
        return parse_lists(data, path)
    except PemError as error:
        hint = "a revocation list is PEM or DER, as the authority issues it"
        raise OperationError(str(error), hint) from error


def parse_lists(data: bytes, name: str) -> list[_List]:
    """Return the lists in a PEM text or in DER, one after the other.

    Raises:
        PemError: there is none, or one is broken or cut off.
    """
    if _BEGIN in data:
        blocks = _BLOCK.findall(data)
        if len(blocks) != data.count(_BEGIN) or len(blocks) != data.count(_END):
            message = f"{name} holds a revocation list that is cut off"
            raise PemError(message)
        return [_parsed(block, name, pem=True) for block in blocks]
    if not data or data[0] != _SEQUENCE:
        message = f"{name} holds no revocation list (no line {_BEGIN.decode()}, and no DER)"
        raise PemError(message)
    return [_parsed(piece, name, pem=False) for piece in _pieces(data, name)]


def _parsed(data: bytes, name: str, *, pem: bool) -> _List:
    try:
        found = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
        # These are parsed when first looked at, and what is broken should be told now.
        _ = found.extensions, found.issuer, found.last_update_utc, found.next_update_utc
        _ = found.signature_algorithm_oid, len(found)
    except _UNREADABLE as error:
        message = f"{name} holds a revocation list that cannot be read: {error}"
        raise PemError(message) from error
    return found


def _pieces(data: bytes, name: str) -> Iterator[bytes]:
    """Yield each DER structure by its length (X.690, 8.1.3)."""
    at = 0
    while at < len(data):
        header = data[at : at + 2]
        end = -1
        if len(header) == 2 and header[0] == _SEQUENCE:
            size = header[1]
            start = at + 2
            if size >= _LONG_FORM:
                octets = size - _LONG_FORM
                size = int.from_bytes(data[start : start + octets]) if 0 < octets <= 4 else -1
                start += octets
            end = start + size if size >= 0 else -1
        if not at < end <= len(data):
            message = f"{name} holds a revocation list that is cut off, or something after it"
            raise PemError(message)
        yield data[at:end]
        at = end


def _end(each: _List) -> float:
    ends = each.next_update_utc
    return ends.timestamp() if ends is not None else 0.0


def _check(each: _List, path: str, issuers: Iterable[x509.Certificate]) -> None:
    """Refuse a list by which nobody can be judged.

    Raises:
        OperationError: with what is wrong.
    """
    issuer = each.issuer.rfc4514_string()
    now, ends = clock.now(), _end(each)
    sort = _unread_sort(each)
    if sort:
        message = f"the revocation list of {issuer!r} in {path} is {sort}, which is not read here"
        raise OperationError(message, "give the complete list of that authority")
    if each.next_update_utc is None:
        message = (
            f"the revocation list of {issuer!r} in {path} does not say when the next one comes"
        )
        raise OperationError(message, "RFC 5280, 5.1.2.5 demands nextUpdate; let the authority say")
    if now > ends:
        age = duration_text(now - ends)
        message = f"the revocation list of {issuer!r} in {path} is out of date since {age}"
        raise OperationError(message, "fetch the authority's newest; no peer could be judged by it")
    starts = each.last_update_utc.timestamp()
    if now < starts:
        message = f"the revocation list of {issuer!r} in {path} is of {clock.utc(starts)}, not yet"
        raise OperationError(message, "check the clock, or wait")
    issuers = tuple(issuers)
    if issuers and not any(_signed_by(each, certificate) for certificate in issuers):
        message = f"the revocation list in {path} bears {issuer!r}, but not its signature"
        raise OperationError(message, "fetch it again from the authority")


def _unread_sort(each: _List) -> str:
    """Return what a list is when it is not a complete one (RFC 5280, 5.2.4 and 5.2.5)."""
    for extension in each.extensions:
        value = extension.value
        if isinstance(value, x509.DeltaCRLIndicator):
            return "a delta"
        if isinstance(value, x509.IssuingDistributionPoint):
            if value.indirect_crl:
                return "an indirect one"
            if value.only_some_reasons:
                return "one for some reasons only"
    return ""


def _signed_by(each: _List, authority: x509.Certificate) -> bool:
    try:
        return each.is_signature_valid(authority.public_key())  # type: ignore[arg-type] # others raise
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False
