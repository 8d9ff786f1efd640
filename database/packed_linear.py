"""Linear layers whose weights lie in memory as oneDNN computes with them.

PyTorch lays them out anew in each call, which for a question's few tokens takes a third of the time. What
does it once is what torch.compile uses, and has no public name: where it isn't there, or gives something
else, the model stays as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import torch

_LEAST_ALIKE = 0.999  # cosine of what the model gives before and after

logger = logging.getLogger(__name__)


class PackedLinear(torch.nn.Module):
    """What torch.nn.Linear computes."""

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), None)
        bias: torch.Tensor | None = linear.bias
        self._bias = bias if bias is None else bias.detach()

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        computed: torch.Tensor = torch.ops.mkldnn._linear_pointwise(
            given, self._weight, self._bias, "none", [], ""
        )
        return computed


def pack(model: Any, compute: Callable[[], torch.Tensor]) -> bool:
    """Pack the linear layers of a model on the processor; whether that went well. `compute` gives something
    that it computes, float[d].
    """
    if model.device.type != "cpu":
        return False
    layers = list(_linear_layers(model))
    try:
        before = compute()
        with torch.no_grad():
            for parent, name, layer in layers:
                setattr(parent, name, PackedLinear(layer))
        alike = float(torch.nn.functional.cosine_similarity(before.float(), compute().float(), dim=0))
    except (AttributeError, NotImplementedError, RuntimeError, TypeError) as error:
        logger.info("the model's weights can't be packed: %s", error)
        alike = 0.0
    if alike >= _LEAST_ALIKE:
        return True
    for parent, name, layer in layers:
        setattr(parent, name, layer)
    return False


def _linear_layers(model: torch.nn.Module) -> Iterator[tuple[torch.nn.Module, str, torch.nn.Linear]]:
    for parent in model.modules():
        for name, child in parent.named_children():
            if type(child) is torch.nn.Linear:
                yield parent, name, child
