"""What somebody found who tried everything in odd ways, before looking at how ours is made.

Rows as those of ``scenarios``. Each stands for a difference that there was.
"""

from __future__ import annotations

from tests.oracle.scenarios import Pair, Single

__all__ = ("PAIRS", "SINGLES")


def _s(name: str, *words: str, **settings: object) -> Single:
    return Single(f"outsider-{name}", words, **settings)  # type: ignore[arg-type]


_ONE = b"hello\n"
_TEN = "printf 0123456789 >{d}/f"

SINGLES: tuple[Single, ...] = (
    # Addresses that can be used one way only, written without -u.
    _s("from-a-file-to-stdout", "OPEN:{d}/f", "STDOUT", before=_TEN),
    _s("from-stdin-to-a-file", "STDIN", "CREATE:{d}/g", given=_ONE, after="cat {d}/g"),
    _s("from-stdin-appended", "STDIN", "OPEN:{d}/g,creat,append", given=_ONE, after="cat {d}/g"),
    _s("to-a-program", "STDIN", "SYSTEM:cat >{d}/g", given=_ONE, after="cat {d}/g"),
    _s("no-way-is-left", "-u", "CREATE:{d}/g", "-", status=1, differs="1.7.4.4 fails later", after="ls {d}"),
    # A dual address of which one half is needed.
    _s("half-of-a-dual", "-u", "OPEN:{d}/f!!CREATE:{d}/g", "-", before=f"{_TEN}; echo kept >{{d}}/g", after="cat {d}/g"),
    _s("other-half-of-a-dual", "-u", "-", "OPEN:{d}/no!!CREATE:{d}/g", given=_ONE, after="cat {d}/g"),
    # Line ends.
    _s("crnl-on-both-sides", "-u", "-,crlf", "CREATE:{d}/g,crlf", given=b"a\nb\r\nc\r", after="od -c {d}/g"),
    _s("cr-on-both-sides", "-u", "-,cr", "CREATE:{d}/g,cr", given=b"a\nb\r\nc\r", after="od -c {d}/g"),
    _s("cr-to-crnl", "-u", "-,cr", "CREATE:{d}/g,crnl", given=b"a\nb\rc\r\n", after="od -c {d}/g"),
    _s("crnl-to-cr", "-u", "-,crnl", "CREATE:{d}/g,cr", given=b"a\nb\rc\r\n", after="od -c {d}/g"),
    _s("last-line-end-counts", "-u", "-", "CREATE:{d}/g,cr,crnl", given=b"a\nb\n", after="od -c {d}/g"),
    # Numbers.
    _s("escape-beyond-a-byte", "-u", "-,escape=0x16c", "-", given=b"abcXldef", differs="it takes what no byte is", status=1),
    _s("escape-in-octal", "-u", "-,escape=0154", "-", given=b"abcXldef"),
    _s("descriptor-in-hexadecimal", "-u", "-", "FD:0x1", given=_ONE),
    _s("descriptor-that-nobody-opened", "-u", "-", "FD:5", given=_ONE, log="Bad file descriptor"),
    _s("short-descriptor-that-nobody-opened", "-u", "6", "-", log="Bad file descriptor"),
    _s("user-in-hexadecimal", "-u", "-", "CREATE:{d}/g,user=0xfffffff1", given=_ONE, before="test $(id -u) = 0 || kill $$"),
    # Options that would have no effect, or another one than was meant.
    _s("limit-without-fork", "TCP4-LISTEN:{p},bind=127.0.0.1,max-children=2,accept-timeout=0.1", "PIPE", log="option max-children not allowed without option fork"),
    _s("limit-of-nothing", "TCP4-LISTEN:{p},bind=127.0.0.1,fork,max-children=0,accept-timeout=0.1", "PIPE"),
    _s("bind-to-nothing", "TCP4-LISTEN:{p},bind=,accept-timeout=0.1", "PIPE", log="Name or service not known"),
    _s("bind-with-a-port", "TCP4-LISTEN:{p},bind=127.0.0.1:1,accept-timeout=0.1", "PIPE", log="Name or service not known"),
    _s("bind-packets-with-a-port", "-u", "UDP4-RECV:{p},bind=127.0.0.1:1", "-", log="port specification not allowed in this bind option"),
    _s("raw-on-a-file", "-u", "OPEN:{d}/f,raw", "-", before=_TEN, log="Inappropriate ioctl for device"),
    _s("raw-on-a-pipe", "-,raw", "PIPE", log="Inappropriate ioctl for device"),
    _s("queue-both-ways-by-its-short-name", "-", "POSIXMQ:/catflap-oracle", differs="it has no queues", status=1),
    _s("tunnel-without-a-mask", "TUN:10.7.0.1,up", "PIPE", log="missing netmask delimiter"),
    _s("packet-of-a-stream-that-is-too-long", "-b70000", "-u", "OPEN:{d}/f", "UDP4-SENDTO:127.0.0.1:{p}", before="head -c 70000 /dev/zero >{d}/f", log="Message too long"),
    # Programs and terminals.
    _s("script-without-a-first-line", "-u", "EXEC:{d}/run one", "-", before="printf 'echo $1 $#' >{d}/run; chmod 755 {d}/run"),
    _s("script-without-a-first-line-elsewhere", "-u", "EXEC:{d}/run one,cd={d}", "-", before="printf 'echo $1 $#' >{d}/run; chmod 755 {d}/run", differs="cd is of 1.8", output=b"one 1\n"),
    _s("script-without-a-first-line-nofork", "-u", "/dev/null", "EXEC:{d}/run one,nofork", before="printf 'echo $1 $#' >{d}/run; chmod 755 {d}/run"),
    _s("login-by-path", "-u", "EXEC:/bin/cat /proc/self/cmdline,login", "-"),
    _s("link-of-a-programs-terminal", "-u", "SYSTEM:test -h {d}/l && stat -L -c %a {d}/l,pty,rawer,link={d}/l,mode=0640", "-", differs="it cannot", output=b"640\n", after="ls {d}"),
    _s("link-that-stays", "-T0.1", "-u", "PTY,link={d}/l,unlink-close=0", "-", after="ls {d}"),
    _s("link-that-goes", "-T0.1", "-u", "PTY,link={d}/l,unlink-close=1", "-", after="ls {d}"),
)  # fmt: skip

PAIRS: tuple[Pair, ...] = (
    Pair("outsider-linger-of-zero", ("TCP4-LISTEN:{p},bind=127.0.0.1,linger=0", "PIPE"), ("-", "TCP4:127.0.0.1:{p}")),
    Pair("outsider-served-to-stdout", ("-u", "TCP4-LISTEN:{p},bind=127.0.0.1", "CREATE:{d}/out"), ("STDIN", "TCP4:127.0.0.1:{p}")),
)  # fmt: skip
