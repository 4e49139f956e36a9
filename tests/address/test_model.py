"""Trees answer by name and by count."""

from __future__ import annotations

import pytest

from catflap.address.model import Address, arguments, options_named, written_parameters
from catflap.address.syntax import parse
from tests.support.trees import pieces


def single(text: str) -> Address:
    """Return the one address of a text with variables."""
    endpoint = parse(pieces(text), text).endpoint
    assert isinstance(endpoint, Address)
    return endpoint


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("TCP:h:1", {"host": "h", "port": "1"}),
        ("SOCKS5:s:h:1", {"socks-server": "s", "target-host": "h", "target-port": "1"}),
        (
            "SOCKS5:s:9:h:1",
            {"socks-server": "s", "socks-port": "9", "target-host": "h", "target-port": "1"},
        ),
        ("SOCKS5:s:h", {"socks-server": "s", "target-host": "h"}),
        ("TCP:h:1:2", {"host": "h", "port": "1"}),
        ("SHELL", {}),
        ("SHELL:ls", {"command": "ls"}),
        ("nonsense:1", {}),
        ("3", {"descriptor": "3"}),
    ],
)
def test_parameters_have_names(text: str, names: dict[str, str]) -> None:
    """Optional parameters in the middle are matched by count."""
    found = arguments(single(text))
    assert {name: word.text for name, (_, word) in found.items()} == names


def test_what_is_written_after_the_keyword() -> None:
    """A short form implies its first parameter."""
    assert [word.text for word in written_parameters(single("TCP:h:1"))] == ["h", "1"]
    assert [word.text for word in written_parameters(single("./a:b"))] == ["b"]
    assert written_parameters(single("3")) == ()
    assert [word.text for word in written_parameters(single("FD:3"))] == ["3"]


def test_options_by_their_canonical_name() -> None:
    """Aliases and any case find the same option; unknown ones have their written name."""
    address = single("TCP:h:1,KeepAlive,so-keepalive=0,Nonsense")
    assert len(list(options_named(address, "so-keepalive"))) == 2
    assert address.options[2].canonical == "nonsense"


def test_unknown_words() -> None:
    """A word with a variable has a text, but no literal."""
    word = single("TCP:a$V1:80").parameters[0]
    assert (word.text, word.literal, word.known) == ("a$V1", None, False)
    assert single("$V1:80").name == "$V1"
    assert single("tcp:h:80").name == "TCP-CONNECT"
