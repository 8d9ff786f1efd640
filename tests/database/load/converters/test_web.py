"""Web pages."""

from __future__ import annotations

from pathlib import Path

from database.load.converters.web import WebConverter
from tests.contracts.converter_contract import text_of

_FILLER = "Este parágrafo do artigo principal tem palavras bastantes para ser um parágrafo. " * 4


def test_menus_and_scripts_are_left_out(tmp_path: Path) -> None:
    """Only the main text is loaded, and the title is known."""
    path = tmp_path / "a.html"
    path.write_text(
        "<html><head><title>O título</title></head><body><nav><a href='/'>Início</a> Contato</nav>"
        f"<main><article><h1>Regras</h1><p>{_FILLER}</p><p>{_FILLER}</p></article></main>"
        "<footer>Todos os direitos</footer><script>roubar()</script></body></html>"
    )
    text = text_of(WebConverter().convert(path, range(1)))
    assert "artigo principal" in text
    assert "Contato" not in text
    assert "roubar" not in text
    assert WebConverter().outline(path).title


def test_a_page_without_an_article_gives_all_its_text(tmp_path: Path) -> None:
    """A short list is better loaded whole than not at all."""
    path = tmp_path / "a.html"
    path.write_text("<html><body><ul><li>Prazo: 30 dias</li><li>Multa: 2%</li></ul></body></html>")
    text = text_of(WebConverter().convert(path, range(1)))
    assert "Prazo: 30 dias" in text
    assert "Multa: 2%" in text
