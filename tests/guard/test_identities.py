"""Who may talk: patterns as people write them, against what certificates and sockets prove."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.bridge.identities import PolicyError, parse_identity
from catflap.bridge.policy import Policy
from catflap.core.nouns import CertificateFacts, Identity, UnixCredentials
from catflap.guard.guard import Guard
from catflap.guard.identities import IdentityIndex

PIN = base64.b64encode(bytes(range(32))).decode()
BILLING = CertificateFacts(
    subject="OU=finance,CN=billing",
    issuer="CN=ca",
    serial="1",
    not_before=0.0,
    not_after=2e9,
    fingerprint="",
    dns=("Billing.CI.acme.example",),
    uris=("spiffe://ACME/billing/eu/1",),
    addresses=("10.1.2.3", "2001:db8::7"),
    emails=("Ann@Acme.example",),
    common_names=("billing",),
    pin=PIN,
    organizational_units=("finance",),
)
LOCAL = Identity(credentials=UnixCredentials(7, 1000, 1001))


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("dns:billing.ci.acme.example", True),
        ("dns:BILLING.ci.acme.example.", True),
        ("dns:*.ci.acme.example", True),
        ("dns:*.acme.example", False),
        ("dns:*.billing.ci.acme.example", False),
        ("dns:ci.acme.example", False),
        ("spiffe://acme/billing/eu/1", True),
        ("uri:spiffe://acme/billing/eu/1", True),
        ("SPIFFE://Acme/billing/eu/1", True),
        ("spiffe://acme/Billing/eu/1", False),
        ("spiffe://acme/billing/*/1", True),
        ("spiffe://acme/billing/e*/1", True),
        ("spiffe://acme/billing/*", False),
        ("spiffe://acme/*", False),
        ("spiffe://acme/**", True),
        ("spiffe://acme/billing/**", True),
        ("spiffe://acme/billing/**/1", True),
        ("spiffe://acme/billing/eu/1/**", False),
        ("spiffe://acme/**/eu/**", True),
        ("spiffe://acme.evil/**", False),
        ("spiffe://acm/**", False),
        ("https://acme/**", False),
        ("ip:10.1.2.3", True),
        ("ip:10.0.0.0/8", True),
        ("ip:2001:db8::/32", True),
        ("ip:10.1.2.4", False),
        ("email:Ann@acme.example", True),
        ("email:ann@acme.example", False),
        ("email:*@acme.example", True),
        ("email:*@example", False),
        (f"pin:sha256:{PIN}", True),
        ("pin:sha256:" + "00" * 32, False),
        ("cn:billing", True),
        ("cn:Billing", False),
        ("ou:finance", True),
        ("dns:billing", False),
        ("user:1000", False),
    ],
)
def test_what_a_certificate_proves(pattern, matches):
    """Each kind by its own rules of case and wildcards; a common name only when asked by name."""
    index = IdentityIndex([parse_identity(pattern)])
    assert (index.find(Identity(BILLING)) is not None) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("user:1000", True),
        ("user:0", False),
        ("group:1001", True),
        ("group:27", True),
        ("group:5", False),
    ],
)
def test_what_a_unix_peer_proves(pattern, matches):
    """SO_PEERCRED tells the user and its group; further groups are looked up."""
    index = IdentityIndex([parse_identity(pattern)])
    assert (index.find(LOCAL, groups=(27,)) is not None) is matches


@pytest.mark.parametrize(
    ("pattern", "at"),
    [
        ("acme", (0, 4)),
        ("nds:acme.example", (0, 16)),
        ("!", (1, 1)),
        ("dns:", (4, 4)),
        ("dns:*", (4, 5)),
        ("dns:a.*.example", (4, 15)),
        ("dns:*a.example", (4, 14)),
        ("dns:a..b", (4, 8)),
        ("!dns:a b", (5, 8)),
        ("spiffe://", (0, 9)),
        ("spiffe://*/billing", (0, 18)),
        ("spiffe://acme/", (0, 14)),
        ("spiffe://acme//x", (0, 16)),
        ("spiffe://acme/../x", (0, 18)),
        ("spiffe://acme/a**", (0, 17)),
        ("spiffe://acme/x?y", (0, 17)),
        ("uri:acme", (4, 8)),
        ("ip:10.0.0.300", (3, 13)),
        ("email:ann", (6, 9)),
        ("email:a*@acme.example", (6, 21)),
        ("email:ann@*.example", (6, 19)),
        ("pin:sha1:abc", (4, 12)),
        ("dns:bücher.example", (4, 18)),
        ("dns:10.1.2.3", (4, 12)),
        ("pin:sha256:abc", (4, 14)),
        ("cn:", (3, 3)),
        ("user:a b", (5, 8)),
    ],
)
def test_patterns_that_mean_nothing(pattern, at):
    """What is too wide or misspelt is refused with its place."""
    with pytest.raises(PolicyError) as caught:
        parse_identity(pattern)
    assert caught.value.at == at
    assert str(caught.value).startswith("expected") or "**" in str(caught.value)


def test_the_first_entry_that_matches_decides():
    """An exception stands before what it is taken from, whichever name of the peer it is about."""
    ask = Guard(policy=_policy("!spiffe://acme/billing/**", "dns:*.ci.acme.example")).authorise
    decision = ask(Identity(BILLING), 1e9)
    assert not decision.allowed
    assert decision.entry == "!spiffe://acme/billing/**"
    assert "before" in decision.mend
    ask = Guard(policy=_policy("dns:*.ci.acme.example", "!spiffe://acme/billing/**")).authorise
    assert ask(Identity(BILLING), 1e9).allowed


def test_an_empty_list_admits_nobody():
    """A list that is there admits only whom it names."""
    for identity in (Identity(BILLING), LOCAL, Identity()):
        decision = Guard(policy=_policy()).authorise(identity, 1e9)
        assert not decision.allowed
        assert decision.rule == "identities"


def test_the_mend_lets_exactly_this_peer_in():
    """What the denial proposes is an entry, and with it the peer is admitted."""
    for identity in (Identity(BILLING), LOCAL):
        mend = Guard(policy=_policy()).authorise(identity, 1e9).mend
        entry = mend.removeprefix("add '").removesuffix("' to identities")
        assert Guard(policy=_policy(entry)).authorise(identity, 1e9).allowed


@pytest.mark.parametrize(
    "names",
    [
        {"dns": ("*.acme.example",)},
        {"uris": ("urn:acme:billing",)},
        {"uris": ("spiffe://acme/*",), "dns": ("*.acme.example", "a.acme.example")},
        {"dns": ("bücher.example", "a b", "a.example\n")},
        {"common_names": ("a\nb",)},
    ],
)
def test_the_mend_is_an_entry_whatever_the_certificate_says(names):
    """Of names that cannot be entries none is proposed; the pin of the key is always one."""
    identity = Identity(CertificateFacts("CN=x", "CN=ca", "1", 0.0, 2e9, "", pin=PIN, **names))
    mend = Guard(policy=_policy("dns:other.example")).authorise(identity, 1e9).mend
    entry = mend.removeprefix("add '").removesuffix("' to identities")
    assert "*" not in entry
    assert Guard(policy=_policy(entry)).authorise(identity, 1e9).allowed


def test_a_wildcard_in_a_certificate_names_nobody():
    """A client's certificate for *.acme.example does not count as every host of it."""
    wild = CertificateFacts("CN=*", "CN=ca", "1", 0.0, 2e9, "", dns=("*.acme.example",))
    for pattern in ("dns:*.acme.example", "dns:a.acme.example"):
        assert not Guard(policy=_policy(pattern)).authorise(Identity(wild), 1e9).allowed


