"""The same bridge by ``catflap run``: reachable where it was, and nothing lost in silence."""

from __future__ import annotations

import pytest

from tests.support.fixing import rewritten


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "socat -d -d -T 60 TCP-LISTEN:80,bind=127.0.0.1,fork TCP:127.0.0.1:9",
            "catflap run --idle-timeout 60 TCP-LISTEN:80,bind=127.0.0.1,fork TCP:127.0.0.1:9",
        ),
        (
            "sudo /usr/bin/socat -u - UNIX:/run/a.sock # comment",
            "sudo /usr/bin/catflap run -u - UNIX:/run/a.sock # comment",
        ),
        (
            "socat TCP-LISTEN:80,bind=127.0.0.1 TCP:127.0.0.1:9",
            "catflap run --once TCP-LISTEN:80,bind=127.0.0.1 TCP:127.0.0.1:9",
        ),
        (
            "socat -lf /var/log/r -t 5 UNIX-LISTEN:/run/a,fork TCP:127.0.0.1:9",
            (
                "catflap run --log-file /var/log/r --half-close-timeout 5 UNIX-LISTEN:/run/a,fork "
                "TCP:127.0.0.1:9"
            ),
        ),
    ],
)
def test_flags_are_said_in_our_words(before: str, after: str) -> None:
    assert rewritten(before).text == after


def test_a_listener_is_reachable_where_it_was_and_the_gate_waits_for_somebody() -> None:
    outcome = rewritten("socat TCP-LISTEN:80,fork TCP:127.0.0.1:9")
    assert outcome.text == (
        "catflap run --unsafe CHANGE-ME-plaintext-exposed=REASON TCP-LISTEN:80,fork,bind=0.0.0.0 "
        "TCP:127.0.0.1:9"
    )
    (hole,) = outcome.applied[0].placeholders
    assert "catflap explain plaintext-exposed" in hole.meaning


def test_a_unit_keeps_its_prefix_and_the_folder() -> None:
    text = "[Service]\nExecStart=-/usr/bin/socat TCP-LISTEN:80,bind=127.0.0.1,fork TCP:a:1\n"
    assert rewritten(text, "systemd").text == text.replace("socat", "catflap run")


def test_a_ca_that_socat_took_from_the_system_is_left_to_be_named() -> None:
    outcome = rewritten("socat OPENSSL-LISTEN:1,bind=127.0.0.1,cert=s.pem,fork TCP:a:9")
    assert ",cafile=CHANGE-ME-CLIENT-CA.pem TCP:a:9" in outcome.text
    assert "TLS is 1.3" in outcome.applied[0].title


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("socat -r /tmp/t TCP-LISTEN:1,bind=127.0.0.1 TCP:a:9", "-r"),
        ("socat -L /tmp/l TCP-LISTEN:1,bind=127.0.0.1 TCP:a:9", "flock"),
        ("socat -T $T TCP-LISTEN:1,bind=127.0.0.1 TCP:a:9", "holds the value of -T"),
        ("socat $FLAGS TCP-LISTEN:1,bind=127.0.0.1 TCP:a:9", "may hold flags"),
        ("docker run alpine/socat TCP-LISTEN:1 TCP:a:9", "image starts it"),
    ],
)
def test_what_has_no_equal_stays_and_says_why(text: str, why: str) -> None:
    outcome = rewritten(text)
    assert outcome.text == text
    assert [why in each.why for each in outcome.left] == [True]


def test_words_beside_a_call_are_quoted() -> None:
    text = 'package a\n\nfunc f() {\n\texec.Command("socat", at(p), "UNIX-CONNECT:/run/x")\n}\n'
    text = text.replace("at(p)", 'fmt.Sprintf("UNIX-LISTEN:%s,fork", p)')
    assert 'exec.Command("catflap", "run", fmt.Sprintf(' in rewritten(text, "go", "a.go").text
