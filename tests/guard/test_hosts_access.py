"""hosts.allow and hosts.deny: who gets in, by the words of hosts_access(5)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.guard.hosts_access import Client, TableError, judge, read_table

NAMED = Client("192.0.2.7", ("web.example.org", "web"))
STRANGER = Client("203.0.113.9")
SIX = Client("2001:db8::7")


def decide(allow: str, deny: str, client: Client, service: str = "relay"):
    """Return the decision of both tables about a peer."""
    return judge(read_table(allow, service), read_table(deny, service), client)


@pytest.mark.parametrize(
    ("clients", "client", "fits"),
    [
        ("ALL", STRANGER, True),
        ("192.0.2.7", NAMED, True),
        ("192.0.2.8", NAMED, False),
        ("192.0.2.", NAMED, True),
        ("192.0.", NAMED, True),
        ("192.0.20.", NAMED, False),
        ("192.0.2.0/255.255.255.0", NAMED, True),
        ("192.0.2.0/24", NAMED, True),
        ("192.0.2.0/29", STRANGER, False),
        ("[2001:db8::]/32", SIX, True),
        ("[2001:db8::7]", SIX, True),
        ("[2001:db9::]/32", SIX, False),
        (".example.org", NAMED, True),
        ("web.example.org", NAMED, True),
        ("WEB.Example.ORG", NAMED, True),
        ("*.example.org", NAMED, True),
        ("192.0.?.7", NAMED, True),
        (".example.com", NAMED, False),
        ("LOCAL", NAMED, True),
        ("LOCAL", STRANGER, False),
        ("KNOWN", NAMED, True),
        ("KNOWN", STRANGER, False),
        ("UNKNOWN", STRANGER, True),
        ("UNKNOWN", NAMED, False),
        ("PARANOID", STRANGER, False),
        ("ALL EXCEPT 192.0.2.7", NAMED, False),
        ("ALL EXCEPT 192.0.2.0/24 EXCEPT 192.0.2.7", NAMED, True),
        ("10.0.0.1, 192.0.2.7 10.0.0.2", NAMED, True),
        ("ALL@192.0.2.7", NAMED, True),
    ],
)
def test_a_pattern_means_the_same_in_both_tables(clients, client, fits):
    """What is known of a peer decides alike: hosts.allow lets it in, hosts.deny keeps it out."""
    assert decide(f"relay: {clients}", "ALL: ALL", client).allowed is fits
    assert decide("", f"relay: {clients}", client).allowed is not fits


@pytest.mark.parametrize(
    "clients", ["gateway.example.org", ".example.org", "root@ALL", "@netgroup", "/etc/some.list"]
)
def test_what_cannot_be_known_counts_against_the_peer(clients):
    """A name, a user, a netgroup or a file that nobody asks about never lets anybody in."""
    assert not decide(f"relay: {clients}", "ALL: ALL", STRANGER).allowed
    assert not decide("", f"relay: {clients}", STRANGER).allowed


def test_what_is_taken_out_is_doubted_the_other_way_round():
    """A stranger who may be the exception is treated as it."""
    assert not decide("relay: ALL EXCEPT .evil.example", "ALL: ALL", STRANGER).allowed
    assert not decide("", "relay: ALL EXCEPT .friends.example", STRANGER).allowed


def test_the_first_line_that_fits_decides_and_allow_comes_first():
    """An exception stands in hosts.allow, and the decision names its line."""
    decision = decide("# friends\n\nrelay: 192.0.2.7", "ALL: ALL", NAMED)
    assert decision.allowed
    assert (decision.entry, decision.reason) == (
        "relay: 192.0.2.7",
        "192.0.2.7 fits line 3 of hosts.allow",
    )
    assert not decide("relay: 192.0.2.7", "ALL: ALL", STRANGER).allowed
    assert decide("", "", STRANGER).allowed


def test_lines_of_other_services_say_nothing():
    """Only lines whose list of services has ours are read, whatever the others do."""
    assert decide("", "sshd: ALL: spawn (/bin/mail root)\nftpd, sshd: ALL", STRANGER).allowed
    assert decide("", "ALL EXCEPT relay: ALL", STRANGER).allowed
    assert not decide("", "ALL EXCEPT relay EXCEPT relay: ALL", STRANGER).allowed


def test_an_option_turns_the_table_round():
    """``allow`` and ``deny`` at the end of a line say what it does (hosts_options(5))."""
    assert not decide("relay: 203.0.113.9: deny\nrelay: ALL", "", STRANGER).allowed
    assert decide("", "relay: ALL: ALLOW", STRANGER).allowed


def test_a_line_for_one_of_our_addresses_lets_nobody_in():
    """Which of our addresses a peer came to is not known here."""
    assert not decide("relay@192.0.2.1: ALL", "ALL: ALL", STRANGER).allowed
    assert not decide("", "relay@192.0.2.1: ALL", STRANGER).allowed


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("relay", 1),
        ("\nrelay: ALL: twist /bin/echo no", 2),
        ("relay:", 1),
        ("relay: ALL EXCEPT", 1),
        ("relay: ALL\\", 1),
        ("# a\nsshd: ALL \\\n EXCEPT 10.\nrelay 10.", 4),
    ],
)
def test_what_cannot_be_followed_is_told_with_its_line(table, line):
    """A table that we would follow only in part is not followed at all."""
    with pytest.raises(TableError) as caught:
        read_table(table, "relay")
    assert caught.value.line == line


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_table_is_read_or_refused(allow, deny):
    """Whatever a file holds, there is a decision or an error with a line."""
    with contextlib.suppress(TableError):
        assert decide(allow, deny, NAMED).rule == "tcpwrap"
