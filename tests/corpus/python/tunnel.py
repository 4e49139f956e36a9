"""Opens tunnels for the integration tests."""

import os
import shlex
import subprocess

DOCKER = "/var/run/docker.sock"
PORT = 2375


def docker_over_tcp():
    return subprocess.Popen(
        ["socat", f"TCP-LISTEN:{PORT},fork,reuseaddr", f"UNIX-CONNECT:{DOCKER}"],
        stdout=subprocess.DEVNULL,
    )


def forward(port: int, host: str) -> None:
    os.system("socat TCP-LISTEN:%d,fork TCP:%s:80 &" % (port, host))
    subprocess.run(f"socat TCP-LISTEN:{port + 1},bind=127.0.0.1,fork TCP:{host}:81 &", shell=True, check=True)


def tls(host, port):
    cmd = ["socat", "-", "OPENSSL:{}:{},verify=0".format(host, port)]
    return subprocess.check_output(cmd, input=b"PING\n")


def ptys(a: str, b: str):
    return subprocess.Popen(
        shlex.split(f"socat -d -d pty,raw,echo=0,link={a} pty,raw,echo=0,link={b}")
    )
