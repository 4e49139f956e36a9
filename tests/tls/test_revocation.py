"""The reader of revocation lists: what it takes, and that it refuses the rest in words."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from catflap.core.errors import OperationError
from catflap.tls.certificates import PemError
from catflap.tls.files import signature_of
from catflap.tls.revocation import load_lists, parse_lists
from tests.support.certificates import Authority, Certificates
from tests.support.revocation import exchange_file, revocation_list

if TYPE_CHECKING:
    from pathlib import Path

_HOUR = timedelta(hours=1)
_AUTHORITY = Authority("Fuzzed CA")
_PEM = revocation_list(_AUTHORITY)
_DER = revocation_list(_AUTHORITY, der=True)


@pytest.mark.parametrize("der", [False, True])
def test_several_lists_in_one_file(
    tmp_path: Path, certificates: Certificates, *, der: bool
) -> None:
    """PEM and DER may hold the lists of several authorities, one after the other."""
    other = Authority("Another CA")
    path = tmp_path / "lists"
    path.write_bytes(
        revocation_list(certificates.authority, der=der) + revocation_list(other, der=der)
    )
    found = load_lists([str(path)], [certificates.authority.certificate])
    assert {each.issuer for each in found.lists} == {certificates.authority.name, other.name}


def test_directory_with_authorities_and_links(tmp_path: Path) -> None:
    """A directory as ``openssl rehash`` leaves it: authorities, lists, and links to both."""
    (tmp_path / "ca.pem").write_bytes(_AUTHORITY.pem)
    (tmp_path / "ca.crl").write_bytes(_PEM)
    (tmp_path / "0a1b2c3d.r0").symlink_to("ca.crl")
    (tmp_path / "0a1b2c3d.0").symlink_to("ca.pem")
    (tmp_path / ".hidden").write_bytes(b"of an editor")
    found = load_lists([str(tmp_path)], [_AUTHORITY.certificate])
    assert len(found.lists) == 1


_REFUSED = {
    "out of date": revocation_list(_AUTHORITY, starts=-3 * _HOUR, ends=-_HOUR),
    "not yet": revocation_list(_AUTHORITY, starts=_HOUR),
    "not its signature": revocation_list(_AUTHORITY, signer=Authority("Forger")),
    "is a delta": revocation_list(_AUTHORITY, extensions=[x509.DeltaCRLIndicator(1)]),
    "cut off": _PEM[: len(_PEM) // 2],
    "or something after it": _DER + b"\x00",
    "no revocation list": b"this is no list\n",
    "cannot be read": _PEM.replace(b"M", b"N", 1),
    "no line": b"",
}


@pytest.mark.parametrize("why", _REFUSED)
def test_what_cannot_be_used_is_refused(tmp_path: Path, why: str) -> None:
    """Each defect of a list is an error that names the file and says what is wrong."""
    path = tmp_path / "ca.crl"
    path.write_bytes(_REFUSED[why])
    with pytest.raises(OperationError, match=why) as caught:
        load_lists([str(path)], [_AUTHORITY.certificate])
    assert str(path) in caught.value.message


@pytest.mark.parametrize("name", ["absent.crl", "empty", "/dev/zero"])
def test_what_is_no_file_of_lists(tmp_path: Path, name: str) -> None:
    """A file that is not there, an empty directory, a device: none is waited for or skipped."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(OperationError):
        load_lists([str(tmp_path / name)], [])


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes make the reader fail in another way than by its own error."""
    with suppress(PemError):
        assert parse_lists(data, "x")


@given(st.sampled_from([_PEM, _DER]), st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_any_mutation_is_read_or_refused(whole: bytes, place: int, change: bytes) -> None:
    """A list with some bytes exchanged is read, or refused by the reader's own error."""
    at = place % len(whole)
    with suppress(PemError):
        assert parse_lists(whole[:at] + change + whole[at + len(change) :], "x")


@given(st.integers(0, len(_DER) - 1))
def test_no_part_passes_for_the_whole(length: int) -> None:
    """A list that is cut off anywhere is refused: half of a list would let the rest in."""
    with pytest.raises(PemError):
        parse_lists(_DER[:length], "x")


def test_signature_sees_an_exchanged_link_above(tmp_path: Path) -> None:
    """A volume of Kubernetes exchanges one link above the file; the path stays the same."""
    for version in ("one", "two"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "tls.crt").write_text("same size, same name")
    link = tmp_path / "..data"
    link.symlink_to("one")
    path = str(link / "tls.crt")
    before = signature_of(path)
    assert signature_of(path) == before
    new = tmp_path / "..new"
    new.symlink_to("two")
    new.rename(link)
    assert signature_of(path) != before


def test_signature_sees_files_in_a_directory(tmp_path: Path) -> None:
    """A file in a directory that is exchanged, added or removed changes the directory's."""
    path = tmp_path / "a.crl"
    path.write_bytes(_PEM)
    seen = [signature_of(str(tmp_path))]
    exchange_file(path, _PEM)
    seen.append(signature_of(str(tmp_path)))
    path.unlink()
    seen.append(signature_of(str(tmp_path)))
    assert len(set(seen)) == 3
