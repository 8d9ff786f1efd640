"""Pages that are pictures: which are, and what becomes of what is read on them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pymupdf
import pytest

from database.load.converters import ocr
from database.load.converters.base import Page
from database.load.converters.ocr import Tesseract
from database.load.converters.pdf import PdfConverter
from tests.contracts.converter_contract import text_of
from tests.database.fakes import write_pdf

_HEADER = "level page_num block_num par_num line_num word_num left top width height conf text".replace(
    " ", "\t"
)

_FAKE = """\
#!{python}
import sys, time
if "--version" in sys.argv:
    print("tesseract 5.3.0\\n leptonica-1.82.0")
elif "--list-langs" in sys.argv:
    print('List of available languages in "/usr/share/tessdata/" (3):\\n' + "\\n".join({languages!r}))
else:
    sys.stdin.buffer.read()
    {does}
"""


def word(text: str, left: int, top: int, *, line: int = 1, sure: float = 96.0) -> str:
    """A row of Tesseract's table: a word 50 pixels high."""
    return f"5\t1\t1\t1\t{line}\t1\t{left}\t{top}\t{30 * len(text)}\t50\t{sure}\t{text}"


def write_fake(
    folder: Path, *rows: str, does: str = "", languages: tuple[str, ...] = ("eng", "osd", "por")
) -> Path:
    """A program that answers like Tesseract: with these rows for any picture, or by doing something else."""
    program = folder / "tesseract"
    table = "\n".join([_HEADER, *rows])
    does = does or f"sys.stdout.write({table!r})"
    program.write_text(_FAKE.format(python=sys.executable, languages=languages, does=does))
    program.chmod(0o755)
    return program


def engine(program: Path, seconds: float = 20) -> Tesseract:
    return Tesseract(str(program), "5.3.0", ("por", "eng"), seconds)


def write_scan(path: Path, *stamps: str, rotation: int = 0, covers: float = 1.0) -> Path:
    """A picture a page, with a stamp of real text on it. At 200 dots an inch, as the pictures are."""
    with pymupdf.open() as file:
        for stamp in stamps:
            page = file.new_page(width=360, height=720)
            height = int(2000 * covers)
            picture = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 1000, height), False)
            picture.clear_with(255)
            page.insert_image(pymupdf.Rect(0, 0, 360, 720 * covers), pixmap=picture)
            page.insert_textbox(pymupdf.Rect(5, 660, 355, 718), stamp, fontsize=7)
            page.set_rotation(rotation)
        file.save(path)
    return path


def lines_of(page: Page) -> list[str]:
    return [line.text for block in page.blocks for line in block.lines]


def test_it_is_looked_for_with_its_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that are installed, the ones that documents here are in; the version is part of the name."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ocr.installed.__wrapped__() is None
    program = write_fake(tmp_path)
    found = ocr.installed.__wrapped__()
    assert found == Tesseract(str(program), "5.3.0", ("por", "eng"))
    assert found.name == "tesseract-5.3.0-por+eng"
    write_fake(tmp_path, languages=("deu", "osd"))
    assert ocr.installed.__wrapped__() is None


def test_the_converters_name_says_what_reads_pictures(tmp_path: Path) -> None:
    """So that what was loaded before Tesseract was installed is loaded anew."""
    without, with_it = PdfConverter(), PdfConverter(engine=engine(tmp_path / "tesseract"))
    assert with_it.name == f"{without.name}/tesseract-5.3.0-por+eng"
    assert "tesseract" not in without.name


def test_a_scanned_page_has_the_words_of_its_picture(tmp_path: Path) -> None:
    """Each where it stands, in points, and laid out at once; the page next to it is as it was."""
    program = write_fake(
        tmp_path, word("Prazo", 100, 400), word("final", 270, 400), word("Multa", 100, 600, line=2)
    )
    path = write_scan(tmp_path / "a.pdf", "", "")
    page = PdfConverter(engine=engine(program)).convert(path, range(1, 2))[0]
    assert (page.number, page.condition, page.recognised, page.awaits_layout) == (2, "good", True, False)
    assert page.regions
    assert {region.box.page for region in page.regions} == {2}
    assert any("Prazo final" in region.markdown for region in page.regions)
    assert lines_of(page) == ["Prazo final", "Multa"]
    (box, *_) = [line.box for block in page.blocks for line in block.lines]
    assert box is not None
    assert box.page == 2
    # 200 dots an inch: 0.36 points a pixel.
    assert box.x0 == pytest.approx(36, abs=1)
    assert box.y0 < 144 + 9 < box.y1
    assert box.x1 == pytest.approx(420 * 0.36, abs=15)


def test_a_page_that_is_turned_is_read_as_it_is_shown(tmp_path: Path) -> None:
    """And its boxes are measured so, as those of other pages are."""
    program = write_fake(tmp_path, word("Prazo", 1500, 100))
    path = write_scan(tmp_path / "a.pdf", "", rotation=90)
    page = PdfConverter(engine=engine(program)).convert(path, range(1))[0]
    ((line,),) = [block.lines for block in page.blocks]
    assert line.box is not None
    assert line.box.x0 == pytest.approx(540, abs=1)  # of 720: the page lies on its side


