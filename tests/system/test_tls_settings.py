"""Options of TLS that few need: the size of records, and parameters for Diffie-Hellman."""

import ssl  # noqa: TID251 - the client is not to be ours
import subprocess

import pytest

NO_CLIENTS = ("--unsafe", "tls-verify-off=test", "--unsafe", "anonymous-clients=test")


class Records:
    """A TLS client that sees how long the records are that it gets."""

    def __init__(self, end, cafile):
        """Do the handshake over a connected socket."""
        settings = ssl.create_default_context(cafile=cafile)
        settings.check_hostname = False
        self.coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = settings.wrap_bio(self.coming, going, server_hostname="localhost")
        self.going, self.end, self.wire = going, end, b""
        self._until(self.tls.do_handshake)
        self.wire = b""

    def _until(self, step):
        while True:
            try:
                found = step()
            except ssl.SSLWantReadError:
                found = None
            waiting = self.going.read()
            if waiting:
                self.end.send(waiting)
            if found is not None or (step == self.tls.do_handshake and self.tls.cipher()):
                return found
            piece = self.end.receive()
            assert piece
            self.wire += piece
            self.coming.write(piece)

    def read(self, size):
        """Return so many bytes."""
        found = b""
        while len(found) < size:
            found += self._until(self.tls.read)
        return found

    def lengths(self):
        """Return how long the records on the wire were."""
        found, at = [], 0
        while at + 5 <= len(self.wire):
            found.append(int.from_bytes(self.wire[at + 3 : at + 5], "big"))
            at += 5 + found[-1]
        return found


@pytest.mark.parametrize(("option", "most"), [("", 16_384), (",maxsendfrag=512", 512)])
def test_records_are_no_longer_than_asked(catflap, certificates, connect, tmp_path, option, most):
    """maxsendfrag=512 makes small records, for peers with little memory; without it they are full."""
    text = bytes(range(256)) * 256
    path = tmp_path / "text"
    path.write_bytes(text)
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},verify=0{option}",
        f"OPEN:{path},rdonly",
        "-U",
        *NO_CLIENTS,
    )
    client = Records(connect(service.port), certificates.ca)
    assert client.read(len(text)) == text
    # A record of TLS 1.3 is 17 bytes longer than its data: the type and the tag.
    longest = max(client.lengths())
    assert most < longest + 1 <= most + 18


@pytest.mark.parametrize("size", [0, 511, 16_385])
def test_a_size_that_no_record_has_is_refused(catflap, certificates, size):
    """Out of range is told with the range."""
    service = catflap(
        f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
        f",maxsendfrag={size}",
        "PIPE",
        until="",
    )
    assert service.wait() == 2
    assert "from 512 to 16384" in service.story()


def test_what_cannot_be_asked_for_is_refused_with_the_reason(catflap, certificates):
    """maxfraglen: no call for it is left; what does the same is named."""
    service = catflap(f"TLS:127.0.0.1:1,cafile={certificates.ca},maxfraglen=512", "STALL", until="")
    assert service.wait() == 2
    assert "maxsendfrag on the server" in service.story()


@pytest.fixture(scope="module")
def classic(tmp_path_factory):
    """Return a folder with an RSA certificate, and parameters for Diffie-Hellman."""
    folder = tmp_path_factory.mktemp("classic")
    for words in (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key -out cert",
        "dhparam -dsaparam -out dh 2048",
    ):
        subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)
    (folder / "key").chmod(0o600)
    return folder


def listener(folder, *options):
    """Return a TLS listener that has the classic certificate."""
    address = f"TLS-LISTEN:0,bind=127.0.0.1,cert={folder}/cert,key={folder}/key,verify=0"
    return ",".join((address, *options))


def test_keys_are_agreed_by_the_parameters_given(catflap, classic):
    """dhparam= with a suite of TLS 1.2 that uses it: the client sees a DH key of that size."""
    service = catflap(
        listener(
            classic,
            f"dhparam={classic}/dh",
            "min-proto-version=TLS1.2",
            "max-proto-version=TLS1.2",
            "cipher=DHE-RSA-AES256-GCM-SHA384",
        ),
        "PIPE",
        *NO_CLIENTS,
    )
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{service.port}", "-tls1_2"],
        input=b"",
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Temp Key: DH, 2048 bits" in done.stdout, done.stdout


def test_parameters_without_effect_are_refused(catflap, classic):
    """TLS 1.3 has its own groups; a file for them would be read and never used."""
    service = catflap(listener(classic, f"dhparam={classic}/dh"), "PIPE", *NO_CLIENTS, until="")
    assert service.wait() == 2
    assert "has no effect" in service.story()


def test_a_file_without_parameters_is_told(catflap, classic):
    """A certificate is no file of parameters; the line says how to make some."""
    service = catflap(
        listener(
            classic,
            f"dhparam={classic}/cert",
            "min-proto-version=TLS1.2",
            "cipher=DHE-RSA-AES256-GCM-SHA384",
        ),
        "PIPE",
        *NO_CLIENTS,
        until="",
    )
    assert service.wait() == 1
    assert "openssl dhparam" in service.story()
