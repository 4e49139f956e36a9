"""Relays in argument vectors, whatever starts them."""

from __future__ import annotations

import pytest

from catflap.address.model import Literal, Unknown
from catflap.audit.argv import commands_in
from catflap.audit.command import Argument, Command
from catflap.audit.images import is_relay_image, version_of_image
from catflap.core.spans import Span
from catflap.core.surroundings import Publication, Surroundings


def vector(*words: str) -> list[Command]:
    """Take words as they would stand in a file, blanks between; ``$NAME`` is unknown."""
    arguments = []
    at = 0
    for word in words:
        span = Span(at, at + len(word))
        piece = Unknown(word, span) if word.startswith("$") else Literal(word, span)
        arguments.append(Argument((piece,), span))
        at += len(word) + 1
    return list(commands_in(arguments, Span(0, at), Surroundings()))


WRAPPED = [
    "sudo -E -u bob --",
    "doas -u bob",
    "gosu bob:bob",
    "su-exec bob",
    "setpriv --reuid=bob --clear-groups",
    "chpst -u bob",
    "runuser -u bob --",
    "nohup",
    "timeout -k 5 10",
    "env -i A=b",
    "nice -n 5",
    "ionice -c2 -n7",
    "exec -a x",
    "stdbuf -oL",
    "time",
    "chronic",
    "xargs -n 1 -I {}",
    "flock -n /tmp/l",
    "chroot /mnt",
    "unshare -n",
    "systemd-run --unit=x --uid bob",
    "daemonize -u bob",
    "tini -g --",
    "dumb-init --",
    "busybox",
    "strace -f -o /tmp/x",
    "nsenter -t 1 -n",
    "ip netns exec blue",
    "docker exec -it -u bob box",
    "docker run --rm -p 80:80 alpine:3",
    "podman run --net host img",
    "kubectl exec -n x pod -c y --",
    "lxc exec box --",
    "screen -dmS name",
    "tmux new-session -d -s x",
    "docker compose -f a.yml exec web",
    "A=b",
]


@pytest.mark.parametrize("wrapper", WRAPPED)
def test_a_wrapper_comes_off(wrapper: str) -> None:
    (command,) = vector(*wrapper.split(), "/usr/bin/socat", "TCP-L:1", "EXEC:sh")
    assert [word.text for word in command.words] == ["/usr/bin/socat", "TCP-L:1", "EXEC:sh"]
    assert command.surroundings.user in {"", "bob"}
    assert command.surroundings.user == "bob" or "bob" not in wrapper


def test_wrappers_within_wrappers_come_off() -> None:
    (command,) = vector("sudo", "ssh", "h", "docker run --rm x sh -c 'timeout 5 socat \"a b\" c'")
    assert [word.text for word in command.words] == ["socat", "a b", "c"]
    assert command.surroundings.elsewhere
    assert command.surroundings.container
    assert command.surroundings.bounded


@pytest.mark.parametrize(
    ("words", "user"),
    [
        (("su", "-", "bob", "-c", "socat a b"), "bob"),
        (("su", "-c", "socat a b"), "root"),
        (("sudo", "socat", "a", "b"), "root"),
        (("sudo", "-ubob", "socat", "a", "b"), "bob"),
        (("ssh", "-p", "22", "bob@h", "socat", "a", "b"), "bob"),
    ],
)
def test_the_account_is_seen(words: tuple[str, ...], user: str) -> None:
    (command,) = vector(*words)
    assert command.surroundings.user == user


def test_an_image_whose_program_is_socat_takes_arguments() -> None:
    (command,) = vector(
        *[
            "docker",
            "run",
            "-d",
            "--restart",
            "always",
            "-p",
            "127.0.0.1:2375:2375",
            "--cap-add",
            "NET_ADMIN",
        ],
        "docker.io/alpine/socat:1.8.0.0",
        "tcp-listen:2375,fork",
        "unix-connect:/var/run/docker.sock",
    )
    assert [word.text for word in command.words][:2] == ["socat", "tcp-listen:2375,fork"]
    assert command.surroundings.published == (Publication("127.0.0.1", "2375"),)
    assert command.surroundings.capabilities == ("NET_ADMIN",)
    assert command.surroundings.version == "1.8.0.0"


def test_without_published_ports_a_container_publishes_none() -> None:
    (command,) = vector("docker", "run", "alpine/socat", "tcp-l:1", "-")
    assert command.surroundings.published == ()


def test_an_unknown_directory_is_no_hindrance() -> None:
    word = Argument((Unknown("$BIN", Span(0, 4)), Literal("/socat", Span(4, 10))), Span(0, 10))
    assert len(list(commands_in([word], Span(0, 10), Surroundings()))) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("echo", "socat", "a:b", "c:d"),
        ("apt-get", "install", "socat"),
        ("command", "-v", "socat"),
        ("start-stop-daemon", "--stop", "--exec", "/usr/bin/socat"),
        ("socat-mux.sh", "a", "b"),
        ("$SOCAT", "a", "b"),
        (),
    ],
)
def test_what_starts_no_relay_gives_nothing(words: tuple[str, ...]) -> None:
    assert vector(*words) == []


def test_a_tower_of_wrappers_ends() -> None:
    assert vector(*["sudo"] * 5000, "socat", "a", "b") == []


@pytest.mark.parametrize(
    ("name", "is_relay", "version"),
    [
        ("alpine/socat", True, ""),
        ("docker.io/alpine/socat:1.8.0.0", True, "1.8.0.0"),
        ("ghcr.io/x/tcp-socat:latest@sha256:0", True, ""),
        ("localhost:5000/socat-proxy", True, ""),
        ("bobrik/socat", True, ""),
        ("alpine", False, ""),
        ("x/socat-exporter:1.7.4.4", False, ""),
        ("socat/alpine", False, ""),
    ],
)
def test_images_are_known_by_their_last_name(name: str, is_relay: bool, version: str) -> None:
    assert is_relay_image(name) is is_relay
    assert version_of_image(name) == version
