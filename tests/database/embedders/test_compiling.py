"""A model is compiled once, by another process, and anew when it is another one."""

from __future__ import annotations

import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from database.embedders import compiling, opening
from database.embedders.compiled import NETWORK, CompiledEmbedder
from database.embedders.compiling import compile_model, open_compiled
from database.embedders.sentence_transformers import SentenceTransformersEmbedder, load_model
from database.errors import EmbedderUnavailable
from tests.database.tiny_models import tiny_embedder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled models are kept."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(compiling, "_accelerated", lambda: False)
    return tmp_path / "home"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Of its own, so that it can be changed."""
    return tiny_embedder(tmp_path / "tiny")


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another one does, without its start."""

    def compile_here(name: str) -> bool:
        monkeypatch.setattr(sys, "argv", ["compiling", name])
        return compiling.main() == 0

    monkeypatch.setattr(compiling, "_compile_apart", compile_here)


def kept(home: Path) -> list[Path]:
    """The folders of compiled models, and of those that can't be."""
    return sorted(path for path in home.glob("acervo/*/*/"))


async def test_it_is_compiled_apart_once(home: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is read from its folder."""
    assert isinstance(open_compiled(str(model)), CompiledEmbedder)
    (folder,) = kept(home)
    monkeypatch.setattr(compiling, "_compile_apart", lambda _: pytest.fail("it is there"))
    again = open_compiled(str(model))
    assert again is not None
    assert (await again.embed_query("prazo")).shape == (16,)
    assert kept(home) == [folder]


def test_another_model_in_its_place_is_compiled_anew(home: Path, model: Path) -> None:
    """And what was made of the former goes."""
    compile_model(str(model))
    (former,) = kept(home)
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes())
    compile_model(str(model))
    (now,) = kept(home)
    assert now != former
    assert (now / NETWORK).exists()


def test_what_computes_something_else_is_left_to_pytorch(
    home: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is noted why, and not tried again."""
    monkeypatch.setattr(compiling, "_LEAST_ALIKE", 1.1)
    compile_model(str(model))
    (folder,) = kept(home)
    assert "something else" in (folder / "failed").read_text()
    monkeypatch.setattr(compiling, "_compile_apart", lambda _: pytest.fail("it has failed before"))
    assert open_compiled(str(model)) is None
    assert isinstance(opening.open_local(str(model)), SentenceTransformersEmbedder)


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError()])
def test_what_may_go_well_another_time_is_tried_again(
    home: Path, model: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A full disk says nothing of the model."""

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(compiling, "_write", fail)
        assert open_compiled(str(model)) is None
    assert kept(home) == []
    assert isinstance(open_compiled(str(model)), CompiledEmbedder)


def test_a_large_model_is_left_to_pytorch(home: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is compiled it takes several times its memory."""
    monkeypatch.setattr(compiling, "_MOST_WEIGHTS", 100)
    compile_model(str(model))
    (folder,) = kept(home)
    assert "too many" in (folder / "failed").read_text()


def test_a_model_that_takes_something_else_is_left_to_pytorch(
    home: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures, for one."""
    monkeypatch.setattr(compiling, "INPUTS", ("pixel_values",))
    compile_model(str(model))
    (folder,) = kept(home)
    assert "it takes" in (folder / "failed").read_text()


@pytest.mark.usefixtures("in_this_process")
def test_a_damaged_folder_is_made_again(home: Path, model: Path) -> None:
    """A disk that was full, somebody who tidied up."""
    compile_model(str(model))
    (folder,) = kept(home)
    (folder / NETWORK).write_text("<net")
    assert isinstance(open_compiled(str(model)), CompiledEmbedder)


def test_two_that_start_together_compile_once(
    home: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server and a loader."""
    loads = []

    def noted(name: str) -> Any:
        loads.append(name)
        return load_model(name)

    monkeypatch.setattr(compiling, "load_model", noted)
    threads = [threading.Thread(target=compile_model, args=(str(model),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [str(model)]
    assert len(kept(home)) == 1


def test_no_model_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the process that was to compile it, as PyTorch's own tells it."""
    with pytest.raises(EmbedderUnavailable) as caught:
        opening.open_local(str(tmp_path))
    with pytest.raises(EmbedderUnavailable) as of_pytorch:
        SentenceTransformersEmbedder(str(tmp_path))
    assert caught.value.detail == of_pytorch.value.detail
    assert caught.value.problem == of_pytorch.value.problem == "embedder_unloadable"


@pytest.mark.usefixtures("in_this_process")
def test_where_nothing_can_be_kept_pytorch_computes(home: Path, model: Path, tmp_path: Path) -> None:
    """A folder that can't be written to."""
    home.write_text("in the way")
    assert open_compiled(str(model)) is None


def test_a_gpu_is_pytorchs(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It computes there, and faster."""
    monkeypatch.setattr(compiling, "_accelerated", lambda: True)
    assert open_compiled(str(model)) is None


def test_a_gpu_that_is_hidden_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As PyTorch sees it."""
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert compiling._accelerated()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert not compiling._accelerated()


@pytest.mark.usefixtures("in_this_process")
def test_a_model_that_is_gone_is_not_what_was_compiled(home: Path, model: Path) -> None:
    """Whoever removes a model wants it no more."""
    compile_model(str(model))
    shutil.rmtree(model)
    assert open_compiled(str(model)) is None
