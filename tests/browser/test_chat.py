"""Asking in the browser: the text grows, its sources open on the right page."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack

OpenPage = Callable[..., Page]

QUESTION = "Qual é o prazo de entrega?"


def ask(page: Page, question: str) -> None:
    page.get_by_test_id("question").fill(question)
    page.get_by_test_id("send").click()


def yellow_share(picture: bytes) -> float:
    """The share of pixels that are marked."""
    pixels = pymupdf.Pixmap(picture)
    step = 3
    sampled = [
        pixels.pixel(x, y) for y in range(0, pixels.height, step) for x in range(0, pixels.width, step)
    ]
    marked = [pixel for pixel in sampled if pixel[0] > 220 and pixel[1] > 200 and pixel[2] < 215]
    return len(marked) / len(sampled)


def test_the_answer_grows_and_its_source_opens_on_the_marked_page(stack: Stack, open_page: OpenPage) -> None:
    """From the question to the yellow passage on page 2 of the notice."""
    page = open_page(stack.client)
    ask(page, QUESTION)
    answer = page.get_by_test_id("answer").last
    expect(answer).to_contain_text("prazo")

    lengths = [len(answer.inner_text())]
    while lengths[-1] < len(stack.model.pieces[0]) or page.get_by_test_id("stop").is_visible():
        lengths.append(len(answer.inner_text()))
        page.wait_for_timeout(50)
    assert lengths == sorted(lengths), "text is only added"
    assert len(set(lengths)) >= 10, "it is seen growing"
    expect(answer.locator("strong")).to_have_text("trinta dias corridos")

    page.get_by_test_id("citation").first.click()
    viewer = page.get_by_test_id("viewer")
    expect(viewer).to_contain_text("edital.pdf")
    expect(viewer).to_contain_text("Página 2 de 3")
    image = page.get_by_test_id("viewer-image")
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image.element_handle())
    assert 0.001 < yellow_share(image.screenshot()) < 0.2

    page.get_by_test_id("next-page").click()
    expect(viewer).to_contain_text("Página 3 de 3")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()


def test_the_model_reads_the_passage_that_is_cited(stack: Stack, open_page: OpenPage) -> None:
    """What the page shows as source 1 is what stood as passage 1 in the prompt."""
    page = open_page(stack.client)
    ask(page, QUESTION)
    source = page.get_by_test_id("source-1").last
    expect(source).to_contain_text("edital.pdf")
    expect(source).to_contain_text("página 2")
    prompt = stack.model.asked[-1]["messages"][-1]["content"]
    assert "trinta dias corridos" in prompt.split('n="2"')[0]
    assert QUESTION in prompt


def test_a_stopped_answer_stops_the_model(stack: Stack, open_page: OpenPage) -> None:
    """The text stays, and the model's work is cancelled at once."""
    page = open_page(stack.client)
    stack.model.left.clear()
    ask(page, QUESTION)
    expect(page.get_by_test_id("answer").last).to_contain_text("prazo")
    page.get_by_test_id("stop").click()
    expect(page.get_by_test_id("stopped")).to_be_visible()
    for _ in range(10):
        if stack.model.left.is_set():
            break
        page.wait_for_timeout(100)
    assert stack.model.left.is_set(), "within a second"
    expect(page.get_by_test_id("answer").last).to_contain_text("prazo")


def test_an_answer_that_breaks_off_is_said_to_and_can_be_asked_again(
    stack: Stack, open_page: OpenPage
) -> None:
    """Half an answer is never shown as a whole one; the question needn't be typed again. So it is where
    somebody wants one model and no other.
    """
    page = open_page(stack.client)
    page.get_by_label("Modelo").select_option("llama3:latest")
    stack.model.cut_after = 5
    try:
        ask(page, QUESTION)
        expect(page.get_by_test_id("error")).to_be_visible()
    finally:
        stack.model.cut_after = None
    page.get_by_test_id("retry").click()
    expect(page.get_by_test_id("answer").last).to_contain_text("trinta dias corridos")
    expect(page.get_by_test_id("error")).to_be_hidden()


