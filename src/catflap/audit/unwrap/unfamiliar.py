"""Programs that nobody knows, given a relay's command among their words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.unwrap.layers import base_name, is_held_relay, is_relay, unwrap
from catflap.findings.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

__all__ = ("only_tells", "reads_like_address", "unfamiliar")

_TELLERS = frozenset(
    (  # noqa: SIM905 -- a table of words, not a page of quotes
        ". : [ [[ abort alias apk apropos apt apt-get aptitude awk basename brew cat "
        "checkinstall chmod chown cmp compgen complete configure cp curl debug declare dialog "
        "die diff dirname dnf dpkg echo egrep emerge error exit export fail false fatal fgrep "
        "file gawk getcap git grep hash help info install kdialog kill killall ldd ln local "
        "log logger ls make man md5sum microdnf mkdir msg mv nix-env note notice notify-send "
        "objdump opkg pacman pgrep pidof pip pkg pkill port print printf ps rc-service read "
        "readlink readonly realpath return rg rm rpm say sed service set setcap sha256sum "
        "shift snap source stat strings systemctl tar tee test tldr touch true type typeset "
        "unalias unset update-rc.d usage warn warning wget whatis whereis which whiptail yum "
        "zenity zypper"
    ).split()
)
# ``run_test "socat ... is refused" ./test``: what comes first describes the test.
_TESTS = re.compile(r"(?<![a-z])(?:tests?|assert\w*|expect\w*)(?![a-z])", re.IGNORECASE)
# What they are given on their input stays in a file.
_KEEPERS = frozenset({"cp", "install", "tee"})
# ``run_cmd "socat ..."``, ``$SSH "sudo socat ..."``: whose name says that it runs its words.
_RUNS = re.compile(r"run|exec|cmd|ssh|shell|remote|launch|spawn|retry", re.IGNORECASE)
# ``start_proxy web "socat ..."`` may run its words too; of ``log_info`` nobody thinks so.
_SAYS = re.compile(
    r"log|echo|print|show|display|dialog|warn|err|info|msg|message|say|tell|usage|help|debug|fail|die|abort|note|notice"
    r"|banner|title|head|colou?r|green|red|yellow|blue|bold|status|output|(?<![a-z])(?:pass|ok)(?![a-z])|assert|expect"
    r"|step|section|announce|hint|success|todo|notif|alert|check|grep|match|contain|equal|kill|stop"
    r"|comment|describe|require|install|depend|ensure|need|lint|audit|verif|valid|inspect",
    re.IGNORECASE,
)
_APPLIES = frozenset({"apply", "create", "replace"})
_TWO_ADDRESSES = 2
_VARIABLE = r"\$\{?\w{1,40}(?:[:-]{1,2}\w{0,40})?\}?"
# ``$SUDO``, ``$TRACE``: mostly empty.
_BEFORE = rf"(?:^|[|;&({{])[ \t]*(?:(?:sudo|exec|nohup|{_VARIABLE})[ \t]+){{0,4}}"
_PROGRAM = r"(?:[\w./-]{0,60}(?:socat|catflap)|\$\{?\w{0,40}(?:socat|SOCAT)\w{0,40}\}?)"
_LINE = re.compile(rf"{_BEFORE}{_PROGRAM}[ \t]+\S+[ \t]+\S")
_ADDRESS = re.compile(
    r"-|stdio|stdin|stdout|/\S+|(?:tcp|udp|udplite|sctp|dccp|unix|abstract|openssl|ssl|exec|system"
    r"|shell|pty|tun|open|create|gopen|file|pipe|fd|proxy|socks|stdio|vsock|ip|socket|interface"
    r"|readline|fifo|local|named)[\w-]*:.*",
    re.IGNORECASE | re.DOTALL,
)


def reads_like_address(word: Argument) -> bool:
    """Whether a word begins as a relay's addresses do."""
    return _ADDRESS.fullmatch(word.text) is not None


def only_tells(name: str) -> bool:
    """Whether a program of this name shows what it is given, or looks something up."""
    if name in _TELLERS or name in _KEEPERS:
        return name not in _KEEPERS
    return _RUNS.search(name) is None and _SAYS.search(name) is not None


def unfamiliar(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Yield the command among the words of a program that is not known, less surely.

    A function that runs its arguments, a wrapper of a company: when the relay's name is followed
    by at least two words and one of them reads like an address, it is taken for a command.
    """
    if base_name(words[0]) in _TELLERS:
        return
    given = [word.text for word in words[1:]]
    if context.stdin is not None and "-" in given and _APPLIES.intersection(given):
        # ``k create -f -``, ``"${kubectl[@]}" apply -f -``: the cluster's tool by another name.
        from catflap.audit.unwrap.readers import of_kind

        yield from of_kind("kubernetes", context)
        return
    name = base_name(words[0])
    runs = not name or (_RUNS.search(name) is not None and _TESTS.search(name) is None)
    says = not runs and (_SAYS.search(name) or _TESTS.search(name)) is not None
    for position, word in enumerate(words[1:], 1):
        if not says and _LINE.search(word.text):
            from catflap.audit.unwrap.texts import shell_text

            sure = Confidence.MEDIUM if runs else Confidence.LOW
            for command in shell_text((word,), context.at_most(sure)):
                if runs or sum(map(reads_like_address, command.words[1:])) >= _TWO_ADDRESSES:
                    yield command
        if is_relay(word) or is_held_relay(words, position):
            rest = words[position:]
            if len(rest) > 2 and any(map(reads_like_address, rest[1:])):
                yield from unwrap(rest, span, context.inside().at_most(Confidence.MEDIUM))
            return
