"""The same words to both programs: the same bytes, the same status, the texts that people look for."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.readiness import await_ready
from tests.support.waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs("socat")

SAME = [
    (["-", "PIPE"], b"echo\n"),
    (["-", "EXEC:cat"], b"through a program\n"),
    (["-", "SYSTEM:tr a-z A-Z"], b"shout\n"),
    (["-U", "-", "EXEC:echo back"], b""),
    (["-u", "SYSTEM:echo first; echo second", "-"], b""),
    (["-u", "/etc/hostname", "-"], b""),
    (["STDIN!!STDOUT", "PIPE"], b"dual\n"),
    (["-", "-,readbytes=3"], b"three or more"),
    (["-", "PIPE,cr"], b"a\nb\n"),
    (["-b", "3", "-", "PIPE"], b"abcdefgh"),
    (["-T", "60", "-", "PIPE"], b"x"),
    (["-lp", "other", "-", "PIPE"], b"x"),
]


@pytest.mark.parametrize(("words", "given"), SAME, ids=lambda value: str(value)[:40])
def test_same_bytes_and_status(ours, theirs, words, given) -> None:
    mine, real = ours(*words, given=given), theirs(*words, given=given)
    assert (mine.out, mine.status) == (real.out, real.status)


def test_program_that_only_reads_gets_the_same_bytes(ours, theirs) -> None:
    """The C program gives it a second after the end, and no machine is always that fast."""
    words, given = ("-u", "-", "EXEC:cat"), b"one way\n"
    mine, real = ours(*words, given=given), theirs(*words, given=given, until=given)
    assert (mine.out, mine.status) == (real.out, real.status) == (given, 0)


REFUSED = [
    (["-"], "exactly 2 addresses required (there are 1)"),
    ([], "exactly 2 addresses required (there are 0)"),
    (["-", "-", "-"], "exactly 2 addresses required (there are 3)"),
    (["-", "FOO:bar"], 'E unknown device/address "FOO"'),
    (["-", "TCP:127.0.0.1:1,foo=1"], 'unknown option "foo"'),
    (["-", "TCP:127.0.0.1:1,link=1"], 'option "link" not supported with this address type'),
    (["-z", "-", "-"], 'unknown option "-z"'),
    (["-", "TCP:127.0.0.1:1"], "Connection refused"),
    (["-", "OPEN:/nonexistent"], "No such file or directory"),
    (["-", "UNIX-CONNECT:/nonexistent"], "No such file or directory"),
    (["-", "TCP:no-such-host.invalid:1"], "not known"),
    (["-u", "-U", "-", "-"], ""),
    (["TCP-LISTEN:0,bind=192.0.2.1", "-"], "Cannot assign requested address"),
]


@pytest.mark.parametrize(("words", "text"), REFUSED, ids=lambda value: str(value)[:50])
def test_same_refusal(ours, theirs, words, text) -> None:
    mine, real = ours(*words), theirs(*words)
    assert mine.status == real.status == 1
    assert text in mine.log
    if "no-such-host" not in str(words):
        # Without a name server the C program says something else of a name.
        assert text in real.log


def test_wrong_number_of_parameters_is_told_with_the_right_one(ours) -> None:
    """1.8 says so; Debian 12's 1.7.4.4 counts differently."""
    log = ours("-", "TCP:host").log
    assert "TCP: wrong number of parameters (1 instead of 2): usage: TCP:<host>:<port>" in log


