"""Edits are as small as can be, in the form in which the file is written."""

from __future__ import annotations

import pytest

from catflap.audit.fix.proposal import Change, NotFixableError, Placeholder, Proposal, apply
from tests.support.fixing import fixed

LIMITED = "unlimited-fork"
SILENT = "no-timeout"


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (
            "shell",
            "socat TCP-LISTEN:80,bind=127.0.0.1,fork  'TCP:a:1' # why",
            "socat TCP-LISTEN:80,bind=127.0.0.1,fork,max-children=100  'TCP:a:1' # why",
        ),
        (
            "shell",
            'socat "TCP-LISTEN:$PORT,bind=127.0.0.1,fork" \\\r\n  TCP:a:1\r\n',
            'socat "TCP-LISTEN:$PORT,bind=127.0.0.1,fork,max-children=100" \\\r\n  TCP:a:1\r\n',
        ),
        (
            "json",
            '{"a": ["socat", "TCP-LISTEN:80,bind=127.0.0.1,fork", "TCP:a:1"]}',
            '{"a": ["socat", "TCP-LISTEN:80,bind=127.0.0.1,fork,max-children=100", "TCP:a:1"]}',
        ),
        (
            "python",
            'run(["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,fork", "TCP:a:1"])\n',
            'run(["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,fork,max-children=100", "TCP:a:1"])\n',
        ),
        (
            "makefile",
            "a:\n\t@socat TCP-LISTEN:$(P),bind=127.0.0.1,fork TCP:$$HOST:1\n",
            "a:\n\t@socat TCP-LISTEN:$(P),bind=127.0.0.1,fork,max-children=100 TCP:$$HOST:1\n",
        ),
        (
            "systemd",
            "[Service]\nExecStart=/usr/bin/socat TCP-LISTEN:%i,bind=127.0.0.1,fork TCP:a:1\n",
            (
                "[Service]\nExecStart=/usr/bin/socat TCP-LISTEN:%i,bind=127.0.0.1,fork,"
                "max-children=100 TCP:a:1\n"
            ),
        ),
    ],
)
def test_an_option_comes_at_the_end_of_its_address(kind: str, before: str, after: str) -> None:
    assert fixed(before, LIMITED, kind=kind).text == after


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (
            "shell",
            "sudo -u a socat TCP-LISTEN:80,bind=127.0.0.1,fork TCP:a:1",
            "sudo -u a socat -T 3600 TCP-LISTEN:80,bind=127.0.0.1,fork TCP:a:1",
        ),
        (
            "json",
            '{"a": ["socat",\n  "TCP-LISTEN:80,bind=127.0.0.1,fork",\n  "TCP:a:1"]}',
            '{"a": ["socat",\n  "-T3600",\n  "TCP-LISTEN:80,bind=127.0.0.1,fork",\n  "TCP:a:1"]}',
        ),
        (
            "compose",
            (
                "services:\n  a:\n    network_mode: host\n    command:\n      - socat\n"
                "      - TCP-LISTEN:80,bind=127.0.0.1,fork\n      - TCP:a:1\n"
            ),
            (
                "services:\n  a:\n    network_mode: host\n    command:\n      - socat\n"
                "      - -T3600\n      - TCP-LISTEN:80,bind=127.0.0.1,fork\n      - TCP:a:1\n"
            ),
        ),
        (
            "shell",
            "socat \\\n  TCP-LISTEN:80,bind=127.0.0.1,fork \\\n  TCP:a:1\n",
            "socat \\\n  -T 3600 TCP-LISTEN:80,bind=127.0.0.1,fork \\\n  TCP:a:1\n",
        ),
    ],
)
def test_a_flag_is_a_word_of_its_own_as_its_neighbours_are(
    kind: str, before: str, after: str
) -> None:
    assert fixed(before, SILENT, kind=kind).text == after


def test_a_value_that_one_command_uses_is_mended_where_it_is_assigned() -> None:
    text = "OPTS=verify=0,cafile=ca.pem\nsocat - OPENSSL:a.example:443,$OPTS\n"
    outcome = fixed(text, "tls-old-protocol")
    assert "min-proto-version=TLS1.2" in outcome.text
    assert outcome.applied[0].line == 2


