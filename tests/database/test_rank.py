"""The order of what was found, and how relevant it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from database.calibration import WELL_KNOWN, Level
from database.rank import Asked, Found, on_topic, rank, relevance
from database.rarity import Rarity
from database.records import Chunk, Hit
from database.seen import Seen
from database.sentence_vectors import pack, similarities
from tests.database.fakes import DIMENSIONS, chunks, document, embedding

UNKNOWN_LANGUAGE = Level(unrelated=0.45, knowledge=0.2)


def hits(*scored: tuple[Chunk, float]) -> list[Hit]:
    return [
        Hit(chunk=chunk, seen=Seen.of(chunk.text, chunk.language), score=score) for chunk, score in scored
    ]


def asking(question: str, among: list[Chunk], level: Level = WELL_KNOWN) -> Asked:
    return Asked(
        text=question, language="pt", vector=embedding(question), level=level, rarity=Rarity.among(among)
    )


def ranked(question: str, by_vector: list[Hit], by_text: list[Hit], level: Level = WELL_KNOWN) -> list[Found]:
    found = [hit.chunk for hit in (*by_vector, *by_text)]
    documents = {chunk.document_id: document(chunk.document_id) for chunk in found}
    return rank(asking(question, found, level), by_vector, by_text, documents)


def passages(*texts: str) -> list[Chunk]:
    return chunks(document("d"), *texts)


def test_what_both_legs_find_comes_first() -> None:
    """A passage that is second in both beats passages that only one leg knows."""
    near, both, worded, far = passages("coisa diversa", "o prazo de entrega", "prazo", "nada disso")
    found = ranked(
        "prazo de entrega", hits((near, 0.5), (both, 0.45), (far, 0.1)), hits((worded, 10.0), (both, 9.0))
    )
    assert found[0].chunk == both
    assert (found[0].vector_rank, found[0].text_rank) == (2, 2)


def test_how_a_store_scores_words_changes_nothing() -> None:
    """Stores count and round differently; which passages they bring is all that is taken from them."""
    one, other = passages("prazo de entrega prazo", "prazo de muitas outras coisas mais")
    for scores in ((9.0, 1.0), (0.1, 7.0)):
        found = ranked("prazo", [], hits((one, scores[0]), (other, scores[1])))
        assert [each.chunk for each in found] == [one, other]


def test_short_passages_that_repeat_the_words_come_first() -> None:
    """What BM25 knows, where all else is equal."""
    often, once, long = passages("prazo prazo x", "prazo x x", f"prazo {'x ' * 40}")
    found = ranked("prazo", [], hits((long, 1.0), (once, 1.0), (often, 1.0)))
    assert [one.chunk for one in found] == [often, once, long]


def test_a_leg_that_knows_nothing_does_not_outvote_the_other() -> None:
    """The first hit of a search without a good one stays behind what holds the question's words."""
    rare, other = passages("credenciamento de operadoras", "coisa diversa")
    found = ranked("credenciamento das operadoras", hits((other, 0.3), (rare, 0.1)), hits((rare, 2.0)))
    assert [one.chunk for one in found] == [rare, other]
    assert found[0].relevance > found[1].relevance


def test_words_in_one_sentence_are_worth_more_than_scattered_ones() -> None:
    """One sentence holds the answer."""
    padding = "Isto aqui é apenas mais uma frase comprida qualquer. "
    whole, scattered = passages(
        f"{padding}A multa por atraso na entrega é de dez por cento. {padding}",
        f"A multa existe desde mil novecentos e noventa. {padding}O atraso foi notado por todos os que "
        f"esperavam. {padding}A entrega é sempre feita pela manhã.",
    )
    found = ranked("multa por atraso na entrega", [], hits((scattered, 2.0), (whole, 1.0)))
    assert [one.chunk for one in found] == [whole, scattered]
    assert found[0].relevance > found[1].relevance + 0.1


def test_the_best_sentence_speaks_for_its_passage() -> None:
    """A passage whose own vector is far, but which holds a sentence that is near."""
    question = "prazo entrega"
    far = embedding("assunto bem diverso e longo")
    holds, lacks = passages("primeira passagem qualquer", "segunda passagem qualquer")
    holds = replace(holds, sentences=pack(np.stack([far, embedding(question)])))
    lacks = replace(lacks, sentences=pack(np.stack([far, far])))
    found = ranked(question, hits((lacks, 0.1), (holds, 0.1)), [])
    assert [one.chunk.text for one in found] == [holds.text, lacks.text]
    assert found[0].relevance > found[1].relevance


def test_a_vector_counts_less_in_a_language_that_the_model_does_not_know() -> None:
    """The same two passages, in the order of words instead of that of vectors."""
    near, worded = passages("coisa bem diversa", "prazo de outra entrega")
    by_vector = hits((near, 0.95), (worded, 0.5))
    by_text = hits((worded, 3.0))
    known = ranked("prazo", by_vector, by_text)
    unknown = ranked("prazo", by_vector, by_text, UNKNOWN_LANGUAGE)
    gap = {
        level: found[0].score - found[1].score for level, found in (("known", known), ("unknown", unknown))
    }
    assert unknown[0].chunk == worded
    assert gap["unknown"] > gap["known"]


