"""What an address may go through, and which target is implied."""

import pytest

from catflap.address.check import check
from catflap.address.syntax import parse
from catflap.bridge.effective import Dialect
from catflap.bridge.side import Side


def side_of(text: str) -> Side:
    return Side(parse(text).endpoint, Dialect.CATFLAP, text)


def inner(text: str) -> list[str]:
    """Return each address on the way with the parameters that it has in the end."""
    return [
        ":".join([side.address.keyword.text, *(word.text for word in side.address.parameters)])
        for side in side_of(text).chain
    ]


@pytest.mark.parametrize(
    ("text", "chain", "first_hop"),
    [
        ("TLS:api:443,via=[SOCKS5:proxy:1081]", ["SOCKS5:proxy:1081:api:443"], "proxy:1081"),
        ("TLS:api:443,via=SOCKS5:proxy", ["SOCKS5:proxy:api:443"], "proxy:1080"),
        (
            "TCP:web:80,via=[PROXY:p,proxyport=3128,via=[SOCKS4A:q]]",
            ["PROXY:p:web:80", "SOCKS4A:q:p:3128"],
            "q:1080",
        ),
        (
            "PROXY:p:web:80,via=[SOCKS5:q:9,via=[SOCKS4:r]]",
            ["SOCKS5:q:9:p:8080", "SOCKS4:r:q:9"],
            "r:1080",
        ),
        ("TLS:api:443,via=[OPEN:/dev/ttyS0,b9600]", ["OPEN:/dev/ttyS0"], "api:443"),
    ],
)
def test_the_target_is_implied(text: str, chain: list[str], first_hop: str) -> None:
    """A proxy gets what the outer address would have connected to; what is no proxy stands whole."""
    assert check(parse(text)) == ()
    assert inner(text) == chain
    side = side_of(text)
    assert f"{side.host.value}:{side.port.value}" == first_hop
    assert side.target_host.value == text.split(",", maxsplit=1)[0].split(":")[-2]


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("TCP:h:80,via=[PROXY:p:3128]", "3128", "gets its target from TCP-CONNECT"),
        ("TCP:h:80,via=[EXEC:cat]", "via=[EXEC:cat]", "cannot be asked for another target"),
        ("TCP-LISTEN:80,via=[PROXY:p]", "via=[PROXY:p]", "addresses that connect"),
        ("TLS:h:1,via=[UDP:a:1]", "via=[UDP:a:1]", "no stream to go through"),
        ("TLS:h:1,via=[TCP-LISTEN:1]", "via=[TCP-LISTEN:1]", "no stream to go through"),
        ("TLS:h:1,via=[PIPE!!PIPE]", "via=[PIPE!!PIPE]", "takes one address"),
        ("TLS:h:1,via=[SOCKS5:p,nosuch=1]", "nosuch", "nosuch is not an option"),
        ("TLS:h:1,via=[SOCKS5:p],via=[SOCKS5:q]", "via=[SOCKS5:q]", "given twice"),
        ("UDP:h:1,via=[SOCKS5:p]", "via", "does not take the option via"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(text: str, place: str, why: str) -> None:
    """Problems within the brackets point into them."""
    (problem,) = check(parse(text))
    assert why in problem.sentence()
    assert text[problem.span.start : problem.span.end] == place


def test_nesting_has_a_bound() -> None:
    """A text made to exhaust the parser costs no more than the bound."""
    text = "TCP:h:1" + ",via=[SOCKS4:p" * 400 + "]" * 400
    assert any("nests deeper" in problem.sentence() for problem in check(parse(text)))
    assert len(side_of(text).chain) == 8
