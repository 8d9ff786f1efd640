"""Files that are cut, damaged, foreign or made to harm."""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from database.errors import CollectionFileError, StoreUnavailable
from database.moving import layout, pieces, reader
from database.moving.originals import Original
from database.moving.reader import Reader
from database.moving.whole import Whole
from database.moving.writer import writing
from database.records import Description, Document, PageState, Place
from tests.database.fakes import chunks, document, embeddings, page_state

Rows = list[dict[str, Any]]

NOTICE = b"the bytes of the notice"
A, ORIGINAL, FRONT, BACK, FIRST, SECOND, THIRD, B, OTHER = range(9)  # the file's rows


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The document `a` with its original, two pages and three passages, then `b` with one; all but two of the
    passages are embedded.
    """
    path, notice = tmp_path / "collection.parquet", tmp_path / "notice"
    notice.write_bytes(NOTICE)
    with writing(path, embedder="words") as writer:
        of = replace(
            document("a"),
            sha256=hashlib.sha256(NOTICE).hexdigest(),
            copies=(Place(address="/copies/a.pdf", name="a.pdf"),),
            described=Description(title="Um", tags=("aviso",)),
        )
        pages = [page_state(1), page_state(2, laid_out=True)]
        writer.add(whole(of, "um", "dois", "três", pages=pages, embedded=1), notice)
        writer.add(whole(document("b"), "outro", embedded=1), None)
        writer.finish()
    return path


def whole(of: Document, *texts: str, pages: Sequence[PageState] = (), embedded: int) -> Whole:
    parts = chunks(of, *texts)
    made = Whole(document=of, chunks=parts, embeddings=embeddings(parts[:embedded]), pages=pages)
    return replace(made, document=made.counted)


def everything(path: Path) -> list[object]:
    """What an import would get out of the file."""
    with closing(Reader.open(path)) as opened, tempfile.TemporaryDirectory() as folder:
        digests = {one.document.sha256 for one in opened.documents.values()}
        return list(map(shown, opened.read(opened.documents.keys(), digests, Path(folder))))


def shown(piece: Whole | Original) -> object:
    if isinstance(piece, Original):
        return piece.path.read_bytes()
    return piece.document, piece.chunks, piece.embeddings.tobytes(), piece.pages


def problem(path: Path) -> str:
    with pytest.raises(CollectionFileError) as raised:
        everything(path)
    return raised.value.problem


def rewrite(path: Path, change: Callable[[Rows], object], **header: object) -> None:
    """The same file with other rows and another header, and nothing else wrong with it."""
    table = pq.read_table(path)
    written = {**json.loads(table.schema.metadata[layout.HEADER_KEY]), **header}
    rows = table.to_pylist()
    change(rows)
    write(path, pa.Table.from_pylist(rows, schema=layout.SCHEMA), json.dumps(written).encode())


def write(path: Path, table: pa.Table, header: bytes) -> None:
    with pq.ParquetWriter(path, table.schema, store_schema=False) as parquet:
        parquet.write_table(table)
        parquet.add_key_value_metadata({layout.HEADER_KEY: header})


def test_what_was_written_comes_out(file: Path) -> None:
    """The original before the document that is made of it; a file that is written again says the same."""
    before = everything(file)
    assert [type(piece) for piece in before] == [bytes, tuple, tuple]
    rewrite(file, lambda rows: None)
    assert everything(file) == before


def test_only_what_is_wanted_is_read(file: Path, tmp_path: Path) -> None:
    """One document, or one original that another document has brought along."""
    with closing(Reader.open(file)) as opened:
        (only,) = opened.read({"b"}, set(), tmp_path)
        assert isinstance(only, Whole)
        assert [chunk.text for chunk in only.chunks] == ["outro"]
        pieces = opened.read(set(), {opened.documents["a"].document.sha256}, tmp_path)
        assert shown(next(pieces)) == NOTICE
        assert list(pieces) == []
        assert list(opened.read(set(), {"0" * 64}, tmp_path)) == []


def test_an_original_is_gone_when_the_next_piece_is_asked_for(file: Path, tmp_path: Path) -> None:
    """The folder never holds more than one."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with closing(Reader.open(file)) as opened:
        pieces = opened.read({"a"}, {opened.documents["a"].document.sha256}, folder)
        original = next(pieces)
        assert isinstance(original, Original)
        assert list(folder.iterdir()) == [original.path]
        assert isinstance(next(pieces), Whole)
        assert list(folder.iterdir()) == []


