"""What names pages is told from what states something, by several lines together."""

from __future__ import annotations

import time

import pytest

from app.models.contents import contents

PORTUGUESE = """\
Sumário
1. DO OBJETO ........................ 3
2. DO PRAZO DE INSCRIÇÃO ............ 5
3. DAS SANÇÕES ...................... 17"""
SPANISH = """\
Introducción·······iv
Agregar documentos·······2
Quitar documentos·······7"""
ENGLISH = """\
1 Introduction 1
1.1 Adding a document 3
PART II
2 Removing a document,
also from a library 7
3 Asking questions 7"""


def found(text: str, page: int | None = 2, pages: int | None = 47) -> list[str]:
    return [text[start:end] for start, end in contents(text, page, pages)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PORTUGUESE, PORTUGUESE.removeprefix("Sumário\n")),
        (SPANISH, SPANISH),
        (ENGLISH, ENGLISH),
        ("Adding . . . . . . 4\nRemoving . . . . 7", "Adding . . . . . . 4\nRemoving . . . . 7"),
        ("Adding ........ 4 Removing ........ 7 It is 30.", "Adding ........ 4 Removing ........ 7"),
        ("Adding\n4\nAsking\n7\nRemoving\n7\nLicence\n9\n", "Adding\n4\nAsking\n7\nRemoving\n7\nLicence\n9"),
        ("Figura 1 – Fluxo 3\nFigura 2 – Tela 5\nFigura 3 – Dados 5\nTabela 1 – Preços 11",) * 2,
        ("backup, 12\nformats, 3, 7–9\nOCR, 2, 16\npasswords, 5",) * 2,
    ],
)  # fmt: skip
def test_entries_are_found(text: str, expected: str) -> None:
    """In three languages, with dots and without, in lines of their own or not; so are figures."""
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "Receita líquida 2023 1.234\nLucro bruto 2023 567,8\nDespesas 2023 1.001\nLucro 2023 77",
        "Até 5 faltas 30\nDe 6 a 14 faltas 24\nDe 15 a 23 faltas 18\nDe 24 a 32 faltas 12",
        "Servidores 12\nEstagiários 15\nTerceirizados 130\nOutros 140",
        "Prazo: 30\nMulta: 35\nVagas: 40\nTaxa: 45",
        "Relatório de 2019\nRelatório de 2020\nRelatório de 2021\nRelatório de 2022",
        "Café ........ 5,00\nBolo ........ 8,50\nSuco ........ 9,00",
        "Nome: ..................\nData: ..../..../20....\nCPF: ..................",
        "O prazo é de 30",
        "Maine 3 — —\nMaryland\n21\n—\nMassachusetts\n23\n—\nMichigan\n32\n—\nMinnesota\n40",
        "Opened on day 3\nThe rest of it states a thing.\nClosed on day 4\nFell on day 5\nRose on day 6",
        "São Paulo, 12\nBahia, 30\nCeará, 25\nAcre, 7",
    ],
)  # fmt: skip
def test_what_states_something_is_not_an_entry(text: str) -> None:
    """Rows of numbers, values with their labels, prices, forms to be filled in."""
    assert found(text) == []


def test_pages_are_those_of_the_document() -> None:
    """None is beyond its end, and none long before the table itself."""
    rows = "Analyst 10\nCook 20\nDriver 30\nNurse 40"
    assert found(rows, page=2, pages=47) == [rows]
    assert found(rows, page=2, pages=35) == []
    assert found(rows, page=45, pages=47) == []
    assert found(rows, page=None, pages=None) == [rows]


def test_any_text_is_read_at_once() -> None:
    """Documents are written by anybody."""
    before = time.monotonic()
    for piece in (".", ". ", "a ", "a, 1", "a 1\n", "a\n\n1\n", " \t", "1 ", "a,\t"):
        contents(piece * 4000, 1, 99)
    assert time.monotonic() - before < 2
