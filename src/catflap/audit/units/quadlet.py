"""Containers of Quadlet: ``Image=``, ``Exec=``, ``PublishPort=`` (podman-systemd.unit(5))."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit import argv, images
from catflap.audit.command import Argument
from catflap.audit.text.containers import image_program, publication
from catflap.audit.text.words import SYSTEMD, tokens
from catflap.audit.units.exec_line import without_specifiers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.audit.command import Command
    from catflap.audit.passage import Passage
    from catflap.audit.units.settings import Unit
    from catflap.core.surroundings import Surroundings

__all__ = ("read_container",)

_SECTION = "Container"


def read_container(unit: Unit, outer: Surroundings, path: str) -> Iterator[Command]:
    """Give the relay commands of a container that systemd keeps."""
    del path
    parts = [
        word
        for name in ("Entrypoint", "Exec")
        for value in unit.values(_SECTION, name)[-1:]
        for word in _words(value)
    ]
    image = unit.values(_SECTION, "Image")[-1:]
    entry = unit.values(_SECTION, "Entrypoint")
    if image and not entry and images.is_relay_image(image[0].text):
        parts.insert(0, image_program(image[0]))
    if parts:
        span = parts[0].span.cover(parts[-1].span)
        yield from argv.commands_in(parts, span, _around(unit, outer))


def _words(value: Passage) -> Iterator[Argument]:
    for token in tokens(value, SYSTEMD):
        yield Argument(without_specifiers(token.passage).pieces(), token.span)


def _around(unit: Unit, outer: Surroundings) -> Surroundings:
    networks = [value.text.strip() for value in unit.values(_SECTION, "Network")]
    extra = " ".join(value.text for value in unit.values(_SECTION, "PodmanArgs"))
    capabilities = [
        name.upper().removeprefix("CAP_")
        for value in unit.values(_SECTION, "AddCapability")
        for name in value.text.split()
    ]
    # A file beside this one may publish for a pod; only then are the ports not known.
    published = (
        None
        if unit.values(_SECTION, "Pod")
        else tuple(publication(value) for value in unit.values(_SECTION, "PublishPort"))
    )
    on_host = "host" in networks or "--network=host" in extra or "--net=host" in extra
    return replace(
        outer,
        user=unit.value(_SECTION, "User") if unit.known(_SECTION, "User") else "",
        container=True,
        published=published,
        own_network=published == () and not on_host and bool(networks) and networks == ["none"],
        host_network=on_host,
        privileged="--privileged" in extra or "--pid=host" in extra,
        capabilities=(*outer.capabilities, *capabilities),
        version=images.version_of_image(unit.value(_SECTION, "Image")),
        supervised_log=unit.value(_SECTION, "LogDriver") != "none",
    )