def test_a_value_that_two_commands_use_is_mended_for_both() -> None:
    text = "A=TCP-LISTEN:80,bind=127.0.0.1,fork\nsocat $A TCP:a:1\nsocat $A TCP:b:1\n"
    outcome = fixed(text, LIMITED)
    assert outcome.text == text.replace("fork", "fork,max-children=100")
    assert not outcome.left


def test_an_option_that_only_one_of_two_values_takes_comes_into_that_value() -> None:
    text = (
        '[ "$TLS" ] && L="OPENSSL-LISTEN:1,cert=a,cafile=b" || L=TCP-LISTEN:1,bind=127.0.0.1\n'
        'socat "$L",fork,reuseaddr,max-children=9,keepalive TCP:127.0.0.1:80\n'
    )
    outcome = fixed(text, "tls-old-protocol")
    assert outcome.text == text.replace(
        "LISTEN:1,cert", "LISTEN:1,openssl-min-proto-version=TLS1.2,cert"
    )


def test_a_value_is_left_alone_where_only_one_of_its_commands_wants_mending() -> None:
    text = (
        "A=bind=127.0.0.1,fork\nsocat TCP-LISTEN:80,$A TCP:a:1\n"
        "socat TCP-LISTEN:81,$A,max-children=9 TCP:b:1\n"
    )
    outcome = fixed(text, LIMITED)
    assert "A=bind=127.0.0.1,fork\n" in outcome.text
    assert "81,$A,max-children=9 " in outcome.text


def test_a_command_that_a_variable_holds_is_mended_there_for_all_who_run_it() -> None:
    text = (
        'case $1 in\nudp) R="socat UDP-LISTEN:53,bind=127.0.0.1,fork UDP:a:53" ;;\n'
        '*) R="socat TCP-LISTEN:$2,bind=127.0.0.1,fork TCP:a:53" ;;\nesac\n'
        'if [ "$3" ]; then eval "$R" >log; else eval "$R"; fi\n'
    )
    outcome = fixed(text, LIMITED, SILENT)
    expected = text.replace("fork", "fork,max-children=100")
    assert outcome.text == expected.replace("socat TCP", "socat -T 3600 TCP").replace(
        "socat UDP", "socat -T 3600 UDP"
    )
    assert not outcome.left


def test_what_a_variable_holds_is_never_touched() -> None:
    text = "socat - OPENSSL:a.example:443,verify=$VERIFY\n"
    outcome = fixed(text, "tls-verify-off")
    assert outcome.text == text
    assert outcome.left[0].why


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(NotFixableError):
        apply("abcdef", [Change(0, 3, "x"), Change(2, 4, "y")])


def test_a_fix_with_a_placeholder_cannot_call_itself_safe() -> None:
    change = Change(0, 0, "CHANGE-ME-FILE")
    with pytest.raises(ValueError, match="placeholder"):
        Proposal("cert=", (change,), safe=True, placeholders=(Placeholder("CHANGE-ME-FILE", "a"),))
    with pytest.raises(ValueError, match="placeholder"):
        Proposal("cert=", (change,))


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (
            "go",
            (
                'package a\n\nfunc f() {\n\texec.Command("socat", fmt.Sprintf("TCP-LISTEN:%d,bind=127.0.0.1", p), '
                '"TCP:a:1").Run()\n}\n'
            ),
            '"socat", "-T3600", fmt.Sprintf(',
        ),
        (
            "javascript",
            (
                "const near = `TCP-LISTEN:${port},bind=127.0.0.1`;\n"
                "spawn('socat', [near, `TCP:a:${far}`], { stdio: ['ignore'] });\n"
            ),
            "['-T3600', near, `TCP:a:${far}`]",
        ),
        (
            "python",
            'near = "TCP-LISTEN:80,bind=127.0.0.1"\nrun(["socat", near, "TCP:a:1"])\n',
            '["socat", "-T3600", near, "TCP:a:1"]',
        ),
        (
            "yaml",
            "command: [socat, 'TCP-LISTEN:80,bind=127.0.0.1', TCP:a:1]\n",
            "[socat, '-T3600', 'TCP-LISTEN:80,bind=127.0.0.1', TCP:a:1]",
        ),
    ],
)
def test_beside_a_name_or_a_call_only_what_is_quoted_is_a_text(kind, before, after):
    assert after in fixed(before, SILENT, kind=kind).text
