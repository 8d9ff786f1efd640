"""Models of two layers, made here: as large ones are loaded and asked, but their weights are random."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

HIDDEN = 16
WORDS = ("prazo", "de", "entrega", "trinta", "dias", "edital", "multa", "query", "passage", ":", "o", "é")
PLACES = 128  # that the model has for tokens


def tiny_embedder(
    folder: Path, *, prompts: Mapping[str, str] | None = None, max_tokens: int = 64, card: str = ""
) -> Path:
    """A sentence-transformers model in the folder, whose tokenizer cuts at `max_tokens`."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertModel

    base = _base(folder / "base", max_tokens)
    BertModel(_config()).save_pretrained(base)
    transformer = Transformer(str(base))
    pooling = Pooling(transformer.get_embedding_dimension(), "mean")
    model = SentenceTransformer(modules=[transformer, pooling], prompts=dict(prompts or {}))
    place = folder / "model"
    model.save(str(place), create_model_card=False)
    if card:
        (place / "README.md").write_text(card, encoding="utf-8")
    return place


def tiny_cross_encoder(folder: Path, *, scores: int = 1) -> Path:
    """A CrossEncoder in the folder, which gives so many scores."""
    from sentence_transformers import CrossEncoder
    from transformers import BertForSequenceClassification

    base = _base(folder / "base", 64)
    config = _config()
    config.num_labels = scores
    BertForSequenceClassification(config).save_pretrained(base)
    place = folder / "model"
    CrossEncoder(str(base), local_files_only=True).save(str(place))
    return place


def _base(folder: Path, max_tokens: int) -> Path:
    from transformers import BertTokenizer

    folder.mkdir(parents=True)
    letters = "abcdefghijklmnopqrstuvwxyzáâãéêíóôõúç0123456789.,"
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    vocabulary += [one for letter in letters for one in (letter, f"##{letter}") if one not in WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizer(
        vocab=str(folder / "vocab.txt"), model_max_length=max_tokens, strip_accents=False
    ).save_pretrained(folder)
    return folder


def _config():  # type: ignore[no-untyped-def]  # transformers gives its configurations no type
    import torch
    from transformers import BertConfig

    torch.manual_seed(7)
    return BertConfig(
        vocab_size=256,
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=PLACES,
    )
