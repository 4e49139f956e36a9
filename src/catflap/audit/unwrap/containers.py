"""Programs that start a command in a container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catflap.address.model import Literal
from catflap.audit.command import Argument
from catflap.audit.images import is_relay_image, takes_addresses, version_of_image
from catflap.audit.unwrap.layers import unwrap
from catflap.audit.unwrap.options import options
from catflap.audit.unwrap.published import publication
from catflap.core.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Command
    from catflap.audit.context import Context
    from catflap.audit.unwrap.options import Options

__all__ = ("docker", "docker_compose", "image_command", "lxc")

_GLOBAL = (
    "-c --context --config -H --host -l --log-level --tlscacert --tlscert --tlskey -n --namespace"
    " -a --address --connection --root --runroot --storage-driver --url --identity"
)
_RUN = (
    "-a --attach --add-host --annotation --arch --authfile --blkio-weight --blkio-weight-device"
    " --cap-add --cap-drop --cgroup-conf --cgroup-parent --cgroupns --cgroups --cidfile"
    " --conmon-pidfile --cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime -c --cpu-shares"
    " --cpus --cpuset-cpus --cpuset-mems --creds --decryption-key --detach-keys --device"
    " --device-cgroup-rule --device-read-bps --device-read-iops --device-write-bps"
    " --device-write-iops --dns --dns-opt --dns-option --dns-search --domainname --entrypoint"
    " -e --env --env-file --env-merge --expose --gidmap --gpus --group-add --group-entry"
    " --health-cmd --health-interval --health-retries --health-start-interval"
    " --health-start-period --health-timeout -h --hostname --hostuser --image-volume --init-path"
    " --ip --ip6 --ipc --isolation --kernel-memory -l --label --label-file --link --link-local-ip"
    " --log-driver --log-opt --mac-address -m --memory --memory-reservation --memory-swap"
    " --memory-swappiness --mount --name --net --network --net-alias --network-alias"
    " --oom-score-adj --os --passwd-entry --personality --pid --pidfile --pids-limit --platform"
    " --pod --pod-id-file --preserve-fd --preserve-fds -p --publish --pull --requires --restart"
    " --retry --retry-delay --rootfs --runtime --sdnotify --seccomp-policy --secret"
    " --security-opt --shm-size --shm-size-systemd --stop-signal --stop-timeout --storage-opt"
    " --subgidname --subuidname --sysctl --systemd --timeout --tmpfs --tz --uidmap --ulimit"
    " --umask --unsetenv -u --user --userns --uts --variant -v --volume --volume-driver"
    " --volumes-from -w --workdir"
)
_EXEC = "--detach-keys -e --env --env-file -u --user -w --workdir --preserve-fds --index"
_COMPOSE = "-f --file -p --project-name --profile --env-file --project-directory --ansi --progress"
_COMPOSE_RUN = (
    "-e --env -l --label --name -p --publish -u --user -v --volume -w --workdir --entrypoint"
)
_LXC = "-n --name -P --lxcpath -s -e -a --arch -v --set-var --env --user --group --cwd -T --mode"


def docker(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``docker run``, ``create`` and ``exec``, and those of podman and nerdctl."""
    at = options(words, _GLOBAL.split(), skip_unknown=True).rest
    if at < len(words) and words[at].text in {"container", "service"}:
        at += 1
    verb = words[at].text if at < len(words) else ""
    if verb == "compose":
        yield from docker_compose(words[at:], span, context)
    elif verb == "exec":
        given = options(words, _EXEC.split(), at + 1, skip_unknown=False)
        rest = words[given.rest + 1 :]
        facts = _account(given, "-u", "--user")
        if given.has("--privileged"):
            facts["privileged"] = True
        yield from unwrap(rest, span, _in_container(context, published=None, **facts))
    elif verb in {"run", "create"}:
        given = options(words, _RUN.split(), at + 1, skip_unknown=True)
        if given.rest < len(words):
            inner = _in_container(context, **_run_facts(given))
            rest = words[given.rest :]
            yield from image_command(rest, given.value("--entrypoint"), span, inner)


