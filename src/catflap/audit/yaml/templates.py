"""Expressions of template engines within YAML: unknown, or their plain default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.passage import Passage
from catflap.audit.text.templates import hole, rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catflap.audit.text.references import References

__all__ = ("actions", "helm", "jinja")

_GO = re.compile(
    r"\{\{-?(?:[^{}\"'`]|\"(?:[^\"\\\n]|\\.)*+\"|`[^`]*+`|'[^'\n]*+'|\{(?!\{)|\}(?!\}))*?-?\}\}"
)
_GO_LINE = re.compile(r"(?m)^[ \t]*(?:\{\{(?:[^{}]|\{(?!\{)|\}(?!\}))*+\}\}[ \t]*)+\r?(?:\n|\Z)")
# Whatever stands in a comment, expressions included, is no text of the template.
_GO_COMMENT = re.compile(r"\{\{(?:- )?/\*(?:[^*]|\*(?!/))*+\*/(?: -)?\}\}")
_GO_DEFAULT = re.compile(
    r"\|\s*default\s+(?:\"([^\"\\]*)\"|`([^`]*)`|([0-9]+))\s*(?:\|\s*(?:quote|squote|toString|int|int64)\s*)*"
    r"-?\}\}\Z"
    r"|\{\{-?\s*default\s+(?:\"([^\"\\]*)\"|([0-9]+))\s+\.[\w.]+\s*(?:\|\s*(?:quote|toString|int)\s*)*-?\}\}\Z"
)
_QUOTED = re.compile(r"\|\s*s?quote\b")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_JINJA_DEFAULT = re.compile(
    r"\|\s*(?:default|d)\(\s*(?:\"([^\"\\]*)\"|'([^'\\]*)'|([0-9]+))\s*(?:,\s*\w+\s*)?\)"
    r"\s*(?:\|\s*(?:string|int|trim)\s*)*\}\}\Z"
)
_JINJA_NAME = re.compile(r"\{\{-?\s*([A-Za-z_]\w*)\s*(?:\|\s*(?:string|int|trim)\s*)*-?\}\}\Z")
_ACTIONS = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_ACTIONS_DEFAULT = re.compile(r"\|\|\s*(?:'([^']*)'|([0-9]+))\s*\}\}\Z")
_ACTIONS_NAME = re.compile(r"\$\{\{\s*(?:env|vars)\.([A-Za-z_]\w*)\s*\}\}\Z")


def _default(
    inside: Passage, found: re.Match[str], pattern: re.Pattern[str], references: References
) -> Passage:
    """Return the default that an expression names if it is a plain one, else that it is unknown."""
    known = pattern.search(found[0])
    if known is None or known.lastindex is None:
        return hole(inside, *found.span())
    start, end = known.span(known.lastindex)
    value = inside.part(found.start() + start, found.start() + end)
    return references.follow(inside, *found.span(), value)


def helm(passage: Passage, references: References) -> Passage:
    """Return a template of Helm as YAML: lines of control left out, expressions unknown.

    A line of which nothing is left but expressions gives YAML that only Helm knows; it goes too.
    """
    if "{{" not in passage.text:
        return passage

    def gone(inside: Passage, found: re.Match[str]) -> Passage:
        return Passage("", inside.start(found.start()))

    def meaning(inside: Passage, found: re.Match[str]) -> Passage:
        body = found[0].strip("{}- \t\n")
        if body.startswith(
            ("if ", "else", "end", "range ", "with ", "/*", "define ", "$", "block ")
        ) and (not body.startswith("$") or ":=" in body):
            return gone(inside, found)
        return _default(inside, found, _GO_DEFAULT, references)

    passage = rewrite(passage, _GO_COMMENT, gone)
    return rewrite(rewrite(passage, _GO_LINE, gone), _GO, meaning)


def jinja(passage: Passage, variables: Mapping[str, Passage], references: References) -> Passage:
    """Return a text with Jinja's expressions unknown, unless the file says what they are.

    Args:
        passage: the text.
        variables: that the file itself gives.
        references: keeps where the values stand.
    """
    if "{" not in passage.text:
        return passage

    def meaning(inside: Passage, found: re.Match[str]) -> Passage:
        if not found[0].startswith("{{"):
            return Passage("", inside.start(found.start()))
        named = _JINJA_NAME.match(found[0])
        if named is not None and named[1] in variables:
            value = variables[named[1]]
            if "{{" not in value.text:
                return references.follow(inside, *found.span(), value)
        return _default(inside, found, _JINJA_DEFAULT, references)

    return rewrite(passage, _JINJA, meaning)


def actions(passage: Passage, variables: Mapping[str, Passage], references: References) -> Passage:
    """Return a text with ``${{ }}`` unknown, unless it names what the file's ``env`` says.

    Args:
        passage: the text.
        variables: that the file itself gives.
        references: keeps where the values stand.
    """
    if "${{" not in passage.text:
        return passage

    def meaning(inside: Passage, found: re.Match[str]) -> Passage:
        named = _ACTIONS_NAME.match(found[0])
        if named is not None and named[1] in variables:
            value = variables[named[1]]
            if "${{" not in value.text:
                return references.follow(inside, *found.span(), value)
        return _default(inside, found, _ACTIONS_DEFAULT, references)

    return rewrite(passage, _ACTIONS, meaning)
