"""Words as full text sees them."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from database.terms import content_words, fold, question_terms, search_terms, stem, terms, words


def test_folding_drops_case_accents_and_compatibility_forms() -> None:
    """What is typed without care equals what is printed with it."""
    assert fold("NÃO Às órgãos ﬁscal nº") == "nao as orgaos fiscal no"


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("pt", ["organização", "organizações", "organizacao", "organizacoes", "organizar"]),
        ("pt", ["fiscal", "fiscais"]),
        ("pt", ["imagem", "imagens"]),
        ("pt", ["avião", "aviões", "aviao", "avioes"]),
        ("pt", ["responsável", "responsáveis", "responsavel", "responsaveis"]),
        ("pt", ["exigência", "exigências", "exigencia", "exigencias"]),
        ("pt", ["papel", "papéis", "papeis"]),
        ("es", ["organización", "organizaciones", "organizacion"]),
        ("es", ["plazo", "plazos"]),
        ("es", ["biología", "biologia", "biologías"]),
        ("en", ["organization", "organizations"]),
        ("en", ["run", "runs", "running"]),
    ],
)
def test_inflections_share_a_stem_with_and_without_accents(language: str, forms: list[str]) -> None:
    """All forms of a word reduce to one stem."""
    assert len({stem(fold(form), language) for form in forms}) == 1


def test_words_that_differ_keep_different_stems() -> None:
    """Stemming doesn't throw everything together."""
    found = {stem(fold(w), "pt") for w in ("prazo", "preço", "praia", "pessoal", "pessoa")}
    assert len(found) >= 4


def test_an_unknown_language_is_not_stemmed() -> None:
    """Words stay whole where no stemmer is known."""
    assert terms("palavras Ñandú", "xx") == ["palavras", "nandu"]


def test_numbers_are_kept_whole_and_in_parts() -> None:
    """An amount or a registration number is found as written, and by its parts."""
    assert words("R$ 1.234,56") == ["r", "1.234,56"]
    assert terms("12.345.678/0001-90", "pt") == ["12.345.678/0001-90", "12", "345", "678", "0001", "90"]
    assert terms("art. 78, FY2018.", "pt") == ["art", "78", "fy2018", "2018"]
    assert terms("BESTBUY_2023Q1", "en") == ["bestbuy", "2023q1", "2023", "1"]


def test_a_question_leaves_out_words_without_content() -> None:
    """Function words of the three languages are not looked for."""
    assert question_terms("Qual é o prazo de entrega?", frozenset(["pt"])) == ["praz", "entreg"]
    assert question_terms("What is the deadline?", frozenset(["en"])) == ["deadlin"]
    assert question_terms("¿Cuál es el plazo?", frozenset(["es"])) == ["plaz"]


def test_a_question_of_nothing_else_keeps_them() -> None:
    """Something is looked for in any case."""
    assert question_terms("o que é?", frozenset(["pt"])) == ["o", "que", "e"]
    assert question_terms("?!", frozenset(["pt"])) == []


def test_a_question_is_stemmed_for_every_language_of_the_collection() -> None:
    """No term comes twice."""
    assert question_terms("universidades", frozenset(["pt", "es", "en"])) == ["universidad", "univers"]


def test_names_written_as_one_word_are_looked_for() -> None:
    """Files are called BESTBUY_2023.pdf."""
    assert "bestbuy" in search_terms("What did Best Buy sell?", frozenset(["en"]))
    assert content_words("O que é o prazo do prazo?") == ["prazo"]
    assert content_words("o que é?") == ["o", "que", "e"]


def test_threads_may_stem_at_the_same_time() -> None:
    """A server reads a sample of the collection while it answers."""
    letters = [first + second + third for first in "bdfg" for second in "aeiou" for third in "lmnprst"]
    asked = [f"{start}izations" for start in letters for _ in range(2)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(stem, asked, ["en"] * len(asked)))
    finally:
        sys.setswitchinterval(interval)
    assert found == [start + "iz" for start in letters for _ in range(2)]
