"""What is done with both programs: words, input, and what of the outcome users rely on.

In the words ``{d}`` is a directory of the run's own, ``{p}`` a free port. A scenario is one row.
Where no time is said (``-t``), both wait longer than any machine stalls.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("PAIRS", "SINGLES", "Pair", "Single")


@dataclass(frozen=True, slots=True)
class Single:
    """One command.

    Args:
        words: after the program's name.
        given: its standard input; ``None`` closes it.
        until: what must have come out before its input ends: where the other end cannot tell its
            own end, an answer would race with the time that is waited for it.
        before: a shell script that prepares the directory.
        after: a shell script whose output is compared too.
        log: what both must say on the standard error, a regular expression.
        differs: why Debian 12's 1.7.4.4 is no oracle here; the row then says what 1.8.1 does.
        status: with ``differs``, the exit status of 1.8.1.
        output: with ``differs``, its output.
        known: what of it ours does not do yet; the test may fail, by this name.
    """

    name: str
    words: tuple[str, ...]
    given: bytes | None = b""
    before: str = ""
    after: str = ""
    log: str = ""
    differs: str = ""
    status: int = 0
    output: bytes = b""
    until: bytes = b""
    known: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A server and a client that talk; each program plays each part.

    Args:
        server: its words; it is ready when ``ready`` says so.
        client: its words.
        given: the client's standard input.
        until: as for a :class:`Single`, of the client.
        ready: ``tcp``, ``udp``, ``file`` (of ``{d}/s``) or ``abstract``.
        needs_certificate: whether ``{d}/srv.pem``, ``{d}/cli.pem`` and ``{d}/ca.pem`` are wanted.
        known: what of it ours does not do yet; the test may fail, by this name.
    """

    name: str
    server: tuple[str, ...]
    client: tuple[str, ...]
    given: bytes = b"hello\n"
    ready: str = "tcp"
    needs_certificate: bool = False
    until: bytes = b""
    known: str = ""


def _s(name: str, *words: str, **settings: object) -> Single:
    return Single(name, words, **settings)  # type: ignore[arg-type]


_MANY = bytes(range(256)) * 300
_ONE = b"hello\n"

