"""Nix: services of NixOS, shell scripts within derivations, NixOS tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.code.code import Call, Code, Start
from catflap.audit.code.finder import find
from catflap.audit.code.literals import dedented, unescape
from catflap.audit.code.names import Binding, Change, Shape
from catflap.audit.code.values import Items, Text, Value
from catflap.audit.grammar import operands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from catflap.audit.command import Command, Reading
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands that a Nix expression writes into services and scripts."""
    return find(_Nix(passage), surroundings, path)


def _indented(written: str) -> str:
    r"""Return what ``'''`` or ``''\n`` stands for."""
    return "''" if written == "'''" else unescape(written[2:])


_PLAIN = {"escape_sequence": unescape, "dollar_escape": lambda _: ""}
_INDENTED = {"escape_sequence": _indented, "dollar_escape": lambda _: ""}
_HOLES = frozenset({"interpolation"})
_PROGRAM = re.compile(r"(?:lib\.|pkgs\.lib\.)?getExe'?\s+\(?[\w.\-]*?(socat)\b.*", re.DOTALL)
_SCRIPTS = frozenset(
    {
        "script",
        "preStart",
        "postStart",
        "preStop",
        "postStop",
        "reload",
        "shellHook",
        "buildPhase",
        "checkPhase",
        "installPhase",
        "installCheckPhase",
        "postInstall",
        "preCheck",
        "postCheck",
        "initScript",
        "buildCommand",
        "postBuild",
        "command",
        "cmd",
        "entrypoint",
        "text",
        "exec",
        "postUp",
        "preUp",
        "postSetup",
        "preSetup",
        "runScript",
        "shellInit",
        "startupScript",
        "interactiveShellInit",
        "extraCommands",
        "configure",
        "postBootCommands",
    }
)
_EXEC = re.compile(r"Exec(?:Start|Stop|Reload|Condition)(?:Pre|Post)?")
_WRITERS = re.compile(
    r"write(?:Shell|Bash|Dash)?(?:Script|Application)\w*|write(?:Bash|Dash)(?:Bin)?"
    r"|runCommand\w*"
)
_SERVICE = re.compile(r"(?:^|\.)systemd\.(user\.)?services\.")