def test_no_room_for_an_original_is_no_damage(file: Path, tmp_path: Path) -> None:
    """It is said of the folder."""
    with closing(Reader.open(file)) as opened:
        pieces = opened.read(set(), {opened.documents["a"].document.sha256}, tmp_path / "none")
        with pytest.raises(StoreUnavailable) as raised:
            next(pieces)
    assert raised.value.problem == "folder_unusable"


def test_a_large_original_is_never_whole_in_memory(tmp_path: Path) -> None:
    """Neither when it is written nor when it is read."""
    large, path = tmp_path / "large", tmp_path / "collection.parquet"
    large.write_bytes(bytes(64 * 2**20))
    of = replace(document("a"), sha256=hashlib.sha256(large.read_bytes()).hexdigest())
    pool = pa.default_memory_pool()
    tracemalloc.start()
    try:
        with writing(path, embedder="words") as writer:
            writer.add(whole(of, "um", embedded=1), large)
            writer.finish()
        with closing(Reader.open(path)) as opened:
            before = pool.bytes_allocated()
            original = next(opened.read(set(), {of.sha256}, tmp_path))
            held = pool.bytes_allocated() - before
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(original, Original)
    assert original.path.stat().st_size == large.stat().st_size
    assert most < 48 * 2**20
    assert held < 48 * 2**20


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "file_not_ours"),
        (b"PAR", "file_not_ours"),
        (b"%PDF-1.7 and so on", "file_not_ours"),
        (b"PAR1", "file_damaged"),
        (b"PAR1" + bytes(100) + b"PAR1", "file_damaged"),
    ],
)
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    """Empty, too short, a PDF, a Parquet file that has only its ends."""
    path = tmp_path / "file"
    path.write_bytes(content)
    assert problem(path) == expected


def test_a_parquet_file_of_another_program_is_refused(tmp_path: Path) -> None:
    """As not ours, not as damaged."""
    path = tmp_path / "file"
    pq.write_table(pa.table({"text": ["um"]}), path)
    assert problem(path) == "file_not_ours"


@pytest.mark.parametrize("name", ["none.parquet", "."])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, name: str) -> None:
    """It isn't there, or it is a folder."""
    assert problem(tmp_path / name) == "file_unreadable"


def test_a_cut_file_is_refused_wherever_it_is_cut(file: Path) -> None:
    """From the first bytes to the last."""
    whole = file.read_bytes()
    for length in range(4, len(whole), 37):
        file.write_bytes(whole[:length])
        assert problem(file) == "file_damaged"


def test_a_changed_byte_never_changes_what_is_read(file: Path) -> None:
    """It is found, or it was in a place that says nothing; no other error escapes."""
    whole, expected = file.read_bytes(), everything(file)
    places = random.Random(1).sample(range(len(whole)), 400)  # noqa: S311 - the same ones each time
    refused = 0
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        file.write_bytes(damaged)
        try:
            assert everything(file) == expected
        except CollectionFileError:
            refused += 1
    assert refused > 200


def test_a_newer_file_says_by_what_it_was_written(file: Path) -> None:
    """Whatever its columns are."""
    of_another_format(file, layout.FORMAT + 1)
    with pytest.raises(CollectionFileError, match=r"newer version \(Acervo 9\.9\)"):
        Reader.open(file)


def test_an_older_file_says_so(file: Path) -> None:
    """It isn't taken for a damaged one, nor for one that a newer program could read."""
    of_another_format(file, layout.FORMAT - 1)
    with pytest.raises(CollectionFileError, match=r"earlier version \(Acervo 9\.9\)"):
        Reader.open(file)


