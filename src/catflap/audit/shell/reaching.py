"""Which assignments can be the last one before a variable is used.

The classic question of reaching definitions (Aho, Lam, Sethi, Ullman: Compilers, section 9.2),
answered on the tree: an assignment whose list of commands also holds the use always runs before
it, so nothing earlier reaches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from catflap.audit.shell.assignments import Assignment
    from catflap.audit.shell.functions import Functions
    from catflap.audit.shell.text import ShellText

__all__ = ("reaching",)

_LOOPS = frozenset({"for_statement", "while_statement", "c_style_for_statement"})
_LISTS = frozenset(
    {
        "program",
        "compound_statement",
        "do_group",
        "subshell",
        "command_substitution",
        "if_statement",
        "elif_clause",
        "else_clause",
        "case_item",
    }
)
_LOCAL = ("local", "declare", "typeset", "readonly")
_BRANCHES = frozenset({"elif_clause", "else_clause"})
_DEEPEST = 4


def reaching(
    assignments: Sequence[Assignment],
    at: int,
    text: ShellText,
    functions: Functions,
    depth: int = 0,
) -> list[Assignment]:
    """Return the assignments that can give a variable its value at a place.

    Args:
        assignments: all of the variable, in the order of the text.
        at: where it is used.
        text: the parsed text.
        functions: of the text.
        depth: how many calls were followed to get here.
    """
    key = (id(assignments), at, depth)
    known = functions.reached.get(key)
    if known is None:
        # The assignments are kept too, so that no others get their identity.
        answer = _reaching(assignments, at, text, functions, depth)
        known = functions.reached[key] = (assignments, answer)
    return known[1]


def _reaching(
    assignments: Sequence[Assignment],
    at: int,
    text: ShellText,
    functions: Functions,
    depth: int,
) -> list[Assignment]:
    text.budget.spend(64 * len(assignments))
    use = text.path(at)
    inside = functions.around(at)
    found: list[Assignment] = []
    elsewhere: list[Assignment] = []
    settled = False
    for assignment in reversed(assignments):
        path = text.path(assignment.start)
        function = functions.around(assignment.start)
        if function is not None and (inside is None or function.id != inside.id):
            if not _is_local(path, text):
                elsewhere.append(assignment)
            continue
        if inside is not None and function is None:
            # Outside the function: where it stands counts for the calls, not for the use.
            continue
        if assignment.start >= at:
            if _same_loop(path, use):
                found.append(assignment)
            continue
        if settled or _other_branch(path, use):
            continue
        found.append(assignment)
        settled = _always_before(path, use) and not assignment.is_default
    if settled:
        return found
    if inside is not None:
        found.extend(_at_calls(assignments, inside, text, functions, depth))
    return _once([*found, *elsewhere])


def _at_calls(
    assignments: Sequence[Assignment],
    function: Node,
    text: ShellText,
    functions: Functions,
    depth: int,
) -> list[Assignment]:
    """Return what reaches a function's calls; without any, what reaches the text's end."""
    places = [call.start for call in functions.calls(function)]
    start, end = text.tree.start(function), text.tree.end(function)
    places = [place for place in places if not start <= place < end]
    if depth >= _DEEPEST:
        return list(assignments)
    if not places:
        top = [a for a in assignments if functions.around(a.start) is None]
        return reaching(top, len(text.text), text, functions, depth + 1)
    found: list[Assignment] = []
    for place in places:
        found.extend(reaching(assignments, place, text, functions, depth + 1))
    return found


def _once(assignments: Sequence[Assignment]) -> list[Assignment]:
    return list({assignment.start: assignment for assignment in assignments}.values())


def _is_local(path: Sequence[Node], text: ShellText) -> bool:
    declaration = next((n for n in reversed(path) if n.type == "declaration_command"), None)
    return declaration is not None and text.tree.text(declaration).startswith(_LOCAL)


def _list_around(path: Sequence[Node]) -> tuple[Node | None, Node | None]:
    """Return the list of commands in which an assignment stands by itself, and its item there."""
    at = len(path) - 1
    while at > 0 and path[at].type != "variable_assignment":
        at -= 1
    if at <= 0:
        # ``read NAME``, ``set -- ...``, ``: ${NAME:=word}``: the command.
        at = len(path) - 1
        while at > 0 and path[at].type not in {"command", "declaration_command", "for_statement"}:
            at -= 1
    while at > 0 and path[at - 1].type in {
        "variable_assignments",
        "declaration_command",
        "redirected_statement",
        "command",
    }:
        at -= 1
    if at > 0 and path[at - 1].type in _LISTS:
        return path[at - 1], path[at]
    return None, None


def _always_before(path: Sequence[Node], use: Sequence[Node]) -> bool:
    """Whether an assignment always runs before the use that follows it in the text."""
    around, _ = _list_around(path)
    return around is not None and any(node.id == around.id for node in use)


def _other_branch(path: Sequence[Node], use: Sequence[Node]) -> bool:
    """Whether an assignment and a use are in branches of which only one runs."""
    at = 0
    while at < min(len(path), len(use)) and path[at].id == use[at].id:
        at += 1
    if not at or at >= len(path) or at >= len(use):
        return False
    fork, mine, other = path[at - 1], path[at], use[at]
    if fork.type == "if_statement":
        condition = fork.child_by_field_name("condition")
        if condition is not None and mine.id == condition.id:
            return False
        return other.type in _BRANCHES
    return fork.type == "case_statement" and mine.type == other.type == "case_item"


def _same_loop(path: Sequence[Node], use: Sequence[Node]) -> bool:
    """Whether one loop holds both, so that what comes later reaches the next turn."""
    loops = {node.id for node in use if node.type in _LOOPS}
    return any(node.id in loops for node in path)
