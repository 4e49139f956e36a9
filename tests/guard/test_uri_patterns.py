"""The tree of URIs says what one expression for each pattern would say."""

from __future__ import annotations

import re
import timeit

from hypothesis import given
from hypothesis import strategies as st

from catflap.bridge.identities import parse_identity
from catflap.bridge.policy import Policy
from catflap.core.nouns import CertificateFacts, Identity
from catflap.guard.guard import Guard
from catflap.guard.uri_patterns import UriPatterns

_SEGMENTS = st.lists(st.sampled_from(["a", "b", "ab", "", "aab"]), max_size=5)
_PATTERNS = st.lists(
    st.lists(st.sampled_from(["a", "b", "*", "**", "a*", "*b", "a*b"]), min_size=1, max_size=4),
    min_size=1,
    max_size=6,
)


def _expression(pattern: str) -> re.Pattern[str]:
    """Return the pattern as the reference describes it."""
    parts = ["spiffe://d"]
    for segment in pattern.removeprefix("spiffe://d/").split("/"):
        if segment == "**":
            parts.append("/[^/]+(/[^/]+)*")
        elif segment == "*":
            parts.append("/[^/]+")
        else:
            parts.append("/" + segment.replace("*", "[^/]*"))
    return re.compile("".join(parts))


@given(_PATTERNS, _SEGMENTS)
def test_same_as_one_expression_each(patterns: list[list[str]], segments: list[str]) -> None:
    tree: UriPatterns[int] = UriPatterns()
    texts = ["spiffe://d/" + "/".join(each) for each in patterns]
    for position, text in enumerate(texts):
        tree.add(text, position)
    uri = "/".join(["spiffe://d", *segments])
    wanted = {texts.index(text) for text in texts if _expression(text).fullmatch(uri)}
    assert set(tree.matching(uri)) == wanted


def _microseconds(entries: list[str], **names: tuple[str, ...]) -> float:
    """Return what a question costs at best."""
    policy = Policy(identities=tuple(parse_identity(entry) for entry in entries))
    guard = Guard(policy=policy)
    facts = CertificateFacts("CN=x", "CN=ca", "1", 0.0, 2e9, "", **names)  # type: ignore[arg-type]
    identity = Identity(facts)
    assert guard.authorise(identity, 1e9).allowed
    return min(timeit.repeat(lambda: guard.authorise(identity, 1e9), number=50, repeat=50)) * 2e4


def test_a_thousand_of_one_kind_cost_little() -> None:
    """Wildcards that begin alike, and networks, are found without trying each: under 50 us."""
    thousand = range(1000)
    uris = ("spiffe://acme/eu/svc999",)
    assert _microseconds([f"spiffe://acme/*/svc{i}" for i in thousand], uris=uris) < 50
    assert _microseconds([f"spiffe://acme/**/svc{i}" for i in thousand], uris=uris) < 50
    assert _microseconds([f"spiffe://acme/eu/svc{i}*" for i in thousand], uris=uris) < 50
    networks = [f"ip:10.{i // 250}.{i % 250}.0/24" for i in thousand]
    assert _microseconds(networks, addresses=("10.3.249.7",)) < 50
