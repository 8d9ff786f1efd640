"""From matches to passages."""

from __future__ import annotations

from dataclasses import replace

from app.context import LONGEST_RUN, Passage, count_tokens, gather
from database.records import Match
from tests.app.fakes import FakeStore, a_chunk, a_document, a_match

PLENTY = 10_000


async def passages_of(store: FakeStore, matches: list[Match], tokens: int) -> tuple[Passage, ...]:
    context = await gather(store, matches, tokens, lambda passage: count_tokens(passage.markdown))
    spent = sum(count_tokens(passage.markdown) for passage in context.passages)
    assert (context.tokens, context.room) == (spent, tokens)
    return context.passages


def matches_at(*positions: int) -> list[Match]:
    """Matches of one page, at these places of their document."""
    return [
        a_match(chunk=a_chunk("doc", position, f"Sentence number {position}.", page=7, last_page=7))
        for position in positions
    ]


async def test_numbers_passages_in_the_order_of_the_search() -> None:
    """The best match is passage 1, whatever its relevance says of it."""
    matches = [
        a_match(chunk=a_chunk("b"), relevance=0.3),
        a_match(chunk=a_chunk("a", text="Other."), relevance=0.8),
    ]
    passages = await passages_of(FakeStore(), matches, PLENTY)
    assert [(passage.n, passage.document.id) for passage in passages] == [(1, "b"), (2, "a")]


async def test_joins_matches_that_touch() -> None:
    """Neighbours become one passage in reading order, with the boxes of both."""
    [passage] = await passages_of(FakeStore(), matches_at(5, 4), PLENTY)
    assert passage.text == "Sentence number 4.\n\nSentence number 5."
    assert (passage.page, passage.last_page) == (7, 7)
    assert len(passage.boxes) == 2


async def test_keeps_matches_of_different_pages_apart() -> None:
    """A citation opens one page, and what it is cited for stands there."""
    matches = [a_match(chunk=a_chunk(position=position, text=f"On {position}.")) for position in (4, 5)]
    passages = await passages_of(FakeStore(), matches, PLENTY)
    assert [(passage.page, passage.text) for passage in passages] == [(5, "On 4."), (6, "On 5.")]


async def test_fetches_the_chunk_between_two_matches() -> None:
    """A gap of one chunk is closed from the store."""
    store = FakeStore(pieces=[a_chunk("doc", 5, "In between.")])
    [passage] = await passages_of(store, matches_at(4, 6), PLENTY)
    assert passage.text == "Sentence number 4.\n\nIn between.\n\nSentence number 6."


async def test_keeps_matches_apart_that_do_not_touch() -> None:
    """Two places of a document are two passages, and so are the same places of two documents."""
    matches = [*matches_at(1, 5), a_match(chunk=a_chunk("other", 2, "Elsewhere.", page=7))]
    passages = await passages_of(FakeStore(), matches, PLENTY)
    assert [passage.text for passage in passages] == [
        "Sentence number 1.",
        "Sentence number 5.",
        "Elsewhere.",
    ]


async def test_a_passage_does_not_grow_without_end() -> None:
    """A citation points at a place, not at a chapter."""
    passages = await passages_of(FakeStore(), matches_at(*range(10)), PLENTY)
    assert max(len(passage.chunks) for passage in passages) == LONGEST_RUN


async def test_completes_a_passage_that_is_cut_in_a_sentence() -> None:
    """The neighbours hold the sentence's beginning and its end."""
    before, after = a_chunk(position=3, text="The fee that was"), a_chunk(position=5, text="forty reais.")
    match = a_match(chunk=a_chunk(position=4, text="agreed upon came to"))
    [passage] = await passages_of(FakeStore(pieces=[before, after]), [match], PLENTY)
    assert passage.text == "The fee that was\n\nagreed upon came to\n\nforty reais."
    assert (passage.page, passage.last_page) == (5, 6), "its page is that of what was found"


async def test_a_table_in_parts_is_shown_once() -> None:
    """Each part of a table has all of it as Markdown."""
    parts = [a_chunk(position=n, text=f"Row {n}.", markdown="|a|b|\n|-|-|\n|1|2|", page=3) for n in range(3)]
    [passage] = await passages_of(FakeStore(), [a_match(chunk=part) for part in parts], PLENTY)
    assert passage.text == "Row 0.\n\nRow 1.\n\nRow 2."
    assert passage.markdown == "|a|b|\n|-|-|\n|1|2|"