def of_another_format(file: Path, number: int) -> None:
    header = json.loads(pq.read_schema(file).metadata[layout.HEADER_KEY])
    other = {**header, "format": number, "made_by": "Acervo 9.9"}
    write(file, pa.table({"unknown": [1]}), json.dumps(other).encode())


@pytest.mark.parametrize(
    "header",
    [
        {"dimensions": 63},
        {"dimensions": 0},
        {"dimensions": -1},
        {"dimensions": 10**9},
        {"documents": 3},
        {"chunks": 3},
        {"originals": 0},
        {"embedder": "words\x1b[2J"},
        {"made_by": None},
        {"created_at": "yesterday"},
    ],
)
def test_a_header_that_does_not_fit_is_refused(file: Path, header: dict[str, object]) -> None:
    """Other counts, other dimensions, other types, characters that a terminal would obey."""
    rewrite(file, lambda rows: None, **header)
    assert problem(file) == "file_damaged"


def setting(row: int, **values: object) -> Callable[[Rows], None]:
    return lambda rows: rows[row].update(values)


def page(row: int, **values: object) -> Callable[[Rows], None]:
    return lambda rows: rows[row]["state"].update(values)


def described(**values: object) -> Callable[[Rows], None]:
    return lambda rows: rows[A]["described"].update(values)


