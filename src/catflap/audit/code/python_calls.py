"""Which calls of Python start programs, and which of their arguments are the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.code.code import Start

if TYPE_CHECKING:
    from tree_sitter import Node

    from catflap.audit.code.code import Call, Code

__all__ = ("start_of",)

_SUBPROCESS = frozenset({"run", "Popen", "call", "check_call", "check_output"})
_OWN = frozenset({"subprocess", "sp", "_sp", "subproc", "_subprocess", "subprocess32"})
_LINES = frozenset(
    {
        "os.system",
        "os.popen",
        "system",
        "popen",
        "getoutput",
        "getstatusoutput",
        "create_subprocess_shell",
        "spawn",
        "spawnu",
    }
)
_VECTORS = {"create_subprocess_exec": 0, "subprocess_exec": 1}
_EITHER = frozenset({"run_process", "open_process", "process", "sudo"})
_REMOTE = frozenset({"exec_command", "run_command"})


def start_of(code: Code, call: Call) -> Start | None:  # noqa: C901, PLR0911 -- one for each form
    """Return what a call starts; ``None`` when it is not known to start anything."""
    method = call.method
    if method.startswith(("exec", "spawn", "posix_spawn")):
        found = _of_os(method, call)
        if found is not None:
            return found
    if call.name.endswith(("containers.run", "containers.create", "create_container")):
        return _of_docker(call)
    if method in _SUBPROCESS:
        return _of_subprocess(code, call)
    if call.name in _LINES or method in _LINES:
        return _of_line(call)
    if method in _VECTORS:
        return Start(call.arguments[_VECTORS[method] :])
    if method == "subprocess_shell":
        return Start(call.arguments[1:2], line=True)
    if method in _EITHER:
        return Start(call.arguments[:1], line=True, user="root" if method == "sudo" else "")
    if method in _REMOTE:
        return Start(call.arguments[:1], line=True, elsewhere=True)
    if method == "socat":
        return _of_sh(call)
    return None


def _of_subprocess(code: Code, call: Call) -> Start | None:
    words = call.arguments[:1]
    if not words and "args" in call.keywords:
        words = (call.keywords["args"],)
    receiver = call.name.rpartition(".")[0]
    flag = call.keywords.get("shell")
    known = receiver in _OWN or (not receiver and call.method not in {"run", "call"})
    shell = not known if flag is None else code.text(flag) != "False"
    user = call.keywords.get("user")
    return Start(
        words,
        line=shell,
        user=_literal(code, user),
        bounded="timeout" in call.keywords and call.method != "Popen",
        elsewhere=_is_remote(code, receiver),
    )


def _of_docker(call: Call) -> Start | None:
    """Return what Docker's library starts: an image, then its command."""
    image = call.keywords.get("image") or (call.arguments[0] if call.arguments else None)
    command = call.keywords.get("command") or (
        call.arguments[1] if len(call.arguments) > 1 else None
    )
    if image is None or command is None:
        return None
    return Start((image, command), container=True)


def _is_remote(code: Code, receiver: str) -> bool:
    """Whether a connection of fabric runs it: ``Connection("host").run(...)``."""
    if receiver in _OWN or not receiver:
        return False
    head = code.passage.text[:20_000]
    return "fabric" in head and "import" in head and receiver in {"c", "conn", "connection", "ctx"}


def _of_line(call: Call) -> Start:
    if call.method in {"spawn", "spawnu"} and len(call.arguments) > 1:
        return Start(call.arguments[:2])
    return Start(call.arguments[:1], line=True)


def _of_os(method: str, call: Call) -> Start | None:
    """Return what ``os.exec*``, ``os.spawn*`` and ``os.posix_spawn`` start."""
    arguments = call.arguments
    family = method.removeprefix("posix_spawn")
    if family != method:
        return Start(arguments[:2], named_twice=True) if len(arguments) > 1 else None
    if method.startswith("spawn"):
        arguments = arguments[1:]
    letters = method.removeprefix("spawn").removeprefix("exec")
    if len(arguments) < 2 or not letters or letters[0] not in "lv" or letters.strip("lvpe"):
        return None
    words: tuple[Node, ...] = arguments[:2] if letters[0] == "v" else arguments
    if letters[0] == "l" and letters.endswith("e"):
        words = words[:-1]
    return Start(words, named_twice=True)


def _of_sh(call: Call) -> Start | None:
    """Return what ``sh.socat(...)`` starts: the function is the program."""
    function = call.node.child_by_field_name("function")
    if function is None:
        return None
    program = function.child_by_field_name("attribute") or function
    return Start((program, *call.arguments), program_is_name=True)


def _literal(code: Code, node: Node | None) -> str:
    if node is None:
        return ""
    return code.string(node, 0).literal or ""
