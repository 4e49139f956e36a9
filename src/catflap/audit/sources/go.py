"""Go: os/exec, and containers of Kubernetes' API."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit.code.code import Call, Code, Start
from catflap.audit.code.finder import find
from catflap.audit.code.formats import percent
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


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands that a Go program starts."""
    return find(_Go(passage), surroundings, path)


_MARKS = {"escape_sequence": unescape}
_NO_HOLES: frozenset[str] = frozenset()
_SAME = frozenset({"strconv.Itoa", "string", "fmt.Sprint", "int", "strings.TrimSpace", "ptr.To"})
_PATHS = frozenset({"filepath.Join", "path.Join"})
_SPLITS = frozenset({"strings.Fields", "shlex.Split", "shellwords.Parse", "strings.Split"})
_VECTORS = {
    "exec.Command": 0,
    "exec.CommandContext": 1,
    "osexec.Command": 0,
    "execabs.Command": 0,
    "sh.Run": 0,
    "sh.RunV": 0,
    "sh.Output": 0,
    "goexec.Command": 0,
}
_ARGV = {"syscall.Exec": 0, "unix.Exec": 0, "os.StartProcess": 0, "syscall.ForkExec": 0}


class _Go(Code):
    grammar = "go"
    shape = Shape(
        scopes=frozenset({"function_declaration", "method_declaration", "func_literal"}),
        blocks=frozenset({"source_file", "block", "statement_list", "expression_case"}),
        choices=frozenset({"if_statement", "expression_switch_statement"}),
        loops=frozenset({"for_statement"}),
    )
    names_of = frozenset({"identifier", "selector_expression"})

    def evaluate(self, node: Node, depth: int) -> Value | None:  # noqa: PLR0911 -- one for each form
        match node.type:
            case "interpreted_string_literal" | "raw_string_literal":
                return self.literal(node, _MARKS, _NO_HOLES, depth)
            case "int_literal":
                return Text(self.tree.part(node), self.span(node))
            case "identifier" | "selector_expression":
                return self.follow(node, depth)
            case "expression_list" | "parenthesized_expression" | "literal_element":
                inner = node.named_children
                return self.value(inner[0], depth) if len(inner) == 1 else None
            case "composite_literal":
                return self._composite(node, depth)
            case "literal_value":
                return self._listed(node, depth)
            case "variadic_argument":
                return self.spread(node, node.named_children[0], depth)
            case "binary_expression":
                return self.sum_of(operands(node, "binary_expression"), self.span(node), depth)
            case "call_expression":
                return self._result(node, depth)
        return None

    def _composite(self, node: Node, depth: int) -> Value | None:
        kind, body = node.child_by_field_name("type"), node.child_by_field_name("body")
        if (
            kind is None
            or body is None
            or kind.type not in {"slice_type", "array_type", "implicit_length_array_type"}
        ):
            return None
        found = self._listed(body, depth)
        return Items(found.elements, self.span(node)) if found is not None else None

    def _listed(self, body: Node, depth: int) -> Items | None:
        elements = [each for each in body.named_children if each.type != "comment"]
        if any(each.type == "keyed_element" for each in elements):
            return None
        return Items(tuple(self.value(each, depth) for each in elements), self.span(body))

    def _result(self, node: Node, depth: int) -> Value | None:  # noqa: PLR0911 -- one for each form
        call = self.call(node)
        if call is None or not call.arguments:
            return None
        if call.method in {"Sprintf", "Appendf"}:
            text = self.string(call.arguments[0], depth)
            filled = percent(text, [self.value(each, depth) for each in call.arguments[1:]])
            return replace(filled, span=self.span(node))
        if call.name in _SAME and len(call.arguments) == 1:
            return self.value(call.arguments[0], depth)
        if call.name in _PATHS:
            parts = [self.string(each, depth) for each in call.arguments]
            return self.joined(parts, self.span(node), "/")
        if call.name in _SPLITS:
            text = self.string(call.arguments[0], depth)
            return Text(text.passage, text.span, Form.SPLIT, text.hops)
        if call.name == "append":
            return self._appended(node, call, depth)
        if call.name == "strings.Join" and len(call.arguments) == 2:
            value = self.value(call.arguments[0], depth)
            separator = self.string(call.arguments[1], depth).literal
            if isinstance(value, Items) and separator is not None and value.elements:
                texts = [each for each in value.elements if isinstance(each, Text)]
                return self.joined(texts, self.span(node), separator)
        return None

    def _appended(self, node: Node, call: Call, depth: int) -> Value:
        first = self.value(call.arguments[0], depth)
        if isinstance(first, Text):
            first = self.unknown(call.arguments[0], Form.MANY)
        more = [self.value(each, depth) for each in call.arguments[1:]]
        if first and isinstance(first, Items) and not first.elements:
            return Items(tuple(more), self.span(node))
        return Items((first, *more), self.span(node))

    def binding(self, node: Node, parent: Node) -> Binding | None:
        if parent.type == "expression_list":
            return self._among(node, parent)
        match parent.type:
            case "short_var_declaration" | "assignment_statement":
                return self._assigned_to(node, node, parent)
            case "const_spec" | "var_spec":
                value = parent.child_by_field_name("value")
                if node not in parent.children_by_field_name("name"):
                    return None
                return Binding(Change.SET, node, (value,)) if value is not None else None
            case (
                "parameter_declaration"
                | "variadic_parameter_declaration"
                | "range_clause"
                | ("inc_statement" | "dec_statement")
            ):
                return Binding(Change.OPAQUE, node)
        return None

    def _among(self, node: Node, listed: Node) -> Binding | None:
        statement = listed.parent
        if statement is None:
            return None
        if statement.type == "range_clause":
            return Binding(Change.OPAQUE, node)
        return self._assigned_to(node, listed, statement)

    def _assigned_to(self, node: Node, left: Node, statement: Node) -> Binding | None:
        right = statement.child_by_field_name("right")
        if statement.child_by_field_name("left") != left or right is None:
            return None
        values = [each for each in right.named_children if each.type != "comment"]
        names = left.named_children if left.type == "expression_list" else [node]
        if node == left and len(names) == 1:
            node = names[0]
        if node not in names or len(values) != len(names):
            return Binding(Change.OPAQUE, node)
        value = values[names.index(node)]
        operator = statement.child_by_field_name("operator")
        if operator is not None and operator.type == "+=":
            return Binding(Change.ADD, node, (value,))
        appended = self.call(value)
        if appended is None or appended.name != "append" or not appended.arguments:
            return Binding(Change.SET, node, (value,))
        if self.text(appended.arguments[0]) == self.text(node):
            return Binding(Change.APPEND, node, appended.arguments[1:])
        return Binding(Change.SET, node, (value,))

    def target(self, node: Node) -> Node | None:
        if node.type in {"short_var_declaration", "assignment_statement"}:
            left = node.child_by_field_name("left")
            names = left.named_children if left is not None else []
            return names[0] if names and names[0].type in self.names_of else None
        if node.type in {"const_spec", "var_spec"}:
            return node.child_by_field_name("name")
        return None

    def call(self, node: Node) -> Call | None:
        if node.type != "call_expression":
            return None
        function = node.child_by_field_name("function")
        held = node.child_by_field_name("arguments")
        if function is None or held is None or function.end_byte - function.start_byte > 2000:
            return None
        arguments = tuple(each for each in held.named_children if each.type != "comment")
        return Call(node, "".join(self.text(function).split()), arguments, self.span(held))

    def fields(self, node: Node) -> Mapping[str, Node]:
        body = node.child_by_field_name("body") if node.type == "composite_literal" else node
        if body is None or body.type != "literal_value":
            return {}
        found = {}
        for pair in body.named_children:
            if pair.type == "keyed_element" and len(pair.named_children) == 2:
                key, value = pair.named_children
                inner = value.named_children
                found[self.text(key).strip('"')] = inner[0] if len(inner) == 1 else value
        return found

    def silent(self, node: Node, parent: Node) -> bool:
        del node
        operator = parent.child_by_field_name("operator")
        compared = operator is not None and operator.type in {"==", "!="}
        return compared and parent.type == "binary_expression"

    def starts(self, call: Call) -> Start | None:  # noqa: PLR0911 -- one for each form
        if len(call.arguments) > 1 and call.method.startswith("Command"):
            whole = self._whole(call.arguments[-2], call.arguments[-1])
            if whole is not None:
                return Start((whole,))
        if call.name in _VECTORS:
            return Start(call.arguments[_VECTORS[call.name] :], bounded=False)
        if call.name in _ARGV:
            return Start(call.arguments[:2], named_twice=True)
        if call.method == "CommandContext":
            return Start(call.arguments[1:])
        if call.method == "Command" and call.name != "cobra.Command":
            return Start(call.arguments)
        if call.name.lower() in {
            "session.run",
            "session.start",
            "sess.run",
            "session.output",
            "session.combinedoutput",
            "sess.start",
        }:
            return Start(call.arguments[:1], line=True, elsewhere=True)
        return None

    def _whole(self, first: Node, others: Node) -> Node | None:
        """Return the slice that ``words[0], words[1:]...`` takes apart."""
        name = first.child_by_field_name("operand")
        if first.type != "index_expression" or name is None:
            return None
        written = self.text(name)
        same = self.text(first) == f"{written}[0]" and self.text(others) == f"{written}[1:]..."
        return name if same else None