HARM: dict[str, Callable[[Rows], object]] = {
    "an id that is a path": setting(A, document_id="../../etc"),
    "an id that is a query": setting(A, document_id="a' or '1'='1"),
    "no id": setting(A, document_id=""),
    "an id of one thousand letters": setting(A, document_id="a" * 1000),
    "a digest that is a path": setting(B, sha256="../../../etc/passwd"),
    "no name": setting(A, name=None),
    "an empty name": setting(A, name=""),
    "a name without end": setting(A, name="x" * 200_000),
    "no library": setting(A, library=""),
    "an unknown status": setting(A, status="deleted"),
    "an unknown reason": setting(A, error="because"),
    "no time": setting(A, updated_at=None),
    "page 0 of 0": setting(A, pages=0),
    "a negative version": setting(A, version=-1),
    "no version, but passages": setting(A, version=0),
    "passages that aren't there": setting(A, passages=4),
    "passages that aren't announced": setting(A, passages=2),
    "no number of passages": setting(A, passages=None),
    "more embeddings than there are": setting(A, embedded=2),
    "fewer embeddings than there are": setting(A, embedded=0),
    "more embeddings than passages": setting(B, embedded=2),
    "a negative number of embeddings": setting(A, embedded=-1),
    "no number of embeddings": setting(A, embedded=None),
    "ready, but not embedded": setting(A, status="ready"),
    "embedding, but ready": setting(B, status="embedding"),
    "more pages laid out than there are": setting(A, laid_out=2),
    "fewer pages laid out than there are": setting(A, laid_out=0),
    "more pages laid out than pages": setting(B, laid_out=4),
    "a negative number of pages": setting(A, laid_out=-1),
    "no number of pages laid out": setting(A, laid_out=None),
    "no copies": setting(A, copies=None),
    "a copy of nothing": setting(A, copies=[None]),
    "a copy nowhere": setting(A, copies=[{"address": "", "name": "a.pdf"}]),
    "a copy without a name": setting(A, copies=[{"address": "/a.pdf", "name": None}]),
    "a copy of an endless name": setting(A, copies=[{"address": "/a.pdf", "name": "x" * 200_000}]),
    "no description at all": setting(A, described=None),
    "no description": described(description=None),
    "an endless title": described(title="x" * 200_000),
    "no tags": described(tags=None),
    "a tag of nothing": described(tags=["aviso", None]),
    "an endless tag": described(tags=["x" * 200_000]),
    "a page without a state": setting(FRONT, state=None),
    "a page of no document": setting(FRONT, document_id="c"),
    "a page that belongs elsewhere": setting(FRONT, document_id="b"),
    "a page 0": page(FRONT, number=0),
    "a page beyond the last": page(BACK, number=4),
    "a page twice": page(BACK, number=1),
    "pages in another order": lambda rows: rows.insert(FRONT, rows.pop(BACK)),
    "a page without a number": page(FRONT, number=None),
    "a page laid out less": lambda rows: rows.pop(BACK),
    "a page of no document's version": lambda rows: rows[A].update(
        version=0, passages=0, embedded=0, laid_out=0
    ),
    "fewer letters than none": page(FRONT, characters=-1),
    "an unknown condition": page(FRONT, condition="excellent"),
    "no condition": page(FRONT, condition=None),
    "recognised or not": page(FRONT, recognised=None),
    "fewer tables than none": page(FRONT, tables=-1),
    "an unknown route": page(FRONT, route="../layout"),
    "laid out or not": page(FRONT, laid_out=None),
    "less time than none": page(FRONT, seconds=-0.5),
    "time without end": page(FRONT, seconds=float("inf")),
    "no time of this world": page(FRONT, seconds=float("nan")),
    "an original that isn't announced": setting(A, size=None),
    "an original that isn't there": setting(B, size=5),
    "an original without end": setting(A, size=2**60),
    "a longer original": setting(A, size=len(NOTICE) + 1),
    "a shorter original": setting(A, size=len(NOTICE) - 1),
    "an original of other bytes": setting(ORIGINAL, data=NOTICE.upper()),
    "an original without bytes": setting(ORIGINAL, data=None),
    "an original that begins later": setting(ORIGINAL, position=1),
    "an unknown kind": setting(FIRST, kind="program"),
    "a passage of no document": setting(FIRST, document_id="c"),
    "a passage that belongs elsewhere": setting(FIRST, document_id="b"),
    "the same document twice": lambda rows: rows.append(dict(rows[B])),
    "a document less": lambda rows: rows.pop(B),
    "a passage less": lambda rows: rows.pop(SECOND),
    "a passage twice": lambda rows: rows.insert(SECOND, dict(rows[SECOND])),
    "passages in another order": lambda rows: rows.insert(FIRST, rows.pop(SECOND)),
    "documents that are mixed": lambda rows: rows.insert(SECOND, rows.pop(B)),
    "no text": setting(FIRST, text=None),
    "no language": setting(FIRST, language=None),
    "no position": setting(FIRST, position=None),
    "page 0": setting(FIRST, page=0),
    "a last page before the first": setting(FIRST, last_page=-3),
    "no sections": setting(FIRST, section=None),
    "a section of nothing": setting(FIRST, section=["Capítulo", None]),
    "no boxes": setting(FIRST, boxes=None),
    "a box of nothing": setting(FIRST, boxes=[None]),
    "a box without a side": setting(FIRST, boxes=[{"page": 1, "x0": 1.0, "y0": 1.0, "x1": None, "y1": 2.0}]),
    "a box on page 0": setting(FIRST, boxes=[{"page": 0, "x0": 1.0, "y0": 1.0, "x1": 2.0, "y1": 2.0}]),
    "a box without end": setting(
        FIRST, boxes=[{"page": 1, "x0": 1.0, "y0": 1.0, "x1": float("inf"), "y1": 2.0}]
    ),
    "no Markdown": setting(FIRST, markdown=None),
    "no embedding": setting(FIRST, embedding=None),
    "an embedding that isn't announced": setting(THIRD, embedding=[1.0] * 64),
    "an embedding of nothing that isn't announced": setting(SECOND, embedding=[]),
    "a short embedding": setting(FIRST, embedding=[1.0] * 63),
    "a long embedding": setting(FIRST, embedding=[1.0] * 65),
    "an embedding with a gap": setting(FIRST, embedding=[1.0] * 63 + [None]),
    "an embedding of no number": setting(FIRST, embedding=[1.0] * 63 + [float("nan")]),
    "an endless embedding": setting(FIRST, embedding=[1.0] * 63 + [float("inf")]),
}


