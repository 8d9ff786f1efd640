"""The server's settings."""

from __future__ import annotations

import pytest

from app.settings import Settings
from database.errors import SettingError


def load(**values: object) -> Settings:
    return Settings.load(_env_file=None, **values)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("localhost", "http://localhost:11434"),
        ("0.0.0.0:11435", "http://127.0.0.1:11435"),
        ("https://models.example/", "https://models.example"),
        ("http://[::1]:11434", "http://[::1]:11434"),
        (" http://ollama:11434 ", "http://ollama:11434"),
    ],
)
def test_takes_every_form_of_ollamas_own_variable(given: str, address: str) -> None:
    """OLLAMA_HOST may be set for Ollama itself, which takes more than addresses."""
    assert load(ollama_host=given).ollama_host == address


@pytest.mark.parametrize("given", ["ftp://host", "http://", "http://host:port"])
def test_refuses_what_is_no_address(given: str) -> None:
    """The error names the setting, its value and what is allowed."""
    with pytest.raises(SettingError, match="OLLAMA_HOST has the value"):
        load(ollama_host=given)


def test_reads_origins_from_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """ALLOWED_ORIGINS is written as people write lists in a shell."""
    monkeypatch.setenv("ALLOWED_ORIGINS", "http://localhost:4200, https://Acervo.example/")
    assert load().allowed_origins == ("http://localhost:4200", "https://acervo.example")


@pytest.mark.parametrize("given", ["localhost:4200", "http://localhost:4200/app", "*"])
def test_refuses_what_is_no_origin(given: str) -> None:
    """An origin that can never match is a mistake that somebody should hear of."""
    with pytest.raises(SettingError, match="ALLOWED_ORIGINS"):
        load(allowed_origins=given)


def test_an_empty_key_is_none() -> None:
    """Compose files pass on variables that nobody has set as empty ones."""
    assert load(google_api_key=" ").google_api_key is None


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("http://localhost:8001/v1", "http://localhost:8001/v1"),
        (" https://models.example/v1/ ", "https://models.example/v1"),
        ("http://[::1]:8001/v1", "http://[::1]:8001/v1"),
        (" ", None),
    ],
)
def test_takes_the_base_url_of_openais_clients(given: str, address: str | None) -> None:
    """With or without a slash at its end; an empty one is none."""
    assert load(openai_base_url=given).openai_base_url == address


@pytest.mark.parametrize(
    "given",
    [
        "localhost:8001/v1",
        "ftp://host/v1",
        "http:///v1",
        "http://host:port/v1",
        "http://host/v1?key=a",
        "http://host/v1#a",
        "http://name:word@host/v1",
    ],
)
def test_refuses_what_is_no_base_url(given: str) -> None:
    """Nor does it take a password, which would be shown with the address."""
    with pytest.raises(SettingError, match=r"^OPENAI_BASE_URL has the value"):
        load(openai_base_url=given)


def test_openais_variables_may_be_empty() -> None:
    """As compose files pass them on."""
    settings = load(openai_base_url="", openai_api_key=" ", openai_model=" ")
    assert (settings.openai_base_url, settings.openai_api_key, settings.openai_model) == (None, None, None)


@pytest.mark.parametrize("given", ["two\nlines", "chave-não-ascii"])
def test_a_key_that_no_header_takes_is_told_without_it(given: str) -> None:
    """At the start, not with the first question."""
    with pytest.raises(SettingError, match=r"^OPENAI_API_KEY has a value that is kept secret") as caught:
        load(openai_api_key=given)
    assert given not in str(caught.value)


def test_a_key_loses_what_surrounds_it() -> None:
    """It may come from a file that ends its line."""
    key = load(openai_api_key="a-key\n").openai_api_key
    assert key is not None
    assert key.get_secret_value() == "a-key"


def test_models_are_tried_in_the_order_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """ANSWER_WITH is written as people write lists in a shell; what is left out isn't tried."""
    assert load().answer_with == ("openai", "ollama", "gemini", "extractive")
    monkeypatch.setenv("ANSWER_WITH", "Gemini, ollama,")
    assert load().answer_with == ("gemini", "ollama")


@pytest.mark.parametrize("given", ["gpt", "ollama,llama3", "ollama,gemini,ollama", "", " , "])
def test_refuses_an_order_that_is_none(given: str) -> None:
    """A wrong name, the same one twice, or nobody: the error says what is allowed."""
    with pytest.raises(
        SettingError, match=rf"^ANSWER_WITH has the value '{given}'.* openai, ollama, gemini, extractive"
    ):
        load(answer_with=given)


def test_a_key_is_never_shown() -> None:
    """Neither logs nor errors give the key away."""
    settings = load(google_api_key="very-secret")
    assert settings.google_api_key is not None
    assert settings.google_api_key.get_secret_value() == "very-secret"
    assert "very-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"), [("port", "0"), ("port", "70000"), ("log_level", "loud"), ("gemini_model", "")]
)
def test_a_wrong_value_stops_the_start(name: str, value: str) -> None:
    """The error begins with the variable's name."""
    with pytest.raises(SettingError, match=f"^{name.upper()} has the value"):
        load(**{name: value})


def test_log_level_is_taken_in_any_case() -> None:
    """`debug` is as good as `DEBUG`."""
    assert load(log_level="debug").log_level == "DEBUG"
