"""What a source may ask for: buckets fill, penalties grow and fade, defaults spare this host."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.bridge.limits import Limits
from catflap.core.nouns import Peer, UnixCredentials
from catflap.guard.decisions import find_meaning
from catflap.guard.limits import (
    FRESH,
    OFFENCES,
    SourceCaps,
    Standing,
    caps_of,
    judge_source,
    offend,
    refusal,
    source_key,
    source_text,
)

_STRICT = SourceCaps(penalties=True)


def _barred(standing: Standing, now: float) -> bool:
    return judge_source(standing, _STRICT, now, 0, -1)[0] == "penalised"


def _offend_until_barred(standing: Standing, now: float) -> tuple[Standing, int]:
    for number in range(1, 100):
        standing = offend(standing, now, 5.0)
        if _barred(standing, now):
            return standing, number
    pytest.fail("never kept out")


def test_a_few_failures_are_forgiven_and_more_keep_a_source_out_until_they_fade() -> None:
    standing = offend(offend(FRESH, 100.0, 5.0), 100.0, 5.0)
    assert not _barred(standing, 100.0)
    standing = offend(standing, 104.0, 5.0)
    assert not _barred(standing, 104.0), "four seconds have faded: 11 are owed, 12 keep out"
    standing = offend(standing, 104.0, 5.0)
    assert _barred(standing, 104.0)
    assert _barred(standing, 119.9)
    assert not _barred(standing, 120.1)


def test_each_time_a_source_is_kept_out_it_takes_less_and_lasts_longer() -> None:
    now, lasted, taken = 1000.0, [], []
    standing = FRESH
    for _ in range(8):
        standing, offences = _offend_until_barred(standing, now)
        taken.append(offences)
        lasted.append(standing.barred_until - now)
        now = standing.barred_until + 1
    assert taken == [3, 2, 1, 1, 1, 1, 1, 1]
    assert lasted == [15.0, 20.0, 20.0, 40.0, 80.0, 160.0, 320.0, 320.0]


def test_ten_minutes_without_an_offence_make_a_source_like_new() -> None:
    standing, _ = _offend_until_barred(FRESH, 0.0)
    later = standing.owed_until + 601.0
    assert standing.is_clean(later, _STRICT)
    again, offences = _offend_until_barred(standing, later)
    assert offences == 3
    assert again.barred_until - later == 15.0


@given(st.lists(st.tuples(st.floats(0, 2000), st.floats(0.5, 20)), max_size=60))
def test_no_history_keeps_a_source_out_for_more_than_ten_minutes(
    history: list[tuple[float, float]],
) -> None:
    standing, now = FRESH, 0.0
    for pause, seconds in history:
        now += pause
        standing = offend(standing, now, seconds)
        assert standing.barred_until - now <= 600.0
        assert not _barred(standing, now + 600.1)


def test_trying_again_while_kept_out_costs_nothing() -> None:
    standing, _ = _offend_until_barred(FRESH, 0.0)
    for tenth in range(1, 150):
        assert judge_source(standing, _STRICT, tenth / 10, 0, -1)[1] == standing
    assert not _barred(standing, 15.1)


def test_a_bucket_lets_a_burst_in_and_then_so_many_a_second() -> None:
    caps = SourceCaps(rate=10.0, burst=20)
    standing, admitted = FRESH, []
    for step in range(300):
        rule, standing = judge_source(standing, caps, 50.0 + step / 100, 0, -1)
        admitted.append(rule == "")
        assert rule in {"", "connects-too-fast"}
    assert all(admitted[:20])
    assert 48 <= sum(admitted) <= 51, "a burst of 20, and 10 in each of three seconds"


@pytest.mark.parametrize(
    ("caps", "sessions", "handshakes", "rule"),
    [
        (SourceCaps(sessions=3), 2, -1, ""),
        (SourceCaps(sessions=3), 3, -1, "too-many-from-source"),
        (SourceCaps(handshakes=2), 9, 2, "too-many-handshakes-from-source"),
        (SourceCaps(handshakes=2), 9, -1, ""),
        (SourceCaps(), 10**6, 10**6, ""),
    ],
)
def test_counts_are_held(caps: SourceCaps, sessions: int, handshakes: int, rule: str) -> None:
    assert judge_source(FRESH, caps, 1.0, sessions, handshakes)[0] == rule


def test_a_source_is_an_address_a_network_of_64_bits_or_a_user() -> None:
    def key(host: str) -> bytes | None:
        return source_key(Peer(host, 1))

    assert key("10.0.0.1") == key("::ffff:10.0.0.1") != key("10.0.0.2")
    assert key("2001:db8::1") == key("2001:db8::ffff:1") != key("2001:db8:0:1::1")
    assert key("fe80::1%eth0") == key("fe80::2%eth1")
    assert key("socket") is None
    one, other = (Peer("unix", 0, UnixCredentials(5, uid, 7)) for uid in (1000, 1001))
    assert source_key(one) != source_key(other)
    assert source_text(one) == "uid 1000"
    assert source_text(Peer("2001:db8::1:2", 1)) == "2001:db8::/64"
    assert source_text(Peer("::ffff:10.0.0.1", 1)) == "10.0.0.1"


def test_defaults_are_finite_for_others_and_spare_this_host() -> None:
    caps = caps_of(Limits(), safe=True)
    other = caps.of(Peer("10.0.0.1", 1))
    assert other == SourceCaps(256, 64, 100.0, 200, penalties=True)
    assert caps.handshakes == 4096
    for host in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "unix"):
        assert not caps.of(Peer(host, 1)).any
    assert caps_of(Limits(), safe=False).of(Peer("10.0.0.1", 1)).any is False


def test_what_is_said_by_name_holds_for_everybody_and_zero_is_none() -> None:
    caps = caps_of(Limits(per_source=5, rate=2.0, penalties=True), safe=True)
    here = caps.of(Peer("127.0.0.1", 1))
    assert (here.sessions, here.rate, here.burst, here.penalties) == (5, 2.0, 4, True)
    off = caps_of(
        Limits(per_source=0, rate=0.0, penalties=False, handshakes_per_source=0), safe=True
    )
    assert not off.of(Peer("10.0.0.1", 1)).any


@pytest.mark.parametrize(
    "rule",
    [
        "penalised",
        "too-many-from-source",
        "too-many-handshakes-from-source",
        "connects-too-fast",
        "too-many-sources",
    ],
)
def test_every_refusal_names_its_source_and_its_mend(rule: str) -> None:
    decision = refusal(rule, SourceCaps(5, 6, 7.0, 8, penalties=True), Peer("10.0.0.1", 1), 9.0)
    assert not decision.allowed
    assert decision.rule == rule
    assert decision.mend
    assert "10.0.0.1" in decision.reason or rule == "too-many-sources"
    assert find_meaning(rule) is not None


def test_every_offence_is_a_rule_that_exists() -> None:
    for rule in OFFENCES:
        assert find_meaning(rule) is not None, rule
