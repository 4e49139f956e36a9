"""What the other objects of a manifest say about a pod: services, policies, configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.yaml.values import Mapping, Scalar, Sequence
from catflap.core.surroundings import Publication

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catflap.audit.passage import Passage

__all__ = ("Cluster",)

_EVERYBODY = {"0.0.0.0/0", "::/0"}


class Cluster:
    """The objects of one file.

    Args:
        objects: in their order.
    """

    __slots__ = ("_configs", "_policies", "_services")

    def __init__(self, objects: Iterable[Mapping]) -> None:
        """Sort out the objects that say something about pods."""
        self._services: list[Mapping] = []
        self._policies: list[Mapping] = []
        self._configs: dict[str, Mapping] = {}
        for each in objects:
            kind = each.scalar("kind")
            spec = each.mapping("spec")
            name = each.mapping("metadata")
            if kind is None:
                continue
            if kind.text == "Service" and spec is not None:
                self._services.append(spec)
            elif kind.text == "NetworkPolicy" and spec is not None:
                self._policies.append(spec)
            elif kind.text == "ConfigMap" and name is not None:
                written = name.scalar("name")
                data = each.mapping("data")
                if written is not None and data is not None:
                    self._configs[written.written] = data

    def config(self, name: str) -> dict[str, Passage]:
        """Return the data of a ConfigMap of this file."""
        data = self._configs.get(name)
        if data is None:
            return {}
        return {
            entry.name: entry.value.passage
            for entry in data.entries
            if isinstance(entry.value, Scalar)
        }

    def reference(self, value_from: Mapping) -> Passage | None:
        """Return what a variable's ``valueFrom`` refers to, if this file has it."""
        reference = value_from.mapping("configMapKeyRef")
        name = reference.scalar("name") if reference is not None else None
        key = reference.scalar("key") if reference is not None else None
        if name is None or key is None:
            return None
        return self.config(name.written).get(key.text)

    def published(
        self, labels: dict[str, str], containers: Sequence | None
    ) -> tuple[Publication, ...]:
        """Return the ports that services hand on from outside the cluster to a pod."""
        found: dict[Publication, None] = {}
        for service in self._services:
            outside = service.says("type", "loadbalancer", "nodeport")
            if (outside or service.get("externalIPs") is not None) and _selects(
                service.mapping("selector"), labels
            ):
                for port in service.sequence("ports") or ():
                    if isinstance(port, Mapping):
                        found[Publication("", _target(port, containers))] = None
        return tuple(found)

    def isolates(self, labels: dict[str, str]) -> bool:
        """Whether a policy of the file says who may reach a pod, and it is not everybody."""
        chosen = [policy for policy in self._policies if _chooses(policy, labels)]
        return bool(chosen) and not any(_admits_everybody(policy) for policy in chosen)


def _selects(selector: Mapping | None, labels: dict[str, str]) -> bool:
    pairs = list(_pairs(selector))
    return bool(pairs) and all(labels.get(name) == value for name, value in pairs)


def _pairs(selector: Mapping | None) -> Iterator[tuple[str, str]]:
    for entry in selector.entries if selector is not None else ():
        if isinstance(entry.value, Scalar):
            yield entry.name, entry.value.written


def _chooses(policy: Mapping, labels: dict[str, str]) -> bool:
    types = policy.sequence("policyTypes")
    if types is not None and all(item.text != "Ingress" for item in types.scalars()):
        return False
    selector = policy.mapping("podSelector")
    if selector is None or not selector.entries:
        return True
    if selector.get("matchExpressions") is not None:
        return False
    return _selects(selector.mapping("matchLabels"), labels)


def _admits_everybody(policy: Mapping) -> bool:
    for rule in policy.sequence("ingress") or ():
        if not isinstance(rule, Mapping):
            continue
        peers = rule.sequence("from")
        if peers is None or not list(peers):
            return True
        for peer in peers:
            block = peer.mapping("ipBlock") if isinstance(peer, Mapping) else None
            network = block.scalar("cidr") if block is not None else None
            if network is not None and network.text in _EVERYBODY:
                return True
    return False


def _target(port: Mapping, containers: Sequence | None) -> str | None:
    """Return the pod's port that a service's port leads to; a name is looked up."""
    target = port.scalar("targetPort", "port")
    if target is None or target.passage.holes:
        return None
    if target.text.isdecimal():
        return target.text
    for container in containers or ():
        ports = container.sequence("ports") if isinstance(container, Mapping) else None
        for each in ports or ():
            number = each.scalar("containerPort") if isinstance(each, Mapping) else None
            if isinstance(each, Mapping) and number is not None:
                name = each.scalar("name")
                if name is not None and name.text == target.text:
                    return number.text
    return None
