"""JavaScript and TypeScript: child_process, Bun, Deno, execa, zx, node-pty."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catflap.audit.code.code import Call, Code, Start
from catflap.audit.code.finder import find
from catflap.audit.code.literals import unescape
from catflap.audit.code.names import Binding, Change, Shape
from catflap.audit.code.values import Form, Items, Text, Value
from catflap.audit.grammar import operands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_TYPED = (".ts", ".mts", ".cts")
_MARKS = {"escape_sequence": unescape}
_HOLES = frozenset({"template_substitution"})
_VECTORS = frozenset(
    {
        "spawn",
        "spawnSync",
        "execFile",
        "execFileSync",
        "execFileAsync",
        "fork",
        "spawnAsync",
        "spawnPromise",
        "execa",
        "execaSync",
    }
)
_LINES = frozenset(
    {
        "exec",
        "execSync",
        "execAsync",
        "execPromise",
        "execaCommand",
        "asyncExec",
        "execaCommandSync",
        "runCommand",
        "command",
        "commandSync",
    }
)
_TAGS = frozenset({"$", "$.sync", "Bun.$", "execa", "execaSync", "sh", "bash", "exec", "shell"})
_FIRST_LIST = frozenset({"Bun.spawn", "Bun.spawnSync", "Deno.run"})
_SAME = frozenset({"String", "Number", "parseInt", "path.resolve", "escape"})
_FIELDS = frozenset({"public_field_definition", "field_definition"})
_MOST_MEMBERS = 2000
_LONGEST_CHAIN = 40
_PARAMETERS = frozenset(
    {
        "formal_parameters",
        "required_parameter",
        "optional_parameter",
        "rest_pattern",
        "array_pattern",
        "object_pattern",
        "catch_clause",
    }
)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands that a JavaScript or TypeScript program starts."""
    typed = path.lower().endswith((*_TYPED, ".tsx"))
    if path.lower().endswith(".tsx"):
        return find(_Tsx(passage), surroundings, path)
    return find((_TypeScript if typed else _JavaScript)(passage), surroundings, path)


