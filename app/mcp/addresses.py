"""Addresses of documents and pages as resources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

_DOCUMENTS = "acervo://documents"
PAGE_TEMPLATE = f"{_DOCUMENTS}/{{document_id}}/pages/{{page}}"
PART_TEMPLATE = f"{_DOCUMENTS}/{{document_id}}/parts/{{part}}"
PICTURE_TEMPLATE = f"{_DOCUMENTS}/{{document_id}}/pages/{{page}}.png"

_ADDRESS = re.compile(
    rf"{_DOCUMENTS}/(?P<document>[^/?#]{{1,600}})"
    r"(?:/pages/(?P<page>[1-9]\d{0,6})(?P<picture>\.png)?|/parts/(?P<part>[1-9]\d{0,6}))?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Of a document; of one of its pages, or a picture of that; of a part, where it has no pages."""

    document: str
    page: int | None = None
    part: int | None = None
    picture: bool = False

    def __str__(self) -> str:
        document = f"{_DOCUMENTS}/{quote(self.document, safe='')}"
        if self.page is not None:
            return f"{document}/pages/{self.page}{'.png' if self.picture else ''}"
        return f"{document}/parts/{self.part}" if self.part is not None else document


def parse(uri: str) -> Address | None:
    """None where it is no address of ours."""
    found = _ADDRESS.fullmatch(uri)
    if found is None:
        return None
    return Address(
        document=unquote(found["document"]),
        page=int(found["page"]) if found["page"] else None,
        part=int(found["part"]) if found["part"] else None,
        picture=bool(found["picture"]),
    )
