"""Quoting; what every model shows is in tests/contracts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.context import Passage
from app.models.base import Usage
from app.models.extractive import (
    MOST_PASSAGES,
    MOST_SENTENCES,
    MOST_WORDS,
    ExtractiveModel,
    choose_quotes,
)
from app.prompt import build_prompt
from tests.app.fakes import a_chunk, a_passage
from tests.app.hearing import parts_of

PT = (
    "O programa foi criado em 2009 pela reitoria. "
    "O prazo para a inscrição dos candidatos termina em 30 de junho. "
    "A bolsa paga R$ 1.234,56 por mês aos estudantes. "
    "Os relatórios são entregues à coordenação."
)
ES = (
    "El programa fue creado en 2009 por el rectorado. "
    "El plazo para la inscripción de los candidatos termina el 30 de junio. "
    "La beca paga 1.234,56 euros al mes a los estudiantes. "
    "Los informes se entregan aparte."
)
EN = (
    "The programme was created in 2009 by the rectorate. "
    "The deadline for the registration of candidates is 30 June. "
    "The grant pays students $1,234.56 every month. "
    "Reports are handed in to the coordinator."
)

# More than are quoted: all of them say as much about the annual fee.
FEES = "".join(f"Off{c}ice of dis{c}trict wan{c}ts an annual fee. " for c in "abcdefghi")


async def answer(question: str, *passages: Passage) -> str:
    parts = await parts_of(ExtractiveModel(), build_prompt(question, "en", passages))
    assert isinstance(parts[-1], Usage)
    return "".join(part for part in parts if isinstance(part, str))


def quoted(question: str, *sentences: str) -> list[str]:
    return [quote.text for quote in choose_quotes(question, [a_passage(text=" ".join(sentences))])]


@pytest.mark.parametrize(
    ("language", "text", "question", "quote"),
    [
        ("pt", PT, "Até quando os candidatos podem se inscrever?", "30 de junho"),
        ("pt", PT, "Quanto a bolsa paga?", "R$ 1.234,56"),
        ("pt", PT, "Quem recebe os relatorios?", "à coordenação"),
        ("es", ES, "¿Cuál es el plazo de inscripción?", "30 de junio"),
        ("es", ES, "¿Cuánto paga la beca?", "1.234,56 euros"),
        ("es", ES, "¿En qué año se creó el programa?", "2009"),
        ("en", EN, "What is the deadline for registering?", "30 June"),
        ("en", EN, "How much does the grant pay?", "$1,234.56"),
        ("en", EN, "When was the programme created?", "2009"),
    ],
)
def test_finds_the_sentence_that_answers(language: str, text: str, question: str, quote: str) -> None:
    """Whatever the inflection and the accents of the question."""
    quotes = choose_quotes(question, [a_passage(text=text, language=language)])
    assert quote in " ".join(one.text for one in quotes)
    assert len(quotes) <= 2


async def test_quotes_exactly_with_the_number_of_the_passage() -> None:
    """Each sentence is followed by where it stands; only blanks are changed."""
    passages = [
        a_passage(1, PT, language="pt"),
        a_passage(2, "Outro assunto, sem nada disso.", language="pt"),
    ]
    assert await answer("Qual é o prazo para a inscrição?", *passages) == (
        "O prazo para a inscrição dos candidatos termina em 30 de junho. [1]"
    )


def test_quotes_in_reading_order() -> None:
    """The best sentence may come last."""
    text = (
        "The fee is low. The fee of the annual licence is 40 reais. The annual fee is due in May each year."
    )
    starts = [
        (one.n, one.start) for one in choose_quotes("annual fee", [a_passage(1, text), a_passage(2, text)])
    ]
    assert starts == sorted(starts)


def test_quotes_little() -> None:
    """From few passages, and few sentences, however many are as good."""
    assert len(choose_quotes("What is the annual fee?", [a_passage(text=FEES)])) == MOST_SENTENCES
    passages = [a_passage(n, f"{text}.") for n, text in enumerate(FEES.strip().split(". "), 1)]
    several = choose_quotes("What is the annual fee?", passages)
    assert {quote.n for quote in several} == set(range(1, MOST_PASSAGES + 1))


BOAT = "The licence of a harbour boat costs 40 reais."
DUE = "The licence of a boat is due in May."


def test_what_is_clearly_the_best_is_quoted_alone() -> None:
    """What has less of the question's words is left to the page; what may as well be meant is not."""
    taxi = "The licence of a taxi costs 50 reais."
    assert quoted("What is the licence of a harbour boat?", BOAT, DUE) == [BOAT]
    assert quoted("How much is a licence?", BOAT, taxi) == [BOAT, taxi]


