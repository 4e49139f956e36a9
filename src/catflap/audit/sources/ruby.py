"""Ruby and Vagrantfiles: backticks, system, spawn, Open3, shell provisioners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catflap.audit.code.code import Call, Code, Start
from catflap.audit.code.finder import find
from catflap.audit.code.literals import dedented, unescape
from catflap.audit.code.names import Binding, Change, Shape
from catflap.audit.code.values import Form, Items, Text, Value
from catflap.audit.grammar import captures, operands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands that a Ruby program or a Vagrantfile starts."""
    return find(_Ruby(passage), surroundings, path)


def _unescape(written: str) -> str:
    return unescape(written, ruby=True)


_MARKS = {"escape_sequence": _unescape}
_HOLES = frozenset({"interpolation"})
_STARTS = frozenset(
    {
        "system",
        "exec",
        "spawn",
        "popen",
        "popen2",
        "popen2e",
        "popen3",
        "capture2",
        "capture2e",
        "capture3",
        "pipeline",
        "sh",
        "system!",
        "shell_out",
        "shell_out!",
        "safe_system",
        "quiet_system",
    }
)
_REMOTE = frozenset({"exec!", "execute", "ssh_exec", "on"})
_HEREDOCS = "(heredoc_beginning) @start (heredoc_body) @body"
_SAME = frozenset({"to_s", "to_i", "freeze", "strip", "chomp", "shellescape", "squish", "dup"})


