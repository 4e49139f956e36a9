"""A compose project: its services, their networks and ports (the Compose Specification)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from catflap.audit.containers.environment import variables_of
from catflap.audit.containers.interpolation import interpolated
from catflap.audit.containers.rights import capabilities, publications, user_of
from catflap.audit.containers.vectors import image_vector, vector, written
from catflap.audit.images import version_of_image
from catflap.audit.yaml.values import Mapping, Scalar, Sequence
from catflap.core.surroundings import Publication

if TYPE_CHECKING:
    from catflap.audit.containers.gathered import Gathered
    from catflap.audit.passage import Passage
    from catflap.audit.yaml.values import Entry, Value
    from catflap.core.surroundings import Surroundings

__all__ = ("read_project",)

_DEEPEST = 6
_RUN_KEYS = frozenset({
    "build", "command", "entrypoint", "environment", "healthcheck", "image", "post_start",
    "pre_stop",
})  # fmt: skip


def read_project(project: Mapping, surroundings: Surroundings, found: Gathered) -> None:
    """Gather what the services of a project run."""
    services = project.mapping("services")
    if services is None:
        # The first version of the format had the services at the top.
        services = project
    for entry in services.entries:
        value = entry.value
        if isinstance(value, Mapping):
            _Service(entry.name, value, services, project).gather(surroundings, found)
    configs = project.mapping("configs")
    for entry in configs.entries if configs is not None else ():
        content = entry.value.scalar("content") if isinstance(entry.value, Mapping) else None
        if entry.mentions and content is not None:
            found.content(
                interpolated(content.passage, references=found.references), entry.name, surroundings
            )


class _Service:
    """One service, with what it extends."""

    __slots__ = ("_layers", "_name", "_project", "_services")

    def __init__(self, name: str, service: Mapping, services: Mapping, project: Mapping) -> None:
        self._name = name
        self._services = services
        self._project = project
        self._layers = [service]
        while len(self._layers) < _DEEPEST:
            base = _base(self._layers[-1], services)
            if base is None or any(base.node == layer.node for layer in self._layers):
                break
            self._layers.append(base)

    def get(self, name: str) -> Value | None:
        for layer in self._layers:
            value = layer.get(name)
            if value is not None:
                return value
        return None

    def text(self, name: str) -> str:
        value = self.get(name)
        return interpolated(value.passage).text.strip() if isinstance(value, Scalar) else ""

    def gather(self, surroundings: Surroundings, found: Gathered) -> None:
        entries = [entry for layer in self._layers for entry in layer.entries]
        if not any(_may_run(entry) for entry in entries):
            return
        where = self._where(surroundings)
        meaning = partial(interpolated, references=found.references)
        variables = {
            name: meaning(value)
            for layer in reversed(self._layers)
            for name, value in variables_of(layer.get("environment")).items()
        }
        self._main(where, variables, found)
        build = self.get("build")
        inline = build.scalar("dockerfile_inline") if isinstance(build, Mapping) else None
        if inline is not None:
            found.file("dockerfile", inline.passage, where)
        self._health(replace(where, supervised_log=False), variables, found)
        for hooks in ("post_start", "pre_stop"):
            hook = self.get(hooks)
            for step in hook if isinstance(hook, Sequence) else ():
                if isinstance(step, Mapping):
                    user = step.scalar("user")
                    rights = replace(where, user=user_of(user.passage)) if user else where
                    found.words(vector(step.get("command"), meaning), rights, variables)

    def _main(self, where: Surroundings, variables: dict[str, Passage], found: Gathered) -> None:
        """Gather what the service's container runs."""
        meaning = partial(interpolated, references=found.references)
        command = vector(self.get("command"), meaning)
        entrypoint = vector(self.get("entrypoint"), meaning)
        image = self.get("image")
        if entrypoint:
            found.process(entrypoint, command, where, variables)
        elif command and isinstance(image, Scalar):
            name = interpolated(image.passage).text
            words, span = image_vector(name, image.span, command)
            found.words(words, where, variables, span=span)
        elif command:
            found.words(command, where, variables)

    def _health(self, where: Surroundings, variables: dict[str, Passage], found: Gathered) -> None:
        meaning = partial(interpolated, references=found.references)
        health = self.get("healthcheck")
        test = health.get("test") if isinstance(health, Mapping) else None
        if isinstance(test, Scalar):
            found.script(meaning(test.passage), where, variables)
        elif isinstance(test, Sequence):
            items = test.scalars()
            if items and items[0].text == "CMD-SHELL":
                for item in items[1:]:
                    found.script(meaning(item.passage), where, variables)
            elif items and items[0].text == "CMD":
                found.words(written(items[1:], meaning), where, variables)

    def _where(self, surroundings: Surroundings) -> Surroundings:
        """Return what the service says about its container."""
        user = self.get("user")
        image = self.text("image")
        added = self.get("cap_add")
        driver = self.get("logging")
        where = replace(
            surroundings,
            container=True,
            supervised_log=not (isinstance(driver, Mapping) and driver.says("driver", "none")),
            user=user_of(interpolated(user.passage)) if isinstance(user, Scalar) else "",
            privileged=self.text("privileged").lower() == "true" or self.text("pid") == "host",
            capabilities=capabilities(item.text for item in added.scalars())
            if isinstance(added, Sequence)
            else (),
            version=version_of_image(image) or surroundings.version,
        )
        return self._network(where, 0)

    def _network(self, where: Surroundings, depth: int) -> Surroundings:
        mode = self.text("network_mode") or self.text("net")
        if mode == "host":
            return replace(where, host_network=True, published=None, own_network=False)
        if mode == "none":
            return replace(where, published=(), own_network=True)
        kind, _, other = mode.partition(":")
        if kind in {"service", "container"}:
            neighbour = self._services.get(other) if kind == "service" else None
            if isinstance(neighbour, Mapping) and depth < _DEEPEST:
                shared = _Service(other, neighbour, self._services, self._project)
                return shared._network(where, depth + 1)
            return replace(where, published=None, own_network=False)
        if self._is_internal():
            return replace(where, published=(), own_network=True)
        published = self._published()
        return replace(where, published=published, own_network=published == ())

    def _published(self) -> tuple[Publication, ...] | None:
        found: list[Publication] = []
        for layer in self._layers:
            ports = layer.get("ports")
            if isinstance(ports, Scalar):
                return None
            for item in ports if isinstance(ports, Sequence) else ():
                if isinstance(item, Scalar):
                    found.extend(publications(interpolated(item.passage)))
                elif isinstance(item, Mapping):
                    found.append(_long_form(item))
        return tuple(dict.fromkeys(found))

    def _is_internal(self) -> bool:
        """Whether all its networks are internal, which hands no port on."""
        networks = self.get("networks")
        declared = self._project.mapping("networks")
        if isinstance(networks, Mapping):
            names = [entry.name for entry in networks.entries]
        elif isinstance(networks, Sequence):
            names = [item.text for item in networks.scalars()]
        else:
            names = ["default"]
        if declared is None or not names:
            return False
        return all(_says_internal(declared.get(name)) for name in names)


def _says_internal(network: Value | None) -> bool:
    return isinstance(network, Mapping) and network.is_true("internal")


def _may_run(entry: Entry) -> bool:
    """Whether a key of a service can be why it starts a relay."""
    return entry.mentions and entry.name in _RUN_KEYS


def _base(service: Mapping, services: Mapping) -> Mapping | None:
    """Return the service of the same file that this one extends."""
    extends = service.get("extends")
    name: Scalar | None = None
    if isinstance(extends, Scalar):
        name = extends
    elif isinstance(extends, Mapping) and extends.get("file") is None:
        name = extends.scalar("service")
    base = None if name is None else services.get(name.text)
    return base if isinstance(base, Mapping) else None


def _long_form(item: Mapping) -> Publication:
    """Return a port in its long form: ``target``, ``published``, ``host_ip``."""
    host = item.scalar("host_ip")
    target = item.scalar("target")
    address: str | None = ""
    if host is not None:
        known = interpolated(host.passage)
        address = None if known.holes else known.text
    port = None
    if target is not None:
        known = interpolated(target.passage)
        port = known.text if known.text.isdecimal() and not known.holes else None
    return Publication(address, port)
