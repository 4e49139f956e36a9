"""The C program itself takes what fixes write: each changed address is started for a moment."""

from __future__ import annotations

import re
import subprocess
from itertools import takewhile
from typing import TYPE_CHECKING

import pytest

from catflap.audit.fix.plan import Wanted, fix_snapshot
from catflap.audit.fix.proposal import MARK
from catflap.audit.fix.verify import Snapshot
from catflap.audit.sources.registry import find_source
from tests.corpus.score import labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.audit.command import Command

pytestmark = pytest.mark.needs("socat", "unshare", "ip")

_HARMLESS = re.compile(r"(?i)(tcp[46]?-l|tcp|udp[46]?-l|udp|openssl|ssl)[a-z0-9-]*:")
_REFUSED = re.compile(r"unknown (option|device)|parse|syntax|wrong number|not permitted|option \"")
_AT_ONCE = 12
SCRIPTS = {
    "clean/loopback.sh",
    "clean/mutual-tls.sh",
    "shell/tls-listeners.sh",
    "shell/tls-clients.sh",
}


def _fixed(*, unsafe: bool) -> Iterator[tuple[Command, Command]]:
    """Yield the commands of some scripts before and after."""
    source = find_source("shell")
    assert source is not None
    for label in labels():
        if label.name in SCRIPTS:
            before = Snapshot.of(label.path.read_text(), source, label.name)
            outcome = fix_snapshot(before, Wanted(unsafe=unsafe))
            after = Snapshot.of(outcome.text, source, label.name)
            yield from zip(before.reading.commands, after.reading.commands, strict=True)


def _changed() -> tuple[dict[str, str], set[tuple[str, ...]]]:
    """Return the changed addresses, known in full, with what they were; and the flags."""
    addresses, flags = {}, set()
    for unsafe in (False, True):
        for old, new in _fixed(unsafe=unsafe):
            known = [word.literal or "" for word in old.words]
            for word in new.words[1:]:
                text = word.literal
                if text and text not in known and MARK not in text and _HARMLESS.match(text):
                    before = next(each for each in known if each[:9] == text[:9])
                    addresses[_elsewhere(text)] = _elsewhere(before)
            words = (word.literal or "" for word in new.words[1:])
            flags.add(tuple(takewhile(re.compile(r"-[dTt]+\d*|\d+").fullmatch, words)))
    return addresses, flags


def _elsewhere(address: str) -> str:
    return re.sub(r"^(\w[\w-]*:)\d+\b", r"\g<1>19876", address)


def _start(address: str) -> subprocess.Popen[str]:
    """Start one address in a network of its own, in which nothing can be reached."""
    script = 'ip link set lo up; exec timeout 3 socat "$1" OPEN:/dev/null'
    return subprocess.Popen(
        ["unshare", "-rn", "sh", "-c", script, "sh", address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _refused(addresses: Iterable[str]) -> set[str]:
    """Return the addresses whose words the program does not take."""
    refused = set()
    waiting = sorted(addresses)
    while waiting:
        batch, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        started = [(each, _start(each)) for each in batch]
        said = [(each, process.communicate(timeout=60)[1]) for each, process in started]
        refused |= {each for each, errors in said if _REFUSED.search(errors)}
    return refused


def test_the_program_takes_every_changed_address_and_flag() -> None:
    addresses, flags = _changed()
    assert len(addresses) > 15
    refused = _refused(addresses)
    assert refused <= {now for now in refused if _refused([addresses[now]])}, "took it before"
    for given in flags:
        subprocess.run(["socat", *given, "-V"], check=True, capture_output=True, timeout=60)


def test_the_check_itself_sees_what_the_program_refuses() -> None:
    assert _refused(["TCP-LISTEN:19876,max-chilren=3,fork"])