def test_a_wildcard_in_a_certificate_does_not_hide_from_a_denial():
    """Who is kept out by a domain stays out, also by a certificate for all of that domain."""
    wild = CertificateFacts(
        "CN=*", "CN=ca", "1", 0.0, 2e9, "", dns=("*.acme.example",), common_names=("staff",)
    )
    for pattern in ("!dns:*.acme.example", "!dns:*.acme.example."):
        decision = Guard(policy=_policy(pattern, "cn:staff")).authorise(Identity(wild), 1e9)
        assert not decision.allowed
        assert decision.entry == pattern


def test_a_long_name_is_not_told_whole():
    """Whoever is denied chose it, and it stands in the log, in mend as well."""
    long = CertificateFacts("", "", "1", 0.0, 2e9, "", uris=(f"spiffe://acme/{'x' * 90_000}",))
    decision = Guard(policy=_policy("cn:staff")).authorise(Identity(long), 1e9)
    assert len(decision.reason) + len(decision.mend) < 1000


def test_time_counts_before_the_list():
    """Whoever is listed and expired is told of the expiry."""
    guard = Guard(policy=_policy("cn:billing"), demands_certificate=True)
    assert guard.authorise(Identity(BILLING), 3e9).rule == "certificate-expired"
    assert guard.authorise(Identity(BILLING), -1.0).rule == "certificate-not-yet-valid"
    assert guard.authorise(Identity(), 1e9).rule == "client-certificate-missing"


def _policy(*patterns: str) -> Policy:
    return Policy(identities=tuple(parse_identity(pattern) for pattern in patterns))


_SEGMENTS = st.sampled_from(["a", "b", "ab", "*", "**", "a*"])
_PATTERNS = st.lists(_SEGMENTS, min_size=1, max_size=4).map(lambda s: "spiffe://t/" + "/".join(s))
_NAMES = st.lists(st.sampled_from(["a", "b", "ab", "abc"]), min_size=1, max_size=5)


@given(st.lists(_PATTERNS, min_size=1, max_size=6), _NAMES)
def test_the_index_finds_what_a_plain_loop_finds(patterns, segments):
    """However the entries are sorted away, the first that matches is found."""
    facts = CertificateFacts("", "", "", 0.0, 2e9, "", uris=("spiffe://t/" + "/".join(segments),))
    parsed = [parse_identity(pattern) for pattern in patterns]
    alone = [each for each in parsed if IdentityIndex([each]).find(Identity(facts)) is not None]
    assert IdentityIndex(parsed).find(Identity(facts)) == (alone[0] if alone else None)


@given(st.text(max_size=40))
def test_any_text_is_a_pattern_or_refused(text):
    """Nothing else can come of a text, and the place lies within it."""
    try:
        parse_identity(text)
    except PolicyError as error:
        start, end = error.at
        assert 0 <= start <= end <= len(text)
