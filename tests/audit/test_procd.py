"""Services of OpenWrt: procd puts a command together from several lines."""

from __future__ import annotations

import pytest

from tests.support.readings import read_as, words_of

_SERVICE = """#!/bin/sh /etc/rc.common
start_service() {
\tprocd_open_instance
\tprocd_set_param command /usr/bin/socat -d
\tprocd_append_param command "TCP6-LISTEN:$PORT,fork"
\t[ -n "$LOG" ] && procd_append_param env LOG=1
\tprocd_append_param command TCP4:hall:443
\tprocd_close_instance
\tprocd_append_param command TCP4:other:443
}
"""
_WORDS = ["/usr/bin/socat", "-d", "TCP6-LISTEN:$PORT,fork", "TCP4:hall:443"]


def test_words_that_later_lines_append_belong_to_the_command():
    reading = read_as("shell", _SERVICE)
    assert words_of(reading) == [_WORDS]
    (command,) = reading.commands
    assert _SERVICE[command.span.start : command.span.end].startswith("procd_set_param command")


@pytest.mark.parametrize("end", ["procd_close_instance", "procd_open_instance"])
def test_an_instance_ends_where_it_is_closed(end):
    text = f"procd_set_param command socat - PTY\n{end}\nprocd_append_param command TCP:a:1\n"
    assert words_of(read_as("shell", text)) == [["socat", "-", "PTY"]]