def test_an_answer_that_breaks_off_is_given_by_another_model(stack: Stack, open_page: OpenPage) -> None:
    """From the beginning: nothing of the half answer stays."""
    page = open_page(stack.client)
    stack.model.cut_after = 5
    try:
        ask(page, QUESTION)
        answer = page.get_by_test_id("answer").last
        expect(answer).to_contain_text("trinta dias corridos, contados da assinatura do contrato.")
    finally:
        stack.model.cut_after = None
    expect(answer).to_have_attribute("aria-busy", "false")
    assert answer.inner_text().count("O prazo de entrega é de") == 1
    expect(page.get_by_text("Citado dos documentos")).to_be_visible()
    expect(page.get_by_test_id("error")).to_be_hidden()


def test_without_a_model_the_documents_themselves_are_quoted(
    stack_without_model: Stack, open_page: OpenPage
) -> None:
    """And the page says why, and what to do about it."""
    page = open_page(stack_without_model.client)
    expect(page.get_by_test_id("no-model")).to_contain_text("ollama pull llama3")
    ask(page, QUESTION)
    answer = page.get_by_test_id("answer").last
    expect(answer).to_contain_text("O prazo de entrega é de trinta dias corridos, contados da assinatura")
    page.get_by_test_id("citation").first.click()
    expect(page.get_by_test_id("viewer")).to_contain_text("Página 2 de 3")


def test_a_bad_answer_is_kept_with_the_page_that_a_person_names(
    stack: Stack, seeded: Path, open_page: OpenPage
) -> None:
    """From the thumb to a line of the file, by keyboard alone."""
    page = open_page(stack.client)
    ask(page, QUESTION)
    bad = page.get_by_role("button", name="Resposta ruim")
    expect(bad).to_have_attribute("aria-pressed", "false")
    bad.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Qual página teria sido a certa?")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_test_id("right-document")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("right-page-number")).to_be_focused()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Obrigado")).to_be_visible()
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(bad).to_be_focused()
    kept = json.loads((seeded / "feedback" / "feedback.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (kept["question"], kept["verdict"]) == (QUESTION, "bad")
    assert [(gold["name"], gold["page"]) for gold in kept["gold"]] == [("edital.pdf", 3)]
    assert ("edital.pdf", 2) in [(shown["name"], shown["page"]) for shown in kept["shown"]]


def test_what_is_not_in_the_documents_is_refused(stack_without_model: Stack, open_page: OpenPage) -> None:
    """In the question's language, with the nearest pages to look at."""
    page = open_page(stack_without_model.client)
    ask(page, "Quantos gols marcou o atacante no campeonato?")
    expect(page.get_by_test_id("answer").last).to_contain_text(
        "Não tenho informações suficientes nos documentos"
    )
    expect(page.get_by_test_id("source-1").last).to_be_visible()


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("pt-BR", "Pergunte aos seus documentos"),
        ("es-MX", "Pregunta a tus documentos"),
        ("en-GB", "Ask your documents"),
    ],
)
def test_the_page_comes_in_the_persons_language(
    stack_without_model: Stack, open_page: OpenPage, language: str, title: str
) -> None:
    """Already in the HTML that the client's server renders, and still after the page has woken up."""
    asked = urllib.request.Request(stack_without_model.client, headers={"Accept-Language": language})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=10) as response:  # noqa: S310
        html = response.read().decode()
    assert title in html
    assert f'lang="{language[:2]}' in html
    page = open_page(stack_without_model.client, language=language)
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def test_the_language_can_be_switched_and_stays(stack_without_model: Stack, open_page: OpenPage) -> None:
    """Also after the page is loaded again."""
    page = open_page(stack_without_model.client)
    page.get_by_test_id("language").select_option("es")
    expect(page.get_by_role("heading", name="Pregunta a tus documentos")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Pregunta a tus documentos")).to_be_visible()


def test_it_works_on_a_phone(stack_without_model: Stack, open_page: OpenPage) -> None:
    """Nothing is wider than the screen, and the source fills it."""
    page = open_page(stack_without_model.client, width=390, height=844)
    ask(page, QUESTION)
    page.get_by_test_id("citation").first.click()
    expect(page.get_by_test_id("viewer-image")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