SINGLES: tuple[Single, ...] = (
    # Standard streams, pipes, files.
    _s("echo-by-pipe", "-", "PIPE", given=_ONE),
    _s("echo-much", "-", "PIPE", given=_MANY),
    _s("stdio-stdio-dual", "STDIN!!STDOUT", "PIPE", given=_ONE),
    _s("fd-numbers", "0!!1", "PIPE", given=_ONE),
    _s("left-to-right", "-u", "STDIN", "STDOUT", given=_MANY),
    _s("right-to-left", "-U", "STDOUT", "STDIN", given=_MANY),
    _s("fd-by-name", "-u", "FD:0", "FD:1", given=_ONE),
    _s("read-a-file", "-u", "{d}/f", "-", before="printf 'abc\\n' >{d}/f"),
    _s("read-by-open", "-u", "OPEN:{d}/f", "-", before="printf abc >{d}/f"),
    _s("read-rdonly", "-u", "OPEN:{d}/f,rdonly", "STDOUT", before="printf abc >{d}/f"),
    _s("read-gopen", "-u", "GOPEN:{d}/f", "STDOUT", before="printf abc >{d}/f"),
    _s("read-file-alias", "-u", "FILE:{d}/f", "STDOUT", before="printf abc >{d}/f"),
    _s("write-a-file", "-u", "-", "CREATE:{d}/f", given=_ONE, after="cat {d}/f"),
    _s("write-over", "-u", "-", "CREAT:{d}/f", given=b"x", before="echo long >{d}/f", after="cat {d}/f"),
    _s("write-within", "-u", "-", "OPEN:{d}/f", given=b"X", before="printf long >{d}/f", after="cat {d}/f"),
    _s("append", "-u", "-", "OPEN:{d}/f,append", given=b"X", before="printf long >{d}/f", after="cat {d}/f"),
    _s("gopen-appends", "-u", "-", "GOPEN:{d}/f", given=b"X", before="printf long >{d}/f", after="cat {d}/f"),
    _s("gopen-creates", "-u", "-", "GOPEN:{d}/f", given=b"X", after="cat {d}/f"),
    _s("creat-flag", "-u", "-", "OPEN:{d}/f,creat", given=b"X", after="cat {d}/f"),
    _s("excl-refuses", "-u", "-", "OPEN:{d}/f,creat,excl", given=b"X", before="touch {d}/f", log="File exists"),
    _s("trunc", "-u", "-", "OPEN:{d}/f,trunc", given=b"X", before="printf long >{d}/f", after="cat {d}/f"),
    _s("mode-of-new-file", "-u", "-", "CREATE:{d}/f,mode=600", given=b"X", after="stat -c %a {d}/f"),
    _s("perm-late", "-u", "-", "CREATE:{d}/f,perm-late=640", given=b"X", after="stat -c %a {d}/f"),
    _s("umask", "-u", "-", "CREATE:{d}/f,umask=077", given=b"X", after="stat -c %a {d}/f"),
    _s("owner-unchanged", "-u", "-", "CREATE:{d}/f", given=b"X", after="stat -c %u {d}/f"),
    _s("seek", "-u", "OPEN:{d}/f,seek=3", "-", before="printf abcdef >{d}/f"),
    _s("seek-end", "-u", "OPEN:{d}/f,seek-end=-2", "-", before="printf abcdef >{d}/f"),
    _s("seek-writes", "-u", "-", "OPEN:{d}/f,seek=2", given=b"X", before="printf abcdef >{d}/f", after="cat {d}/f"),
    _s("ftruncate", "-u", "-", "OPEN:{d}/f,ftruncate=2", given=b"", before="printf abcdef >{d}/f", after="cat {d}/f"),
    _s("readbytes", "-u", "OPEN:{d}/f,readbytes=3", "-", before="printf abcdef >{d}/f"),
    _s("readbytes-more", "-u", "OPEN:{d}/f,readbytes=30", "-", before="printf abcdef >{d}/f"),
    _s("fifo", "-u", "-", "PIPE:{d}/p", given=_ONE, before="mkfifo {d}/p; (cat {d}/p >{d}/o; echo done >{d}/done) </dev/null >/dev/null 2>&1 &", after="until test -e {d}/done; do sleep 0.05; done; cat {d}/o"),
    _s("named-pipe-echo", "-t0.5", "-", "PIPE:{d}/p", given=_ONE, after="test -e {d}/p; echo $?"),
    _s("dual-file", "{d}/a!!{d}/b", "PIPE", before="printf abc >{d}/a; : >{d}/b", after="cat {d}/b"),
    _s("dev-null", "-u", "-", "/dev/null", given=_ONE),
    _s("dev-zero", "-u", "/dev/zero,readbytes=5", "-"),
    _s("unlink-early", "-u", "-", "CREATE:{d}/f,unlink-early", given=b"X", before="echo old >{d}/f", after="cat {d}/f"),
    _s("unlink-late", "-u", "-", "CREATE:{d}/f,unlink-late", given=b"X", after="test -e {d}/f; echo $?"),
    _s("unlink-close", "-u", "-", "CREATE:{d}/f,unlink-close", given=b"X", after="test -e {d}/f; echo $?"),
    _s("f-lock", "-u", "-", "CREATE:{d}/f,flock-ex", given=b"X", after="cat {d}/f"),
    _s("noatime", "-u", "OPEN:{d}/f,noatime", "-", before="printf abc >{d}/f"),
    # Line ends and ends.
    _s("cr", "-u", "-,cr", "-", given=b"a\rb\r"),
    _s("crnl-in", "-u", "-,crnl", "STDOUT", given=b"a\r\nb\r\n"),
    _s("crlf-out", "-u", "-", "STDOUT,crlf", given=b"a\nb\n"),
    _s("cr-out", "-u", "-", "STDOUT,cr", given=b"a\nb\n"),
    _s("escape", "-u", "-,escape=0x0f", "STDOUT", given=b"ab\x0fcd"),
    _s("ignoreeof-and-timeout", "-T0.4", "-u", "{d}/f,ignoreeof", "-", before="printf abc >{d}/f"),
    _s("null-eof", "-u", "-", "OPEN:{d}/f,creat", given=b"", after="stat -c %s {d}/f"),
    # Programs.
    _s("exec-cat", "-", "EXEC:cat", given=_ONE),
    _s("exec-cat-much", "-", "EXEC:cat", given=_MANY),
    _s("exec-pipes", "-t0.5", "-", "EXEC:cat,pipes", given=_ONE, until=_ONE),
    _s("exec-words", "-", "EXEC:echo a  b   c"),
    _s("exec-quotes", "-", "EXEC:'echo \"a  b\" c'"),
    _s("exec-escaped-colon", "-", "EXEC:echo a\\:b"),
    _s("exec-double-quotes", "-", 'EXEC:"echo a,b"'),
    _s("exec-missing", "-", "EXEC:{d}/nothing", given=None, differs="the C program's parent may end before its child has failed", status=1),
    _s("exec-path", "-", "EXEC:cat,path=/bin:/usr/bin", given=_ONE),
    _s("exec-chdir", "-", "EXEC:pwd,chdir=/", given=b"", differs="chdir is of 1.8", output=b"/\n"),
    _s("exec-stderr", "-", "SYSTEM:echo err >&2,stderr"),
    _s("exec-umask", "-", "SYSTEM:umask,umask=027", differs="umask of programs is of 1.8", output=b"0027\n"),
    _s("exec-setsid", "-", "EXEC:cat,setsid", given=_ONE),
    _s("exec-nofork", "-u", "-", "EXEC:cat,nofork", given=_ONE),
    _s("exec-fdin-fdout", "-", "SYSTEM:cat <&3 >&4,fdin=3,fdout=4", given=_ONE),
    _s("exec-login", "-", "EXEC:sh -c 'echo $0',login"),
    _s("exec-pty", "-t0.5", "-", "EXEC:cat,pty,echo=0,raw", given=_ONE, until=_ONE),
    _s("exec-pty-ctty", "-", "SYSTEM:tty | tr -d 0-9,pty,setsid,ctty,raw", after="true"),
    _s("system", "-", "SYSTEM:tr a-z A-Z", given=_ONE),
    _s("system-pipe", "-", "SYSTEM:cat | wc -c", given=_MANY),
    _s("system-exit", "-", "SYSTEM:exit 7", given=None, differs="the C program may end before it hears of its child", status=1),
    _s("exec-false", "-u", "EXEC:false", "-", known="in the C program a race decides between 0 and 1"),
    _s("exec-true", "-u", "EXEC:true", "-"),
    _s("exec-exit-3", "-u", "EXEC:'sh -c \"exit 3\"'", "-", known="in the C program a race decides between 0 and 1"),
    _s("shell", "-", "SHELL:cat", given=_ONE, differs="SHELL is of 1.8", output=_ONE),
    _s("exec-to-file", "-u", "EXEC:'echo left'", "CREATE:{d}/f", after="cat {d}/f"),
    _s("exec-head", "-u", "-", "EXEC:'head -c 10',pipes", given=b"abcdefghijklmn", differs="the C program may end head before it prints", output=b"abcdefghij"),
    _s("kill-by-signal", "-", "SYSTEM:kill -TERM $$", given=None, known="in both programs a race decides whether the signal is heard of"),
    # Words that are wrong.
    _s("no-address", given=None, log="exactly 2 addresses"),
    _s("one-address", "-", given=None, log="exactly 2 addresses"),
    _s("three-addresses", "-", "-", "-", given=None, log="exactly 2 addresses"),
    _s("unknown-address", "-", "NONSENSE:1", given=None, log="unknown device/address"),
    _s("unknown-option-of-address", "-", "PIPE,nonsense=1", given=None, log="unknown option"),
    _s("unknown-flag", "-q", "-", "-", given=None, log="unknown option"),
    _s("option-of-another-kind", "-", "PIPE,verify=0", given=None, log="not (supported|possible)|cannot|unknown"),
    _s("too-few-parameters", "-", "TCP:127.0.0.1", given=None, log="wrong number of parameters"),
    _s("too-many-parameters", "-", "TCP:a:1:2", given=None, log="wrong number of parameters"),
    _s("ipv6-for-tcp4", "-", "TCP4:[::1]:{p}", given=None, log="Address family for hostname not supported"),
    _s("ipv4-for-tcp6", "-", "TCP6:127.0.0.1:{p}", given=None, log="Address family for hostname not supported"),
    _s("open-a-socket", "-u", "OPEN:{d}/s", "-", given=None, before="python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' {d}/s", log=r" E open\(.*No such device or address"),
    _s("packet-to-nobody", "-u", "-", "UNIX-SENDTO:{d}/none", given=b"x", log=r" E sendto\(.*AF=1 .*No such file or directory"),
    _s("packet-refused", "-u", "-", "ABSTRACT-SENDTO:catflap-none-{p}", given=b"x", log=r" E sendto\(.*AF=1 .*Connection refused"),
    _s("no-such-user", "-u", "-", "CREATE:{d}/f,user=no-such-user", given=b"x", log=r" E getpwnam\(.no-such-user.\): no such user"),
    _s("value-required", "-", "PIPE,user", given=None, log=' E option "user": value required'),
    _s("no-number", "-", "TCP4-LISTEN:{p},backlog=abc", given=None, log=r' E parseopts\(\): missing numerical value of option "backlog=abc"'),
    _s("shown-with-crnl", "-v", "-u", "-", "STDOUT,crnl", given=b"a\nb\n", log=r"length=6 from=0 to=5\na\\r\nb\\r"),
    _s("missing-file", "-u", "OPEN:{d}/none", "-", given=None, log="No such file or directory"),
    _s("no-permission-to-write-dir", "-u", "-", "CREATE:{d}/no/such/f", given=b"", log="No such file or directory"),
    _s("connection-refused", "-", "TCP:127.0.0.1:{p}", given=None, log="Connection refused"),
    _s("unix-refused", "-", "UNIX-CONNECT:{d}/none", given=None, log="No such file or directory"),
    _s("unix-not-a-socket", "-", "UNIX-CONNECT:{d}/f", given=None, before="touch {d}/f", log="Connection refused"),
    _s("unknown-host", "-", "TCP:no.such.host.invalid:80", given=None, log="(?i)not known|No address|failure in name"),
    _s("unknown-service", "-", "TCP:127.0.0.1:nosuchservice", given=None, log="(?i)service|servname|port"),
    _s("bind-taken-path", "UNIX-LISTEN:{d}/s", "PIPE", given=None, before="touch {d}/s", log="Address already in use|exists"),
    _s("udp-listen-bad-host", "-", "UDP-LISTEN:{p},bind=192.0.2.77", given=None, log="Cannot assign requested address"),
    _s("tcp-bind-bad-host", "-", "TCP-LISTEN:{p},bind=192.0.2.77", given=None, log="Cannot assign requested address"),
    _s("fd-not-open", "-", "FD:77", given=None, log="Bad file descriptor"),
    _s("bad-timeout", "-T", "x", "-", "-", given=None),
    _s("write-to-read-only", "-u", "-", "OPEN:{d}/f,rdonly", given=b"x", before="touch {d}/f"),
    # Waiting.
    _s("accept-timeout", "-", "TCP-LISTEN:{p},bind=127.0.0.1,accept-timeout=0.2", given=None),
    _s("connect-retry", "-", "TCP:127.0.0.1:{p},retry=2,interval=0.05", given=None, log="Connection refused"),
    _s("total-timeout", "-T0.3", "PIPE", "PIPE"),
    _s("half-close-timeout", "-t0.2", "-", "EXEC:'sleep 600'", given=b""),
    _s("total-timeout-exec", "-T0.3", "-t0.5", "-", "EXEC:'sleep 600'", given=b""),
    # Dumps and flags.
    _s("verbose-text", "-v", "-u", "-", "STDOUT", given=b"ab\x01\n", log=r"length=4 from=0 to=3"),
    _s("verbose-hex", "-x", "-u", "-", "STDOUT", given=b"ab\n", log=r"61 62 0a"),
    _s("verbose-both", "-v", "-x", "-u", "-", "STDOUT", given=b"ab\n", log=r"61 62 0a"),
    _s("dump-left", "-r", "{d}/r", "-", "PIPE", given=_ONE, after="cat {d}/r"),
    _s("dump-right", "-R", "{d}/r", "-", "PIPE", given=_ONE, after="cat {d}/r"),
    _s("block-size", "-b3", "-u", "-", "STDOUT", given=b"abcdefgh"),
    _s("lock-file", "-L", "{d}/l", "-u", "-", "STDOUT", given=_ONE, after="test -e {d}/l; echo $?"),
    _s("lock-file-taken", "-L", "{d}/l", "-u", "-", "STDOUT", given=_ONE, before="echo 1 >{d}/l", log="lock|already"),
    _s("log-to-file", "-lf", "{d}/log", "-d", "-d", "-u", "-", "STDOUT", given=_ONE, after="grep -c 'exiting with status 0' {d}/log"),
    _s("log-name", "-lp", "fancy", "-d", "-d", "-u", "-", "STDOUT", given=_ONE, log=r"fancy\[\d+\] N "),
    _s("notices", "-d", "-d", "-u", "-", "STDOUT", given=_ONE, log=r"N starting data transfer loop"),
    _s("end-of-file-notice", "-d", "-d", "-u", "-", "STDOUT", given=_ONE, log=r"is at EOF"),
    _s("exit-notice", "-d", "-d", "-u", "-", "STDOUT", given=_ONE, log=r"exiting with status 0"),
    _s("microseconds", "-lu", "-d", "-d", "-u", "-", "STDOUT", given=_ONE, log=r"\d\d:\d\d:\d\d\.\d{6}"),
    _s("four", "-4", "-", "TCP:localhost:{p}", given=None, log="Connection refused"),
    _s("sloppy", "-s", "-u", "-", "STDOUT", given=_ONE),
    _s("no-group-check", "-g", "-u", "-", "STDOUT", given=_ONE),
    _s("case-of-words", "-u", "stdin", "stdOUT", given=_ONE),
    _s("blank-options", "-u", "STDIN,,", "STDOUT,", given=_ONE),
    _s("attached-values", "-t0.5", "-b100", "-", "PIPE", given=_ONE),
    _s("nested-brackets", "-", "EXEC:[cat]", given=None, differs="as exec-missing", status=1),
    # The environment of programs.
    _s("environment", "-", "SYSTEM:echo $SOCAT_PID | grep -c '^[0-9]'"),
    _s("environment-version", "-", 'SYSTEM:test -n "$SOCAT_VERSION" && echo yes'),
    _s("environment-inherited", "-", "SYSTEM:echo $ORACLE_SECRET"),
    # Sockets within one process.
    _s("socketpair", "-t0.5", "-", "SOCKETPAIR", given=_ONE, until=_ONE, differs="SOCKETPAIR is of 1.8", output=_ONE),
    _s("abstract-refused", "-", "ABSTRACT-CONNECT:catflap-none-{p}", given=None, log="Connection refused"),
    _s("udp-send-only", "-u", "-", "UDP-SENDTO:127.0.0.1:{p}", given=_ONE),
    _s("udp-connect-send", "-u", "-", "UDP:127.0.0.1:{p}", given=_ONE),
    _s("pty-symlink", "-T0.3", "PTY,link={d}/tty", "PIPE", after="test -L {d}/tty; echo $?"),
    _s("text", "-u", "TEXT:hello", "-", differs="TEXT is of 1.8.1", output=b"hello"),
    _s("posixmq", "-u", "-", "POSIXMQ-SEND:/catflap-{p},unlink-close,o-creat", given=b"x", differs="POSIXMQ is of 1.8"),
)  # fmt: skip