class _JavaScript(Code):
    grammar = "javascript"
    shape = Shape(
        scopes=frozenset(
            {
                "function_declaration",
                "function_expression",
                "arrow_function",
                "method_definition",
                "generator_function_declaration",
                "class_body",
            }
        ),
        blocks=frozenset({"program", "statement_block", "switch_case"}),
        choices=frozenset({"if_statement", "switch_body", "try_statement"}),
        loops=frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"}),
    )
    names_of = frozenset({"identifier", "member_expression"})

    def evaluate(self, node: Node, depth: int) -> Value | None:  # noqa: C901, PLR0911 -- one for each form
        match node.type:
            case "string" | "template_string":
                return self.literal(node, _MARKS, _HOLES, depth)
            case "number":
                return Text(self.tree.part(node), self.span(node))
            case "array":
                elements = [each for each in node.named_children if each.type != "comment"]
                return Items(tuple(self.value(each, depth) for each in elements), self.span(node))
            case "spread_element":
                return self.spread(node, node.named_children[0], depth)
            case (
                "parenthesized_expression"
                | "as_expression"
                | "satisfies_expression"
                | ("non_null_expression" | "await_expression")
            ):
                return self.value(node.named_children[0], depth) if node.named_children else None
            case "identifier":
                return self.follow(node, depth)
            case "member_expression":
                found = self.follow(node, depth)
                return found if found is not None else self._of_class(node, depth)
            case "binary_expression":
                return self._operator(node, depth)
            case "ternary_expression":
                named = (node.child_by_field_name(each) for each in ("consequence", "alternative"))
                return self.one_of([each for each in named if each is not None], depth)
            case "call_expression":
                return self._result(node, depth)
        return None

    def _of_class(self, node: Node, depth: int) -> Value | None:
        """Return what a field of a class begins with: ``this.NAME``, ``Class.NAME``."""
        held, field = node.child_by_field_name("object"), node.child_by_field_name("property")
        if held is None or field is None:
            return None
        if held.type == "this":
            around = self.names.line(node)
            body = next((each for each in around if each.type == "class_body"), None)
        else:
            body = self._body_of(self.text(held))
        for member in body.named_children[:_MOST_MEMBERS] if body is not None else ():
            name, value = _field(member)
            if name is not None and value is not None and self.text(name) == self.text(field):
                found = self.value(value, depth)
                return found.used_at(self.span(node)) if isinstance(found, Text) else found
        return None

    def _body_of(self, name: str) -> Node | None:
        """Return the body of a class at the top of the file, exported or not."""
        for child in self.tree.root.named_children[:_MOST_MEMBERS]:
            holder = child.child_by_field_name("declaration") or child
            named = holder.child_by_field_name("name")
            is_class = holder.type == "class_declaration" and named is not None
            if is_class and named is not None and self.text(named) == name:
                return holder.child_by_field_name("body")
        return None

    def also_named(self, target: Node) -> tuple[str, ...]:
        around = self.names.line(target)[1:3]
        if not around or around[0].type not in _FIELDS:
            return ()
        holder = around[-1].parent
        named = holder.child_by_field_name("name") if holder is not None else None
        owners = ("this", self.text(named)) if named is not None else ("this",)
        return tuple(f"{owner}.{self.text(target)}" for owner in owners)

    def _operator(self, node: Node, depth: int) -> Value | None:
        operator, right = node.child_by_field_name("operator"), node.child_by_field_name("right")
        left = node.child_by_field_name("left")
        if operator is None or right is None or left is None:
            return None
        if operator.type == "+":
            return self.sum_of(operands(node, "binary_expression"), self.span(node), depth)
        if operator.type in {"||", "??"} and "env" in self.text(left)[:200]:
            return self.value(right, depth)
        return None

    def _result(self, node: Node, depth: int) -> Value | None:  # noqa: PLR0911 -- one for each form
        call = self.call(node)
        if call is None:
            return None
        if call.name in _SAME and len(call.arguments) == 1:
            return self.value(call.arguments[0], depth)
        function = node.child_by_field_name("function")
        receiver = function.child_by_field_name("object") if function is not None else None
        if receiver is None:
            return None
        match call.method:
            case "concat":
                return self.sum_of((receiver, *call.arguments), self.span(node), depth)
            case "toString" | "trim" | "filter" | "slice" if len(call.arguments) < 2:
                value = self.value(receiver, depth)
                literally = call.method != "slice" or not call.arguments
                return value if literally else None
            case "split":
                text = self.string(receiver, depth)
                return Text(text.passage, text.span, Form.SPLIT, text.hops)
            case "join" if len(call.arguments) == 1:
                separator = self.string(call.arguments[0], depth).literal
                value = self.value(receiver, depth)
                if separator is None or not isinstance(value, Items):
                    return None
                texts = [each for each in value.elements if isinstance(each, Text)]
                return self.joined(texts, self.span(node), separator) if texts else None
        return None

    def binding(self, node: Node, parent: Node) -> Binding | None:  # noqa: C901, PLR0911, PLR0912 -- one for each form
        match parent.type:
            case "variable_declarator" | "public_field_definition" | "field_definition":
                value = parent.child_by_field_name("value")
                name = parent.child_by_field_name("name") or parent.child_by_field_name("property")
                if name != node:
                    return None
                if value is not None:
                    return Binding(Change.SET, node, (value,))
                # `let cmd;` says nothing yet, unless a loop gives the values.
                return None
            case "assignment_expression":
                right = parent.child_by_field_name("right")
                if parent.child_by_field_name("left") != node or right is None:
                    return None
                return Binding(Change.SET, node, (right,))
            case "augmented_assignment_expression":
                right = parent.child_by_field_name("right")
                if parent.child_by_field_name("left") != node or right is None:
                    return None
                return Binding(Change.ADD, node, (right,))
            case "member_expression":
                call = self.call(parent.parent) if parent.parent is not None else None
                if call is not None and call.method == "push" and call.arguments:
                    return Binding(Change.APPEND, node, call.arguments)
            case "for_in_statement":
                if parent.child_by_field_name("left") == node:
                    return Binding(Change.OPAQUE, node)
            case "arrow_function" | "update_expression" | "shorthand_property_identifier_pattern":
                return Binding(Change.OPAQUE, node)
            case kind if kind in _PARAMETERS:
                return Binding(Change.OPAQUE, node)
        return None

    def target(self, node: Node) -> Node | None:
        if node.type in _FIELDS:
            return _field(node)[0]
        found = None
        if node.type == "variable_declarator":
            found = node.child_by_field_name("name")
        elif node.type in {"assignment_expression", "augmented_assignment_expression"}:
            found = node.child_by_field_name("left")
        elif node.type == "call_expression":
            function = node.child_by_field_name("function")
            if function is not None and self.text(function).endswith(".push"):
                found = function.child_by_field_name("object")
        return found if found is not None and found.type in self.names_of else None

    def call(self, node: Node) -> Call | None:
        if node.type not in {"call_expression", "new_expression"}:
            return None
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        held = node.child_by_field_name("arguments")
        if function is None or held is None or function.end_byte - function.start_byte > 2000:
            return None
        name = re.sub(r"\s+|\?", "", self.text(function))
        if held.type == "template_string":
            return Call(node, name, (held,), self.span(held))
        arguments = tuple(each for each in held.named_children if each.type != "comment")
        keywords = self.fields(arguments[-1]) if arguments else {}
        return Call(node, name, arguments, self.span(held), keywords)

    def fields(self, node: Node) -> Mapping[str, Node]:
        if node.type != "object":
            return {}
        found = {}
        for pair in node.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None and value is not None:
                found[self.text(key).strip("\"'")] = value
        return found

    def silent(self, node: Node, parent: Node) -> bool:
        if parent.type == "throw_statement":
            return True
        if parent.type == "binary_expression":
            operator = parent.child_by_field_name("operator")
            return operator is not None and operator.type in {"==", "===", "!=", "!=="}
        return parent.type == "expression_statement" and node.type == "string"

    def starts(self, call: Call) -> Start | None:  # noqa: C901, PLR0911 -- one for each form
        if not call.arguments:
            return None
        if call.arguments[0].type == "template_string" and len(call.arguments) == 1:
            tag = call.node.child_by_field_name("arguments")
            if tag == call.arguments[0]:
                name = re.sub(r"\(.*", "", call.name, flags=re.DOTALL)
                return Start(call.arguments, line=True) if name in _TAGS else None
        shell = self._flag(call, "shell")
        bounded = "timeout" in call.keywords
        user = self.string(call.keywords["uid"], 0).literal or "" if "uid" in call.keywords else ""
        if call.name in _FIRST_LIST:
            words = call.arguments[:1]
            if "cmd" in call.keywords and words[0].type == "object":
                words = (call.keywords["cmd"],)
            return Start(words)
        if call.name == "Deno.Command":
            extra = (call.keywords["args"],) if "args" in call.keywords else ()
            return Start((call.arguments[0], *extra))
        if call.method in _VECTORS:
            words = tuple(each for each in call.arguments[:2] if self._is_words(each))
            head = call.arguments[0].child_by_field_name("object")
            if head is not None and self.text(call.arguments[0]) == f"{self.text(head)}[0]":
                words = (head,)
            one_line = len(words) == 1 and (shell or call.method == "execa")
            return Start(words, line=one_line, user=user, bounded=bounded)
        if call.method == "withCommand":
            image = self._image_before(call)
            return None if image is None else Start((image, call.arguments[0]), container=True)
        if call.method in _LINES and call.arguments[0].type != "regex":
            if call.method == "exec" and self._is_list(call.arguments[1:2]):
                return Start(call.arguments[:2])
            return Start(call.arguments[:1], line=True, user=user, bounded=bounded)
        return None

    def _image_before(self, call: Call) -> Node | None:
        """Return the image of ``new GenericContainer("IMAGE")``, on which a method is called."""
        node: Node | None = call.node
        for _ in range(_LONGEST_CHAIN):
            if node is None or node.type == "new_expression":
                break
            inner = node.child_by_field_name("function") or node.child_by_field_name("object")
            node = inner
        made = self.call(node) if node is not None else None
        is_container = made is not None and made.name.endswith("Container")
        return made.arguments[0] if made is not None and is_container and made.arguments else None

    def _flag(self, call: Call, name: str) -> bool:
        return name in call.keywords and self.text(call.keywords[name]) != "false"

    def _is_list(self, nodes: tuple[Node, ...]) -> bool:
        return bool(nodes) and isinstance(self.value(nodes[0]), Items)

    def _is_words(self, node: Node) -> bool:
        """Whether an argument may be the program or its words, not options or a callback."""
        return node.type not in {"object", "arrow_function", "function_expression"}


def _field(node: Node) -> tuple[Node | None, Node | None]:
    """Return the name and the value of a field of a class."""
    if node.type not in _FIELDS:
        return None, None
    name = node.child_by_field_name("name") or node.child_by_field_name("property")
    return name, node.child_by_field_name("value")


class _TypeScript(_JavaScript):
    grammar = "typescript"


class _Tsx(_JavaScript):
    grammar = "tsx"
