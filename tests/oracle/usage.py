"""What users do, written from the manual and from scripts in the wild, without a look at our code.

Rows as those of ``scenarios``; only what the C program does each time alike stands here. A client
of a program that reads nothing sends nothing: the C program may fail to write before it listens.
"""

from __future__ import annotations

from tests.oracle.scenarios import Pair, Single

__all__ = ("PAIRS", "SINGLES")


def _s(name: str, *words: str, **settings: object) -> Single:
    return Single(f"usage-{name}", words, **settings)  # type: ignore[arg-type]


def _p(name: str, server: str, client: str, **settings: object) -> Pair:
    names = tuple(server.split("~")), tuple(client.split("~"))
    return Pair(f"usage-{name}", *names, **settings)  # type: ignore[arg-type]


_ONE = b"hello\n"
_LINES = b"".join(b"line %d\n" % number for number in range(4000))
_TEN = "printf 0123456789 >{d}/f"
_CAT = "cat {d}/g"

SINGLES: tuple[Single, ...] = (
    # Copying and looking.
    _s("copy", "-u", "OPEN:{d}/f", "CREATE:{d}/g", before="printf 'a\\nb\\n' >{d}/f", after=f"{_CAT}; stat -c %a {{d}}/g"),
    _s("copy-back", "-U", "CREATE:{d}/g", "FILE:{d}/f", before=_TEN, after=_CAT),
    _s("copy-much", "-u", "-", "CREATE:{d}/g", given=_LINES, after="md5sum <{d}/g"),
    _s("append-by-path", "-u", "-", "{d}/g", given=_ONE, before="echo one >{d}/g", after=_CAT),
    _s("append-wronly", "-u", "-", "OPEN:{d}/g,wronly,append", given=_ONE, before="echo longer-than-that >{d}/g", after=_CAT),
    _s("overwrite-start", "-u", "-", "OPEN:{d}/f", given=b"abc", before=_TEN, after="cat {d}/f"),
    _s("cut-off-then-write", "-u", "-", "OPEN:{d}/f,ftruncate=5", given=b"abc", before=_TEN, after="cat {d}/f"),
    _s("trunc-long-name", "-u", "-", "OPEN:{d}/f,o-trunc=1", given=b"abc", before=_TEN, after="cat {d}/f"),
    _s("seek-hex", "-u", "OPEN:{d}/f,lseek=0x3", "-", before=_TEN),
    _s("seek-64", "-u", "OPEN:{d}/f,seek64-set=5", "-", before=_TEN),
    _s("seek-twice", "-u", "OPEN:{d}/f,seek-set=2,seek-cur=2", "-", before=_TEN),
    _s("seek-from-end", "-u", "OPEN:{d}/f,lseek-end=-3", "-", before=_TEN),
    _s("bytes", "-u", "OPEN:{d}/f,bytes=4", "-", before=_TEN),
    _s("mode-of-creat", "-u", "-", "CREATE:{d}/g,mode=0600", given=_ONE, after="stat -c %a {d}/g"),
    _s("creat-in-open", "-u", "-", "OPEN:{d}/g,creat=1,perm=0640", given=_ONE, after=f"{_CAT}; stat -c %a {{d}}/g"),
    _s("two-files-dual", "{d}/f!!{d}/g", "-", given=_ONE, before="printf abc >{d}/f", after=_CAT),
    _s("lock-option", "-u", "-", "CREATE:{d}/g,lockfile={d}/l", given=_ONE, after="ls {d}"),
    _s("lock-option-held", "-u", "-", "CREATE:{d}/g,lockfile={d}/l", given=_ONE, before="echo 1 >{d}/l", after="ls {d}"),
    _s("stderr-is-an-address", "-u", "-", "STDERR", given=_ONE, log="^hello$"),
    _s("full-device", "-u", "-", "OPEN:/dev/full", given=_ONE, log=r" E write\(.*No space left on device"),
    _s("a-directory", "-u", "OPEN:{d}", "-", log=r" E read\(.*Is a directory"),
    _s("no-such-file", "-u", "OPEN:{d}/no", "-", log=r' E open\(".*/no", 00, 0666\): No such file'),
    _s("no-such-directory", "-u", "-", "CREATE:{d}/no/x", given=_ONE, log=r' E creat\(".*/no/x", 0666\): No such'),
    _s("excl-there", "-u", "-", "OPEN:{d}/g,creat,excl", given=_ONE, before="echo x >{d}/g", after=_CAT, log=r" E open\(.*File exists"),
    # Line ends, escapes, ends.
    _s("crnl-both", "-", "PIPE,crnl", given=b"a\nb\n"),
    _s("crlf-write", "-u", "-", "CREATE:{d}/g,crlf", given=b"a\nb\n", after="od -c {d}/g"),
    _s("cr-write", "-u", "-", "CREATE:{d}/g,cr", given=b"a\nb\n", after="od -c {d}/g"),
    _s("escape-on-stdin", "-,escape=3", "PIPE", given=b"ab\x03cd"),
    _s("escape-in-a-file", "-u", "OPEN:{d}/f,escape=0x1d", "-", before="printf 'ab\\035cd' >{d}/f"),
    _s("silence", "-T0.3", "-u", "OPEN:{d}/f,ignoreeof", "-", before=_TEN),
    _s("silence-of-a-program", "-T0.3", "-u", "EXEC:sleep 600", "-"),
    # Programs.
    _s("sed", "-", "EXEC:sed s/l/L/g", given=_ONE),
    _s("sort", "-", "EXEC:sort -r", given=b"a\nb\nc\n"),
    _s("program-first", "EXEC:cat", "-", given=_ONE),
    _s("two-programs", "-u", "SYSTEM:echo one; echo two", "SYSTEM:cat >{d}/g", after="cat {d}/g"),
    _s("variables-of-the-shell", "-u", "SYSTEM:x=5; echo $((x+1))", "-"),
    _s("colon-quoted", "-u", 'SYSTEM:"echo a:b,c"', "-"),
    _s("exclamation-quoted", "-u", 'SYSTEM:"echo a!!b"', "-"),
    _s("escaped-comma", "-u", r"EXEC:echo a\:b\,c", "-"),
    _s("colon-unquoted", "-u", "EXEC:echo a:b", "-", log="EXEC"),
    _s("brackets", "-u", "EXEC:echo [a:b,c] (d,e) {f!!g}", "-"),
    _s("empty-argument", "-u", "EXEC:printf '<%s>' '' x", "-"),
    _s("blanks-between", "-u", "EXEC:echo   a    b", "-"),
    _s("words-in-words", "-u", r'EXEC:"printf %s-%s \"a b\" c"', "-"),
    _s("name-of-itself", "-u", r"EXEC:sh -c 'echo \$0'", "-"),
    _s("login-shell", "-u", r"EXEC:sh -c 'echo \$0',login", "-"),
    _s("path-of-its-own", "-u", "EXEC:mine,path={d}/b:/bin:/usr/bin", "-", before="mkdir {d}/b; printf '#!/bin/sh\\necho mine\\n' >{d}/b/mine; chmod +x {d}/b/mine"),
    _s("directory-of-its-own", "-u", "SYSTEM:pwd,cd=/usr", "-", differs="cd is of 1.8", output=b"/usr\n"),
    _s("mask-of-its-own", "-u", "SYSTEM:umask,umask=027", "-", differs="umask of a program is of 1.8", output=b"0027\n"),
    _s("standard-error-too", "-u", "SYSTEM:echo err >&2,stderr", "-"),
    _s("other-descriptors", "-", "SYSTEM:cat <&3 >&4,fdin=3,fdout=4", given=_ONE),
    _s("pipes", "-", "SYSTEM:wc -c,pipes", given=_LINES, differs="the C program does not hear the end of pipes and waits on", output=b"%d\n" % len(_LINES)),
    _s("terminal", "-t0.5", "-", "EXEC:cat,pty,rawer", given=_ONE, until=_ONE),
    _s("terminal-named", "-u", "SYSTEM:tty | tr -d 0-9,pty,setsid,ctty,stderr", "-"),
    _s("late-answer", "-", "SYSTEM:cat >/dev/null; sleep 0.7; echo late", given=_ONE),
    _s("late-answer-one-way", "-u", "SYSTEM:sleep 0.7; echo late", "-"),
    _s("program-missing", "-", "EXEC:/nonexistent/x", given=None, log=r" E execvp\(.*No such file or directory", differs="1.7.4.4 mostly ends before it hears of it", status=1),
    # What is shown.
    _s("show-text", "-v", "-", "PIPE", given=_ONE, log=r"(?m)^> .*  length=6 from=0 to=5\nhello$"),
    _s("show-back", "-v", "-", "PIPE", given=_ONE, log=r"(?m)^< .*  length=6 from=0 to=5\nhello$"),
    _s("show-hex", "-x", "-u", "-", "/dev/null", given=b"abc", log=r"(?m)^ 61 62 63"),
    _s("show-blocks", "-v", "-b4", "-u", "-", "/dev/null", given=b"abcdefgh", log=r"length=4 from=4 to=7\nefgh"),
    _s("show-escapes", "-v", "-u", "-", "/dev/null", given=b"a\tb\r\n\x01", log=r"a\tb\\r\n\."),
    _s("raw-both", "-r", "{d}/r", "-R", "{d}/l", "-", "SYSTEM:tr a-z A-Z", given=_ONE, after="cat {d}/r {d}/l"),
    _s("raw-appends", "-r", "{d}/r", "-u", "-", "/dev/null", given=_ONE, before="echo old >{d}/r", after="cat {d}/r"),
    _s("log-appends", "-lf", "{d}/log", "-", "NOPE:x", before="echo old >{d}/log", after="grep -c . {d}/log; grep -o 'E unknown.*' {d}/log"),
    _s("log-opening", "-d", "-d", "-u", "OPEN:{d}/f", "CREATE:{d}/g", before=_TEN, log=r'(?s) N opening regular file ".*f" for reading\n.* N creating regular file ".*g" for writing\n'),
    _s("log-stdio", "-dd", "-", "PIPE", log=r"(?s) N reading from and writing to stdio\n.* N writing to and reading from unnamed pipe\n"),
    _s("log-program", "-d", "-d", "-", "EXEC:cat", log=r" N forking off child, using socket for reading and writing"),
    _s("log-transfers", "-d", "-d", "-d", "-", "PIPE", given=_ONE, log=r" I transferred 6 bytes from \d+ to \d+"),
    _s("log-terminal", "-T0.2", "-d", "-d", "PTY,raw", "PIPE", log=r" N PTY is /dev/pts/\d+"),
    _s("log-silence", "-T0.2", "-d", "-d", "STDIN,ignoreeof!!STDOUT", "PIPE", log=" N inactivity timeout triggered"),
    _s("quiet", "-d0", "-", "PIPE", given=_ONE, differs="-d0 is of 1.8", output=_ONE),
    # Failures.
    _s("refused-names-the-call", "-", "TCP4:127.0.0.1:{p}", given=None, log=r"connect\(\d+, AF=2 127\.0\.0\.1:\d+, 16\): Connection refused"),
    _s("refused-six", "-", "TCP6:[::1]:{p}", given=None, log=r"connect\(\d+, AF=10 \[0000:.*:0001\]:\d+, 28\): Connection refused"),
    _s("refused-one-way", "-u", "-", "TCP4:127.0.0.1:{p}", given=_ONE, log="Connection refused"),
    _s("refused-again-and-again", "-", "TCP4:127.0.0.1:{p},retry=2,interval=0.05", given=None, log="Connection refused"),
    _s("refused-udp", "-", "UDP4:127.0.0.1:{p}", given=_ONE, log="Connection refused"),
    _s("refused-abstract", "-", "ABSTRACT-CONNECT:none-{p}", given=None, log=r"connect\(, AF=1 .*Connection refused"),
    _s("refused-path", "-", "UNIX-CONNECT:{d}/no", given=None, log=r' E connect\(, AF=1 ".*/no", \d+\): No such file'),
    _s("proxy-refused", "-", "PROXY:127.0.0.1:example.test:80,proxyport={p}", given=None, log="Connection refused"),
    _s("socks-refused", "-", "SOCKS4:127.0.0.1:192.0.2.1:80,socksport={p},socksuser=x", given=None, log="Connection refused"),
    _s("tls-refused", "-", "OPENSSL:127.0.0.1:{p},verify=0", given=None, log="Connection refused"),
    _s("bind-elsewhere", "TCP4-LISTEN:{p},bind=192.0.2.1", "-", log=r" E bind\(\d+, {AF=2 192\.0\.2\.1:\d+}, 16\): Cannot assign requested address"),
    _s("path-there", "UNIX-LISTEN:{d}/s", "-", before="touch {d}/s", after="ls {d}", log=r' E ".*/s" exists'),
    _s("path-in-no-directory", "UNIX-LISTEN:{d}/no/s", "-", log=r' E bind\(\d+, {AF=1 ".*/no/s"}, \d+\): No such'),
    _s("certificate-missing", "OPENSSL-LISTEN:{p},cert={d}/no.pem,verify=0", "PIPE", log="No such file or directory"),
    _s("authority-missing", "-", "OPENSSL:localhost:{p},cafile={d}/no.pem", given=None, log="No such file or directory"),
    _s("block-is-no-number", "-b", "x", "-", "PIPE", log=r' E parseopts\(\): missing numerical value of option "-b"'),
    _s("limit-is-no-number", "-T", "x", "-", "PIPE", log=r' E parseopts\(\): missing numerical value of option "-T"'),
    _s("both-ways-alone", "-u", "-U", "-", "PIPE", log=" E "),
    _s("unknown-long-flag", "--nope", "-", "PIPE", log='unknown option "--nope"'),
    _s("kind-without-colon", "-", "nope", log='E unknown device/address "nope"'),
    _s("ten-is-no-descriptor", "-u", "-", "10", given=_ONE, log='E unknown device/address "10"'),
    _s("no-membership-word", "-", "UDP4-DATAGRAM:127.0.0.1:{p},link={d}/x", given=None, log='option "link" not supported'),
    # FIFOs.
    _s("fifo-to-file", "-u", "-", "{d}/p", given=_ONE, before="mkfifo {d}/p; (cat {d}/p >{d}/g; echo done >{d}/done) </dev/null >/dev/null 2>&1 &", after="until test -e {d}/done; do sleep 0.05; done; cat {d}/g"),
    _s("fifo-goes", "-T0.2", "PIPE:{d}/p,mode=600", "-,ignoreeof", after="ls {d}"),
    _s("fifo-stays", "-T0.2", "PIPE:{d}/p,unlink-close=0", "-,ignoreeof", after="stat -c %F {d}/p"),
)  # fmt: skip

