"""Python: subprocess, os, asyncio and the libraries around them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from catflap.audit.code.code import Call, Code
from catflap.audit.code.finder import find
from catflap.audit.code.formats import braces, percent
from catflap.audit.code.literals import dedented, unescape
from catflap.audit.code.names import Binding, Change, Shape
from catflap.audit.code.python_calls import start_of
from catflap.audit.code.values import Form, Items, Text, Value, flatten, hole
from catflap.audit.grammar import operands
from catflap.audit.unwrap.layers import HELD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from catflap.audit.code.code import Start
    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands that a Python program starts."""
    return find(_Python(passage), surroundings, path)


_MARKS = {
    "escape_sequence": lambda written: unescape(written, keeps=True),
    "escape_interpolation": lambda written: written[:1],
}
_HOLES = frozenset({"interpolation"})
_SAME = frozenset(
    {
        "str",
        "int",
        "os.fspath",
        "os.path.expanduser",
        "shlex.quote",
        "quote",
        "Path",
        "pathlib.Path",
        "pipes.quote",
    }
)
_SELVES = ("self", "cls")
_DEFAULTS = frozenset({"os.getenv", "os.environ.get", "getenv", "environ.get"})
_PARAMETERS = frozenset(
    {
        "parameters",
        "lambda_parameters",
        "default_parameter",
        "typed_parameter",
        "typed_default_parameter",
        "list_splat_pattern",
        "dictionary_splat_pattern",
    }
)


