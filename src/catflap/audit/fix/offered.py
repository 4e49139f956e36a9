"""Whether ``catflap fix`` would mend a finding, told with the finding itself.

Nothing is tried here: to read every file once more for each of its findings would take longer than
the audit. What a fix would say before it tries is asked: whether there is an edit at all, and
whether the words that it changes are its command's alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.fix.expected import expected_words
from catflap.audit.fix.plan import propose
from catflap.audit.fix.proposal import NotFixableError
from catflap.audit.fix.site import Site
from catflap.audit.fix.verify import commands_alike
from catflap.rules.registry import find_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catflap.audit.command import Command
    from catflap.audit.fix.proposal import Proposal
    from catflap.audit.judge import Judged

__all__ = ("offer_of",)

_ATTEMPTS = 3
_MANY = 300
"""Commands of one file; with more of them, whether others use the same text is not asked."""


def offer_of(judged: Judged, commands: Sequence[Command], text: str) -> str:
    """Return ``safe`` or ``unsafe`` for the fix that a finding has, or nothing.

    Args:
        judged: the finding.
        commands: all of the file.
        text: the file's.
    """
    rule = find_rule(judged.finding.rule)
    if rule is None or not rule.is_fixable:
        return ""
    for attempt in range(_ATTEMPTS):
        site = Site(text, judged.command, judged.bridge, judged.finding, judged.written, attempt)
        try:
            for proposal in propose(site):
                if _is_alone(proposal, judged, commands, text):
                    return "safe" if proposal.safe else "unsafe"
        except NotFixableError:
            return ""
    return ""


def _is_alone(proposal: Proposal, judged: Judged, commands: Sequence[Command], text: str) -> bool:
    """Whether no other command would change, but for those with the same finding."""
    if not 1 < len(commands) < _MANY:
        return True
    alike = commands_alike(commands, judged, text)
    try:
        expected_words(commands, judged.command, proposal.changes, alike)
    except NotFixableError:
        return False
    return True
