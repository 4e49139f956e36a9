"""The reference of catflap.toml and its JSON schema, from the table of its keys."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from catflap.bridge.file.forms import FORMS, NOTES
from catflap.bridge.file.shape import ACCEPTANCE, BRIDGE, DEFAULTS, LIMITS, SERVICE, TOP, Sort
from catflap.cli.list import markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catflap.bridge.file.shape import Key

__all__ = ("KEYS_OF", "KEY_NAMES", "configuration_page", "configuration_schema", "keys_named")

_WIDTH = 100
_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_TABLES = (
    ("[bridge.NAME]", "A bridge: who may come, and where it leads.", BRIDGE),
    ("[bridge.NAME.limits]", "What it may use up. 0 switches a limit off.", LIMITS),
    ("[[bridge.NAME.unsafe]]", "A finding of the gate that somebody answers for.", ACCEPTANCE),
    ("[defaults]", "What holds for every bridge that does not say otherwise.", DEFAULTS),
    ("[service]", "The process as a whole.", SERVICE),
)
KEYS_OF = {
    "bridge": BRIDGE,
    "defaults": DEFAULTS,
    "limits": LIMITS,
    "service": SERVICE,
    "unsafe": ACCEPTANCE,
}
"""The keys of each table, by the key that holds it."""
KEY_NAMES = (*dict.fromkeys(key.name for *_, keys in _TABLES for key in keys), "include")
"""Every key that may be explained."""
_PLAIN: dict[Sort, dict[str, Any]] = {
    Sort.ADDRESS: {"type": "string", "minLength": 1},
    Sort.BOOLEAN: {"type": "boolean"},
    Sort.DATE: {"type": "string"},
    Sort.DURATION: {
        "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": r"^(\d+(\.\d*)?|\.\d+)\s*(ms|s|m|h|d)?$"},
        ]
    },
    Sort.HOURS: {"type": "array", "items": {"type": "string"}},
    Sort.IDENTITIES: {"type": "array", "items": {"type": "string"}},
    Sort.NETWORKS: {"type": "array", "items": {"type": "string"}},
    Sort.PATH: {"type": "string", "minLength": 1},
    Sort.PATHS: {"type": "array", "items": {"type": "string"}},
    Sort.RATE: {
        "anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": r"^\d+(\.\d+)?\s*([kMG]i?B?|B)?(/s)?$"},
        ]
    },
    Sort.TEXT: {"type": "string", "minLength": 1},
}


def configuration_page() -> Iterator[str]:
    """Yield the lines of docs/reference/configuration.md."""
    yield "# catflap.toml"
    yield ""
    yield "TOML 1.0. `catflap check FILE` tells every problem with its line and column;"
    yield "[catflap.schema.json](catflap.schema.json) lets an editor do so while you write."
    yield ""
    yield "Paths are relative to the directory of the file. In `listen` and `connect`,"
    yield "`${env:NAME}` and `${file:PATH}` are replaced by a variable of the environment or the"
    yield "one line of a file: secrets need not stand here. What is put in is data: a comma or a"
    yield "colon in it means nothing to the address."
    yield ""
    yield "```toml"
    yield from _EXAMPLE.strip().splitlines()
    yield "```"
    for title, text, keys in _TABLES:
        yield from ("", f"## `{title}`", "", text, "")
        rows = [
            [f"`{key.name}`", _value(key), key.default or _wanted(key), key.help] for key in keys
        ]
        yield markdown_table(("key", "value", "when left out", "what it is"), rows)
        if keys is BRIDGE:
            yield from _forms()
    yield ""
    yield "## Besides"
    yield ""
    yield markdown_table(("key", "value", "what it is"), [
        [f"`{key.name}`", _value(key), key.help] for key in TOP if key.name in {"include", "audit"}
    ])  # fmt: skip


def _forms() -> Iterator[str]:
    for name, forms in FORMS.items():
        yield from ("", f"### Entries of `{name}`", "")
        yield markdown_table(("entry", "means"), [[f"`{text}`", what] for text, what in forms])
        yield from ("", *textwrap.wrap(NOTES[name], _WIDTH))


_EXAMPLE = """
[bridge.api]
listen = 'TLS-LISTEN:8443,bind=10.0.0.5,cert=srv.pem,cafile=ca.pem'
connect = 'UNIX:/run/api.sock'
allow = ['!10.9.0.0/16', '10.0.0.0/8']
identities = ['spiffe://acme/*', 'dns:*.ci.acme.example']
hours = ['Mon-Fri 06:00-22:00 Europe/Berlin']

[bridge.api.limits]
sessions = 1000
per-source = 50
"""


def _wanted(key: Key) -> str:
    return "it must be there" if key.is_required else ""


def _value(key: Key) -> str:
    if key.sort is Sort.CHOICE:
        return ", ".join(f"`{choice}`" for choice in key.choices)
    return str(key.sort.value)


def configuration_schema() -> str:
    """Return docs/reference/catflap.schema.json."""
    bridge = _table(BRIDGE)
    schema = {
        "$schema": _SCHEMA,
        "title": "catflap.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "include": _of(next(key for key in TOP if key.name == "include")),
            "defaults": _table(DEFAULTS),
            "service": _table(SERVICE),
            "bridge": {
                "type": "object",
                "description": "The bridges, by their names",
                "additionalProperties": bridge,
            },
            "audit": {"type": "object", "description": "Settings of catflap audit"},
        },
    }
    return json.dumps(schema, indent=2) + "\n"


def _table(keys: tuple[Key, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: _of(key) for key in keys},
    }
    required = [key.name for key in keys if key.is_required]
    if required:
        found["required"] = required
    return found


def _of(key: Key) -> dict[str, Any]:
    if key.name == "limits":
        found = _table(LIMITS)
    elif key.name == "unsafe":
        found = {"type": "array", "items": _table(ACCEPTANCE)}
    elif key.sort is Sort.CHOICE:
        found = {"enum": list(key.choices)}
    elif key.sort in {Sort.COUNT, Sort.NUMBER}:
        kind = "integer" if key.sort is Sort.COUNT else "number"
        found = {"type": kind, "minimum": key.least, "maximum": key.most}
    else:
        found = dict(_PLAIN[key.sort])
    default = f" (when left out: {key.default})" if key.default else ""
    return {"description": f"{key.help}{default}", **found}


def keys_named(name: str) -> Iterator[tuple[str, str, Key]]:
    """Yield a key as each table has it, with the table's name and what its value is."""
    told: list[tuple[Key, list[str]]] = []
    for title, _, keys in (*_TABLES, ("the top of the file", "", TOP)):
        for key in keys:
            if key.name != name or key.name in {"bridge", "audit"}:
                continue
            same = next((places for other, places in told if other == key), None)
            if same is None:
                told.append((key, [title]))
            else:
                same.append(title)
    for key, places in told:
        yield ", ".join(places), _value(key).replace("`", ""), key