def _p(name: str, server: str, client: str, **settings: object) -> Pair:
    return Pair(name, tuple(server.split("~")), tuple(client.split("~")), **settings)  # type: ignore[arg-type]


_ECHO = "TCP-LISTEN:{p},bind=127.0.0.1,reuseaddr"

_PROXY_SAYS = (
    r"while read -r x && [ ${#x} -gt 1 ]; do case $x in *asic*) said=$x;; esac; done; "
    r"printf 'HTTP/1.0 200 OK\\r\\n\\r\\n'; echo $said; cat"
)
_GRANTED = r"printf '\\000\\132\\000\\000\\000\\000\\000\\000'; cat"
_SOCKS4 = f"head -c 12 >/dev/null; {_GRANTED}"
_SOCKS4A = f"head -c 25 >/dev/null; {_GRANTED}"

PAIRS: tuple[Pair, ...] = (
    _p("tcp-echo", f"{_ECHO}~PIPE", "-~TCP:127.0.0.1:{p}"),
    _p("tcp-echo-much", f"{_ECHO}~PIPE", "-~TCP:127.0.0.1:{p}", given=_MANY),
    _p("tcp4", "TCP4-LISTEN:{p},bind=127.0.0.1~PIPE", "-~TCP4:127.0.0.1:{p}"),
    _p("tcp6", "TCP6-LISTEN:{p},bind=[::1]~PIPE", "-~TCP6:[::1]:{p}", ready="tcp6"),
    _p("tcp-by-name", f"{_ECHO}~PIPE", "-~TCP4:localhost:{p}"),
    _p("tcp-exec", f"{_ECHO}~EXEC:tr a-z A-Z", "-~TCP:127.0.0.1:{p}"),
    _p("tcp-system", f"{_ECHO}~SYSTEM:cat; echo done", "-~TCP:127.0.0.1:{p}"),
    _p("tcp-exec-pty", f"-t0.5~{_ECHO}~EXEC:cat,pty,raw,echo=0", "-~TCP:127.0.0.1:{p}", until=_ONE),
    _p("tcp-exec-pipes", f"-t0.5~{_ECHO}~EXEC:cat,pipes", "-~TCP:127.0.0.1:{p}", until=_ONE),
    _p("tcp-fork", f"{_ECHO},fork~PIPE", "-~TCP:127.0.0.1:{p}"),
    _p("tcp-fork-max-children", f"{_ECHO},fork,max-children=2~PIPE", "-~TCP:127.0.0.1:{p}"),
    _p("tcp-range-allows", f"{_ECHO},range=127.0.0.0/8~PIPE", "-~TCP:127.0.0.1:{p}"),
    _p("tcp-sourceport", f"{_ECHO}~PIPE", "-~TCP:127.0.0.1:{p},nodelay"),
    _p("tcp-crnl", f"{_ECHO},crnl~EXEC:od -c", "-~TCP:127.0.0.1:{p},crnl"),
    _p("tcp-keepalive", f"{_ECHO},keepalive,keepidle=5~PIPE", "-~TCP:127.0.0.1:{p},keepalive"),
    _p("tcp-linger", f"{_ECHO}~PIPE", "-~TCP:127.0.0.1:{p},linger=5"),
    _p("tcp-sndbuf", f"{_ECHO},rcvbuf=16384~PIPE", "-~TCP:127.0.0.1:{p},sndbuf=16384"),
    _p("tcp-mss", f"{_ECHO},mss=512~PIPE", "-~TCP:127.0.0.1:{p}", given=_MANY),
    _p("tcp-file", f"-u~{_ECHO}~CREATE:{{d}}/out", "-u~-~TCP:127.0.0.1:{p}"),
    _p("tcp-from-file", f"-U~{_ECHO}~OPEN:/etc/hostname", "-u~TCP:127.0.0.1:{p}~-"),
    _p("tcp-reverse", f"{_ECHO}~EXEC:cat", "-~TCP-CONNECT:127.0.0.1:{p}"),
    _p("tcp-shut-none", f"{_ECHO},shut-none~PIPE", "-~TCP:127.0.0.1:{p}"),
    _p("tcp-end-close", f"{_ECHO},end-close~PIPE", "-~TCP:127.0.0.1:{p}"),
    _p("tcp-end-close-of-client", f"-t1~{_ECHO}~PIPE", "-t1~-~TCP:127.0.0.1:{p},end-close"),
    _p("udp-listen-nofork", "UDP4-LISTEN:{p},bind=127.0.0.1~EXEC:cat,nofork", "-t1~-~UDP4:127.0.0.1:{p}", ready="udp"),
    _p("abstract-names-in-environment", "ABSTRACT-LISTEN:catflap-{p}~SYSTEM:read x; printenv SOCAT_SOCKADDR SOCAT_PEERADDR", "-t2~-~ABSTRACT-CONNECT:catflap-{p},bind=catflap-c{p}", ready="abstract"),
    _p("leads-nowhere", f"{_ECHO},fork~UNIX-CONNECT:{{d}}/none", "-t1~-~TCP:127.0.0.1:{p}", given=b""),
    _p("tcp-ipv6only-off", "TCP6-LISTEN:{p},ipv6only=0~PIPE", "-~TCP4:127.0.0.1:{p}", ready="tcp6"),
    _p("unix-stream", "UNIX-LISTEN:{d}/s~PIPE", "-~UNIX-CONNECT:{d}/s", ready="file"),
    _p("unix-much", "UNIX-LISTEN:{d}/s~PIPE", "-~UNIX-CONNECT:{d}/s", given=_MANY, ready="file"),
    _p("unix-client", "UNIX-LISTEN:{d}/s~PIPE", "-~UNIX-CLIENT:{d}/s", ready="file"),
    _p("unix-gopen", "UNIX-LISTEN:{d}/s~PIPE", "-~{d}/s", ready="file"),
    _p("unix-mode", "UNIX-LISTEN:{d}/s,mode=600,fork~SYSTEM:stat -c %a {d}/s", "-~UNIX-CONNECT:{d}/s", ready="file", given=b""),
    _p("unix-name-stays", "UNIX-LISTEN:{d}/s~SYSTEM:read x; test -e {d}/s; echo $?", "-~UNIX-CONNECT:{d}/s", ready="file"),
    _p("unix-fork", "UNIX-LISTEN:{d}/s,fork~PIPE", "-~UNIX-CONNECT:{d}/s", ready="file"),
    _p("unix-exec", "UNIX-LISTEN:{d}/s,fork~EXEC:wc -c", "-~UNIX-CONNECT:{d}/s", ready="file"),
    _p("unix-bound-client", "UNIX-LISTEN:{d}/s~PIPE", "-~UNIX-CONNECT:{d}/s,bind={d}/c", ready="file"),
    _p("unix-datagram-recv", "-u~UNIX-RECV:{d}/s~CREATE:{d}/out", "-u~-~UNIX-SENDTO:{d}/s", ready="file"),
    _p("unix-datagram-echo", "UNIX-RECVFROM:{d}/s~PIPE", "-t1~-~UNIX-SENDTO:{d}/s,bind={d}/c", ready="file", until=_ONE),
    _p("unix-datagram-client", "UNIX-RECVFROM:{d}/s~PIPE", "-t1~-~UNIX-CLIENT:{d}/s,bind={d}/c", ready="file", until=_ONE),
    _p("abstract", "ABSTRACT-LISTEN:catflap-{p}~PIPE", "-~ABSTRACT-CONNECT:catflap-{p}", ready="abstract"),
    _p("abstract-datagram", "ABSTRACT-RECVFROM:catflap-{p}~PIPE", "-t1~-~ABSTRACT-SENDTO:catflap-{p},bind=catflap-c{p}", ready="abstract", until=_ONE),
    _p("udp-listen-echo", "UDP4-LISTEN:{p},bind=127.0.0.1~PIPE", "-t0.5~-~UDP4:127.0.0.1:{p}", ready="udp", until=_ONE),
    _p("udp-listen-fork", "UDP4-LISTEN:{p},bind=127.0.0.1,fork~PIPE", "-t0.5~-~UDP4:127.0.0.1:{p}", ready="udp", until=_ONE),
    _p("udp-recvfrom-echo", "UDP4-RECVFROM:{p},bind=127.0.0.1~PIPE", "-t0.5~-~UDP4-SENDTO:127.0.0.1:{p}", ready="udp", until=_ONE),
    _p("udp-recvfrom-exec", "UDP4-RECVFROM:{p},bind=127.0.0.1,fork~EXEC:tr a-z A-Z", "-t0.5~-~UDP4-SENDTO:127.0.0.1:{p}", ready="udp", until=b"HELLO\n"),
    _p("udp-datagram", "UDP4-RECVFROM:{p},bind=127.0.0.1~PIPE", "-t0.5~-~UDP4-DATAGRAM:127.0.0.1:{p}", ready="udp", until=_ONE),
    _p("udp-connect-datagram", "UDP4-RECVFROM:{p},bind=127.0.0.1~PIPE", "-t0.5~-~UDP4-CONNECT:127.0.0.1:{p}", ready="udp", until=_ONE),
    _p("udp-recv-file", "-u~UDP4-RECV:{p},bind=127.0.0.1~CREATE:{d}/out", "-u~-~UDP4-SENDTO:127.0.0.1:{p}", ready="udp"),
    _p("udp6", "UDP6-RECVFROM:{p},bind=[::1]~PIPE", "-t0.5~-~UDP6-SENDTO:[::1]:{p}", ready="udp", until=_ONE),
    _p("udp-range", "UDP4-RECVFROM:{p},bind=127.0.0.1,range=127.0.0.0/8~PIPE", "-t0.5~-~UDP4-SENDTO:127.0.0.1:{p}", ready="udp", until=_ONE),
    _p("socket-generic", "SOCKET-LISTEN:2:0:x{h}7f000001x0000000000000000~PIPE", "-~SOCKET-CONNECT:2:0:x{h}7f000001x0000000000000000"),
    _p("tls", "OPENSSL-LISTEN:{p},bind=127.0.0.1,cert={d}/srv.pem,cafile={d}/ca.pem~PIPE", "-~OPENSSL:localhost:{p},pf=ip4,cert={d}/cli.pem,cafile={d}/ca.pem", needs_certificate=True),
    _p("tls-much", "OPENSSL-LISTEN:{p},bind=127.0.0.1,cert={d}/srv.pem,cafile={d}/ca.pem~PIPE", "-~OPENSSL:localhost:{p},pf=ip4,cert={d}/cli.pem,cafile={d}/ca.pem", given=_MANY, needs_certificate=True),
    _p("tls-no-client-certificate", "OPENSSL-LISTEN:{p},bind=127.0.0.1,cert={d}/srv.pem,verify=0~PIPE", "-~OPENSSL:localhost:{p},pf=ip4,cafile={d}/ca.pem", needs_certificate=True),
    _p("tls-unverified", "OPENSSL-LISTEN:{p},bind=127.0.0.1,cert={d}/srv.pem,verify=0~PIPE", "-~OPENSSL:127.0.0.1:{p},verify=0", needs_certificate=True),
    _p("tls-commonname", "OPENSSL-LISTEN:{p},bind=127.0.0.1,cert={d}/srv.pem,verify=0~PIPE", "-~OPENSSL:127.0.0.1:{p},cafile={d}/ca.pem,commonname=localhost", needs_certificate=True),
    _p("tls-environment", "OPENSSL-LISTEN:{p},bind=127.0.0.1,cert={d}/srv.pem,cafile={d}/ca.pem~SYSTEM:read x; echo $SOCAT_OPENSSL_X509_COMMONNAME", "-~OPENSSL:localhost:{p},pf=ip4,cert={d}/cli.pem,cafile={d}/ca.pem", needs_certificate=True),
    _p("tls-fork", "OPENSSL-LISTEN:{p},bind=127.0.0.1,cert={d}/srv.pem,verify=0,fork~PIPE", "-~OPENSSL:127.0.0.1:{p},verify=0", needs_certificate=True),
    _p("environment-peer", f"{_ECHO}~SYSTEM:read x; echo $SOCAT_PEERADDR $SOCAT_SOCKADDR $SOCAT_SOCKPORT", "-~TCP:127.0.0.1:{p}"),
    _p("pty", "PTY,link={d}/s,raw,echo=0,wait-slave,pty-interval=0.1~PIPE", "-t0.5~-~OPEN:{d}/s,raw,echo=0", ready="file", until=_ONE),
    _p("gopen-pty", "PTY,link={d}/s,rawer,wait-slave,pty-interval=0.1~SYSTEM:tr a-z A-Z", "-t0.5~-~{d}/s,rawer", ready="file"),
    _p("proxy-authorized", f"{_ECHO},fork~SYSTEM:{_PROXY_SAYS}", "-~PROXY:127.0.0.1:example.test:80,proxyport={p},proxyauth=joe:pw"),
    _p("socks4", f"{_ECHO},fork~SYSTEM:{_SOCKS4}", "-~SOCKS4:127.0.0.1:192.0.2.1:80,socksport={p},socksuser=joe"),
    _p("socks4a", f"{_ECHO},fork~SYSTEM:{_SOCKS4A}", "-~SOCKS4A:127.0.0.1:example.test:80,socksport={p},socksuser=joe"),
    _p("sctp", "SCTP4-LISTEN:{p},bind=127.0.0.1,reuseaddr~PIPE", "-t1~-~SCTP4:127.0.0.1:{p}", ready="sctp", until=_ONE),
    _p("tcp-late-answer", f"{_ECHO}~SYSTEM:cat >/dev/null; sleep 0.7; echo late", "-~TCP:127.0.0.1:{p}"),
)  # fmt: skip
