"""Where sentences begin and end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from database.sentences import sentences, statements


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Um. Dois! Três?", ["Um.", "Dois!", "Três?"]),
        ("O art. 78 vale. Outro.", ["O art. 78 vale.", "Outro."]),
        ("O Sr. João e a Dra. Ana foram.", ["O Sr. João e a Dra. Ana foram."]),
        ("Custa R$ 1.234,56. Pague.", ["Custa R$ 1.234,56.", "Pague."]),
        ("¿Qué es? ¡Nada! Fin.", ["¿Qué es?", "¡Nada!", "Fin."]),
        ("Foi em 1943. Depois mudou.", ["Foi em 1943.", "Depois mudou."]),
        ("1. Primeiro item. 2. Segundo item.", ["1. Primeiro item.", "2. Segundo item."]),
        ('Disse "sim." Saiu.', ['Disse "sim."', "Saiu."]),
        (
            "See Fig. 3 for details, e.g. the table. Done.",
            ["See Fig. 3 for details, e.g. the table.", "Done."],
        ),
        ("Título\n\nTexto sem ponto", ["Título", "Texto sem ponto"]),
        ("Itens:\n- um\n- dois", ["Itens:", "- um", "- dois"]),
        (
            "Prazos\nO prazo é curto.\nItem 2016\nCusto 94",
            ["Prazos", "O prazo é curto.", "Item 2016", "Custo 94"],
        ),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    """Abbreviations, numbers and lists of the three languages."""
    assert cut(text) == expected


def test_spans_cover_all_words_in_order() -> None:
    """Nothing but blanks is left out, and spans don't overlap."""
    text = "Um art. 5º diz: a) isto; b) aquilo. Fim… E mais\n\n  Nova. "
    spans = sentences(text)
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == "".join(text.split())
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_statements_are_about_a_sentence_each() -> None:
    """Short sentences say something only with the one before; a list that lost its punctuation is cut."""
    long = "O prazo de entrega é de trinta dias contados da assinatura."
    text = f"{long} Sim. {long}"
    assert [text[start:end] for start, end in statements(text)] == [f"{long} Sim.", long]
    assert statements("") == [(0, 0)]
    listed = "palavra " * 200
    cut = statements(listed.strip())
    assert all(end - start <= 500 for start, end in cut)
    assert "".join(listed[start:end] for start, end in cut) == listed.strip()
