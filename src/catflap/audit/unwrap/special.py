"""Programs that start others in a way of their own; which function takes each off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.unwrap.clusters import kubectl, vagrant
from catflap.audit.unwrap.containers import docker, docker_compose, lxc
from catflap.audit.unwrap.edits import sed
from catflap.audit.unwrap.hidden import find, parallel, xargs
from catflap.audit.unwrap.openwrt import option, uci
from catflap.audit.unwrap.readers import at, crontab, interpreter
from catflap.audit.unwrap.remote import ip, ssh
from catflap.audit.unwrap.rows import WRAPPERS
from catflap.audit.unwrap.terminals import screen, start_stop_daemon, tmux
from catflap.audit.unwrap.texts import (
    alias,
    command,
    env,
    evaluate,
    flock,
    script,
    shell,
    su,
    trap,
    watch,
)
from catflap.audit.unwrap.texts_of_others import adb, aws, concurrently, gcloud, nix, nix_shell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

    Handler = Callable[[Sequence[Argument], Span, Context], Iterator[Command]]

__all__ = ("SPECIAL", "starts_another")


SPECIAL: Mapping[str, Handler] = {
    **dict.fromkeys(
        ("sh", "bash", "dash", "ash", "zsh", "ksh", "ksh93", "mksh", "rbash", "fish"), shell
    ),
    "su": su,
    "runuser": su,
    "eval": evaluate,
    "trap": trap,
    "alias": alias,
    "command": command,
    "env": env,
    "watch": watch,
    "flock": flock,
    "script": script,
    "xargs": xargs,
    "parallel": parallel,
    "find": find,
    "ssh": ssh,
    "autossh": ssh,
    "ip": ip,
    "screen": screen,
    "tmux": tmux,
    "start-stop-daemon": start_stop_daemon,
    "docker": docker,
    "podman": docker,
    "nerdctl": docker,
    "docker-compose": docker_compose,
    "podman-compose": docker_compose,
    "lxc": lxc,
    "incus": lxc,
    "lxc-attach": lxc,
    "kubectl": kubectl,
    "oc": kubectl,
    "k3s": kubectl,
    "microk8s": kubectl,
    "vagrant": vagrant,
    "crontab": crontab,
    **dict.fromkeys(("at", "batch"), at),
    **dict.fromkeys(("python", "python2", "python3"), interpreter("python", "-W -X -Q", "-c")),
    "ruby": interpreter("ruby", "-I -r -C", "-e"),
    "node": interpreter("javascript", "-r --require --import", "-e --eval -p --print"),
    "perl": interpreter("text", "-I -M", "-e -E"),
    "php": interpreter("text", "-d -c", "-r"),
    "lua": interpreter("text", "-l", "-e"),
    "expect": interpreter("shell", "-f -b", "-c"),
    "nix-shell": nix_shell,
    "nix": nix,
    "gcloud": gcloud,
    "adb": adb,
    "aws": aws,
    "sed": sed,
    "concurrently": concurrently,
    "uci": uci,
    "option": option,
}
"""By the program's base name: a function of its words, their place and where they stand."""


def starts_another(name: str) -> bool:
    """Whether a program of this base name starts the command among its words."""
    return name in SPECIAL or name in WRAPPERS
