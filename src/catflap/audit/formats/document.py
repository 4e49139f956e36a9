"""The document that ``--format json`` writes, as types; its schema is made from them.

Within a version, properties may be added and never change their meaning or go away.
"""

from __future__ import annotations

import inspect
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

__all__ = (
    "SCHEMA",
    "VERSION",
    "Document",
    "Excerpt",
    "FindingRow",
    "PlaceRow",
    "Summary",
    "Tool",
    "TroubleRow",
    "json_schema",
)

VERSION: Literal[1] = 1
"""The version of the document; raised when a property changes its meaning."""

SCHEMA = f"urn:catflap:audit:{VERSION}"
"""The name of the schema; it is a file in docs/reference."""

Level = Literal["info", "low", "medium", "high", "critical"]
Sureness = Literal["low", "medium", "high"]
Count = Annotated[int, Meta(ge=0)]
FromOne = Annotated[int, Meta(ge=1)]
Status = Annotated[int, Meta(ge=0, le=255)]


class Tool(Struct, frozen=True, kw_only=True):
    """The program that wrote the document."""

    name: Literal["catflap"]
    version: str


class PlaceRow(Struct, frozen=True, kw_only=True):
    """A stretch of a file. Lines and columns count from 1, columns in Unicode code points.

    The end is exclusive. start and end are offsets in code points from the file's beginning.
    """

    line: FromOne
    column: FromOne
    end_line: FromOne
    end_column: FromOne
    start: Count
    end: Count


class Excerpt(Struct, frozen=True, kw_only=True):
    """The lines of the place, at most five, and the number of the first of them."""

    line: FromOne
    lines: list[str]


class FindingRow(Struct, frozen=True, kw_only=True):
    """One root cause. It counts when its state is new."""

    rule: str
    severity: Level
    confidence: Sureness
    message: str
    path: Annotated[
        str, Meta(description="as it was asked for; - , command line and process PID are no files")
    ]
    kind: Annotated[str, Meta(description="the kind of file, as --kind names it")]
    place: PlaceRow
    command: Annotated[PlaceRow, Meta(description="the whole command that the finding belongs to")]
    excerpt: Excerpt
    mend: Annotated[str, Meta(description="the smallest change that satisfies the rule, or empty")]
    notes: Annotated[list[str], Meta(description="what else follows from the same cause")]
    fix: Annotated[
        Literal["safe", "unsafe"] | None, Meta(description="whether catflap fix can mend it")
    ]
    state: Literal["new", "suppressed", "baseline"]
    reason: Annotated[str, Meta(description="why it is suppressed, or empty")]
    fingerprint: Annotated[
        str, Meta(description="stays the same while the command moves within its file")
    ]
    cwe: Annotated[int | None, Meta(description="the number of the weakness (CWE)")]
    page: Annotated[str, Meta(description="the URL of the rule's page, or empty")]


class TroubleRow(Struct, frozen=True, kw_only=True):
    """A file that could be read in part or not at all; line is null for the whole file."""

    path: str
    line: FromOne | None
    message: str
    fatal: bool


class Summary(Struct, frozen=True, kw_only=True):
    """Counts. critical to info are of the findings that count."""

    files: Annotated[int, Meta(ge=0, description="files that were looked at")]
    read: Annotated[int, Meta(ge=0, description="those that hold the word, and were read")]
    commands: Count
    critical: Count
    high: Count
    medium: Count
    low: Count
    info: Count
    suppressed: Count
    baseline: Count
    hidden: Annotated[
        int, Meta(ge=0, description="left out by --min-severity and --min-confidence")
    ]
    exit_status: Status


class Document(Struct, frozen=True, kw_only=True):
    """What catflap audit --format json writes."""

    schema: Literal["urn:catflap:audit:1"] = msgspec.field(name="$schema")
    version: Literal[1]
    tool: Tool
    summary: Summary
    findings: list[FindingRow]
    troubles: list[TroubleRow]


def json_schema() -> dict[str, Any]:
    """Return the schema of the document (JSON Schema, draft 2020-12)."""
    made = _without_indents(msgspec.json.schema(Document))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": f"catflap audit --format json, version {VERSION}",
        **made,
    }


def _without_indents(schema: Any) -> Any:
    """Return it with docstrings set flush left: not every msgspec and Python does it by itself."""
    if isinstance(schema, list):
        return [_without_indents(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: inspect.cleandoc(value)
        if key == "description" and isinstance(value, str)
        else _without_indents(value)
        for key, value in schema.items()
    }
