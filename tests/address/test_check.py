"""What is wrong with an address is told once, at its place, with what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.address.catalogue import kinds, option_rows
from catflap.address.check import check
from catflap.address.syntax import parse
from tests.support.trees import pieces

if TYPE_CHECKING:
    from catflap.address.rows import Kind, OptionRow
    from catflap.core.spans import Problem


KNOWN_FORMS = st.text(st.characters(exclude_characters="\0"), max_size=12)
"""Values without NUL, which breaks the form, and what is broken is not judged further."""


def problems(text: str, *, lenient: bool = False) -> tuple[Problem, ...]:
    """Return all that is wrong with a text."""
    return check(parse(text, lenient=lenient), lenient=lenient)


@pytest.mark.parametrize(
    "text",
    [
        "TCP:localhost:80",
        "TCP:[::1]:http,nodelay,keepalive=0",
        "TCP:[fe80::1%eth0]:80",
        "TCP:under_score.example:80,bind=:1024,sourceport=1024",
        "TCP-LISTEN:8080,fork,range=[10.0.0.0/8,!10.9.0.0/16,fd00::/8]",
        "TCP-LISTEN:0,bind=[::1]:8080,range=[fd00::]/8",
        "TCP-LISTEN:8080,reuseaddr=,range=[]",
        "TLS:host:443,commonname=,min-proto-version=TLSv1.2",
        "UNIX-LISTEN:/tmp/x,mode=0600,unlink-early",
        "UNIX-CONNECT:/tmp/x,bind=/tmp/y",
        "EXEC:'cat -n \"a b\"',env=[A,B],pty",
        'SYSTEM:echo \\"',
        "SHELL",
        "PIPE",
        "PIPE:/tmp/fifo",
        "STDIN!!STDOUT",
        "FD:7",
        "-",
        "./file,append",
        "SOCKS5:proxy:host:80",
        "SOCKS5:proxy:1080:host:80",
        "INTERFACE:eth0",
        "TUN:10.0.0.1/24",
        "VSOCK-CONNECT:2:80",
        "POSIXMQ-READ:/queue",
    ],
)
def test_nothing_is_wrong_with_what_is_right(text: str) -> None:
    """Good addresses of every family pass."""
    assert problems(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "TCP:127.1:80",
        "TCP:h:1,bind=",
        "TCP:h:0",
        "TCP-LISTEN:1,range=::1,range=::2",
        "TCP:h:1,ignoreeof=2",
    ],
)
def test_leniency_skips_what_only_we_refuse(text: str) -> None:
    """What socat takes is a problem in our dialect alone."""
    assert len(problems(text)) == 1
    assert problems(text, lenient=True) == ()


@pytest.mark.parametrize(
    "text",
    [
        "TCP:$V1:$V2",
        "$V1:x:y,nonsense",
        "TCP-LISTEN:$V1,range=$V2,backlog=1$V3",
        "TCP:h:1,$V1=x",
        "EXEC:$V1",
    ],
)
def test_unknown_parts_pass(text: str) -> None:
    """A variable may turn out right."""
    assert check(parse(pieces(text), text)) == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("TCP-LISTEN:8080,range=[10.0.0.0/8, 10.0.0.0/99 ]", "10.0.0.0/99"),
        ("TCP-LISTEN:8080,range='[10.0.0.0/8,10.0.0.0/99]'", "10.0.0.0/99"),
        ("TCP-LISTEN:8080,bind=[::1]:99999", "99999"),
        ("EXEC:x,env=A:B:2C", "2C"),
        ("UDP-CONNECT:h:1,setsockopt-int=1:x:3", "x"),
        ("TCP:ho st:80", " "),
        ("INTERFACE:a/b", "a/b"),
        ("TUN:10.0.0.1/64", "10.0.0.1/64"),
        ("POSIXMQ-SEND:q", "q"),
        ("VSOCK-CONNECT:x:1", "x"),
        ("PROXY:p:h:1,proxyport=0", "0"),
        ("UNIX-CONNECT:/x,bind=" + "y" * 108, "y" * 108),
        ("OPEN:/x,rdonly=1,append=7", "7"),
    ],
)
def test_the_place_is_the_part_that_is_wrong(text: str, place: str) -> None:
    """Within a list or a compound value, the carets stand under the bad entry alone."""
    found = [problem for problem in problems(text) if "not supported" not in problem.message]
    assert [text[p.span.start : p.span.end] for p in found][-1] == place


def test_one_mistake_is_one_problem() -> None:
    """A broken form is not judged again by what it means."""
    for text in ("TCP:[::1:80", "TCP-LISTEN:1,range=[10.0.0.0/8", "EXEC:'cat", "'TCP:h:1", "x'"):
        assert len(problems(text)) == 1, text


def test_blanks_and_case_do_not_hide_the_nearest_spelling() -> None:
    """The proposal is spelt as the catalogue spells it."""
    assert [problem.nearest for problem in problems("tcp-listn:80")] == ["TCP-LISTEN"]
    assert [problem.nearest for problem in problems("TCP:h:1,NoDelya")] == ["nodelay"]


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_every_kind_counts_its_parameters(kind: Kind) -> None:
    """One parameter too many is told for each kind, one missing for each that needs one."""
    surplus = ":".join([kind.name, *["1"] * (len(kind.parameters) + 1)])
    assert any("too many" in problem.message for problem in problems(surplus))
    if any(not parameter.optional for parameter in kind.parameters):
        (problem,) = problems(kind.name)
        assert problem.message.startswith(f"{kind.name} lacks its ")


@given(st.sampled_from(kinds()), st.sampled_from(option_rows()), st.none() | KNOWN_FORMS)
def test_an_option_fits_its_kinds_alone(kind: Kind, row: OptionRow, value: str | None) -> None:
    """Any option beside any kind is fine, or told; where it does not fit, kinds are named."""
    from catflap.address.spelling import spell_word
    from tests.support.trees import plain_word

    ending = "" if value is None else "=" + spell_word(plain_word(value), (",", "!!"))
    parameters = ":".join([kind.name, *["/1" for _ in kind.parameters]])
    found = problems(f"{parameters},{row.name}{ending}")
    told = [problem for problem in found if "does not take the option" in problem.message]
    assert bool(told) is not row.fits(kind)
