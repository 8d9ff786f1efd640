"""Where an answer stands: the lines below it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from database.visible import visible_name
from scripts.start.messages import Sentence
from scripts.terminal import messages
from scripts.terminal.answer import Answer, Source
from scripts.terminal.look import BOLD, CYAN, DIM, Look


def below(answer: Answer, look: Look, language: str, server: str) -> Iterator[str]:
    """The lines below an answer, as Markdown where nothing can be styled."""
    sources = answer.cited if answer.reason != "no_answer" else answer.sources
    if sources or answer.sources:
        heading = _heading(answer).say(language)
        yield look.style(heading, BOLD) if look.styled else f"**{heading}**"
        yield ""
    for source in sources or answer.sources:
        yield _line(source, look, language, server)
    if answer.missing:
        yield ""
        facts = ", ".join(map(visible_name, answer.missing))
        yield messages.MISSING.say(language, facts=facts)
    if answer.reason == "length":
        yield ""
        yield messages.CUT.say(language)


def address_of(source: Source, server: str) -> str:
    """The picture of its page with the passage marked, or the document itself where pages have none."""
    document = quote(str(source["document"]["id"]), safe="")
    path = str(source.get("image") or f"/documents/{document}/file")
    return f"{server}{quote(path, safe='/?&=%:;,+~.-_')}"


def _heading(answer: Answer) -> Sentence:
    if answer.reason == "no_answer":
        return messages.NEAREST
    return messages.SOURCES if answer.cited else messages.READ


def _line(source: Source, look: Look, language: str, server: str) -> str:
    number = look.style(f"[{source['n']}]", CYAN)
    name = visible_name(str(source["document"]["name"]))
    place = look.link(f"{name}{_pages(source, language)}", address_of(source, server))
    section = " › ".join(visible_name(str(part)) for part in source.get("section") or ())
    return f"- {number} {place}{look.style(f' · {section}', DIM) if section else ''}"


def _pages(source: Source, language: str) -> str:
    page, last = source.get("page"), source.get("last_page")
    if page is None:
        return ""
    if last in (None, page):
        return f", {messages.PAGE.say(language, page=page)}"
    return f", {messages.PAGES.say(language, page=page, last=last)}"
