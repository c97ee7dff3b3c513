"""A folder of BERT's kind as a GGUF file, as llama.cpp's own converter would write it: for tests and measurements.

No embedding or reranking model can be had as a GGUF file without the network, so MiniLM's is made of the weights that
are here, and a reranker's of made-up ones (`tests/models/ranker_file.py`).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, PoolingType, TokenType
from gguf.quants import quantize
from safetensors.numpy import load_file

POSITIONS_BEFORE = {"xlm-roberta": 2}
"""Rows before the first position's, which belong to no position."""
READ_TOKENS = 256
"""What the folder's own configuration says the model reads, special tokens included."""
MARKERS = {"[PAD]": "padding", "[UNK]": "unknown", "[CLS]": "bos", "[SEP]": "seperator", "[MASK]": "mask"}
"""The tokens that stand for no text -> what the format calls each, spelled as it spells it."""
PARTS = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}
HEAD = {
    "pooler.dense": "cls",
    "classifier": "cls.output",
    "classifier.dense": "cls",
    "classifier.out_proj": "cls.output",
}
"""Of models that give scores; the first two are BERT's, the others RoBERTa's."""
TABLES = {
    "embeddings.word_embeddings.weight": "token_embd.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.LayerNorm.weight": "token_embd_norm.weight",
    "embeddings.LayerNorm.bias": "token_embd_norm.bias",
}
KINDS = {
    "f32": (LlamaFileType.ALL_F32, GGMLQuantizationType.F32),
    "f16": (LlamaFileType.MOSTLY_F16, GGMLQuantizationType.F16),
    "q8_0": (LlamaFileType.MOSTLY_Q8_0, GGMLQuantizationType.Q8_0),
}


def write(folder: Path, target: Path, *, kind: str = "f16", pooling: PoolingType = PoolingType.MEAN) -> Path:
    """Write a folder of BERT's or XLM-RoBERTa's kind as a GGUF file, and return where.

    Args:
        folder: with `config.json`, `tokenizer.json` and `model.safetensors`.
        target: the file to write.
        kind: how the matrices are stored, a key of `KINDS`.
        pooling: what the header says makes one embedding of those of the tokens.
    """
    about = json.loads((folder / "config.json").read_text())
    file_type, stored = KINDS[kind]
    writer = GGUFWriter(target, "bert")
    writer.add_name(folder.name)
    writer.add_file_type(file_type)
    before = POSITIONS_BEFORE.get(about["model_type"], 0)
    positions = min(READ_TOKENS, about["max_position_embeddings"] - before)
    writer.add_context_length(positions)
    writer.add_embedding_length(about["hidden_size"])
    writer.add_feed_forward_length(about["intermediate_size"])
    writer.add_block_count(about["num_hidden_layers"])
    writer.add_head_count(about["num_attention_heads"])
    writer.add_layer_norm_eps(about["layer_norm_eps"])
    writer.add_causal_attention(value=False)
    writer.add_pooling_type(pooling)
    _add_vocabulary(writer, folder, about["type_vocab_size"])
    for name, weights in load_file(folder / "model.safetensors").items():
        if known := _name(name, head=pooling is PoolingType.RANK):
            kept = slice(before, before + positions) if known == "position_embd.weight" else slice(None)
            _add_tensor(writer, known, weights[kept], stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _add_vocabulary(writer: GGUFWriter, folder: Path, token_types: int) -> None:
    """Add the tokens: those that begin a word get a visible space before them, those that go on lose their signs."""
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    writer.add_token_type_count(token_types)
    if isinstance(vocabulary, list):
        _add_likely_pieces(writer, vocabulary)
        return
    ordered = sorted(vocabulary, key=vocabulary.get)
    kinds = [TokenType.CONTROL if token in MARKERS else TokenType.NORMAL for token in ordered]
    tokens = [
        token if token in MARKERS else token[2:] if token.startswith("##") else f"\u2581{token}" for token in ordered
    ]
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    for marker, called in MARKERS.items():
        writer.add_uint32(f"tokenizer.ggml.{called}_token_id", vocabulary[marker])


def _add_likely_pieces(writer: GGUFWriter, vocabulary: list[list[Any]]) -> None:
    """Add XLM-RoBERTa's tokens with how likely each is."""
    tokens = [token for token, _ in vocabulary]
    markers = {"<s>": "bos", "</s>": "eos", "<pad>": "padding", "<unk>": "unknown"}
    writer.add_tokenizer_model("t5")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in markers else TokenType.NORMAL for token in tokens])
    writer.add_token_scores([score for _, score in vocabulary])
    for marker, called in markers.items():
        writer.add_uint32(f"tokenizer.ggml.{called}_token_id", tokens.index(marker))


def _name(name: str, *, head: bool) -> str | None:
    """Return what the format calls a tensor; None for those that embeddings do without."""
    name = name.removeprefix("bert.").removeprefix("roberta.")
    module, _, which = name.rpartition(".")
    if head and module in HEAD:
        return f"{HEAD[module]}.{which}"
    if name in TABLES:
        return TABLES[name]
    if not name.startswith("encoder.layer."):
        return None
    number, _, part = name.removeprefix("encoder.layer.").partition(".")
    module, _, which = part.rpartition(".")
    return f"blk.{number}.{PARTS[module]}.{which}"


def _add_tensor(writer: GGUFWriter, name: str, weights: np.ndarray, stored: GGMLQuantizationType) -> None:
    """Add a tensor; vectors and the small tables stay in 32 bits."""
    if weights.ndim == 1 or name in {"position_embd.weight", "token_types.weight", "cls.output.weight"}:
        stored = GGMLQuantizationType.F32
    weights = weights.astype(np.float32)
    if stored is GGMLQuantizationType.F32:
        writer.add_tensor(name, weights)
    else:
        writer.add_tensor(name, quantize(weights, stored), raw_dtype=stored)