def test_real_text_is_believed_more_than_what_is_read(tmp_path: Path) -> None:
    """A stamp on a scanned page stays as it is, and doesn't come twice."""
    stamp = "Assinado digitalmente por Ana Souza em 01/03/2026, confira em https://exemplo.gov.br/12345"
    program = write_fake(tmp_path, word("Prazo", 100, 400), word("Ass1nad0", 20, 1825, line=9))
    path = write_scan(tmp_path / "a.pdf", stamp)
    text = text_of(PdfConverter(engine=engine(program)).convert(path, range(1)))
    assert "Prazo" in text
    assert stamp in text
    assert "Ass1nad0" not in text


def test_words_that_are_hardly_any_are_left_out(tmp_path: Path) -> None:
    """Specks and drawings are read as letters, but with little confidence; rows may be cut."""
    rows = (word("§|~", 1, 1, sure=12.5), word("Prazo", 100, 400), word(" ", 200, 400, sure=95), "5\t1\tx")
    path = write_scan(tmp_path / "a.pdf", "")
    pages = PdfConverter(engine=engine(write_fake(tmp_path, *rows))).convert(path, range(1))
    assert text_of(pages) == "Prazo"


@pytest.mark.parametrize("does", ["sys.exit(1)", "time.sleep(60)", "sys.stdout.buffer.write(b'\\xff\\x00')"])
def test_a_page_that_cannot_be_read_has_no_text(tmp_path: Path, does: str) -> None:
    """The others have theirs: no page waits for it, and none fails with it."""
    program = engine(write_fake(tmp_path, does=does), seconds=0.3)
    path = write_scan(tmp_path / "a.pdf", "12")
    (page,) = PdfConverter(engine=program).convert(path, range(1))
    assert (text_of([page]), page.condition, page.recognised) == ("12", "no_text", False)


def needed(path: Path) -> bool:
    with pymupdf.open(path) as document:
        return ocr.is_needed(document[0], document[0].get_text().splitlines())


def test_only_pages_that_show_more_than_they_say_are_read(tmp_path: Path) -> None:
    """It takes seconds: pages with text, blank ones and small pictures cost nothing."""
    assert needed(write_scan(tmp_path / "scan.pdf", ""))
    assert needed(write_scan(tmp_path / "numbered.pdf", "Página 3 de 12"))
    assert needed(write_scan(tmp_path / "half.pdf", "", covers=0.5))
    assert needed(write_scan(tmp_path / "stamped.pdf", "Assinado digitalmente por " + "Ana " * 15))
    assert not needed(write_scan(tmp_path / "logo.pdf", "", covers=0.1))
    assert not needed(write_scan(tmp_path / "figure.pdf", "Legenda " * 12, covers=0.5))
    assert not needed(write_pdf(tmp_path / "blank.pdf", ""))
    assert not needed(write_pdf(tmp_path / "text.pdf", "O prazo é de trinta dias."))
    assert not needed(write_scan(tmp_path / "layer.pdf", "O texto já foi lido. " * 30))


def test_letters_that_stand_for_nothing_are_read_anew(tmp_path: Path) -> None:
    """Fonts without a map to letters give signs that nobody can search."""
    path = write_pdf(tmp_path / "a.pdf", "texto")
    with pymupdf.open(path) as document:
        assert ocr.is_needed(document[0], ["\ue001\ue002\ue003 \ufffd\ufffd a"])
        assert not ocr.is_needed(document[0], ["texto com um \ufffd só"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes with their parents")
def test_what_reads_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A worker process is killed when a document takes too long; nothing of it may stay."""
    noted = tmp_path / "pid"
    does = f"open({str(noted)!r}, 'w').write(str(__import__('os').getpid())); time.sleep(60)"
    program = write_fake(tmp_path, does=does)
    code = textwrap.dedent(f"""
        from database.load.converters.ocr import Tesseract
        Tesseract({str(program)!r}, "5", ("por",)).words(b"", 1)
    """)
    parent = subprocess.Popen([sys.executable, "-c", code])  # noqa: S603
    try:
        while not (noted.exists() and noted.read_text()):
            assert parent.poll() is None
            time.sleep(0.02)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    for _ in range(200):
        if not is_running(int(noted.read_text())):
            return
        time.sleep(0.02)
    pytest.fail("it is still running")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.skipif(ocr.installed() is None, reason="Tesseract isn't installed")
def test_tesseract_itself_reads_a_scan(tmp_path: Path) -> None:
    """Its own table is what is expected of it: words, in order, where they stand."""
    text = "O prazo de entrega dos documentos termina em trinta dias."
    with pymupdf.open() as drawn, pymupdf.open() as scan:
        page = drawn.new_page()
        page.insert_text((72, 100), text, fontsize=14)
        page.insert_text((72, 700), "A multa por atraso corresponde a dois por cento.", fontsize=14)
        sheet = scan.new_page()
        sheet.insert_image(sheet.rect, pixmap=page.get_pixmap(dpi=200))
        scan.save(tmp_path / "a.pdf")
    page = PdfConverter(engine=ocr.installed()).convert(tmp_path / "a.pdf", range(1))[0]
    assert text_of([page]).splitlines()[0] == text
    assert "multa por atraso" in text_of([page])
    first = page.blocks[0].lines[0].box
    assert first is not None
    assert first.x0 == pytest.approx(72, abs=3)
    assert first.y0 < 97 < first.y1
