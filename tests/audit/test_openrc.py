"""Services of OpenRC: variables say what is started, and no line of the script runs it."""

from __future__ import annotations

import pytest

from catflap.audit.detect import find_kind
from tests.support.readings import read_as, words_of

_SCRIPT = """#!/sbin/openrc-run
description="reach the hall"
PORT=${PORT:-8123}
command=/usr/bin/socat
command_args="TCP-LISTEN:${PORT},fork TCP:hall:80"
command_background=true
"""
_WORDS = ["/usr/bin/socat", "TCP-LISTEN:8123,fork", "TCP:hall:80"]


@pytest.mark.parametrize("path", ["init.d/hall", "hall.initd", "hall.openrc", "hall"])
def test_a_service_is_known_by_its_place_its_name_or_its_first_line(path):
    source = find_kind(path, _SCRIPT)
    assert source is not None
    assert source.name == "shell"


def test_the_command_stands_where_its_words_are_named():
    reading = read_as("shell", _SCRIPT)
    assert words_of(reading) == [_WORDS]
    (command,) = reading.commands
    written = _SCRIPT[command.span.start : command.span.end]
    assert written == "TCP-LISTEN:${PORT},fork TCP:hall:80"


def test_it_runs_as_root_or_as_whom_the_script_names():
    (command,) = read_as("shell", _SCRIPT).commands
    assert command.surroundings.user == "root"
    (command,) = read_as("shell", f'{_SCRIPT}command_user="nobody:nobody"\n').commands
    assert command.surroundings.user == "nobody"


def test_words_over_several_lines_and_quotes_within_them_are_read_once_more():
    text = """#!/sbin/openrc-run
command="/usr/bin/socat"
command_args="-d -d
  TCP-LISTEN:23,fork
  EXEC:'sh /usr/local/bin/login.sh',pty"
"""
    assert words_of(read_as("shell", text)) == [
        ["/usr/bin/socat", "-d", "-d", "TCP-LISTEN:23,fork", "EXEC:sh /usr/local/bin/login.sh,pty"]
    ]


def test_a_start_of_its_own_takes_the_place_of_openrcs():
    own = "start() {\n  start-stop-daemon --start --exec $command -- -d $command_args\n}\n"
    assert words_of(read_as("shell", _SCRIPT + own)) == [[_WORDS[0], "-d", *_WORDS[1:]]]


@pytest.mark.parametrize(
    "text",
    [
        _SCRIPT.replace("openrc-run", "sh"),
        "#!/sbin/openrc-run\ndepend() { need net; use socat; }\n",
        "#!/sbin/openrc-run\ncommand=/usr/bin/nginx\n# command=/usr/bin/socat\n",
    ],
)
def test_other_scripts_have_no_such_line(text):
    assert not read_as("shell", text).commands


@pytest.mark.parametrize(
    "line",
    [
        "cat > /etc/init.d/hall <<'EOF'",
        'cat > "/etc/init.d/$NAME" <<EOF',
        "makefile root:root 0755 \"$tmp\"/etc/init.d/hall <<'EOF'",
        "install -m755 /dev/stdin /etc/init.d/hall <<'EOF'",
    ],
)
def test_a_service_that_a_script_writes_is_read(line):
    script = _SCRIPT.replace("${PORT}", "8123")
    assert words_of(read_as("shell", f"{line}\n{script}EOF\n")) == [_WORDS]
