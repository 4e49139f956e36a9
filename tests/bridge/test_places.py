"""An error about a file shows the option that names it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from catflap.bridge.commandline import bridge_from_words
from catflap.bridge.places import add_place, named_file
from catflap.core.errors import OperationError

_LISTEN = "TLS-LISTEN:8443,cert=a.pem,key=a.pem.key,cafile=/etc/ca.pem"


@pytest.mark.parametrize(
    ("message", "marked"),
    [
        ("the certificate file a.pem cannot be read: No such file", "cert=a.pem"),
        ("a.pem.key holds no private key", "key=a.pem.key"),
        ("the key in a.pem.key does not belong to a.pem", "key=a.pem.key"),
        ("/etc/ca.pem: no list", "cafile=/etc/ca.pem"),
        ("other/a.pem cannot be read", ""),
        ("8443 is taken", ""),
    ],
)
def test_the_file_that_a_message_names(message: str, marked: str) -> None:
    """A name counts only as a whole; of several, the first in the message is marked."""
    side = bridge_from_words(_LISTEN, "STDIO").sides[0]
    span = named_file(side, message)
    assert (_LISTEN[span.start : span.end] if span else "") == marked


def test_the_first_word_on_a_place_counts() -> None:
    """A place that somebody closer to the cause has set stays."""
    bridge = bridge_from_words(_LISTEN, "STDIO")
    error = OperationError("a.pem cannot be read", "look there")
    add_place(error, bridge.sides)
    first = error.place
    assert (
        error.render()
        == f"a.pem cannot be read\n  {_LISTEN}\n{' ' * 18}{'^' * 10}\n  hint: look there"
    )
    add_place(error, bridge_from_words("STDIO", "TLS:a:1,cert=a.pem").sides)
    assert error.place is first


def test_a_start_shows_the_option(tmp_path) -> None:
    """The command points at the certificate that is not there, and opens nothing."""
    words = ("TLS-LISTEN:0,cert=no.pem,cafile=ca.pem", "TCP:127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "catflap", "run", *words],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "catflap: the certificate file no.pem cannot be read: No such file or directory",
        f"  {words[0]}",
        "               ^^^^^^^^^^^",
    ]
