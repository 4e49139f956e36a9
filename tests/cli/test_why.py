"""``catflap why``: the same words as the log's, before anybody has to connect."""

from __future__ import annotations

import json

import pytest

from tests.support.invoking import invoke_here

_FILE = """\
[bridge.api]
listen = 'TLS-LISTEN:8443,cert=srv.pem,cafile=ca.pem'
connect = 'UNIX:/run/api.sock'
allow = ['10.0.0.0/8', '!10.9.0.0/16']
identities = ['!spiffe://acme/old', 'spiffe://acme/*', 'dns:*.ci.acme.example']
[bridge.local]
listen = 'UNIX-LISTEN:/run/front.sock,mode=666'
connect = 'UNIX:/run/api.sock'
identities = ['user:1000']
"""


@pytest.fixture
def ask(tmp_path):
    """Return what asks about the file above."""
    path = tmp_path / "catflap.toml"
    path.write_text(_FILE)
    return lambda *words: invoke_here("why", str(path), *words)


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--from", "10.1.2.3", "--identity", "spiffe://acme/billing"), 0, "matches spiffe://acme/*"),
        (("--from", "10.1.2.3", "--identity", "dns:a.ci.acme.example"), 0, "dns:*.ci.acme.example"),
        (("--from", "192.0.2.1"), 1, "mend: add 192.0.2.1 to allow"),
        (("--from", "10.1.2.3", "--identity", "spiffe://acme/old"), 1, "matches !spiffe://acme/old"),
        (("--from", "10.1.2.3", "--identity", "spiffe://acme/a/b"), 1, "mend: add 'spiffe://acme/a/b'"),
        (("--from", "10.1.2.3"), 1, "denied by client-certificate-missing"),
        (("--from", "ten"), 2, "is no address"),
        (("--from", "10.1.2.3", "--identity", "acme"), 2, "expected a kind in front"),
        (("--at", "soon"), 2, "is no time"),
    ],
)  # fmt: skip
def test_who_is_let_in(ask, words, status, told):
    """The entry that decides, and the smallest change that would turn it."""
    result = ask("--bridge", "api", *words)
    assert result.status == status
    assert told in result.output + result.errors


def test_a_unix_peer(ask):
    """By its user."""
    assert ask("--bridge", "local", "--user", "1000").status == 0
    assert "denied by identities" in ask("--bridge", "local", "--user", "1001").output


@pytest.mark.parametrize("number", ["-1", "4294967295", "root"])
def test_a_user_that_cannot_be(ask, number):
    """A wrong number is no peer that is turned away."""
    for flag in ("--user", "--group"):
        assert ask("--bridge", "local", "--user", "1", flag, number).status == 2


def test_which_bridge(ask):
    """Of several one has to be named."""
    result = ask("--from", "10.1.2.3")
    assert result.status == 2
    assert "--bridge api|local" in result.errors
    assert "did you mean api?" in ask("--bridge", "apii").errors


def test_a_real_certificate(ask, certificates):
    """What a file proves, its time included."""
    result = ask("--bridge", "api", "--from", "10.1.2.3", "--certificate", str(certificates.client))
    assert "CN=client: denied by identities" in result.output
    told = json.loads(ask("--bridge", "api", "--from", "10.1.2.3", "--json").output)
    assert told["allowed"] is False
    assert [step["rule"] for step in told["steps"]] == ["allow", "client-certificate-missing"]


_OWN = """\
[bridge.api]
listen = 'TLS-LISTEN:8443,cert={server},cafile={ca}'
connect = 'UNIX:/run/api.sock'
identities = ['dns:client.example']
"""


@pytest.fixture
def ask_own(tmp_path, certificates):
    """Return what asks about a listener with certificates of this run."""
    path = tmp_path / "catflap.toml"
    path.write_text(_OWN.format(server=certificates.server, ca=certificates.ca))

    def asked(certificate, *further):
        if further:
            path.write_text(path.read_text() + "\n".join(further))
        return invoke_here("why", str(path), "--from", "::1", "--certificate", str(certificate))

    return asked


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("client", ""),
        ("client_other", "certificate-untrusted"),
        ("self_signed", "certificate-self-signed"),
        ("client_expired", "certificate-expired"),
        ("client_future", "certificate-not-yet-valid"),
        ("server_certificate", "certificate-wrong-purpose"),
    ],
)
def test_a_certificate_that_the_handshake_would_refuse(ask_own, certificates, name, rule):
    """The names in it count for nothing when nobody vouches for it."""
    result = ask_own(getattr(certificates, name))
    assert result.status == (1 if rule else 0), result.output
    assert f"denied by {rule}" in result.output or not rule
    assert ("explain: catflap explain" in result.output) is bool(rule)


def test_a_chain_in_one_file(ask_own, certificates, tmp_path):
    """What else is in the file is what the client would send."""
    from tests.support.certificates import Authority

    between = Authority("Between", certificates.authority)
    leaf = between.issue("x", ("client.example",))
    whole, alone = tmp_path / "whole.pem", tmp_path / "alone.pem"
    whole.write_bytes(leaf.pem + between.pem)
    alone.write_bytes(leaf.pem)
    assert ask_own(whole).status == 0
    assert "denied by certificate-untrusted" in ask_own(alone).output


def test_a_revoked_certificate(ask_own, certificates, tmp_path):
    """The lists of the bridge are asked too."""
    from tests.support.revocation import revocation_list

    leaf = certificates.authority.issue("x", ("client.example",))
    path = tmp_path / "x.pem"
    path.write_bytes(leaf.pem)
    (tmp_path / "ca.crl").write_bytes(revocation_list(certificates.authority, leaf))
    assert ask_own(path).status == 0
    result = ask_own(path, "crls = ['ca.crl']", "")
    assert result.status == 1
    assert "denied by certificate-revoked" in result.output


def test_a_group_of_its_own(ask):
    """A group without a user is a mistake; a v4-mapped source is told as IPv4."""
    assert "--group without --user" in ask("--bridge", "local", "--group", "5").errors
    told = ask("--bridge", "api", "--from", "::ffff:192.0.2.1").output
    assert "192.0.2.1 is in no network of the list" in told
    assert "::ffff" not in told


def test_no_answer_is_not_a_no(ask_own, tmp_path):
    """Status 1 says that a peer is turned away; what cannot be read says nothing about peers."""
    (tmp_path / "junk.pem").write_text("no certificate")
    for path in (tmp_path / "missing.pem", tmp_path / "junk.pem"):
        result = ask_own(path)
        assert result.status == 2
        assert str(path) in result.errors