def test_a_long_sentence_must_be_likelier_than_a_short_one() -> None:
    """Each word takes time to read."""
    long = f"{DUE[:-1]} {'and then the office sends its letters to people ' * 8}."
    assert quoted("How much is the licence of a harbour boat?", BOAT, DUE) == [BOAT, DUE]
    assert quoted("How much is the licence of a harbour boat?", BOAT, long) == [BOAT]


def test_no_more_than_so_many_words_are_quoted() -> None:
    """The best sentence may be longer; then it stands alone."""
    names = ("council", "mayor", "school", "church", "harbour")
    texts = [f"The annual fee {' '.join(f'{name}{n}' for n in range(36))}." for name in names]
    words = [len(text.split()) for text in quoted("annual fee", *texts)]
    assert sum(words) <= MOST_WORDS < sum(words) + words[0]
    long = " ".join(["The annual fee", *(f"x{n}" for n in range(MOST_WORDS))]) + "."
    assert quoted("annual fee", texts[0], long) == [long]


def test_what_shares_nothing_with_the_question_is_not_quoted() -> None:
    """However short it is, and whether or not it holds a date where one is asked for."""
    date = "It rained on 30 June 2009."
    text = "The cats of the mayor sleep all day long."
    assert quoted("When does the licence begin?", date, text, "The licence begins in May.") == [
        "The licence begins in May."
    ]


def test_the_same_sentence_is_quoted_once() -> None:
    """A contract and its annex differ in the number of the paragraph."""
    once, again = (
        "11.7 The annual fee of the licence is 40 reais.",
        "4.2 The annual fee of the licence is 40 reais.",
    )
    quotes = choose_quotes("What is the annual fee?", [a_passage(1, once), a_passage(2, again)])
    assert [one.n for one in quotes] == [1]


def test_what_a_sentence_announces_comes_with_it() -> None:
    """A list without its items would be half an answer; what follows the list is none of it."""
    text = """Data breaches must be notified with the following:
- the date and the hour;
- the people who are affected; and
- the measures that were taken.
The weather was fine on that day."""
    quotes = choose_quotes("What must be notified in a data breach?", [a_passage(text=text)])
    assert " ".join(one.text for one in quotes) == (
        "Data breaches must be notified with the following: - the date and the hour; "
        "- the people who are affected; and - the measures that were taken."
    )


def test_a_question_for_a_number_prefers_a_sentence_with_one() -> None:
    """Of those that share the same words with it."""
    quotes = choose_quotes(
        "How much is the annual fee?", [a_passage(text=FEES + "The annual fee was 40 reais.")]
    )
    assert quotes[-1].text == "The annual fee was 40 reais."


def test_a_sentence_of_a_better_passage_is_preferred() -> None:
    """The search has weighed all of the passage's words."""
    passages = [
        a_passage(1, FEES, relevance=0.2),
        a_passage(2, "An annual fee is due in May.", relevance=0.9),
    ]
    assert choose_quotes("annual fee", passages)[-1].n == 2


def test_a_sentence_of_an_earlier_passage_is_preferred() -> None:
    """Their order knows more than their relevance does."""
    passages = [
        a_passage(1, FEES, relevance=0.8),
        a_passage(2, FEES.replace("wan", "nee"), relevance=0.9),
    ]
    assert {quote.n for quote in choose_quotes("annual fee", passages)} == {1}


def test_a_sentence_profits_from_the_one_before() -> None:
    """Which has the name that "it" stands for."""
    openings = ("A bakery opened", "The season opened", "Another road opened", "The inquiry opened")
    rest = " ".join(f"Nothing else was of note. {opening} with some delay." for opening in openings)
    text = f"{rest} The Louvre is a famous museum. It was opened to everybody."
    quotes = choose_quotes("Louvre opened", [a_passage(text=text)])
    assert quotes[-1].text == "It was opened to everybody."


def test_a_word_is_found_in_its_relatives() -> None:
    """Stems don't join "founded" and "foundation"; letters do."""
    text = FEES.replace("annual fee", "company") + "The foundation of the company was a coup."
    assert "The foundation of the company was a coup." in quoted("company founded", text)


