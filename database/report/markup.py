"""HTML that can't be forgotten to be escaped: text becomes Html here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NewType

from database.visible import visible, visible_name

# Only what this module makes, or what this package has written down. The type checker tells the rest apart.
Html = NewType("Html", str)

NOTHING = Html("")

_VOID = frozenset({"meta", "br"})


def text(value: str) -> Html:
    """Anybody's text, as they wrote it, and harmless."""
    return Html(escape(visible(value)))


def name(value: str) -> Html:
    """A stranger's text, whose direction of writing doesn't reach what stands beside it."""
    return element("bdi", text(visible_name(value)))


def sentence(value: str) -> Html:
    """One of ours; what is between backticks in it is to be typed."""
    return join(
        element("code", text(part)) if n % 2 else text(part) for n, part in enumerate(value.split("`"))
    )


def element(tag: str, *children: Html, **attributes: str | int | float | None) -> Html:
    """`class_` is the attribute class, `aria_label` aria-label; those that are None are left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(visible(str(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{''.join(children)}</{tag}>")


def join(parts: Iterable[Html], between: str = "") -> Html:
    return Html(escape(between).join(parts))
