"""Rules by name, and where the page of each is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from catflap.audit.suppression_rules import SUPPRESSION_RULES
from catflap.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catflap.rules.rule import Rule

__all__ = ("ALL_RULES", "DOCUMENTATION", "documentation", "page_of", "weakness_page")

ALL_RULES: dict[str, Rule] = {rule.slug: rule for rule in (*RULES, *SUPPRESSION_RULES)}
"""Rules about bridges and about comments, in the order of the reference."""

DOCUMENTATION = "CATFLAP_DOCUMENTATION"
"""The variable that says where docs/reference is published; the action for GitHub sets it."""

_LABEL = "documentation"
_SCHEMES = ("https://", "http://", "file:///")


def documentation(environ: Mapping[str, str], *, local: bool = False) -> str:
    """Return where docs/reference is, without a slash at its end, or nothing if nobody says.

    The environment says it, else the metadata of the installed package (``Project-URL:
    Documentation``), else, for a person at this machine, the checkout that runs.

    Args:
        environ: the environment.
        local: whether a ``file:`` URL is of use.
    """
    said = environ.get(DOCUMENTATION, "")
    if said.isprintable() and said.startswith(_SCHEMES):
        return quote(said, safe="/:%@?=&+,;~").rstrip("/")
    return _published() or (_checkout() if local else "")


def page_of(slug: str, base: str) -> str:
    """Return the URL of a rule's page; without a base, of the weakness that it is about.

    It is empty for a rule that nobody knows when there is no base either.
    """
    if base:
        return f"{base}/rules/{quote(slug)}.md"
    rule = ALL_RULES.get(slug)
    return weakness_page(rule.cwe) if rule else ""


def weakness_page(number: int) -> str:
    """Return the URL of a weakness in the Common Weakness Enumeration."""
    return f"https://cwe.mitre.org/data/definitions/{number}.html"


def _published() -> str:
    # Costs some milliseconds, and only those who show a page need it.
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("catflap").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    for url in urls:
        label, _, address = url.partition(",")
        if label.strip().lower() == _LABEL:
            return str(address.strip().rstrip("/"))
    return ""


def _checkout() -> str:
    here = os.path.abspath(__file__)
    for _ in range(5):
        here = os.path.dirname(here)
    folder = os.path.join(here, "docs", "reference")
    return f"file://{quote(folder)}" if os.path.isfile(os.path.join(folder, "rules.md")) else ""
