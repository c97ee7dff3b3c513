"""The MiniLM folder as a GGUF file, as llama.cpp's own converter would write it: for tests and measurements.

No embedding model can be had as a GGUF file without the network, so one is made of the weights that are here.
"""

import json
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, PoolingType, TokenType
from gguf.quants import quantize
from safetensors.numpy import load_file

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
    """Write a sentence-transformers folder of BERT's kind as a GGUF file, and return where.

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
    writer.add_context_length(READ_TOKENS)
    writer.add_embedding_length(about["hidden_size"])
    writer.add_feed_forward_length(about["intermediate_size"])
    writer.add_block_count(about["num_hidden_layers"])
    writer.add_head_count(about["num_attention_heads"])
    writer.add_layer_norm_eps(about["layer_norm_eps"])
    writer.add_causal_attention(value=False)
    writer.add_pooling_type(pooling)
    _add_vocabulary(writer, folder, about["type_vocab_size"])
    for name, weights in load_file(folder / "model.safetensors").items():
        if known := _name(name):
            _add_tensor(writer, known, weights, stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _add_vocabulary(writer: GGUFWriter, folder: Path, token_types: int) -> None:
    """Add the tokens: those that begin a word get a visible space before them, those that go on lose their signs."""
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    ordered = sorted(vocabulary, key=vocabulary.get)
    kinds = [TokenType.CONTROL if token in MARKERS else TokenType.NORMAL for token in ordered]
    tokens = [
        token if token in MARKERS else token[2:] if token.startswith("##") else f"\u2581{token}" for token in ordered
    ]
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_type_count(token_types)
    for marker, called in MARKERS.items():
        writer.add_uint32(f"tokenizer.ggml.{called}_token_id", vocabulary[marker])


def _name(name: str) -> str | None:
    """Return what the format calls a tensor; None for those that embeddings do without."""
    if name in TABLES:
        return TABLES[name]
    if not name.startswith("encoder.layer."):
        return None
    number, _, part = name.removeprefix("encoder.layer.").partition(".")
    module, _, which = part.rpartition(".")
    return f"blk.{number}.{PARTS[module]}.{which}"


def _add_tensor(writer: GGUFWriter, name: str, weights: np.ndarray, stored: GGMLQuantizationType) -> None:
    """Add a tensor; vectors and the small tables stay in 32 bits."""
    if name == "position_embd.weight":
        weights = weights[:READ_TOKENS]
    if weights.ndim == 1 or name in {"position_embd.weight", "token_types.weight"}:
        stored = GGMLQuantizationType.F32
    weights = weights.astype(np.float32)
    if stored is GGMLQuantizationType.F32:
        writer.add_tensor(name, weights)
    else:
        writer.add_tensor(name, quantize(weights, stored), raw_dtype=stored)
