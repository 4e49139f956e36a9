"""Code of Markdown: fenced and indented blocks, and whole commands between backticks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catflap.audit import grammar
from catflap.audit.command import Reading
from catflap.audit.text.backticks import code_spans
from catflap.audit.text.documents import gathered, read_block, read_inline
from catflap.audit.text.lines import glue, mentions
from catflap.audit.text.loose import lines_of_commands
from catflap.audit.text.marked_code import highlighted, tagged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from catflap.audit.command import Command
    from catflap.audit.grammar import Tree
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("read",)

_QUERY = (
    "[(fenced_code_block) (indented_code_block) (inline) (pipe_table_cell) (html_block)] @block"
)


def read(passage: Passage, surroundings: Surroundings, path: str) -> Reading:
    """Return the commands that a document shows; prose and comments of HTML are none."""
    if not mentions(passage.text):
        return gathered(())
    around = replace(surroundings, document=True)
    tree = grammar.parse("markdown", passage)
    code = gathered(_readings(tree, around, path))
    starts = {command.span.start for command in code.commands}
    prose = [each for each in _prose(tree, around, path) if each.span.start not in starts]
    return gathered([code, Reading(tuple(prose))])


def _prose(tree: Tree, surroundings: Surroundings, path: str) -> Iterator[Command]:
    """Give the commands that are lines of running text, where somebody forgot the fence."""
    for node in grammar.captures("markdown", "[(inline) (pipe_table_cell)] @text", tree.root).get(
        "text", []
    ):
        if mentions(tree.text(node)):
            yield from lines_of_commands(_content(tree, node), surroundings, path)


def _readings(tree: Tree, surroundings: Surroundings, path: str) -> Iterator[Reading]:
    from tree_sitter import QueryCursor

    found = QueryCursor(grammar.query("markdown", _QUERY)).captures(tree.root)
    for node in found.get("block", []):
        if not mentions(tree.text(node)):
            continue
        for code, language in _blocks(tree, node):
            yield read_block(code, language, surroundings, path)
        if node.type in {"inline", "pipe_table_cell"}:
            for code in _spans(_content(tree, node)):
                yield read_inline(code, surroundings, path)
    for language, code in highlighted(tree.passage):
        yield read_block(code, language, surroundings, path)


def _blocks(tree: Tree, node: Node) -> Iterator[tuple[Passage, str]]:
    """Give the code of a block and what the document says it is."""
    if node.type == "fenced_code_block":
        info = next((tree.text(n) for n in node.children if n.type == "info_string"), "")
        for child in node.children:
            if child.type == "code_fence_content":
                yield _content(tree, child), info
    elif node.type == "indented_code_block":
        yield _content(tree, node), ""
    elif node.type == "html_block":
        for code in tagged(_content(tree, node), "pre"):
            yield code, ""


def _spans(sentence: Passage) -> Iterator[Passage]:
    """Give the stretches of code within a sentence."""
    for start, end in code_spans(sentence.text):
        if mentions(sentence.text[start:end]):
            yield sentence.part(start, end)
    yield from tagged(sentence, "code")


def _content(tree: Tree, node: Node) -> Passage:
    """Return a block without what its list or quotation puts before each line."""
    parts: list[Passage] = []
    start, end = tree.start(node), tree.end(node)
    for child in node.children:
        if child.type == "block_continuation":
            parts.append(tree.passage.part(start, max(start, tree.start(child))))
            start = tree.end(child)
    parts.append(tree.passage.part(start, max(start, end)))
    return glue(parts)