class _Nix(Code):
    grammar = "nix"
    shape = Shape(
        scopes=frozenset({"function_expression", "let_expression"}),
        blocks=frozenset({"source_code"}),
        choices=frozenset({"if_expression"}),
        loops=frozenset(),
    )
    names_of = frozenset({"variable_expression"})

    def __init__(self, passage: Passage) -> None:
        super().__init__(passage)
        self._fields: dict[int, dict[str, Node]] = {}

    def evaluate(self, node: Node, depth: int) -> Value | None:  # noqa: PLR0911 -- one for each form
        match node.type:
            case "string_expression":
                return self.literal(node, _PLAIN, _HOLES, depth)
            case "indented_string_expression":
                text = self.literal(node, _INDENTED, _HOLES, depth)
                passage = dedented(text.passage, drop_first=True)
                return Text(passage, text.span, hops=text.hops)
            case "integer_expression" | "path_expression" | "spath_expression":
                return Text(self.tree.part(node), self.span(node))
            case "variable_expression":
                return self.follow(node, depth)
            case "list_expression":
                elements = [each for each in node.named_children if each.type != "comment"]
                return Items(tuple(self.value(each, depth) for each in elements), self.span(node))
            case (
                "parenthesized_expression"
                | "let_expression"
                | "with_expression"
                | ("assert_expression")
            ):
                inner = node.child_by_field_name("body") or node.child_by_field_name("expression")
                return self.value(inner, depth) if inner is not None else None
            case "binary_expression":
                operator = node.child_by_field_name("operator")
                if operator is None or operator.type not in {"+", "++"}:
                    return None
                return self.sum_of(
                    operands(node, "binary_expression", operator.type), self.span(node), depth
                )
            case "apply_expression":
                return self._result(node, depth)
        return None

    def _result(self, node: Node, depth: int) -> Value | None:  # noqa: PLR0911 -- one for each form
        if node.end_byte - node.start_byte < 200:
            program = _PROGRAM.fullmatch(self.text(node))
            if program is not None:
                at = self.tree.start(node) + program.start(1)
                part = self.passage.part(at, at + len(program[1]))
                return Text(part, part.span(0, len(part)))
        call = self.call(node)
        if call is None or not call.arguments:
            return None
        method = call.method
        if method in {"toString", "escapeShellArg", "mkDefault", "mkForce", "removeSuffix"}:
            return self.value(call.arguments[-1], depth)
        if method in {"concatStringsSep", "escapeShellArgs", "toJSON"}:
            value = self.value(call.arguments[-1], depth)
            if not isinstance(value, Items) or not value.elements:
                return None
            texts = [each for each in value.elements if isinstance(each, Text)]
            separator: str | None = " "
            if method == "concatStringsSep":
                separator = self.string(call.arguments[0], depth).literal
            if separator is None or not texts:
                return None
            return self.joined(texts, self.span(node), separator)
        return None

    def binding(self, node: Node, parent: Node) -> Binding | None:
        if parent.type == "binding":
            value = parent.child_by_field_name("expression")
            if parent.child_by_field_name("attrpath") != node or value is None:
                return None
            return Binding(Change.SET, node, (value,))
        if parent.type in {"formal", "function_expression", "inherited_attrs"}:
            if parent.child_by_field_name("body") == node:
                return None
            return Binding(Change.OPAQUE, node)
        return None

    def target(self, node: Node) -> Node | None:
        if node.type != "binding":
            return None
        path = node.child_by_field_name("attrpath")
        return path if path is not None and path.named_child_count == 1 else None

    def call(self, node: Node) -> Call | None:
        if node.type == "binding":
            value = node.child_by_field_name("expression")
            return Call(node, self._path(node), (value,), self.span(value)) if value else None
        if node.type != "apply_expression":
            return None
        arguments: list[Node] = []
        function: Node | None = node
        while function is not None and function.type == "apply_expression" and len(arguments) < 9:
            argument = function.child_by_field_name("argument")
            if argument is not None:
                arguments.append(argument)
            function = function.child_by_field_name("function")
        if function is None or function.end_byte - function.start_byte > 200:
            return None
        return Call(node, self.text(function), tuple(reversed(arguments)), self.span(node))

    def _path(self, binding: Node) -> str:
        """Return the whole path of an attribute, from the outermost set: ``systemd.services.x``."""
        parts: list[str] = []
        node: Node | None = binding
        for _ in range(60):
            if node is None:
                break
            if node.type == "binding":
                path = node.child_by_field_name("attrpath")
                if path is not None and path.end_byte - path.start_byte < 200:
                    parts.append(self.text(path))
            node = node.parent
        return ".".join(reversed(parts))

    def fields(self, node: Node) -> Mapping[str, Node]:
        if node.type not in {"attrset_expression", "rec_attrset_expression"}:
            return {}
        if node.id in self._fields:
            return self._fields[node.id]
        found: dict[str, Node] = {}
        self._fields[node.id] = found
        for holder in node.named_children:
            for binding in holder.named_children:
                path = binding.child_by_field_name("attrpath")
                value = binding.child_by_field_name("expression")
                if path is not None and value is not None:
                    found[self.text(path)] = value
        return found

    def starts(self, call: Call) -> Start | None:
        if call.node.type == "apply_expression":
            if _WRITERS.fullmatch(call.method) and call.arguments[-1].type.endswith(
                "string_expression"
            ):
                return Start(call.arguments[-1:], line=True)
            return None
        method = call.method
        if _EXEC.fullmatch(method):
            return Start(call.arguments, user=self._user(call), reader=_exec_line)
        if method == "testScript":
            from catflap.audit.sources import python

            return Start(call.arguments, reader=python.read)
        if method in _SCRIPTS and call.arguments[0].type.endswith("string_expression"):
            return Start(call.arguments, line=True, user=self._user(call))
        return None

    def _user(self, call: Call) -> str:
        """Return whom a service runs as, by ``User`` beside it or in its ``serviceConfig``."""
        service = _SERVICE.search(call.name)
        if service is None or service[1]:
            return ""
        settings: dict[str, Node] = {}
        node: Node | None = call.node
        for _ in range(12):
            if node is None:
                break
            for name, value in self.fields(node).items():
                last = name.rpartition(".")[2]
                settings.setdefault(last, value)
                if last == "serviceConfig":
                    for inner, given in self.fields(value).items():
                        settings.setdefault(inner, given)
            if node.type == "binding" and self._is_service(node):
                break
            node = node.parent
        if "DynamicUser" in settings and self.text(settings["DynamicUser"]) == "true":
            return "dynamic"
        if "User" in settings:
            return self.string(settings["User"], 0).literal or ""
        return "root"

    def _is_service(self, binding: Node) -> bool:
        return re.search(r"systemd\.services\.[^.]+$", self._path(binding)) is not None


def _exec_line(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands of ``ExecStart``, which systemd takes apart and no shell."""
    from catflap.audit.command import Reading
    from catflap.audit.units.exec_line import commands
    from catflap.audit.units.settings import logical_lines

    del path
    found: list[Command] = []
    # A list of commands may stand in one string, each on a line of its own.
    for line in logical_lines(passage):
        found.extend(commands(line, {}, surroundings))
    return Reading(tuple(found))
