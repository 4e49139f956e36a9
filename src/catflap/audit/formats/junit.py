"""JUnit's XML, as CI systems read it: a suite for each file, a test that fails for each finding."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from catflap.audit.formats.pages import page_of
from catflap.audit.formats.summary import summary
from catflap.audit.report import State
from catflap.core.spans import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catflap.audit.formats.options import FormatOptions
    from catflap.audit.report import Located, Report, Trouble

__all__ = ("write",)

_NAME = "catflap audit"


def write(report: Report, stream: TextIO, options: FormatOptions) -> None:
    """Write the report; suppressed findings and those of the baseline are skipped tests.

    Without findings and troubles there is one test that passes, for a report without tests
    counts as broken with some.
    """
    root = Element("testsuites", name=_NAME)
    for path, findings in groupby(report.findings, key=lambda each: each.path):
        suite = SubElement(root, "testsuite", name=printable(path))
        for found in findings:
            _finding(suite, found, options)
    if report.troubles:
        _troubles(root, report.troubles)
    if not len(root):
        suite = SubElement(root, "testsuite", name=_NAME)
        SubElement(suite, "testcase", classname=_NAME, name=summary(report, options.hidden))
    _count(root)
    indent(root)
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    # Everything in it is printable, and no printable character is forbidden (XML 1.0, 2.2).
    stream.write(tostring(root, encoding="unicode") + "\n")


def _finding(suite: Element, found: Located, options: FormatOptions) -> None:
    path, place = printable(found.path), found.place
    test = SubElement(
        suite,
        "testcase",
        classname=path,
        name=f"{printable(found.rule)} at {place.line}:{place.column}",
        file=path,
        line=str(place.line),
    )
    if found.state is not State.NEW:
        reason = found.reason or "in the baseline"
        SubElement(test, "skipped", message=printable(reason))
        return
    failure = SubElement(
        test, "failure", type=str(found.severity), message=printable(found.message)
    )
    failure.text = "\n".join(printable(line) for line in _lines(found, options))


def _lines(found: Located, options: FormatOptions) -> Iterable[str]:
    place = f"{found.path}:{found.place.line}:{found.place.column}"
    yield f"{place}: {found.severity} ({found.confidence} confidence)"
    for number, line in enumerate(found.excerpt, found.excerpt_line):
        yield f"{number} | {line.expandtabs(4)}"
    if found.mend:
        yield f"mend: {found.mend}"
    for note in found.notes:
        yield f"note: {note}"
    page = page_of(found.rule, options.documentation)
    if page:
        yield f"more: {page}"


def _troubles(root: Element, troubles: Iterable[Trouble]) -> None:
    suite = SubElement(root, "testsuite", name="not read in full")
    for trouble in troubles:
        path = printable(trouble.path)
        test = SubElement(suite, "testcase", classname=path, name="reading", file=path)
        if trouble.line:
            test.set("line", str(trouble.line))
        if trouble.fatal:
            SubElement(test, "error", type="trouble", message=printable(trouble.message))
        else:
            # The file was read as far as it goes; that alone must not fail a pipeline.
            SubElement(test, "skipped", message=printable(trouble.message))


def _count(root: Element) -> None:
    """Set the counts of each suite and of all."""
    for element in (*root, root):
        for name, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            element.set(name, str(sum(1 for _ in element.iter(tag))))
