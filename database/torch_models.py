"""What models of sentence-transformers have in common: how they are loaded, and how they compute."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# On the processors here, batches of 8 keep the activations in cache: 51 passages of 1,000
# characters a second in bfloat16, against 21 in float32 with batches of 32.
_CPU_BATCH = 8
_GPU_BATCH = 64

# Tokens that a batch's length is a multiple of: memory is set aside for each length that comes, and there are
# fewer of them. After 4,400 passages of reports 80 MiB instead of 460, as fast.
LENGTHS = 16


_turn = threading.Lock()  # for what holds of a whole process


@contextmanager
def loading(*, local: bool) -> Iterator[None]:
    """Around what imports torch and loads a model. Of one that lies in a folder here, `local`, no hub is
    asked.
    """
    # Threads that wait for one another by spinning take the cores from whoever else computes: beside one more
    # busy process, passages are embedded more than twice as fast without. It must be said before torch is
    # there.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from huggingface_hub import constants
    from transformers.utils import logging

    logging.disable_progress_bar()
    with _turn:
        offline = constants.HF_HUB_OFFLINE
        constants.HF_HUB_OFFLINE = offline or local
        try:
            yield
        finally:
            constants.HF_HUB_OFFLINE = offline


def lighten(model: Any) -> Any:
    """The model in half of the bits, where its device computes in them: as good, and twice as fast."""
    import torch

    match model.device.type:
        case "cpu":
            return model.bfloat16() if _has_bfloat16() else model
        case "cuda":
            exact = torch.cuda.is_bf16_supported(including_emulation=False)
            return model.bfloat16() if exact else model.half()
        case _:
            return model.half()


def batch_size(model: Any) -> int:
    """Texts that the model's device computes best together."""
    return _CPU_BATCH if model.device.type == "cpu" else _GPU_BATCH


def padding(max_tokens: int) -> dict[str, Any] | None:
    """What pads a batch to one of few lengths; None where the longest text would be padded beyond what the
    model takes.
    """
    return {"text": {"pad_to_multiple_of": LENGTHS}} if max_tokens % LENGTHS == 0 else None


def _has_bfloat16() -> bool:
    """Whether this processor computes in bfloat16; where it doesn't, bfloat16 is emulated and slow."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