async def test_leaves_a_whole_passage_alone() -> None:
    """What begins and ends with its sentences needs no neighbour."""
    store = FakeStore(pieces=[a_chunk(position=3, text="Before."), a_chunk(position=5, text="After.")])
    [passage] = await passages_of(store, matches_at(4), PLENTY)
    assert passage.text == "Sentence number 4."


async def test_neighbours_of_another_version_do_not_belong() -> None:
    """The document was loaded anew between the search and the look at its neighbours."""
    newer = a_chunk(position=5, text="Of another version.", version=2)
    [passage] = await passages_of(FakeStore(pieces=[newer]), matches_at(4, 6), PLENTY)
    assert passage.text == "Sentence number 4.\n\nSentence number 6."


async def test_drops_a_repeated_text() -> None:
    """The same page in two files is one passage."""
    matches = [
        a_match(chunk=a_chunk("a", text="The same  text.")),
        a_match(chunk=a_chunk("b", text="the same\ntext.")),
    ]
    assert [passage.document.id for passage in await passages_of(FakeStore(), matches, PLENTY)] == ["a"]


async def test_says_an_overlap_once() -> None:
    """Chunks that repeat the end of the one before are joined where they meet."""
    matches = [
        a_match(chunk=a_chunk(position=0, text="One. The overlapping sentence.", page=1)),
        a_match(chunk=a_chunk(position=1, text="The overlapping sentence. Three.", page=1)),
    ]
    [passage] = await passages_of(FakeStore(), matches, PLENTY)
    assert passage.text == "One. The overlapping sentence. Three."


async def test_stays_within_its_tokens() -> None:
    """What doesn't fit is left out; what is shorter and comes later still fits."""
    long, short = "word " * 300 + ".", "Short."
    matches = [
        a_match(chunk=a_chunk("a", text="First.")),
        a_match(chunk=a_chunk("b", text=long)),
        a_match(chunk=a_chunk("c", text=short)),
    ]
    room = 20
    passages = await passages_of(FakeStore(), matches, room)
    assert [(passage.n, passage.document.id) for passage in passages] == [(1, "a"), (2, "c")]
    assert sum(count_tokens(passage.markdown) for passage in passages) <= room


async def test_falls_back_to_the_match_where_its_run_is_too_long() -> None:
    """A neighbour that doesn't fit must not cost the match its place."""
    matches = [
        a_match(chunk=a_chunk(position=0, text="The match.")),
        a_match(chunk=a_chunk(position=1, text="word " * 300 + ".")),
    ]
    [passage] = await passages_of(FakeStore(), matches, 20)
    assert passage.text == "The match."


async def test_shows_plain_text_until_there_is_markdown() -> None:
    """Layout may come later than text."""
    [passage] = await passages_of(FakeStore(), [a_match(a_document(), a_chunk(markdown=""))], PLENTY)
    assert passage.markdown == "The answer is 42."


def test_counts_tokens_on_the_safe_side() -> None:
    """Accents and other scripts take more tokens a character than English does."""
    assert count_tokens("a" * 300) == 100
    assert count_tokens("ç" * 300) == 200


async def test_what_has_no_room_is_told() -> None:
    """A passage that doesn't fit is dropped, a shorter one after it is not."""
    matches = [
        a_match(chunk=a_chunk("a", text="Curta.")),
        a_match(chunk=a_chunk("b", text="palavra " * 500)),
        a_match(chunk=a_chunk("c", text="Breve.")),
    ]
    context = await gather(FakeStore(), matches, 20, lambda passage: count_tokens(passage.markdown))
    assert [passage.document.id for passage in context.passages] == ["a", "c"]
    assert [match.document.id for match in context.dropped] == ["b"]


async def test_all_passages_of_a_place_are_read() -> None:
    """Those that touch as one, those that don't apart, each with its number and the page."""
    third, ninth, second = (
        a_chunk("a", position, text, page=2, last_page=2)
        for position, text in ((3, "Terceira."), (9, "Nona."), (2, "Segunda."))
    )
    place = replace(a_match(chunk=third), others=(ninth, second))
    passages = await passages_of(FakeStore(), [place], PLENTY)
    assert [passage.text for passage in passages] == ["Segunda.\n\nTerceira.", "Nona."]
    assert {passage.page for passage in passages} == {2}
