"""From the words after the program's name to an exit status."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from catflap.bridge.socat_flags import read_socat_words
from catflap.core.errors import CatflapError, OperationError, RefusedError, UsageError
from catflap.dropin.complaints import complaint_of_flag, of_sentence
from catflap.dropin.information import tell
from catflap.dropin.log import Grade, LogSettings, SocatLog
from catflap.dropin.reading import line_from, plan_from
from catflap.dropin.settings import log_settings, settings_from
from catflap.relay.inherited import remember_given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.bridge.flags import Flags
    from catflap.bridge.socat_flags import SocatWords
    from catflap.dropin.reading import Plan
    from catflap.dropin.settings import Settings

__all__ = ("start",)

_FAILURE = 1


def start(arguments: Sequence[str], program: str) -> int:
    """Run the program; return its exit status.

    Args:
        arguments: the words after the program's name.
        program: its name, for the log and the environment of children.
    """
    remember_given()
    # Whoever asks for statistics before there are any must not end the program.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    line = line_from(arguments)
    read = read_socat_words(line.words, line.text)
    if read.ends and not read.problems:
        return _answer(read.flags, program)
    try:
        log = SocatLog(log_settings(read.flags, program))
    except CatflapError as error:
        SocatLog(LogSettings(program=program)).write(Grade.ERROR, error.message)
        return _FAILURE
    try:
        return _run(read, line_words=arguments, log=log)
    except RefusedError as error:
        for text in error.message.splitlines():
            log.write(Grade.ERROR, text, always=True)
        return int(error.exit_status)
    except UsageError as error:
        for text in [problem.sentence() for problem in error.problems] or [error.message]:
            log.write(Grade.ERROR, of_sentence(text))
    except CatflapError as error:
        log.write(Grade.ERROR, of_sentence(error.message))
        if error.hint:
            log.write(Grade.NOTICE, error.hint)
    log.write(Grade.NOTICE, f"exit({_FAILURE})")
    return _FAILURE


def _answer(flags: Flags, program: str) -> int:
    last = flags.given[-1]
    if last.row.name == "-V":
        from catflap.dropin.features import version_text

        text = version_text()
    else:
        from catflap.dropin.help import help_text

        more = last.value.text if last.value is not None else ""
        text = help_text(1 + len(more))
    return tell(text, program)


def _run(read: SocatWords, line_words: Sequence[str], log: SocatLog) -> int:
    line = line_from(line_words)
    if read.problems:
        raise UsageError(complaint_of_flag(read.problems[0]))
    settings = settings_from(read.flags, os.environ)
    plan = plan_from(read.addresses, line, read.flags, settings)
    settings = replace(settings, flow=plan.flow)
    for complaint in plan.complaints:
        log.write(Grade.ERROR, complaint)
    for warning in plan.warnings:
        log.write(Grade.WARNING, f"{warning}: bytes flow the other way alone")
    lock = _locked(settings, log)
    try:
        return _relay(plan, settings, log)
    finally:
        lock()


def _locked(settings: Settings, log: SocatLog):  # type: ignore[no-untyped-def] # noqa: ANN202
    if not settings.lock:
        return lambda: None
    from catflap.dropin.lock import LockFile

    lock = LockFile(settings.lock)
    tell = partial(log.write, Grade.NOTICE)
    lock.take(waits=settings.waits_for_lock, tell=tell)
    log.write(Grade.INFO, f'obtained lock "{settings.lock}"')

    def release() -> None:
        lock.release()
        log.write(Grade.INFO, f'released lock "{settings.lock}"')

    return release


def _relay(plan: Plan, settings: Settings, log: SocatLog) -> int:
    _spare_an_import()
    from catflap.dropin.gate import tell_findings
    from catflap.dropin.process import run
    from catflap.relay.descriptor_limit import raise_descriptor_limit
    from catflap.sandbox.privileges import check_privileges
    from catflap.service.standard import occupy_standard_descriptors

    check_privileges(plan.bridge)
    occupy_standard_descriptors()
    tell_findings(plan.bridge, log, enforce=settings.enforce)
    raise_descriptor_limit()
    _keep_start_out_of_collections()
    log.write(Grade.INFO, f"default listen IP version is {settings.listen_version}")
    log.write(Grade.INFO, f"preferred resolve IP version is {settings.prefer}")
    try:
        return run(plan, settings, log)
    except OperationError as error:
        from catflap.dropin.failure_words import failure_lines

        for grade, text in failure_lines(error.message, plan.bridge):
            log.write(grade, text)
        if error.hint:
            log.write(Grade.NOTICE, error.hint)
        log.write(Grade.NOTICE, f"exit({_FAILURE})")
        return _FAILURE


def _spare_an_import() -> None:
    """Let asyncio start without the standard library's ``ssl``, which nothing here uses.

    asyncio takes a missing module for a Python built without it; that is a tenth of its time.
    """
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]
    try:
        import asyncio  # noqa: F401 - it is for its own modules that it is imported here
    finally:
        del sys.modules["ssl"]


def _keep_start_out_of_collections() -> None:
    import gc

    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)