def test_a_word_is_found_in_its_other_forms() -> None:
    """By its stem, where most of its letters differ."""
    notices = "".join(f"Os avisos do pá{c}tio cheg{c}am ced{c}o. " for c in "abcdefghi")
    quotes = choose_quotes("avião", [a_passage(text=f"{notices}Os aviões voam alto.", language="pt")])
    assert "Os aviões voam alto." in [quote.text for quote in quotes]


def test_headings_and_page_numbers_are_not_quoted() -> None:
    """They repeat the question's words and say nothing."""
    text = "Annual fee\n\nPage 3\n\nThe annual fee of the licence is 40 reais.\n\nAnnual fee"
    [quote] = choose_quotes("What is the annual fee?", [a_passage(text=text)])
    assert quote.text == "The annual fee of the licence is 40 reais."


async def test_words_that_nobody_used_still_get_a_quote() -> None:
    """The search found the passage by its meaning."""
    assert "[1]" in await answer("Zygote?", a_passage(text="Cells divide and grow over time."))


async def test_a_documents_own_footnotes_are_not_citations() -> None:
    """[2] of an encyclopaedia is not our passage 2."""
    text = await answer(
        "When was it founded?", a_passage(text="It was founded in 1911.[2] It grew [3] fast.")
    )
    assert "[2]" not in text
    assert "[3]" not in text


def test_a_table_without_punctuation_is_cut() -> None:
    """Nobody reads a quotation of two pages."""
    [quote] = choose_quotes("fee", [a_passage(text="fee 40 reais " * 500)])
    assert len(quote.text) < 700
    assert quote.text.endswith("…")


async def test_without_text_there_is_no_answer() -> None:
    """And no crash: an empty answer is for the caller to judge."""
    assert await answer("What?", a_passage(text="")) == ""


async def test_an_answer_comes_word_by_word() -> None:
    """As a model's would."""
    parts = await parts_of(ExtractiveModel(), build_prompt("answer", "en", [a_passage()]))
    assert parts[:4] == ["The ", "answer ", "is ", "42. "]


def test_a_heading_is_not_an_answer() -> None:
    """Neither above its text nor in a table of contents, where the page's number follows it."""
    contents = a_passage(1, "How the fee is paid 7\nThe people who pay the fee 9")
    text = a_passage(2, "3. How the fee is paid\nThe fee of forty reais is due every month.")
    heads = ("How the fee is paid", "The people who pay the fee")
    passages = [
        replace(passage, chunks=tuple(replace(chunk, section=heads) for chunk in passage.chunks))
        for passage in (contents, text)
    ]
    quotes = choose_quotes("How is the fee paid?", passages)
    assert quotes[-1].text == "The fee of forty reais is due every month."
    assert "3. How the fee is paid" not in [quote.text for quote in quotes]


def test_what_is_announced_is_what_follows_at_once() -> None:
    """Also where it is too short to be quoted for itself: nothing farther on takes its place."""
    text = "The fee is paid with this command:\npay now\nThe weather was fine on that day."
    (quote, item) = choose_quotes("How is the fee paid?", [a_passage(text=text)])
    assert (quote.text, item.text) == ("The fee is paid with this command:", "pay now")


@pytest.mark.parametrize(
    ("question", "lines", "statement"),
    [
        (
            "Como adiciono um documento ao acervo?",
            "Como adicionar documentos ao acervo {}\nComo remover documentos {}\nPrivacidade {}\nLicença {}",
            "Os documentos são adicionados pela pasta do programa, pelo terminal ou pela API.",
        ),
        (
            "¿Cómo agrego un documento al acervo?",
            "Cómo agregar un documento al acervo {}\nCómo quitar un documento {}\nPrivacidad {}\nLicencia {}",
            "Los documentos se agregan por la carpeta del programa, por la terminal o por la API.",
        ),
        (
            "How do I add a document to the collection?",
            "How to add a document to the collection {}\nHow to remove a document {}\nPrivacy {}\nLicence {}",
            "Documents are added by the program's folder, by the terminal or by the API.",
        ),
    ],
)
@pytest.mark.parametrize("leader", ["", "........ ", ". . . . . . "])
def test_a_table_of_contents_is_not_quoted(question: str, lines: str, statement: str, leader: str) -> None:
    """It has the question's words; the statement has some of them."""
    entries = a_passage(1, lines.format(*(f"{leader}{page}" for page in (4, 7, 9, 11))))
    assert [one.text for one in choose_quotes(question, [entries, a_passage(2, statement)])] == [statement]
    assert choose_quotes(question, [entries])  # where nothing else is found, that is all there is


