"""What pymupdf4llm's layout makes of a whole PDF: its Markdown, and the chunks that it cuts itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from database.load.assemble import Piece


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentLayout:
    """`markdown` is that of each page, from the first. A chunk that goes on over pages is its first one's."""

    markdown: tuple[str, ...]
    chunks: tuple[Piece, ...]


def lay_out(path: Path) -> DocumentLayout:
    """Some hundred milliseconds a page, once for both. Raises whatever the parser does: call it where an
    untrusted document can't do harm.
    """
    import pymupdf
    from pymupdf4llm.helpers.document_layout import parse_document

    with pymupdf.open(path, filetype="pdf") as document:
        parsed = parse_document(document, force_text=True, use_ocr=False)
    pages = parsed.to_markdown(page_chunks=True)
    return DocumentLayout(
        markdown=tuple(page["text"] for page in pages),
        chunks=tuple(
            Piece(
                page=chunk.metadata.page_start,
                section=tuple(chunk.metadata.section_path),
                text=chunk.text,
                markdown=chunk.text,
                boxes=(),
            )
            for chunk in parsed.to_chunks()
            if chunk.text.strip()
        ),
    )