def _shape(text: str) -> str:
    """Return a dump without the moment; 1.7.4.4 writes nine digits of it."""
    return re.sub(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+", "MOMENT", text)


@pytest.mark.parametrize("flags", [["-v"], ["-x"], ["-v", "-x"]])
def test_payload_is_shown_exactly_as_the_c_program_does(ours, theirs, flags) -> None:
    given = bytes(range(256)) + b"line\nanother\r\nend"
    words = ["-u", *flags, "-", "CREATE:/dev/null"]
    mine, real = ours(*words, given=given), theirs(*words, given=given)
    assert _shape(mine.log) == _shape(real.log)


def test_raw_dump_holds_what_passed(ours, tmp_path) -> None:
    left, right = tmp_path / "l.$PROGNAME", tmp_path / "r"
    ours("-r", str(left), "-R", str(right), "-", "SYSTEM:cat; echo tail", given=b"head\n")
    assert (tmp_path / "l.socat").read_bytes() == b"head\n"
    assert right.read_bytes() == b"head\ntail\n"


def test_child_knows_its_session_under_the_programs_name(ours) -> None:
    out = ours("-lp", "moo", "-", 'SYSTEM:echo "$MOO_VERSION $MOO_PID"').out.split()
    assert out[0] == b"1.8.1.3"
    assert out[1].isdigit()


def test_failure_of_the_program_is_ours(ours) -> None:
    """As 1.8 does; Debian 12's 1.7.4.4 mostly ends before it hears of it."""
    run = ours("-", "SYSTEM:exit 7")
    assert run.status == 1
    assert "exited with status 7" in run.log


def test_what_a_program_makes_of_losing_its_terminal_is_no_failure_of_ours(ours, theirs) -> None:
    """A terminal has no end of file: the program is hung up, and mostly takes that for an error."""
    words = ["-t0.2", "-", "EXEC:'sh -c \"cat; exit 3\"',pty,raw,echo=0"]
    mine, real = (run(*words, given=b"hello\n", until=b"hello\n") for run in (ours, theirs))
    assert (mine.out, mine.status) == (real.out, real.status) == (b"hello\n", 0)


def test_how_a_program_on_a_terminal_ends_by_itself_still_counts(ours) -> None:
    assert ours("-", "EXEC:'sh -c \"exit 3\"',pty", given=b"hello\n").status == 1


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.0 503 Service Unavailable\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28"],
    ids=["nothing", "plaintext", "alert"],
)
def test_relay_on_the_way_that_closes_is_tried_again(start, tmp_path, said) -> None:
    """A relay accepts before it has reached the server; with retry its word is not the last."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        port = server.getsockname()[1]
        words = f"OPENSSL:127.0.0.1:{port},verify=0,retry=5,interval=0.1"
        process = start("-d", "-d", "-", words)
        for _ in range(2):
            peer = server.accept()[0]
            peer.settimeout(PATIENCE)
            peer.recv(65_536)
            peer.sendall(said)
            peer.close()
        peer = server.accept()[0]
        assert process.poll() is None
        peer.close()
    eventually(lambda: "trying again in 0.1 s" in (tmp_path / "log").read_text())


@pytest.mark.parametrize("asked", ["none", "auto"])
def test_compression_is_none_however_it_is_asked_for(
    start, ours, free_port, tmp_path, asked
) -> None:
    """Ganeti and others say compress=none; auto is what the libraries agree on, which is none."""
    port = free_port()
    pem = _self_signed(tmp_path, "localhost")
    words = f"OPENSSL-LISTEN:{port},bind=127.0.0.1,verify=0,cert={pem},compress={asked}"
    await_ready(start(words, "PIPE"), "tcp", port)
    far = f"OPENSSL:127.0.0.1:{port},verify=0,compress={asked}"
    assert ours("-", far, given=b"hello\n").out == b"hello\n"
    assert ours("-", far.replace(f"={asked}", "=gzip")).status == 1


@pytest.mark.parametrize(("name", "status"), [("[::1]", 0), ("::1", 0), ("[::2]", 1)])
def test_common_name_may_have_an_address_in_brackets(
    start, ours, free_port, tmp_path, name, status
) -> None:
    """Where a certificate has nothing but its common name, an address may stand as in a URL."""
    port = free_port()
    pem = _self_signed(tmp_path, name)
    server = start(f"OPENSSL-LISTEN:{port},pf=ip6,bind=[::1],fork,verify=0,cert={pem}", "PIPE")
    await_ready(server, "tcp6", port)
    assert ours("-", f"OPENSSL:[::1]:{port},cafile={pem}", given=b"hello\n").status == status


def _self_signed(folder: Path, name: str) -> Path:
    """Return the file of a key and a certificate with a common name and nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "own.pem"
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(pem, pkcs8, serialization.NoEncryption()) + certificate.public_bytes(pem)
    )
    path.chmod(0o600)
    return path


def test_program_that_writes_after_it_closed_its_input_is_not_cut_off(ours) -> None:
    """Programs such as od close their input first, and write what they have when they end."""
    words = ("-u", "-", "SYSTEM:'cat >/dev/null; exec <&-; sleep 0.2; echo late'")
    assert ours(*words, given=b"hello\n").out == b"late\n"


@pytest.mark.parametrize("kind", ["UNIX-SENDTO", "UNIX-SEND"])
@pytest.mark.parametrize("there", ["directory", "file", "orphan"])
def test_a_packet_that_nobody_can_get_is_a_failure(ours, tmp_path, kind, there) -> None:
    path = tmp_path / "s"
    if there == "directory":
        path.mkdir()
    elif there == "file":
        path.touch()
    else:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as gone:
            gone.bind(str(path))
    run = ours("-u", "-", f"{kind}:{path}", given=b"x")
    assert run.status == 1
    assert run.log.count(" E ") == 1
    assert "Connection refused" in run.log