def test_what_stands_beside_a_table_of_contents_was_not_found_for_itself() -> None:
    """The search found the table: the passage's place says nothing of its neighbour."""
    entries = "How to pay the fee 4\nHow to owe the fee 7\nPrivacy 9\nLicence 11"
    beside, paid = "A fee is paid for every boat of ours.", "The fee is now paid at the desk in town."
    first = a_passage(1, entries)
    first = replace(
        first, text=f"{entries}\n\n{beside}", chunks=(first.best, a_chunk(position=1, text=beside))
    )
    quotes = choose_quotes("How is the fee paid?", [first, a_passage(2, paid)])
    assert [one.text for one in quotes] == [paid]


def test_a_list_of_links_to_headings_is_not_quoted() -> None:
    """As the contents of a Markdown page are. Links to elsewhere may be what is asked for."""
    statement = "Each fee is due at the desk."
    text = f"How the licence fee is paid\nWho owes the licence fee now\n{statement}"
    markdown = (
        f"- [How the licence fee is paid](#paid)\n- [Who owes the licence fee now](#owes)\n\n{statement}"
    )
    passage = replace(a_passage(text=text), markdown=markdown)
    question = "How is the licence fee paid?"
    assert [one.text for one in choose_quotes(question, [passage])] == [statement]
    elsewhere = replace(passage, markdown=markdown.replace("#", "https://example.org/"))
    assert choose_quotes("Who owes it now?", [elsewhere])[0].text == "Who owes the licence fee now"


def test_no_heading_of_a_passage_is_quoted() -> None:
    """Also where a short section goes before the next one, and where the heading is cut into sentences."""
    text = "Item 9. How the licence fee is paid\nAt the desk of each of the offices."
    passage = replace(a_passage(text=text), markdown=f"## {text}")
    assert [one.text for one in choose_quotes("How is the licence fee paid?", [passage])] == [
        "At the desk of each of the offices."
    ]


def test_a_heading_is_read_with_what_follows_it() -> None:
    """However short that is: nobody says again what the heading asks."""
    text = (
        "Item 4. Mine safety disclosures\nNone.\nItem 5. Other information\nThe office opens in May and June."
    )
    passage = replace(a_passage(text=text), markdown=text.replace("Item", "# Item"))
    assert [one.text for one in choose_quotes("What are the mine safety disclosures?", [passage])] == [
        "None."
    ]


@pytest.mark.parametrize(
    ("question", "text", "quote"),
    [
        ("Qual é o prazo?", "O prefeito mora na cidade.\nPrazo: 30 dias", "Prazo: 30 dias"),
        ("Quais documentos?", "O prefeito mora na cidade.\nDocumentos: RG; CPF", "Documentos: RG; CPF"),
        ("What is the fee?", "The mayor lives in town.\nFee: 40 reais", "Fee: 40 reais"),
    ],
)
def test_a_value_with_its_label_is_quoted(question: str, text: str, quote: str) -> None:
    """However short it is."""
    assert [one.text for one in choose_quotes(question, [a_passage(text=text)])] == [quote]


@pytest.mark.parametrize("line", ["Página 3 de 47", "Pág. 3 de 47", "Page 3 of 47 –", "2021 2022 2023 2024"])
def test_a_pages_number_is_not_quoted(line: str) -> None:
    """Nor are the years above a table."""
    [quote] = choose_quotes("Page 3 of 2023", [a_passage(text=f"{line}\nThe fee of 2023 was 40 reais.")])
    assert quote.text == "The fee of 2023 was 40 reais."


def test_a_sentence_that_was_broken_is_quoted_whole() -> None:
    """By a column, a page or another font. Items and cells, which are short, stay apart."""
    text = (
        "To remove from the licence the boats whose owners have left town\n"
        "and didn't return, write to the office.\nThe mayor sleeps."
    )
    [quote] = choose_quotes("How are boats removed from the licence?", [a_passage(text=text)])
    assert quote.text.endswith("left town and didn't return, write to the office.")
    rows = "boats that owe the annual fee\nnets that owe the annual tax"
    assert "boats that owe the annual fee" in [
        one.text for one in choose_quotes("Which boats owe the annual fee?", [a_passage(text=rows)])
    ]