class _Python(Code):
    grammar = "python"
    shape = Shape(
        scopes=frozenset({"function_definition", "class_definition", "lambda"}),
        blocks=frozenset({"module", "block"}),
        choices=frozenset({"if_statement", "match_statement", "try_statement"}),
        loops=frozenset({"for_statement", "while_statement"}),
    )
    names_of = frozenset({"identifier", "attribute"})
    _compared: ClassVar = frozenset({"comparison_operator", "assert_statement", "raise_statement"})

    def evaluate(self, node: Node, depth: int) -> Value | None:  # noqa: C901, PLR0911, PLR0912 -- one for each form
        match node.type:
            case "string":
                return self._string(node, depth)
            case "concatenated_string":
                return self.sum_of(node.named_children, self.span(node), depth)
            case "parenthesized_expression" | "await":
                inner = [each for each in node.named_children if each.type != "comment"]
                return self.value(inner[0], depth) if len(inner) == 1 else None
            case "list" | "tuple" | "expression_list":
                return Items(
                    tuple(
                        self.value(each, depth)
                        for each in node.named_children
                        if each.type != "comment"
                    ),
                    self.span(node),
                )
            case "list_splat":
                return self.spread(node, node.named_children[0], depth)
            case "integer":
                return Text(self.tree.part(node), self.span(node))
            case "identifier":
                return self.follow(node, depth)
            case "attribute":
                found = self.follow(node, depth)
                return found if found is not None else self._of_class(node, depth)
            case "conditional_expression":
                parts = [each for each in node.named_children if each.type != "comment"]
                return self.one_of((parts[0], parts[-1]), depth) if len(parts) == 3 else None
            case "subscript":
                return self._element(node, depth)
            case "binary_operator":
                return self._operator(node, depth)
            case "call":
                return self._result(node, depth)
            case "boolean_operator":
                return self._fallback(node, depth)
        return None

    def _string(self, node: Node, depth: int) -> Text:
        return self.literal(node, _MARKS, _HOLES, depth)

    def _operator(self, node: Node, depth: int) -> Value | None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            return None
        if operator.type == "+":
            return self.sum_of(operands(node, "binary_operator"), self.span(node), depth)
        if operator.type == "/":
            # pathlib: what comes last names the program.
            parts = [self.string(left, depth), self.string(right, depth)]
            return self.joined(parts, self.span(node), "/")
        if operator.type == "%":
            found = self._formatted(left, right, depth)
            return replace(found, span=self.span(node)) if found is not None else None
        return None

    def _formatted(self, left: Node, right: Node, depth: int) -> Text | None:
        text = self.value(left, depth)
        if not isinstance(text, Text):
            return None
        if right.type == "dictionary":
            named = {name: self.value(each, depth) for name, each in self.fields(right).items()}
            return percent(text, (), named)
        value = self.value(right, depth)
        return percent(text, value.elements if isinstance(value, Items) else (value,))

    def _element(self, node: Node, depth: int) -> Value | None:
        held, index = node.child_by_field_name("value"), node.child_by_field_name("subscript")
        if held is not None and index is not None and index.type == "slice":
            return self._rest(held, self.text(index), depth)
        if held is None or index is None or not self.text(index).isdigit():
            return None
        value, at = self.value(held, depth), int(self.text(index)[:6])
        if not isinstance(value, Items):
            return None
        words = flatten([value])
        return words[at] if at < len(words) else None

    def _rest(self, held: Node, index: str, depth: int) -> Value | None:
        """Return a list from some element on: ``words[1:]``."""
        value, start = self.value(held, depth), index.removesuffix(":")
        if not isinstance(value, Items) or start == index or not start.isdigit():
            return None
        return Items(tuple(flatten([value])[int(start[:6]) :]), value.span)

    def _of_class(self, node: Node, depth: int) -> Value | None:
        """Return what the body of a class assigns to ``self.NAME`` or ``Class.NAME``."""
        held, attribute = node.child_by_field_name("object"), node.child_by_field_name("attribute")
        if held is None or attribute is None or held.type != "identifier":
            return None
        owner = self.text(held)
        if owner in _SELVES:
            around = self.names.line(node)
            holder = next((each for each in around if each.type == "class_definition"), None)
        else:
            holder = next((each for each in self._classes() if self._name(each) == owner), None)
        body = holder.child_by_field_name("body") if holder is not None else None
        if body is None:
            return None
        name = self.text(attribute)
        given = [value for target, value in _assigned_in(body) if self.text(target) == name]
        if len(given) != 1:
            return self.one_of(given, depth) if given else None
        value = self.value(given[0], depth)
        return value.used_at(self.span(node)) if isinstance(value, Text) else value

    def _classes(self) -> list[Node]:
        children = self.tree.root.named_children[:2000]
        return [each for each in children if each.type == "class_definition"]

    def _name(self, definition: Node) -> str:
        name = definition.child_by_field_name("name")
        return self.text(name) if name is not None else ""

    def also_named(self, target: Node) -> tuple[str, ...]:
        around = self.names.line(target)
        holder = next((each for each in around[1:] if each.type in self.shape.scopes), None)
        if holder is None or holder.type != "class_definition":
            return ()
        name = self.text(target)
        return tuple(f"{owner}.{name}" for owner in (*_SELVES, self._name(holder)))

    def _fallback(self, node: Node, depth: int) -> Value | None:
        right = node.child_by_field_name("right")
        left = node.child_by_field_name("left")
        if right is None or left is None or not self.text(left).startswith("os."):
            return None
        return self.value(right, depth)

    def _result(self, node: Node, depth: int) -> Value | None:  # noqa: PLR0911 -- one for each form
        """Return what a call gives, of the few that only change the form of a string."""
        call = self.call(node)
        if call is None:
            return None
        arguments = call.arguments
        if call.name in _SAME and len(arguments) == 1:
            return self.value(arguments[0], depth)
        if call.name in {"list", "tuple"} and len(arguments) == 1:
            return self.value(arguments[0], depth)
        if call.name in _DEFAULTS and len(arguments) == 2:
            return self.value(arguments[1], depth)
        if call.method == "split" and call.name in {"shlex.split", "split"} and arguments:
            return self._splitting(arguments[0], depth)
        if call.method in {"dedent", "cleandoc"} and len(arguments) == 1:
            text = self.string(arguments[0], depth)
            return Text(dedented(text.passage), text.span, hops=text.hops)
        return self._method(node, call, depth)

    def _filling(self, node: Node, depth: int) -> Value:
        """Return what a place of a format gets; of an unknown value a relay's name is kept."""
        value = self.value(node, depth)
        known = not isinstance(value, Text) or value.literal is not None
        if known or node.type != "identifier" or HELD.fullmatch(self.text(node)) is None:
            return value
        return hole(self.tree.part(node), self.span(node))

    def _method(self, node: Node, call: Call, depth: int) -> Value | None:
        function = node.child_by_field_name("function")
        receiver = function.child_by_field_name("object") if function is not None else None
        if receiver is None:
            return None
        match call.method:
            case "format":
                text = self.string(receiver, depth)
                named = {name: self.value(each, depth) for name, each in call.keywords.items()}
                values = [self._filling(each, depth) for each in call.arguments]
                return replace(braces(text, values, named), span=self.span(node))
            case "join" if len(call.arguments) == 1:
                return self._join(receiver, call.arguments[0], node, depth)
            case "split" if not call.arguments:
                return self._splitting(receiver, depth)
            case "encode" | "strip" | "rstrip" | "lstrip" | "copy" | "decode" if (
                not call.arguments or call.method in {"encode", "decode"}
            ):
                return self.value(receiver, depth)
        return None

    def _join(self, receiver: Node, argument: Node, node: Node, depth: int) -> Value | None:
        separator = self.string(receiver, depth).literal
        value = self.value(argument, depth)
        if separator is None or not isinstance(value, Items):
            return None
        texts = [each for each in value.elements if isinstance(each, Text)]
        return self.joined(texts, self.span(node), separator) if texts else None

    def _splitting(self, node: Node, depth: int) -> Text:
        text = self.string(node, depth)
        return Text(text.passage, text.span, Form.SPLIT, text.hops)

    def binding(self, node: Node, parent: Node) -> Binding | None:  # noqa: PLR0911 -- one for each form
        match parent.type:
            case "assignment" | "named_expression":
                left = parent.child_by_field_name("left") or parent.child_by_field_name("name")
                right = parent.child_by_field_name("right") or parent.child_by_field_name("value")
                if left == node:
                    return Binding(Change.SET, node, (right,)) if right is not None else None
                return None
            case "augmented_assignment":
                right = parent.child_by_field_name("right")
                if parent.child_by_field_name("left") != node or right is None:
                    return None
                added = self.text(parent.child_by_field_name("operator") or node) == "+="
                return Binding(Change.ADD if added else Change.OPAQUE, node, (right,))
            case "attribute":
                return self._extension(node, parent)
            case "for_statement" | "for_in_clause":
                return Binding(Change.OPAQUE, node) if _is(parent, "left", node) else None
            case "pattern_list" | "tuple_pattern" | "as_pattern_target" | "global_statement":
                return Binding(Change.OPAQUE, node)
            case kind if kind in _PARAMETERS:
                if _is(parent, "value", node) or _is(parent, "type", node):
                    return None
                return Binding(Change.OPAQUE, node)
        return None

    def _extension(self, node: Node, attribute: Node) -> Binding | None:
        call = self.call(attribute.parent) if attribute.parent is not None else None
        if call is None or not _is(attribute, "object", node) or not call.arguments:
            return None
        if call.method == "append":
            return Binding(Change.APPEND, node, call.arguments[:1])
        if call.method == "extend":
            return Binding(Change.ADD, node, call.arguments[:1])
        return None

    def target(self, node: Node) -> Node | None:
        if node.type in {"assignment", "augmented_assignment"}:
            left = node.child_by_field_name("left")
            return left if left is not None and left.type in self.names_of else None
        if node.type == "call":
            function = node.child_by_field_name("function")
            if function is not None and self.text(function).endswith((".append", ".extend")):
                return function.child_by_field_name("object")
        return None

    def call(self, node: Node) -> Call | None:
        if node.type != "call":
            return None
        function = node.child_by_field_name("function")
        held = node.child_by_field_name("arguments")
        if function is None or held is None or function.end_byte - function.start_byte > 2000:
            return None
        arguments = []
        keywords = {}
        for each in held.named_children:
            name = each.child_by_field_name("name")
            value = each.child_by_field_name("value")
            if each.type == "keyword_argument" and name is not None and value is not None:
                keywords[self.text(name)] = value
            elif each.type != "comment":
                arguments.append(each)
        name_text = re.sub(r"\s+", "", self.text(function))
        return Call(node, name_text, tuple(arguments), self.span(held), keywords)

    def fields(self, node: Node) -> Mapping[str, Node]:
        if node.type == "call":
            call = self.call(node)
            return call.keywords if call is not None else {}
        if node.type != "dictionary":
            return {}
        found = {}
        for pair in node.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None and value is not None and key.type == "string":
                found[self.string(key, 0).passage.text] = value
        return found

    def silent(self, node: Node, parent: Node) -> bool:
        if parent.type in self._compared:
            return True
        return parent.type == "expression_statement" and node.type in {
            "string",
            "concatenated_string",
        }

    def starts(self, call: Call) -> Start | None:
        return start_of(self, call)


def _assigned_in(body: Node) -> Iterator[tuple[Node, Node]]:
    """Give what the statements of a block assign, targets with their values."""
    for statement in body.named_children[:400]:
        for each in statement.named_children if statement.type == "expression_statement" else ():
            left, right = each.child_by_field_name("left"), each.child_by_field_name("right")
            if each.type == "assignment" and left is not None and right is not None:
                yield left, right


def _is(parent: Node, field: str, node: Node) -> bool:
    return parent.child_by_field_name(field) == node