@pytest.mark.parametrize("harm", HARM)
def test_rows_that_cannot_be_right_are_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    """Each by itself, in a file that is otherwise whole, and whose maker has reckoned the digests anew."""
    monkeypatch.setattr(pieces, "digest_of", lambda _: "reckoned anew")

    def change(rows: Rows) -> None:
        for row in (rows[A], rows[B]):
            row["digest"] = "reckoned anew"
        HARM[harm](rows)

    rewrite(file, change)
    assert problem(file) == "file_damaged"


@pytest.mark.parametrize(
    ("row", "values"),
    [
        (A, {"name": "another.pdf"}),
        (B, {"status": "failed", "error": "broken"}),
        (A, {"digest": None}),
        (FIRST, {"text": "Um"}),
        (SECOND, {"page": 7, "last_page": 7}),
        (THIRD, {"section": []}),
        (THIRD, {"markdown": ""}),
        (A, {"copies": []}),
        (A, {"described": {"title": "Dois", "description": "", "tags": ["aviso"], "language": None}}),
        (FRONT, {"state": {**asdict(page_state(1)), "seconds": 0.5}}),
        (FRONT, {"state": {**asdict(page_state(1)), "route": None}}),
        (OTHER, {"boxes": [{"page": 1, "x0": 1.5, "y0": 2.0, "x1": 30.0, "y1": 30.0}]}),
        (OTHER, {"embedding": [0.125] * 64}),
    ],
)
def test_what_is_plausible_but_was_not_written_is_refused(
    file: Path, row: int, values: dict[str, object]
) -> None:
    """The digest of the whole document says so."""
    rewrite(file, setting(row, **values))
    assert problem(file) == "file_damaged"


def test_a_row_group_that_would_fill_the_memory_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is read."""
    monkeypatch.setattr(reader, "_MOST_ROW_GROUP_BYTES", 1_000)
    assert problem(file) == "file_damaged"


def test_text_that_is_no_text_is_refused(file: Path) -> None:
    """Bytes that aren't UTF-8 where letters should be."""
    table = pq.read_table(file)
    texts = pa.array([None, None, None, None, b"\xff\xfe", b"dois", b"um", None, b"outro"], pa.binary())
    broken = pa.StringArray.from_buffers(len(texts), *reversed(texts.buffers()[:0:-1]), texts.buffers()[0])
    at = table.schema.get_field_index("text")
    table = table.set_column(at, table.schema.field(at), broken)
    write(file, table, table.schema.metadata[layout.HEADER_KEY])
    assert problem(file) == "file_damaged"


def test_a_large_document_comes_out_in_order(tmp_path: Path) -> None:
    """Its rows fill several row groups and many batches."""
    of = document("a")
    parts = chunks(of, *(f"{n} " + "x" * 10_000 for n in range(3_000)))
    vectors = np.random.default_rng(1).standard_normal((len(parts), 8)).astype(np.float32)
    path = tmp_path / "collection.parquet"
    large = Whole(document=of, chunks=parts, embeddings=vectors, pages=[page_state(2)])
    of = large.counted
    with writing(path, embedder="words") as writer:
        writer.add(replace(large, document=of), None)
        writer.finish()
    assert pq.ParquetFile(path).metadata.num_row_groups > 1
    assert everything(path) == [(of, parts, vectors.tobytes(), [page_state(2)])]


@pytest.mark.parametrize(("embedded", "packed"), [(0, b"12345678"), (1, b"123")])
def test_vectors_of_sentences_that_no_question_fits_are_refused(
    tmp_path: Path, embedded: int, packed: bytes
) -> None:
    """Each later search would fail on them: those of another length, and those without an embedding."""
    path = tmp_path / "uneven.parquet"
    of = document("a")
    parts = [replace(part, sentences=packed) for part in chunks(of, "um")]
    vectors = embeddings(parts) if embedded else np.zeros((0, 0), np.float32)
    made = Whole(document=of, chunks=parts, embeddings=vectors, pages=())
    with writing(path, embedder="words") as writer:
        writer.add(replace(made, document=made.counted), None)
        writer.finish()
    assert problem(path) == "file_damaged"