_LISTEN = "TCP4-LISTEN:{p},bind=127.0.0.1"
_TLS = "OPENSSL-LISTEN:{p},bind=127.0.0.1,cert={d}/srv.pem"
_PROXY = 'while read l && [ -n "$l" ]; do echo "$l" >>{d}/q; done; echo HTTP/1.0'

PAIRS: tuple[Pair, ...] = (
    _p("send-a-file", f"-u~{_LISTEN}~CREATE:{{d}}/out", "-u~-~TCP4:127.0.0.1:{p}", given=_LINES),
    _p("get-a-file", f"-U~{_LISTEN}~SYSTEM:seq 1 4000", "-u~TCP4:127.0.0.1:{p}~-", given=b""),
    _p("get-four-bytes", f"-U~{_LISTEN}~SYSTEM:echo one; echo two", "-u~TCP4:127.0.0.1:{p},readbytes=4~-", given=b""),
    _p("small-words", "tcp-l:{p},bind=127.0.0.1,reuseaddr,fork~exec:cat", "stdio~tcp:127.0.0.1:{p}"),
    _p("source-port-seen", f"{_LISTEN}~SYSTEM:read x; test $SOCAT_PEERPORT -gt 0 && echo $SOCAT_PEERADDR", "-~TCP4:127.0.0.1:{p},bind=127.0.0.1"),
    _p("range-by-mask", f"{_LISTEN},range=127.0.0.1:255.255.255.255~PIPE", "-~TCP4:127.0.0.1:{p}"),
    _p("range-denies", f"{_LISTEN},range=10.0.0.0/8,fork~PIPE", "-~TCP4:127.0.0.1:{p}", given=b""),
    _p("six-any", "TCP6-LISTEN:{p},ipv6only=0~PIPE", "-~TCP4:127.0.0.1:{p}", ready="tcp6"),
    _p("mapped-peer", "TCP6-LISTEN:{p},ipv6only=0~SYSTEM:read x; echo $SOCAT_PEERADDR", "-~TCP4:127.0.0.1:{p}", ready="tcp6"),
    _p("six-peer", "TCP6-LISTEN:{p},bind=[::1]~SYSTEM:read x; echo $SOCAT_PEERADDR $SOCAT_SOCKADDR", "-~TCP6:[::1]:{p}", ready="tcp6"),
    _p("many-options", f"{_LISTEN},nodelay,keepalive,keepidle=10,keepintvl=5,keepcnt=3,rcvbuf=8192,linger=2,tos=16,ttl=9~PIPE", "-~TCP4:127.0.0.1:{p},nodelay,so-keepalive,mss=512"),
    _p("at-most-two", f"{_LISTEN},fork,max-children=2~PIPE", "-~TCP4:127.0.0.1:{p}"),
    _p("sort-it", f"{_LISTEN}~SYSTEM:sort", "-~TCP4:127.0.0.1:{p}", given=b"b\na\n"),
    _p("much-through-a-program", f"{_LISTEN}~EXEC:cat", "-~TCP4:127.0.0.1:{p}", given=_LINES),
    _p("http", f"{_LISTEN},crnl,fork~SYSTEM:read l; echo HTTP/1.0 200 OK; echo; echo body", "-~TCP4:127.0.0.1:{p},crnl", given=b"GET / HTTP/1.0\n"),
    _p("one-way", f"-u~{_LISTEN}~CREATE:{{d}}/out", "-u~-~TCP4:127.0.0.1:{p}"),
    _p("shut-down-said", f"{_LISTEN}~SYSTEM:cat; echo end", "-~TCP4:127.0.0.1:{p},shut-down"),
    _p("shown-on-the-way", f"-v~{_LISTEN}~PIPE", "-x~-~TCP4:127.0.0.1:{p}"),
    _p("path-alias", "UNIX-L:{d}/s,fork~EXEC:cat", "-~UNIX:{d}/s", ready="file"),
    _p("path-mode-seen", "UNIX-LISTEN:{d}/s,mode=660,fork~SYSTEM:read x; stat -c %a {d}/s", "-~UNIX-CONNECT:{d}/s", ready="file"),
    _p("path-of-the-client", "UNIX-LISTEN:{d}/s~SYSTEM:read x; echo $SOCAT_PEERADDR", "-~UNIX-CONNECT:{d}/s,bind={d}/c", ready="file"),
    _p("path-while-it-serves", "UNIX-LISTEN:{d}/s~SYSTEM:read x; ls {d}/s", "-~UNIX-CONNECT:{d}/s", ready="file"),
    _p("path-over-a-rest", "UNIX-LISTEN:{d}/s,unlink-early,fork~PIPE", "-~UNIX-CLIENT:{d}/s", ready="file"),
    _p("abstract-client", "ABSTRACT-LISTEN:catflap-{p},fork~PIPE", "-~ABSTRACT-CLIENT:catflap-{p}", ready="abstract"),
    _p("packets-to-a-file", "-u~UNIX-RECV:{d}/s~CREATE:{d}/out", "-u~-~UNIX-CLIENT:{d}/s", ready="file"),
    _p("packets-by-fork", "UNIX-RECVFROM:{d}/s,fork~SYSTEM:tr a-z A-Z", "-t2~-~UNIX-SENDTO:{d}/s,bind={d}/c", ready="file", until=b"HELLO\n"),
    _p("udp-by-fork", "UDP4-LISTEN:{p},bind=127.0.0.1,fork~EXEC:cat", "-t1~-~UDP4-CONNECT:127.0.0.1:{p}", ready="udp", until=_ONE),
    _p("udp-asks-who", "UDP4-RECVFROM:{p},bind=127.0.0.1,fork~SYSTEM:read x; echo $SOCAT_PEERADDR", "-t1~-~UDP4-SENDTO:127.0.0.1:{p}", ready="udp", until=b"127.0.0.1\n"),
    _p("udp-eight-kilobytes", "UDP4-RECVFROM:{p},bind=127.0.0.1~PIPE", "-t1~-~UDP4-SENDTO:127.0.0.1:{p}", given=bytes(8000), ready="udp", until=bytes(8000)),
    _p("multicast", "UDP4-RECVFROM:{p},ip-add-membership=239.1.2.3:127.0.0.1,reuseaddr~PIPE", "-t1~-~UDP4-DATAGRAM:239.1.2.3:{p},ip-multicast-if=127.0.0.1", ready="udp", until=_ONE),
    _p("packets-by-numbers", "SOCKET-RECVFROM:2:2:17:x{h}7f000001x0000000000000000~PIPE", "-t1~-~SOCKET-SENDTO:2:2:17:x{h}7f000001x0000000000000000", ready="udp", until=_ONE),
    _p("proxy-with-a-password", f"{_LISTEN},crnl~SYSTEM:{_PROXY} 200 OK; echo; cat", "-~PROXY:127.0.0.1:example.test:80,proxyport={p},proxyauth=u:p"),
    _p("tls-by-short-names", "SSL-L:{p},bind=127.0.0.1,cert={d}/srv.pem,verify=0,fork~PIPE", "-~SSL:127.0.0.1:{p},verify=0", needs_certificate=True),
    _p("tls-other-name", f"{_TLS},verify=0,fork~PIPE", "-~OPENSSL:127.0.0.1:{p},cafile={d}/ca.pem,commonname=other.test", needs_certificate=True),
    _p("tls-other-authority", f"{_TLS},verify=0,fork~PIPE", "-~OPENSSL:localhost:{p},pf=ip4,cafile={d}/cli.pem", needs_certificate=True),
    _p("tls-tells-the-client", f"{_TLS},cafile={{d}}/ca.pem~SYSTEM:read x; env | grep ^SOCAT_OPENSSL_X509 | sort", "-~OPENSSL:localhost:{p},pf=ip4,cert={d}/cli.pem,cafile={d}/ca.pem", needs_certificate=True),
    _p("tls-version", f"{_TLS},verify=0~SYSTEM:read x; echo $SOCAT_OPENSSL_PROTO_VERSION", "-~OPENSSL:127.0.0.1:{p},verify=0", needs_certificate=True),
    _p("dtls", "DTLS-L:{p},bind=127.0.0.1,cert={d}/srv.pem,verify=0~PIPE", "-t1~-~DTLS:127.0.0.1:{p},verify=0", ready="udp", needs_certificate=True, until=_ONE),
    _p("terminal-by-link", "PTY,link={d}/s,rawer,wait-slave,pty-interval=0.1~PIPE", "-t1~-~OPEN:{d}/s,rawer", ready="file", until=_ONE),
)  # fmt: skip
