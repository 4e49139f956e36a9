"""All bridges of a configuration in one service."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catflap.events.model import Level
from catflap.relay.handed_in import receive_handed_in
from catflap.relay.loop import RelayLoop
from catflap.service.logging import LogOptions
from catflap.service.options import ServiceOptions
from catflap.service.process import prepare_process
from catflap.service.service import Service
from catflap.service.signals import keep_reloads
from catflap.service.source import ConfigurationSource
from catflap.service.standard import occupy_standard_descriptors

if TYPE_CHECKING:
    from catflap.bridge.file.load import ServiceSettings

__all__ = ("Overrides", "run_configuration")


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says over the file; ``None`` leaves it to the file."""

    workers: int | None = None
    drain: float | None = None
    log: str | None = None
    log_file: str | None = None
    log_format: str | None = None
    log_level: str | None = None
    log_full: str | None = None
    state: str | None = None
    metrics: str | None = None

    def over(self, settings: ServiceSettings) -> ServiceSettings:
        """Return the settings with what was said put over them."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return replace(
            settings, **{name: value for name, value in said.items() if value is not None}
        )


def run_configuration(path: str, overrides: Overrides) -> int:
    """Run everything that a file describes until a signal ends it; return the exit status.

    Raises:
        CatflapError: it is wrong, unsafe, or the machine says no; nothing was opened.
    """
    keep_reloads()
    receive_handed_in()
    source = ConfigurationSource(path)
    approved = source.read()
    settings = overrides.over(approved.service)
    occupy_standard_descriptors()
    prepare_process()
    # What the file names is relative to where it is.
    os.chdir(source.folder)
    options = _options(settings)
    if options.workers > 1:
        from catflap.service.supervisor import supervise

        return supervise(source, approved, options)
    with asyncio.Runner(loop_factory=RelayLoop) as runner:
        service = Service(approved.bridges, options, approved.verdicts, source, approved)
        return runner.run(service.run())


def _options(settings: ServiceSettings) -> ServiceOptions:
    log = LogOptions(
        settings.log_format,
        settings.log_file,
        settings.log,
        Level(settings.log_level) if settings.log_level else None,
        drop_when_full=settings.log_full == "drop",
    )
    return ServiceOptions(
        log,
        settings.drain,
        control=True,
        state=settings.state,
        metrics=settings.metrics,
        workers=settings.workers,
    )
