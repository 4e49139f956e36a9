"""Run in a network whose loopback carries 1500 bytes: prints the sizes that came through a relay."""

from __future__ import annotations

import socket
import subprocess
import sys

NEAR, FAR = 7000, 7001
words = [sys.executable, "-m", "catflap", "run", "--log", "none"]
words += [f"UDP4-LISTEN:{NEAR},bind=127.0.0.1,fork", f"UDP4:127.0.0.1:{FAR}"]
with (
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    subprocess.Popen(words) as relay,
):
    try:
        server.bind(("127.0.0.1", FAR))
        server.settimeout(0.1)
        client.settimeout(45.0)
        while True:
            client.sendto(b"there?", ("127.0.0.1", NEAR))
            try:
                _, back = server.recvfrom(100)
            except TimeoutError:
                continue
            break
        server.settimeout(45.0)
        for _ in range(3):
            client.sendto(b"x" * 3000, ("127.0.0.1", NEAR))
        for _ in range(3):
            packet = b"there?"
            while packet == b"there?":
                packet = server.recv(70_000)
            server.sendto(packet, back)
            print(len(packet))
        for _ in range(3):
            print(len(client.recv(70_000)))
    finally:
        relay.kill()
