"""Tells what a program looks at and does not run: cases of tests, tables of what is forbidden.

A detector of reverse shells, the policy of a sandbox and their tests hold whole commands, as bad
examples. Nobody runs them.
"""

from __future__ import annotations

import re

__all__ = ("is_examined", "judges", "tests_from")

_JUDGES = re.compile(
    r"(?i:is|has|can|are|does|should|must)(?=[_A-Z])\w*"
    r"|(?i:_{0,2}(?:check(?!_?(?:call|output|run|exec))|detect|classif|match|scan|validat|analy[sz]"
    r"|inspect|evaluat|assess|judge|saniti[sz]|block(?!_?ing)|den[yi]|reject|forbid|flag|lint"
    r"|parse|tokeni[sz]|looks|allow|permit|decide)\w*)"
)
_EXAMINED = re.compile(
    r"(?i)(?:^|_|(?<=[a-z])(?=[A-Z]))(?:patterns?|regex(?:es)?|malicious|suspicious|block(?:ed|list)?"
    r"|black_?list(?:ed)?|den(?:y|ied|ylist)|forbidden|disallow(?:ed)?|banned|prohibited|reject(?:ed)?"
    r"|dangerous|unsafe|bad|risky|destructive|signatures?|iocs?|indicators?|cases?|samples?"
    r"|fixtures?|detect(?:ed|ions?)?|threats?)(?:$|_|[A-Z\d])"
)
_TEST_PATH = re.compile(
    r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$|_test\.go$|\.(?:test|spec)\.[cm]?[jt]sx?$"
    r"|_(?:test|spec)\.rb$|(?:Tests?|Spec|IT)\.(?:java|kts?|cs|scala|groovy|php|swift)$"
    r"|_test\.(?:exs|dart|cc|cpp)$|(?:^|/)__tests__/"
)
_TEST_TEXT = re.compile(
    r"(?m)^[ \t]*(?:import|from)[ \t]+(?:pytest|unittest)\b"
    r"|^[ \t]*(?:import[ \t]+)?\"testing\"[ \t]*$"
    r"|\bfrom[ \t]+['\"](?:vitest|@jest/globals|node:test|bun:test|mocha|chai|ava)['\"]"
    r"|^[ \t]*describe\("
    # Rust keeps the tests of a module at its end.
    r"|^[ \t]*#\[(?:cfg\(test\)|test)\]"
    r"|^[ \t]*@Test\b"
)
_LOOKED_AT = 1 << 20


def judges(callee: str) -> bool:
    """Whether a function of this name says what it thinks of a command, and does not run it."""
    return _JUDGES.fullmatch(callee.rpartition(".")[2]) is not None


def is_examined(name: str) -> bool:
    """Whether a variable or a field of this name holds what is looked for or looked at."""
    return _EXAMINED.search(name) is not None


def tests_from(path: str, text: str) -> int | None:
    """Return where the tests of a program begin, or ``None`` when it has none."""
    if _TEST_PATH.search(path.replace("\\", "/")):
        return 0
    found = _TEST_TEXT.search(text, 0, _LOOKED_AT)
    if found is None:
        return None
    return found.start() if found[0].lstrip().startswith("#[") else 0