def docker_compose(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``docker compose exec SERVICE COMMAND`` and ``run``."""
    at = options(words, _COMPOSE.split()).rest
    if at < len(words) and words[at].text in {"exec", "run"}:
        given = options(words, (*_COMPOSE_RUN.split(), "--index"), at + 1)
        facts = _account(given, "-u", "--user")
        rest = words[given.rest + 1 :]
        entry = given.value("--entrypoint")
        rest = rest if entry is None else (entry, *rest)
        yield from unwrap(rest, span, _in_container(context, published=None, **facts))


def lxc(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``lxc exec NAME -- COMMAND`` and ``lxc-attach -n NAME -- COMMAND``."""
    at = options(words, _LXC.split()).rest
    if at < len(words) and words[at].text == "exec":
        at += 2
        at = options(words, _LXC.split(), at).rest
    yield from unwrap(words[at:], span, _in_container(context, published=None))


def image_command(
    words: Sequence[Argument], entry: Argument | None, span: Span, context: Context
) -> Iterator[Command]:
    """Yield the commands of an image's name and the words after it.

    Args:
        words: the image first.
        entry: the program that takes the place of the image's own.
        span: the whole command.
        context: where it runs.
    """
    image, rest = words[0], words[1:]
    if entry is not None and entry.text:
        yield from unwrap((entry, *rest), span, context)
    elif is_relay_image(image.text) or takes_addresses([word.text for word in rest]):
        version = version_of_image(image.text)
        facts: dict[str, Any] = {"version": version} if version else {}
        program = _program(image)
        if rest and rest[0].literal in {"socat", "catflap"}:
            # A common mistake, or an image without entry point: the program is named as well.
            program, rest = rest[0], rest[1:]
        yield from unwrap((program, *rest), span, context.inside(**facts))
    else:
        yield from unwrap(rest, span, context)


def _program(image: Argument) -> Argument:
    """Return the program's name out of the image's."""
    name = "catflap" if "catflap" in image.text and "socat" not in image.text else "socat"
    for piece in reversed(image.pieces):
        at = piece.text.rfind(name)
        if at >= 0 and len(piece.text) == piece.span.end - piece.span.start:
            span = Span(piece.span.start + at, piece.span.start + at + len(name))
            return Argument((Literal(name, span),), span)
    return Argument((Literal(name, image.span),), image.span)


def _in_container(context: Context, **facts: Any) -> Context:
    """Return a container's context: nothing of the host's account and time limit goes in."""
    new = {"user": "", "container": True, "published": (), "bounded": False, **facts}
    return context.inside(**new)


def _account(given: Options, *names: str) -> dict[str, Any]:
    account = given.value(*names)
    return {} if account is None else {"user": account.text.partition(":")[0]}


def _run_facts(given: Options) -> dict[str, Any]:
    """Return what the options of ``docker run`` say about the container."""
    facts = _account(given, "-u", "--user")
    network = given.value("--network", "--net")
    name = network.text if network is not None else ""
    if name == "host":
        facts["host_network"] = True
    elif name == "none":
        facts["own_network"] = True
    elif name.startswith(("container:", "ns:")):
        facts["published"] = None
    pid = given.value("--pid")
    if given.has("--privileged") or (pid is not None and pid.text == "host"):
        facts["privileged"] = True
    added = given.values("--cap-add")
    names = [cap for value in added for cap in value.text.upper().split(",")]
    facts["capabilities"] = tuple(cap.removeprefix("CAP_") for cap in names)
    if "published" not in facts:
        ports = [publication(value.text) for value in given.values("-p", "--publish")]
        if given.has("-P", "--publish-all"):
            ports.append(publication(""))
        facts["published"] = tuple(ports)
    return facts
