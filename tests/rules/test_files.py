"""Rules about key files and certificates read facts; the survey collects them from real files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catflap.core.facts import Facts, FileFacts
from catflap.core.nouns import CertificateFacts
from catflap.survey.survey import survey
from tests.support.judging import bridge_of, judge_line, verdict_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.certificates import Certificates

DAY = 86400.0
NOW = 1000 * DAY
LISTENER = "catflap run TLS-LISTEN:1,bind=10.0.0.1,cert=c.pem,cafile=ca.pem STDIO"
GOOD = CertificateFacts(
    subject="CN=a",
    issuer="CN=ca",
    serial="1",
    not_before=NOW - DAY,
    not_after=NOW + 90 * DAY,
    fingerprint="00",
    key_kind="RSA",
    key_bits=2048,
    signature_hash="sha256",
)


def key_file(mode: int, owner: int = 1000, *, sheltered: bool = False) -> Facts:
    """Return facts of a key file as the user 1000 sees it."""
    file = FileFacts("c.pem", True, mode, owner, holds_key=True, sheltered=sheltered)
    return Facts(uid=1000, now=NOW, files={"c.pem": file})


def certificate_file(certificate: CertificateFacts, path: str = "c.pem") -> Facts:
    """Return facts of a file with one certificate."""
    file = FileFacts(path, True, 0o644, 1000, (certificate,))
    return Facts(uid=1000, now=NOW, files={path: file})


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        (key_file(0o644), "high"),
        (key_file(0o602), "high"),
        (key_file(0o640), "medium"),
        (key_file(0o600, owner=1001), "medium"),
        (key_file(0o644, sheltered=True), "low"),
        (key_file(0o600), None),
        (key_file(0o400, owner=0), None),
        (Facts(uid=1000, files={"c.pem": FileFacts("c.pem", exists=False)}), None),
        (Facts(uid=1000, files={"c.pem": FileFacts("c.pem", True, 0o644, 1000)}), None),
    ],
)
def test_private_key_exposed(facts: Facts, severity: str | None) -> None:
    """The key belongs to one user; a certificate without a key may be read by all."""
    assert verdict_of(LISTENER, facts).get("private-key-exposed") == severity


def test_a_key_named_twice_is_told_once() -> None:
    """Two options, or two addresses, that name one file make one finding."""
    line = "catflap run TLS-LISTEN:1,cert=c.pem,key=c.pem,cafile=ca.pem TLS:a.b:1,cert=c.pem"
    found = [each for each in judge_line(line, key_file(0o644)) if "private" in each.rule]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("change", "severity", "words"),
    [
        ({"key_bits": 512}, "high", "512 bits"),
        ({"key_bits": 1536}, "low", "1536 bits"),
        ({"key_kind": "EC secp192r1", "key_bits": 192}, "low", "192 bits"),
        ({"signature_hash": "sha1"}, "low", "SHA1"),
        ({"not_after": NOW - 2 * DAY}, "low", "expired 2 days ago"),
        ({"not_before": NOW + 3 * DAY}, "low", "not valid before 3 days"),
        ({"not_after": NOW + 3 * DAY, "not_before": NOW - 80 * DAY}, "low", "expires in 3 days"),
        ({"not_after": NOW + 3650 * DAY}, "low", "valid for 3651 days"),
        ({"is_authority": True}, "low", "it is a CA"),
    ],
)
def test_weak_key_or_signature(change: dict[str, object], severity: str, words: str) -> None:
    """Each flaw is named with the number that makes it one."""
    facts = certificate_file(replace(GOOD, **change))  # type: ignore[arg-type]
    (finding,) = [each for each in judge_line(LISTENER, facts) if each.rule.startswith("weak-")]
    assert str(finding.severity) == severity
    assert words in finding.message


@pytest.mark.parametrize(
    "facts",
    [
        certificate_file(GOOD),
        certificate_file(replace(GOOD, key_kind="EC secp256r1", key_bits=256)),
        certificate_file(replace(GOOD, key_kind="Ed25519", key_bits=256, signature_hash="")),
        certificate_file(replace(GOOD, signature_hash="sha1", self_issued=True)),
        certificate_file(
            replace(GOOD, is_authority=True, not_after=NOW + 3650 * DAY), path="ca.pem"
        ),
        Facts(uid=1000, now=None),
    ],
)
def test_good_certificates(facts: Facts) -> None:
    """A root's own signature proves nothing, and an authority lives long."""
    assert "weak-key-or-signature" not in verdict_of(LISTENER, facts)


