"""``catflap init``: what it writes can be checked and started from."""

from __future__ import annotations

import shutil
import socket

import pytest

from tests.support.invoking import invoke_here


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the directory in which the command runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_found_is_used(folder, certificates):
    """Certificates by what they say, a socket as what is to be secured; the file passes check."""
    shutil.copy(certificates.server, folder / "web.pem")
    shutil.copy(certificates.ca, folder / "root.crt")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("api.sock")
        result = invoke_here("init", "--yes", "--identity", "spiffe://acme/*")
    assert result.status == 0, result.errors
    text = (folder / "catflap.toml").read_text()
    assert "listen = 'TLS-LISTEN:8443,cert=web.pem,cafile=root.crt'" in text
    assert "connect = 'UNIX:./api.sock'" in text
    assert "CHANGE ME" not in text
    checked = invoke_here("check", "catflap.toml")
    assert checked.status == 0, checked.errors
    assert "1 identity" in checked.output


def test_nothing_is_found(folder):
    """What has to be filled in is named, in the file and by check."""
    (folder / "Dockerfile").write_text("FROM scratch\nEXPOSE 9000\n")
    assert invoke_here("init", "--yes").status == 0
    text = (folder / "catflap.toml").read_text()
    assert "# CHANGE ME: srv.pem is not there yet" in text
    assert "connect = 'TCP:127.0.0.1:9000'" in text
    checked = invoke_here("check", "catflap.toml")
    assert checked.status == 2
    assert "srv.pem cannot be read" in checked.errors


def test_networks_stand_once(folder):
    """A network that is asked for and there anyway is written once."""
    assert invoke_here("init", "--yes", "--allow", "127.0.0.0/8").status == 0
    assert "allow = ['127.0.0.0/8', '::1']" in (folder / "catflap.toml").read_text()


def test_nothing_is_written_over(folder):
    """A file that is there stays as it is."""
    (folder / "catflap.toml").write_text("mine")
    result = invoke_here("init", "--yes")
    assert result.status == 2
    assert "--force" in result.errors
    assert (folder / "catflap.toml").read_text() == "mine"
    assert invoke_here("init", "--yes", "--force").status == 0


def test_printed(folder):
    """``-o -`` writes no file, and odd words become TOML that says the same."""
    result = invoke_here("init", "-o", "-", "--name", "o'clock", "--connect", r"UNIX:/a\'b")
    assert result.status == 0
    assert '[bridge."o\'clock"]' in result.output
    assert 'connect = "UNIX:/a\\\\\'b"' in result.output
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--allow", "10.0.0.0/99"), "--allow 10.0.0.0/99: /99 is not a prefix length"),
        (("--identity", "alice"), "--identity alice: expected a kind in front"),
        (("--listen", "abc"), "--listen abc is no port"),
        (("--listen", "99999"), "--listen 99999 is no port"),
        (("--connect", "TPC:localhost:1"), "did you mean TCP?"),
    ],
)
def test_what_is_wrong_is_not_written(folder, words, told):
    """A file that check would refuse is not made."""
    result = invoke_here("init", "--yes", *words)
    assert result.status == 2
    assert told in result.errors
    assert not (folder / "catflap.toml").exists()


def test_written_elsewhere(folder, certificates, tmp_path_factory):
    """Paths in the file are relative to the file, so those of another directory are whole."""
    shutil.copy(certificates.server, folder / "web.pem")
    shutil.copy(certificates.ca, folder / "root.crt")
    path = tmp_path_factory.mktemp("etc") / "catflap.toml"
    assert invoke_here("init", "--yes", "--name", "the api", "-o", str(path)).status == 0
    assert f"cert={folder}/web.pem,cafile={folder}/root.crt" in path.read_text()
    checked = invoke_here("check", str(path))
    assert checked.status == 0, checked.errors
