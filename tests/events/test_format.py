"""One line for a person: durations and sizes as one reads them, in JSON as one reckons with them."""

from __future__ import annotations

import json
import os

import msgspec

from catflap.events.format import human_line, json_line
from catflap.events.model import Closed, Listening, Opened, stamp


def test_durations_have_units_for_people_alone() -> None:
    """The time of a handshake and of a connect read like that of a session."""
    opened = Opened(
        time=stamp(),
        bridge="api",
        session="1",
        peer="127.0.0.1:1",
        to="127.0.0.1:2",
        rule="any-source",
        handshake=0.009368,
        connect=1.26,
    )
    assert human_line(opened).endswith(b" handshake=9.4ms connect=1.3s\n")
    assert json.loads(json_line(opened))["handshake"] == 0.009368
    closed = Closed(
        time=stamp(),
        bridge="api",
        session="1",
        peer="127.0.0.1:1",
        sent=78,
        received=1229,
        duration=0.0879,
        closed_by="far",
    )
    assert b" sent=78B received=1.2KiB duration=87.9ms " in human_line(closed)


def test_bytes_that_are_no_text() -> None:
    """Names of files and of UNIX sockets are bytes: what is no UTF-8 is escaped in both forms."""
    odd = os.fsdecode(b"/run/\xff\n")
    event = Listening(time=stamp(), bridge="api", address="UNIX-LISTEN", on=(odd,))
    found = json.loads(json_line(event))
    assert found["on"] == ["/run/\\udcff\n"]
    assert (found["event"], found["level"]) == ("listening", "notice")
    assert list(found) == list(json.loads(json_line(msgspec.structs.replace(event, on=("a",)))))
    assert b"udcff" in human_line(event)
    assert human_line(event).count(b"\n") == 1