class _Ruby(Code):
    grammar = "ruby"
    shape = Shape(
        scopes=frozenset({"method", "singleton_method", "class", "module"}),
        blocks=frozenset(
            {"program", "body_statement", "then", "else", "do", "block_body", "begin"}
        ),
        choices=frozenset({"if", "unless", "case", "elsif"}),
        loops=frozenset({"while", "until", "for"}),
    )
    names_of = frozenset(
        {"identifier", "constant", "instance_variable", "global_variable", "class_variable"}
    )

    def __init__(self, passage: Passage) -> None:
        super().__init__(passage)
        self._bodies: dict[int, Node] | None = None
        self._starts: dict[int, Node] = {}

    def evaluate(self, node: Node, depth: int) -> Value | None:  # noqa: C901, PLR0911 -- one for each form
        match node.type:
            case "string" | "bare_string" | "chained_string" | "simple_symbol":
                return self._string(node, depth)
            case "heredoc_beginning":
                return self._heredoc(node, depth)
            case "integer":
                return Text(self.tree.part(node), self.span(node))
            case "array" | "string_array":
                elements = [each for each in node.named_children if each.type != "comment"]
                return Items(tuple(self.value(each, depth) for each in elements), self.span(node))
            case "splat_argument":
                return self.spread(node, node.named_children[0], depth)
            case "parenthesized_statements":
                inner = node.named_children
                return self.value(inner[0], depth) if len(inner) == 1 else None
            case kind if kind in self.names_of:
                return self.follow(node, depth)
            case "binary":
                joined = operands(node, "binary")
                return self.sum_of(joined, self.span(node), depth) if len(joined) > 1 else None
            case "conditional":
                named = (node.child_by_field_name(each) for each in ("consequence", "alternative"))
                return self.one_of([each for each in named if each is not None], depth)
            case "call":
                return self._result(node, depth)
        return None

    def _string(self, node: Node, depth: int) -> Value | None:
        if node.type == "chained_string":
            return self.sum_of(node.named_children, self.span(node), depth)
        if node.type == "bare_string":
            inner = (self.tree.start(node), self.tree.end(node))
            return self.literal(node, _MARKS, _HOLES, depth, inner)
        if node.type == "simple_symbol":
            return None
        return self.literal(node, _MARKS, _HOLES, depth)

    def _heredoc(self, node: Node, depth: int) -> Value | None:
        body = self._body_of(node)
        if body is None or not body.children:
            return None
        start = self.tree.start(body)
        if self.passage.text[start : start + 1] == "\n":
            start += 1
        end = self.tree.start(body.children[-1])
        end = self.passage.text.rfind("\n", 0, end) + 1
        text = self.literal(body, _MARKS, _HOLES, depth, (min(start, end), end))
        squiggly = self.text(node).startswith("<<~")
        passage = dedented(text.passage) if squiggly else text.passage
        return Text(passage, self.passage.span(min(start, end), end), hops=text.hops)

    def _body_of(self, beginning: Node) -> Node | None:
        """Return the text of a heredoc, which stands after the statement that announces it."""
        return self._heredocs().get(beginning.id)

    def _heredocs(self) -> dict[int, Node]:
        if self._bodies is None:
            found = captures(self.grammar, _HEREDOCS, self.tree.root)
            starts, bodies = found.get("start", []), found.get("body", [])
            pairs = list(zip(starts, bodies, strict=False))
            self._bodies = {start.id: body for start, body in pairs}
            self._starts = {body.id: start for start, body in pairs}
        return self._bodies

    def announced(self, node: Node) -> Node | None:
        if node.type != "heredoc_body":
            return None
        self._heredocs()
        return self._starts.get(node.id)

    def _result(self, node: Node, depth: int) -> Value | None:
        receiver = node.child_by_field_name("receiver")
        call = self.call(node)
        if receiver is None or call is None:
            return None
        if call.method in _SAME:
            return self.value(receiver, depth)
        if call.method in {"split", "shellsplit"}:
            text = self.string(receiver, depth)
            return Text(text.passage, text.span, Form.SPLIT, text.hops)
        if call.method == "join" and len(call.arguments) == 1:
            value = self.value(receiver, depth)
            separator = self.string(call.arguments[0], depth).literal
            if isinstance(value, Items) and separator is not None:
                texts = [each for each in value.elements if isinstance(each, Text)]
                return self.joined(texts, self.span(node), separator) if texts else None
        return None

    def binding(self, node: Node, parent: Node) -> Binding | None:  # noqa: PLR0911 -- one for each form
        left, right = parent.child_by_field_name("left"), parent.child_by_field_name("right")
        match parent.type:
            case "assignment" if left == node and right is not None:
                return Binding(Change.SET, node, (right,))
            case "operator_assignment" if left == node and right is not None:
                operator = parent.child_by_field_name("operator")
                added = operator is not None and operator.type == "+="
                first = operator is not None and operator.type == "||="
                change = Change.ADD if added else Change.SET if first else Change.OPAQUE
                return Binding(change, node, (right,))
            case "binary" if left == node and right is not None:
                operator = parent.child_by_field_name("operator")
                if operator is not None and operator.type == "<<":
                    return Binding(Change.APPEND, node, (right,))
            case (
                "method_parameters"
                | "block_parameters"
                | "optional_parameter"
                | ("keyword_parameter" | "left_assignment_list" | "splat_parameter")
            ):
                return Binding(Change.OPAQUE, node)
            case "call":
                call = self.call(parent)
                if call is not None and parent.child_by_field_name("receiver") == node:
                    if call.method in {"push", "append"}:
                        return Binding(Change.APPEND, node, call.arguments)
                    if call.method == "concat":
                        return Binding(Change.ADD, node, call.arguments)
        return None

    def target(self, node: Node) -> Node | None:
        if node.type not in {"assignment", "operator_assignment"}:
            return None
        left = node.child_by_field_name("left")
        return left if left is not None and left.type in self.names_of else None

    def call(self, node: Node) -> Call | None:
        if node.type == "subshell":
            return Call(node, "`", (node,), self.span(node))
        if node.type != "call":
            return None
        method, held = node.child_by_field_name("method"), node.child_by_field_name("arguments")
        receiver = node.child_by_field_name("receiver")
        if method is None:
            return None
        name = self.text(method)
        if receiver is not None and receiver.end_byte - receiver.start_byte < 200:
            name = f"{self.text(receiver)}.{name}"
        children = held.named_children if held is not None else []
        keywords = {}
        arguments = []
        for each in children:
            key, value = each.child_by_field_name("key"), each.child_by_field_name("value")
            if each.type == "pair" and key is not None and value is not None:
                keywords[self.text(key).strip(":\"'")] = value
            elif each.type != "comment":
                arguments.append(each)
        return Call(node, name, tuple(arguments), self.span(held or node), keywords)

    def fields(self, node: Node) -> Mapping[str, Node]:
        if node.type != "hash":
            return {}
        found = {}
        for pair in node.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None and value is not None:
                found[self.text(key).strip(":\"'")] = value
        return found

    def silent(self, node: Node, parent: Node) -> bool:
        del node
        operator = parent.child_by_field_name("operator")
        return parent.type == "binary" and operator is not None and operator.type in {"==", "!="}

    def starts(self, call: Call) -> Start | None:
        if call.name == "`":
            text = self.literal(call.node, _MARKS, _HOLES, 1)
            return Start(call.arguments, text=text)
        if call.method == "provision" and "inline" in call.keywords:
            unprivileged = "privileged" in call.keywords and (
                self.text(call.keywords["privileged"]) == "false"
            )
            user = "vagrant" if unprivileged else "root"
            return Start((call.keywords["inline"],), line=True, user=user)
        if call.method in _REMOTE and call.arguments:
            return Start(call.arguments[-1:], line=True, elsewhere=True)
        if call.method == "run" and call.arguments and "cmd" in call.keywords:
            # Vagrant's provisioner: ``docker.run "alpine/socat", cmd: "..."``.
            return Start((call.arguments[0], call.keywords["cmd"]), container=True)
        if call.method not in _STARTS or not call.arguments:
            return None
        arguments = call.arguments
        if arguments[0].type == "hash":
            arguments = arguments[1:]
        if call.method == "popen":
            arguments = arguments[:1]
        return Start(arguments, line=True)
