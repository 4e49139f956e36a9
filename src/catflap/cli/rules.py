"""All rules that a person may meet: those about bridges and those about comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.suppression_rules import SUPPRESSION_RULES
from catflap.rules.registry import RULES as _BRIDGE_RULES

if TYPE_CHECKING:
    from catflap.rules.rule import Rule

__all__ = ("RULES", "find_rule")

RULES: tuple[Rule, ...] = (*_BRIDGE_RULES, *SUPPRESSION_RULES)
"""In the order of the reference."""


def find_rule(slug: str) -> Rule | None:
    """Return the rule of this name."""
    return next((rule for rule in RULES if rule.slug == slug), None)
