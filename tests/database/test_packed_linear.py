"""Models with packed weights compute what they computed before."""

from __future__ import annotations

import pytest
import torch

from database import packed_linear
from database.packed_linear import PackedLinear, pack


class Model(torch.nn.Module):
    """Two layers, the second without a bias."""

    def __init__(self, numbers: torch.dtype = torch.bfloat16) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.device = torch.device("cpu")
        self.layers = torch.nn.Sequential(torch.nn.Linear(64, 96), torch.nn.Linear(96, 32, bias=False))
        self.layers.to(numbers)
        self._given = torch.linspace(-1, 1, 3 * 64).reshape(3, 64).to(numbers)

    def compute(self) -> torch.Tensor:
        with torch.inference_mode():
            computed: torch.Tensor = self.layers(self._given)
        return computed.flatten()


@pytest.mark.parametrize("numbers", [torch.bfloat16, torch.float32])
def test_packed_it_computes_the_same(numbers: torch.dtype) -> None:
    """In the numbers that models are kept in."""
    model = Model(numbers)
    before = model.compute()
    assert pack(model, model.compute)
    assert [type(layer) for layer in model.layers] == [PackedLinear, PackedLinear]
    assert torch.allclose(model.compute().float(), before.float(), atol=0.02)


def test_what_packing_spoils_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a version of PyTorch computes something else, lacks what packs, or a model needs its weights."""

    def wrong(self: PackedLinear, given: torch.Tensor) -> torch.Tensor:
        return torch.ones(given.shape[0], 96 if given.shape[1] == 64 else 32, dtype=given.dtype)

    def missing(self: PackedLinear, given: torch.Tensor) -> torch.Tensor:
        raise AttributeError("'_OpNamespace' 'mkldnn' object has no attribute '_linear_pointwise'")

    for forward in (wrong, missing):
        with monkeypatch.context() as patched:
            patched.setattr(packed_linear.PackedLinear, "forward", forward)
            model = Model()
            before = model.compute()
            assert not pack(model, model.compute)
        assert [type(layer) for layer in model.layers] == [torch.nn.Linear, torch.nn.Linear]
        assert torch.equal(model.compute(), before)


def test_a_model_on_a_gpu_is_left_alone() -> None:
    """Its weights are laid out there."""
    model = Model()
    model.device = torch.device("cuda")
    assert not pack(model, model.compute)
    assert isinstance(model.layers[0], torch.nn.Linear)
