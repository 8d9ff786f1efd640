"""A model's Markdown as HTML that can do nothing: only elements that are named here are made.

Links, pictures and HTML stay the text that they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from database.report.markup import Html, element, join, text

_NOT_READ = ["link", "image", "autolink", "html_inline", "html_block", "reference"]

_parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(_NOT_READ)

_ELEMENTS = {
    "paragraph": "p",
    "strong": "strong",
    "em": "em",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "blockquote": "blockquote",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
    "th": "th",
    "td": "td",
}


def rendered(markdown: str) -> Html:
    """Anybody's Markdown, harmless."""
    return _children(SyntaxTreeNode(_parser.parse(markdown)))


def _node(node: SyntaxTreeNode) -> Html:
    if tag := _ELEMENTS.get(node.type):
        return element(tag, _children(node))
    if make := _MADE.get(node.type):
        return make(node)
    return _children(node) if node.children else text(node.content)


def _children(node: SyntaxTreeNode) -> Html:
    return join(map(_node, node.children))


def _code(node: SyntaxTreeNode) -> Html:
    lines = node.content.rstrip("\n").expandtabs().split("\n")
    return element("pre", element("code", join(map(text, lines), "\n")))


_MADE: Mapping[str, Callable[[SyntaxTreeNode], Html]] = {
    "heading": lambda node: element("h4", _children(node)),
    "code_inline": lambda node: element("code", text(node.content)),
    "code_block": _code,
    "fence": _code,
    "hr": lambda _: element("p", text("———")),
    "softbreak": lambda _: Html("\n"),
    "hardbreak": lambda _: element("br"),
}
