"""How models are loaded, and how they compute."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from huggingface_hub import constants, is_offline_mode

from database import torch_models
from database.embedders.sentence_transformers import SentenceTransformersEmbedder


def test_no_hub_is_asked_about_a_model_that_lies_here(
    monkeypatch: pytest.MonkeyPatch, embedder_folder: Path
) -> None:
    """And about others it is, before and after: a reranker can be fetched beside a bundled embedder."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with torch_models.loading(local=True):
        assert is_offline_mode()
    with torch_models.loading(local=False):
        assert not is_offline_mode()
    SentenceTransformersEmbedder(str(embedder_folder))
    assert not is_offline_mode()


def test_who_wants_no_network_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """For models that are loaded by name, too."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with torch_models.loading(local=False):
        assert is_offline_mode()


@pytest.mark.parametrize(("most", "padded"), [(512, True), (64, True), (50, False), (1, False)])
def test_batches_are_padded_where_the_longest_text_still_fits(most: int, padded: bool) -> None:
    """To a multiple of sixteen tokens."""
    wanted = {"text": {"pad_to_multiple_of": torch_models.LENGTHS}}
    assert torch_models.padding(most) == (wanted if padded else None)


def test_a_heavy_model_computes_a_question_with_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so does one on a GPU, which takes many at a time; a light one on each core for itself."""
    monkeypatch.setattr(torch_models, "_all_threads", lambda: 4)

    def model(weights: int, device: str = "cpu") -> torch.nn.Module:
        made = torch.nn.Sequential(
            torch.nn.Embedding(10**6, 100, device="meta"),
            torch.nn.Linear(1000, weights // 1000, device="meta"),
        )
        made.device = torch.device(device)  # type: ignore[assignment]  # as models of sentence-transformers
        return made

    light = torch_models.asking(model(11_000_000))
    assert (light.at_once, light.threads) == (4, 1)
    heavy = torch_models.asking(model(85_000_000))
    assert (heavy.at_once, heavy.threads) == (1, 4)
    on_gpu = torch_models.asking(model(11_000_000, "cuda"))
    assert on_gpu.at_once == 1
    assert on_gpu.together > heavy.together


class Halving:
    """A model on a device, which says in which numbers it computes."""

    def __init__(self, device: str) -> None:
        self.device = torch.device(device)

    def bfloat16(self) -> str:
        return "bfloat16"

    def half(self) -> str:
        return "float16"


@pytest.mark.parametrize(
    ("device", "exact", "numbers"),
    [("cuda", True, "bfloat16"), ("cuda", False, "float16"), ("mps", False, "float16")],
)
def test_a_gpu_computes_in_half_of_the_bits(
    monkeypatch: pytest.MonkeyPatch, device: str, exact: bool, numbers: str
) -> None:
    """In those that have float32's range where it knows them: older ones emulate them, slowly."""
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: exact)
    assert torch_models.lighten(Halving(device)) == numbers
