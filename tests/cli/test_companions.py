"""``catflap fds`` and ``catflap proc``: what a process has open, and what it is."""

from __future__ import annotations

import json
import os
import socket

from tests.support.invoking import invoke_here


def test_what_is_open(tmp_path):
    """A file, a pipe, a listener and a connected pair, each with its name and ends."""
    path = tmp_path / "f"
    with (
        path.open("a") as file,
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as client,
        socket.socket(socket.AF_UNIX) as local,
    ):
        local.bind(str(tmp_path / "s"))
        local.listen()
        read, write = os.pipe()
        told = json.loads(invoke_here("fds", str(os.getpid()), "--json").output)
        by_number = {each["number"]: each for each in told}
        assert by_number[file.fileno()]["name"] == str(path)
        assert "append" in by_number[file.fileno()]["flags"]
        assert (by_number[read]["kind"], by_number[read]["access"]) == ("pipe", "read")
        assert by_number[listener.fileno()]["details"]["state"] == "listening"
        port = listener.getsockname()[1]
        assert by_number[client.fileno()]["name"].endswith(f"-> 127.0.0.1:{port}")
        assert by_number[local.fileno()]["name"] == str(tmp_path / "s")
        os.close(read)
        os.close(write)


def test_what_a_process_is():
    """Identity, limits and namespaces of this very process."""
    told = json.loads(invoke_here("proc", str(os.getpid()), "--json").output)
    assert told["parent"] == str(os.getppid())
    assert told["user"].startswith(str(os.getuid()))
    assert told["directory"] == os.getcwd()
    assert "max open files" in told["limits"]
    assert told["namespaces"]["net"] == os.readlink("/proc/self/ns/net")[5:-1]
    assert "limits (soft, hard)" in invoke_here("proc").output


def test_no_such_process():
    """One line, status 1."""
    for command in ("fds", "proc"):
        result = invoke_here(command, "4194304")
        assert (result.status, result.errors) == (1, "catflap: there is no process 4194304\n")
