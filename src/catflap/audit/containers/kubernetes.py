"""Objects of a cluster: containers wherever an object holds them, and who reaches their pods."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from catflap.audit.containers.cluster import Cluster
from catflap.audit.containers.environment import variables_of
from catflap.audit.containers.rights import capabilities
from catflap.audit.containers.vectors import cover, image_vector, vector
from catflap.audit.images import version_of_image
from catflap.audit.passage import Passage
from catflap.audit.text.lines import between
from catflap.audit.text.templates import hole
from catflap.audit.yaml.values import Mapping, Scalar, Sequence
from catflap.core.surroundings import Publication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from catflap.audit.containers.environment import Variables
    from catflap.audit.containers.gathered import Gathered
    from catflap.audit.text.references import References
    from catflap.audit.yaml.values import Entry, Value
    from catflap.core.surroundings import Surroundings

__all__ = ("read_cluster",)

_DEEPEST = 24
_POD = ("containers", "initContainers", "ephemeralContainers")
_LISTS = frozenset({*_POD, "steps", "sidecars"})
_REFERENCE = re.compile(r"\$\$\(|\$\(([A-Za-z_][-.\w]*)\)")


@dataclass(frozen=True, slots=True)
class _Pod:
    """What a pod says about its containers."""

    spec: Mapping | None = None
    labels: dict[str, str] = field(default_factory=dict)


def read_cluster(values: Iterable[Value], surroundings: Surroundings, found: Gathered) -> None:
    """Gather what the objects of a file run."""
    objects = list(_objects(values))
    cluster = Cluster(objects)
    for each in objects:
        kind = each.scalar("kind")
        if kind is not None and kind.text in {"ConfigMap", "Secret"}:
            _read_data(each, surroundings, found)
        else:
            _walk(each, _Pod(), _Reader(cluster, surroundings, found), 0)


def _objects(values: Iterable[Value | None]) -> Iterator[Mapping]:
    for value in values:
        if not isinstance(value, Mapping):
            continue
        items = value.sequence("items")
        if value.says("kind", "list") and items is not None:
            yield from (item for item in items if isinstance(item, Mapping))
        else:
            yield value


def _read_data(each: Mapping, surroundings: Surroundings, found: Gathered) -> None:
    """Gather from scripts and units that a ConfigMap or Secret holds."""
    for section in ("data", "stringData"):
        data = each.mapping(section)
        for entry in data.entries if data is not None else ():
            value = entry.value
            if entry.mentions and isinstance(value, Scalar):
                where = replace(surroundings, container=True)
                if not found.content(value.passage, entry.name, where):
                    _inner_manifest(value, where, found)


def _inner_manifest(value: Scalar, where: Surroundings, found: Gathered) -> None:
    """Gather from YAML that is kept as text."""
    if re.search(r"(?m)^\s*(command|args|containers)\s*:", value.text):
        found.file("yaml", value.passage, where)


@dataclass(frozen=True, slots=True)
class _Reader:
    cluster: Cluster
    surroundings: Surroundings
    found: Gathered


def _walk(value: Value | None, pod: _Pod, reader: _Reader, depth: int) -> None:
    """Look for containers in whatever holds them: any object, custom ones too."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Sequence):
        for item in value:
            if isinstance(item, Scalar):
                # ``extraDeploy: [...]`` of a chart: manifests that are kept as text.
                reader.found.content(item.passage, "", reader.surroundings)
            elif item is not None and item.document.mentions(item.node):
                _walk(item, pod, reader, depth + 1)
    elif isinstance(value, Mapping):
        pod = _pod_of(value, pod)
        for entry in value.entries:
            if entry.mentions:
                _walk_entry(entry, pod, reader, depth)


def _pod_of(value: Mapping, pod: _Pod) -> _Pod:
    """Return the pod that an object describes, or the one that it stands in."""
    if any(value.entry(name) is not None for name in _POD):
        pod = _Pod(value, pod.labels)
    if value.mapping("spec") is not None:
        pod = _Pod(pod.spec, _labels(value.mapping("metadata")) or pod.labels)
    return pod


def _walk_entry(entry: Entry, pod: _Pod, reader: _Reader, depth: int) -> None:
    inner = entry.value
    if entry.name in _LISTS and isinstance(inner, Sequence):
        for container in inner:
            if isinstance(container, Mapping):
                _Container(container, pod, reader).gather()
    elif entry.name in {"container", "script"} and isinstance(inner, Mapping):
        _Container(inner, pod, reader).gather()
    elif isinstance(inner, Scalar):
        # Objects of others hold files too: a manifest to apply, a unit, a script.
        where = replace(reader.surroundings, container=True)
        reader.found.content(inner.passage, entry.name, where)
    else:
        _walk(inner, pod, reader, depth + 1)


def _labels(metadata: Mapping | None) -> dict[str, str]:
    labels = metadata.mapping("labels") if metadata is not None else None
    if labels is None:
        return {}
    return {
        entry.name: entry.value.written
        for entry in labels.entries
        if isinstance(entry.value, Scalar)
    }


