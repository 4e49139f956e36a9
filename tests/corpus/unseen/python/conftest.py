"""Fixtures: a relay by socat before each test."""
import contextlib
import shutil
import subprocess

import pytest

SOCAT = shutil.which("socat")
pytestmark = pytest.mark.skipif(not SOCAT, reason="socat is missing")


@pytest.fixture
def tcp_relay(free_port):
    """Relay like ``socat TCP-LISTEN:80,fork TCP:localhost:8080``."""
    proc = subprocess.Popen([
        SOCAT, "-d", "-d",
        f"TCP-LISTEN:{free_port},bind=127.0.0.1,reuseaddr,fork",
        "TCP:localhost:8080",
    ])
    yield free_port
    proc.terminate()


@contextlib.contextmanager
def tls_server(cert, port=4433):
    cmd = f"socat openssl-listen:{port},reuseaddr,fork,cert={cert},verify=0 exec:'cat'"
    with subprocess.Popen(cmd, shell=True) as p:
        yield p


def open_shell(host):
    """Never in production."""
    return subprocess.run(["socat", "file:`tty`,raw,echo=0", "tcp:%s:4444" % host])
