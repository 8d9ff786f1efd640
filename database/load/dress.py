"""Gives passages the Markdown of their page's layout.

What is searched is cut from the page's plain lines; what the layout sees are regions. A region belongs to the
passage whose lines stand in it. One that is cut between passages gives each its own lines, but for a table: a
part of one says little without its heading, so each part is shown all of it. No line gets lost: those that no
region holds are kept as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from database.load.converters.base import Line, Page, Region
from database.load.split import Passage

_SLACK = 2.0  # points by which a line may stand out of its region
_WHOLE_TABLE_CHARACTERS = 6_000  # a longer table is shown as the rows that the passage holds


def dress(passages: Sequence[Passage], regions: Sequence[Region]) -> list[str]:
    """The Markdown of one page's passages, in their order."""
    regions_of = [
        [[_region_of(line, regions) for line in part.lines] for part in passage.parts] for passage in passages
    ]
    holders: dict[int, set[int]] = {}
    for index, of_parts in enumerate(regions_of):
        for region in {region for of_part in of_parts for region in of_part if region is not None}:
            holders.setdefault(region, set()).add(index)
    shared = {region for region, of in holders.items() if len(of) > 1}
    return [
        _markdown(passage, of_parts, regions, shared)
        for passage, of_parts in zip(passages, regions_of, strict=True)
    ]


def markdown_of(page: Page, passages: Sequence[Passage]) -> list[str]:
    """The Markdown of the page's passages as far as it is known."""
    if not page.regions:
        return [passage.markdown for passage in passages]
    return dress(passages, page.regions)


def _markdown(
    passage: Passage,
    regions_of: Sequence[Sequence[int | None]],
    regions: Sequence[Region],
    shared: set[int],
) -> str:
    pieces: list[str] = []
    shown: set[int] = set()
    for part, of_part in zip(passage.parts, regions_of, strict=True):
        whole = {region for region in of_part if region is not None and _is_whole(region, regions, shared)}
        if not whole:
            pieces.append(part.markdown)
            continue
        loose: list[Line] = []
        for line, region in zip(part.lines, of_part, strict=True):
            if region not in whole:
                loose.append(line)
                continue
            if region in shown:
                continue
            pieces += _joined(loose)
            loose = []
            shown.add(region)
            pieces.append(_shown(regions[region], passage.text))
        pieces += _joined(loose)
    return "\n\n".join(piece for piece in pieces if piece)


def _is_whole(region: int, regions: Sequence[Region], shared: set[int]) -> bool:
    """Whether the passage is shown all of the region."""
    return region not in shared or regions[region].kind == "table"


def _shown(region: Region, text: str) -> str:
    """A table that is too long: its head, and the rows of which the passage holds a cell."""
    if region.kind != "table" or len(region.markdown) <= _WHOLE_TABLE_CHARACTERS:
        return region.markdown
    head, rows = _rows(region.markdown)
    return "\n".join([*head, *(row for row in rows if _longest_cell(row) in text)])


def _rows(markdown: str) -> tuple[list[str], list[str]]:
    """The row of headings with the rule below it, and the others."""
    lines = markdown.splitlines()
    rule = next((n for n, line in enumerate(lines) if set(line) <= set("|-: ") and "-" in line), -1)
    return lines[: rule + 1], lines[rule + 1 :]


def _longest_cell(row: str) -> str:
    return max((cell.strip() for cell in row.split("|")), key=len, default="")


def _joined(lines: Sequence[Line]) -> list[str]:
    return [" ".join(line.text for line in lines)] if lines else []


def _region_of(line: Line, regions: Sequence[Region]) -> int | None:
    """The smallest region that holds the line's middle."""
    if line.box is None:
        return None
    x, y = (line.box.x0 + line.box.x1) / 2, (line.box.y0 + line.box.y1) / 2
    best, best_area = None, float("inf")
    for index, region in enumerate(regions):
        box = region.box
        if box.x0 - _SLACK <= x <= box.x1 + _SLACK and box.y0 - _SLACK <= y <= box.y1 + _SLACK:
            area = (box.x1 - box.x0) * (box.y1 - box.y0)
            if area < best_area:
                best, best_area = index, area
    return best
