"""What every converter must show. A converter's own tests inherit this and give its documents."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from database.errors import SourceError
from database.load.converters import converter_for
from database.load.converters.base import Converter, Page


def text_of(pages: list[Page]) -> str:
    return "\n".join(line.text for page in pages for block in page.blocks for line in block.lines)


class ConverterContract:
    """Inherited, with `converter`, `media_type`, and `write`, which makes a document of two sections."""

    converter: Converter
    media_type: str
    has_pages: bool
    has_boxes: bool  # whether it is known where on its page a line stands

    def write(self, folder: Path) -> Path:
        """A document titled "Regulamento", sections "Prazos" and "Multas", in that order."""
        raise NotImplementedError

    def test_it_is_the_one_that_is_chosen_for_its_type(self) -> None:
        """The registry knows it; other types are not accepted."""
        assert converter_for(self.media_type) == self.converter
        assert not self.converter.accepts("image/png")

    def test_it_travels_to_another_process(self) -> None:
        """Conversion runs in worker processes."""
        assert pickle.loads(pickle.dumps(self.converter)) == self.converter  # noqa: S301  (our own bytes)
        assert self.converter.name

    def test_all_text_comes_in_reading_order(self, tmp_path: Path) -> None:
        """Nothing is lost, nothing comes twice."""
        path = self.write(tmp_path)
        pages = self.converter.convert(path, range(self.converter.outline(path).pages or 1))
        text = text_of(pages)
        wanted = ["Prazos", "O prazo de entrega é de trinta dias.", "Multas", "A multa é de dois por cento."]
        positions = [text.find(part) for part in wanted]
        assert -1 not in positions, text
        assert positions == sorted(positions)
        assert text.count("trinta dias") == 1

    def test_pages_are_numbered_from_one(self, tmp_path: Path) -> None:
        """Where the format has pages; elsewhere there is one without a number."""
        path = self.write(tmp_path)
        outline = self.converter.outline(path)
        pages = self.converter.convert(path, range(outline.pages or 1))
        if self.has_pages:
            assert [page.number for page in pages] == list(range(1, (outline.pages or 0) + 1))
            assert [p.number for p in self.converter.convert(path, range(1, 2))] == [2]
        else:
            assert outline.pages is None
            assert [page.number for page in pages] == [None]

    def test_lines_say_where_they_stand(self, tmp_path: Path) -> None:
        """Where that is known, on the page that they are of."""
        path = self.write(tmp_path)
        pages = self.converter.convert(path, range(self.converter.outline(path).pages or 1))
        for page in pages:
            for line in (line for block in page.blocks for line in block.lines):
                assert (line.box is not None) == self.has_boxes
                if line.box:
                    assert line.box.page == page.number
                    assert line.box.x0 < line.box.x1
                    assert line.box.y0 < line.box.y1

    def test_an_empty_file_is_called_empty(self, tmp_path: Path) -> None:
        """Not broken: the person sees at once what is wrong."""
        path = tmp_path / "empty"
        path.write_bytes(b"")
        with pytest.raises(SourceError) as caught:
            self.converter.outline(path)
        assert caught.value.reason == "empty"