def test_a_passage_that_is_not_embedded_yet_is_no_worse_than_the_farthest() -> None:
    """Who asks while a collection is being embedded is to be answered."""
    near, far, bare = passages("prazo de entrega um", "outra coisa", "prazo de entrega dois")
    found = ranked("prazo de entrega", hits((near, 0.9), (far, 0.3)), hits((bare, 2.0)))
    assert [one.chunk for one in found] == [near, bare, far]
    alone = ranked("prazo de entrega", [], hits((bare, 2.0)))
    assert alone[0].relevance > 0.5


def test_inflected_and_misspelt_words_are_found_by_their_letters() -> None:
    """Most of a word's letters are there."""
    right, other = passages("o credenciador avalia o pedido", "o fornecedor entrega o pedido")
    found = ranked("credenciamentos", [], hits((other, 1.0), (right, 1.0)))
    assert found[0].chunk == right


def test_passages_of_documents_that_are_gone_are_left_out() -> None:
    """Deleted between the search and the reading of its record."""
    [gone] = passages("prazo")
    assert rank(asking("prazo", [gone]), hits((gone, 0.5)), [], {}) == []
    assert ranked("prazo", [], []) == []


def test_relevance_is_between_zero_and_one_and_grows_with_both() -> None:
    """More alike, or more of the question's words, is more relevant."""
    assert 0 < relevance(0, 0, WELL_KNOWN) < 0.1
    assert 0.9 < relevance(1, 1, WELL_KNOWN) < 1
    assert relevance(0.5, 0.5, WELL_KNOWN) > relevance(0.5, 0.2, WELL_KNOWN)
    assert relevance(0.5, 0.5, WELL_KNOWN) > relevance(0.2, 0.5, WELL_KNOWN)
    assert relevance(0.5, 0.5, WELL_KNOWN) > relevance(0.5, 0.5, UNKNOWN_LANGUAGE)


def test_words_that_are_not_there_tell_another_topic_where_the_model_does_not_know_the_language() -> None:
    """Where it does, it knows what other words mean; and from half of the words on, the topic is clear."""
    assert on_topic(0.5, 0.5, 0.4, UNKNOWN_LANGUAGE) > on_topic(0.5, 0.5, 0.2, UNKNOWN_LANGUAGE)
    assert on_topic(0.5, 0.5, 0, WELL_KNOWN) == on_topic(0.5, 0.5, 1, WELL_KNOWN)
    assert on_topic(0.5, 0.5, 0.5, UNKNOWN_LANGUAGE) == on_topic(0.5, 0.5, 1, UNKNOWN_LANGUAGE)
    assert 0 < on_topic(0, 0, 0, UNKNOWN_LANGUAGE) < 0.1
    assert 0.9 < on_topic(1, 1, 1, WELL_KNOWN) < 1


def test_a_passage_in_another_language_need_not_hold_the_words() -> None:
    """It can't."""
    own, other = passages("coisa bem diversa", "coisa bem diversa")
    other = replace(other, language="es")
    found = ranked("prazo", hits((own, 0.7), (other, 0.7)), [], UNKNOWN_LANGUAGE)
    assert [one.chunk for one in sorted(found, key=lambda one: -one.on_topic)] == [other, own]
    assert found[0].on_topic != found[1].on_topic
    assert found[0].relevance == found[1].relevance


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    """What every passage holds says little about one of them."""
    rarity = Rarity([["praz", "credenc"], ["praz"], ["praz"]])
    assert rarity.of("credenc") > 4 * rarity.of("praz")
    assert rarity.of("ausente") > rarity.of("credenc")
    assert rarity.holds("praz")
    assert not rarity.holds("ausente")


def test_packed_vectors_give_the_cosine() -> None:
    """Of the passage, and of the nearest of it and its statements."""
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(4, DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    question, own, one, other = vectors
    packed = [pack(np.stack([own, one, other])), b"", pack(own[None])]
    whole, best = similarities(question, packed)
    nearest = max(question @ own, question @ one, question @ other)
    assert whole == pytest.approx([question @ own, np.nan, question @ own], abs=5e-3, nan_ok=True)
    assert best == pytest.approx([nearest, np.nan, question @ own], abs=5e-3, nan_ok=True)
    assert np.isnan(similarities(question, [b""])).all()


def test_a_whole_page_that_is_asked_is_looked_for_by_its_rarest_words() -> None:
    """Each word is looked for in each candidate: a prompt may have thousands."""
    common = [f"comum{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(300)]
    rare, other = passages(f"credenciamento {' '.join(common)}", " ".join(common))
    asked = asking(f"{' '.join(common)} credenciamento", [rare, other, other, other])
    assert len(asked.words) == 64
    found = rank(asked, [], hits((other, 1.0), (rare, 1.0)), {"d": document("d")})
    assert found[0].chunk == rare
    assert len(asking("prazo de entrega", [rare]).words) == 2