class _Container:
    """One container of a pod."""

    __slots__ = ("_container", "_pod", "_reader")

    def __init__(self, container: Mapping, pod: _Pod, reader: _Reader) -> None:
        self._container = container
        self._pod = pod
        self._reader = reader

    def gather(self) -> None:
        """Gather its process, its hooks and its probes."""
        container, found = self._container, self._reader.found
        where = self._where()
        variables, closed = self._variables()

        def meaning(passage: Passage) -> Passage:
            return _referenced(passage, variables, closed, found.references)

        self._main(where, variables, meaning)
        aside = replace(where, supervised_log=False)
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            self._exec(container.get(probe), aside, variables)
        lifecycle = container.mapping("lifecycle")
        for hook in ("postStart", "preStop"):
            self._exec(lifecycle.get(hook) if lifecycle else None, aside, variables)
        script = container.scalar("script", "source")
        if script is not None and not found.content(script.passage, "", where):
            found.script(script.passage, where, variables)

    def _main(
        self, where: Surroundings, variables: Variables, meaning: Callable[[Passage], Passage]
    ) -> None:
        found = self._reader.found
        command = vector(self._container.get("command"), meaning)
        arguments = vector(self._container.get("args"), meaning)
        if command:
            found.process(command, arguments, where, variables)
        elif arguments:
            image = self._container.scalar("image")
            if image is not None:
                arguments, span = image_vector(image.text, image.span, arguments)
            else:
                span = cover(arguments)
            found.words(arguments, where, variables, span=span)

    def _exec(self, holder: Value | None, where: Surroundings, variables: Variables) -> None:
        run = holder.mapping("exec") if isinstance(holder, Mapping) else None
        if run is not None:
            self._reader.found.words(vector(run.get("command"), _as_it_is), where, variables)

    def _variables(self) -> tuple[dict[str, Passage], frozenset[str]]:
        """Return the variables that the file gives, and the names of those it does not show."""
        known: dict[str, Passage] = {}
        unknown: set[str] = set()
        cluster = self._reader.cluster
        for source in self._container.sequence("envFrom") or ():
            reference = source.mapping("configMapRef") if isinstance(source, Mapping) else None
            name = reference.scalar("name") if reference is not None else None
            if name is not None:
                known.update(cluster.config(name.text))
        environment = self._container.get("env")
        if isinstance(environment, Mapping):
            known.update(variables_of(environment))
        for item in environment if isinstance(environment, Sequence) else ():
            name = item.scalar("name") if isinstance(item, Mapping) else None
            if name is None or not isinstance(item, Mapping):
                continue
            value = item.scalar("value")
            if value is None:
                value_from = item.mapping("valueFrom")
                followed = cluster.reference(value_from) if value_from is not None else None
                if followed is not None:
                    known[name.text] = followed
                else:
                    unknown.add(name.text)
                    known.pop(name.text, None)
            else:
                known[name.text] = _referenced(
                    value.passage, known, frozenset(unknown), self._reader.found.references
                )
        return known, frozenset(unknown)

    def _where(self) -> Surroundings:
        container, pod = self._container, self._pod.spec
        rights = [
            context
            for context in (
                container.mapping("securityContext"),
                pod.mapping("securityContext") if pod is not None else None,
            )
            if context is not None
        ]
        image = container.scalar("image")
        outer = self._reader.surroundings
        where = replace(
            outer,
            container=True,
            supervised_log=True,
            user=_user(rights),
            privileged=any(right.is_true("privileged") for right in rights[:1])
            or (pod is not None and pod.is_true("hostPID")),
            capabilities=_added(rights),
            version=(version_of_image(image.text) if image else "") or outer.version,
        )
        if pod is not None and pod.is_true("hostNetwork"):
            return replace(where, host_network=True, published=None, own_network=False)
        ports = pod.sequence("containers") if pod is not None else None
        published = self._reader.cluster.published(self._pod.labels, ports)
        published += tuple(_host_ports(container))
        isolated = not published and self._reader.cluster.isolates(self._pod.labels)
        return replace(where, published=published, own_network=isolated)


def _as_it_is(passage: Passage) -> Passage:
    return passage


def _user(rights: list[Mapping]) -> str:
    for right in rights:
        user = right.scalar("runAsUser")
        if user is not None:
            return "" if user.passage.holes else user.text
    return "nonroot" if any(right.is_true("runAsNonRoot") for right in rights) else ""


def _added(rights: list[Mapping]) -> tuple[str, ...]:
    for right in rights:
        listed = right.mapping("capabilities")
        added = listed.sequence("add") if listed is not None else None
        if added is not None:
            return capabilities(item.text for item in added.scalars())
    return ()


def _host_ports(container: Mapping) -> Iterator[Publication]:
    for port in container.sequence("ports") or ():
        if isinstance(port, Mapping) and port.get("hostPort") is not None:
            target, host = port.scalar("containerPort"), port.scalar("hostIP")
            known = target is not None and target.text.isdecimal() and not target.passage.holes
            yield Publication(
                host.text if host is not None else "", target.text if known and target else None
            )


def _referenced(
    passage: Passage, variables: Variables, unknown: frozenset[str], references: References
) -> Passage:
    """Return a text with ``$(NAME)`` filled in; what no variable is named after stays as it is."""
    parts: list[Passage] = []
    at = 0
    for found in _REFERENCE.finditer(passage.text):
        name = found[1]
        if name is None:
            meant = between(passage, "$(", found.start(), found.end())
        elif name in variables:
            meant = references.follow(passage, found.start(), found.end(), variables[name])
        elif name in unknown:
            meant = hole(passage, found.start(), found.end())
        else:
            continue
        parts.extend((passage.part(at, found.start()), meant))
        at = found.end()
    if not parts:
        return passage
    parts.append(passage.part(at, len(passage)))
    return Passage.join(parts)