def test_survey_reads_real_files(certificates: Certificates) -> None:
    """Certificates, modes and keys are looked at where the address says."""
    line = f"catflap run TLS-LISTEN:1,cert={certificates.server},cafile={certificates.ca} STDIO"
    facts = survey(bridge_of(line))
    server = facts.files[str(certificates.server)]
    assert server.exists
    assert server.holds_key
    assert "localhost" in server.certificates[0].dns
    assert not facts.files[str(certificates.ca)].holds_key
    assert facts.now is not None
    assert facts.uid is not None


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nrubbish\n"])
def test_survey_never_raises(tmp_path: Path, content: bytes | None) -> None:
    """A file that is missing, empty or broken is a fact too."""
    path = tmp_path / "c.pem"
    if content is not None:
        path.write_bytes(content)
    facts = survey(bridge_of(f"catflap run TLS-LISTEN:1,cert={path} STDIO"))
    assert facts.files[str(path)].exists is (content is not None)
    assert facts.files[str(path)].certificates == ()


def test_survey_knows_a_sheltered_file(tmp_path: Path) -> None:
    """A directory that only its owner may enter shelters what is in it."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    path = folder / "c.pem"
    path.write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
    path.chmod(0o644)
    facts = survey(bridge_of(f"catflap run TLS-LISTEN:1,cert={path} STDIO"))
    assert facts.files[str(path)].sheltered


def test_survey_does_not_wait_for_a_fifo(tmp_path: Path) -> None:
    """Only regular files are read: a FIFO would hold the start for ever."""
    import os

    path = tmp_path / "c.pem"
    os.mkfifo(path)
    facts = survey(bridge_of(f"catflap run TLS-LISTEN:1,cert={path} STDIO"))
    assert facts.files[str(path)].exists


def test_a_key_in_the_repository() -> None:
    """Whoever has the code has the key; a key for tests is less sure to matter."""
    file = FileFacts("c.pem", True, holds_key=True, tracked=True)
    found = {each.rule: each for each in judge_line(LISTENER, Facts(files={"c.pem": file}))}
    finding = found["key-in-repository"]
    assert (str(finding.severity), str(finding.confidence)) == ("high", "high")
    assert finding.source[finding.span.start : finding.span.end] == "cert=c.pem"
    trial = LISTENER.replace("c.pem", "tests/c.pem", 1)
    facts = Facts(files={"tests/c.pem": replace(file, path="tests/c.pem")})
    assert str(judge_line(trial, facts)[0].confidence) == "low"


@pytest.mark.parametrize(
    "file",
    [
        FileFacts("c.pem", True, holds_key=True),
        FileFacts("c.pem", True, tracked=True),
        FileFacts("c.pem", exists=False),
    ],
)
def test_no_key_in_the_repository(file: FileFacts) -> None:
    """A certificate alone may be kept, and so may a key that git does not keep."""
    assert "key-in-repository" not in verdict_of(LISTENER, Facts(files={"c.pem": file}))


def test_one_certificate_is_no_authority() -> None:
    """A leaf that is trusted as it is ties both ends to one key."""
    leaf = replace(GOOD, self_issued=True)
    authority = replace(leaf, is_authority=True)
    assert verdict_of(LISTENER, certificate_file(leaf, "ca.pem"))["self-signed-peer"] == "low"
    assert "self-signed-peer" not in verdict_of(LISTENER, certificate_file(authority, "ca.pem"))


@pytest.mark.parametrize(
    "line",
    [
        "socat -u FILE:server.key TCP:b.example:1",
        "socat -u OPEN:/root/.ssh/id_ed25519 UDP:b.example:1",
        "socat -u TCP:b.example:1 CREATE:/etc/ssl/web-key.pem",
        "catflap run GOPEN:private.pem TCP:10.0.0.1:1",
    ],
)
def test_a_private_key_that_passes_in_plaintext_is_given_away(line):
    verdict = verdict_of(line, Facts())
    assert verdict["private-key-exposed"] == "high"
    assert "plaintext-to-remote" not in verdict


@pytest.mark.parametrize(
    "line",
    [
        "socat -u FILE:server.pem TCP:b.example:1",
        "socat -u FILE:/root/.ssh/id_rsa.pub TCP:b.example:1",
        "socat -u FILE:public-key.pem TCP:b.example:1",
        "socat -u FILE:server.key OPENSSL:b.example:1,cafile=ca.pem",
        "socat -u FILE:server.key TCP:127.0.0.1:1",
        "socat -u FILE:keynote.txt TCP:b.example:1",
        "socat -u FILE:server.key UNIX:/run/vault.sock",
    ],
)
def test_other_files_and_other_ways_give_no_key_away(line):
    assert "private-key-exposed" not in verdict_of(line, Facts())


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("socat TCP:meet.example:8001 TCP:inner.example:9999,fork", None),
        ("socat TCP:inner.example:9999 TCP:203.0.113.5:5555", None),
        ("socat TCP:meet.example:443 TCP:127.0.0.1:8001", "high"),
        ("socat TCP:meet.example:443 TCP:10.0.0.5:5555", "high"),
        ("socat TCP:meet.example:443 TCP:db.example:5432", "high"),
        ("socat TCP-LISTEN:443,fork TCP:inner.example:8001", "high"),
    ],
)
def test_a_port_that_people_pick_is_no_service_where_two_clients_meet(line, severity):
    verdict = verdict_of(line, Facts())
    assert verdict.get("sensitive-service-exposed") == severity
