"""Small reranking models with made-up weights, as folders for torch and as GGUF files: for tests.

No reranking model can be had without the network. Their tokenizers are learned from our own documents.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFWriter, PoolingType, TokenType
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from models.process import ROOT
from models.vocabulary import WORDS
from tests.models import minilm_file

READ_TOKENS = 128
TEMPLATE = (
    '<|im_start|>system\nThe answer is "yes" or "no".<|im_end|>\n<|im_start|>user\n<Instruct>: Find what answers.\n'
    "<Query>: {query}\n<Document>: {document}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
)
QWEN_MARKERS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
YES, NO = 300, 301
"""The tokens that stand for them here; any two do."""
SMALL = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "initializer_range": 0.3,
}


def paragraphs() -> list[str]:
    """Return what real documents say."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "assets/demo/handbook").glob("*.md"))]
    return [part for text in texts for part in text.split("\n\n") if part.strip()]


def of_bert(folder: Path, *, token_types: int = 1) -> Path:
    """Write a BERT that gives one score into a folder, and return it."""
    from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415 - seconds

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    markers = list(minilm_file.MARKERS)
    tokenizer.train_from_iterator(
        paragraphs(), trainers.WordPieceTrainer(vocab_size=900, special_tokens=markers, show_progress=False)
    )
    pair = "[CLS] $A [SEP] $B:1 [SEP]:1" if token_types > 1 else "[CLS] $A [SEP] $B [SEP]"
    _finish(tokenizer, folder, pair, begin="[CLS]", end="[SEP]", unknown="[UNK]", padding="[PAD]")
    config = BertConfig(
        **SMALL,
        vocab_size=tokenizer.get_vocab_size(),
        type_vocab_size=token_types,
        max_position_embeddings=READ_TOKENS,
        num_labels=1,
        pad_token_id=tokenizer.token_to_id("[PAD]"),
    )
    return _saved(folder, BertForSequenceClassification, config)


def of_roberta(folder: Path) -> Path:
    """Write an XLM-RoBERTa that gives one score into a folder, and return it."""
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification  # noqa: PLC0415 - seconds

    tokenizer = Tokenizer(models.Unigram())
    joined = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), joined])
    markers = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=900, special_tokens=markers, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(paragraphs(), trainer)
    pair = "<s> $A </s> </s> $B </s>"
    _finish(tokenizer, folder, pair, begin="<s>", end="</s>", unknown="<unk>", padding="<pad>")
    config = XLMRobertaConfig(
        **SMALL,
        vocab_size=tokenizer.get_vocab_size(),
        type_vocab_size=1,
        max_position_embeddings=READ_TOKENS + 2,
        num_labels=1,
        layer_norm_eps=1e-5,
        pad_token_id=1,
    )
    return _saved(folder, XLMRobertaForSequenceClassification, config)


def _finish(tokenizer: Tokenizer, folder: Path, pair: str, *, begin: str, end: str, unknown: str, padding: str) -> None:
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - seconds

    special = [(marker, tokenizer.token_to_id(marker)) for marker in (begin, end)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", pair=pair, special_tokens=special
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=padding, unk_token=unknown, model_max_length=READ_TOKENS
    ).save_pretrained(folder)


def _saved(folder: Path, make: Any, config: Any) -> Path:
    import torch  # noqa: PLC0415 - seconds

    torch.manual_seed(7)
    model = make(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name.endswith("bias"):  # torch leaves them 0, and a head whose biases are forgotten would pass
                weights.normal_(0, 0.1)
    model.save_pretrained(folder)
    return folder


def of_folder(folder: Path, target: Path, *, kind: str = "f32") -> Path:
    """Write a reranker's folder as a GGUF file, and return where."""
    return minilm_file.write(folder, target, kind=kind, pooling=PoolingType.RANK)


def of_qwen(target: Path, *, template: str = TEMPLATE, ranks: bool = True) -> tuple[Path, Tokenizer, Any]:
    """Write a Qwen3 as a GGUF file, and return it with its tokenizer and model for torch.

    Args:
        target: the file to write.
        template: of a reranker how it is asked, otherwise how it chats.
        ranks: whether it answers yes or no and nothing else.
    """
    import torch  # noqa: PLC0415 - seconds
    from transformers import Qwen3Config, Qwen3ForCausalLM  # noqa: PLC0415

    tokenizer = _byte_pairs()
    torch.manual_seed(7)
    config = Qwen3Config(
        **SMALL,
        vocab_size=tokenizer.get_vocab_size(),
        head_dim=32,
        num_key_value_heads=1,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        rms_norm_eps=1e-6,
    )
    model = Qwen3ForCausalLM(config).eval()
    _write_qwen(target, template, tokenizer, model, ranks=ranks)
    return target, tokenizer, model


def _write_qwen(target: Path, template: str, tokenizer: Tokenizer, model: Any, *, ranks: bool) -> None:
    writer = GGUFWriter(target, "qwen3")
    writer.add_context_length(256)
    writer.add_embedding_length(64)
    writer.add_feed_forward_length(96)
    writer.add_block_count(2)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_key_length(32)
    writer.add_value_length(32)
    writer.add_rope_freq_base(model.model.rotary_emb.config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(1e-6)
    if ranks:
        writer.add_pooling_type(PoolingType.RANK)
        writer.add_classifier_output_labels(["yes", "no"])
    if template:
        writer.add_chat_template([{"name": "rerank", "template": template}] if ranks else template)
    _add_byte_pairs(writer, tokenizer)
    for name, weights in model.state_dict().items():
        if known := _qwen_name(name):
            writer.add_tensor(known, weights.numpy().astype(np.float32))
    if ranks:
        table = model.state_dict()["model.embed_tokens.weight"].numpy()
        writer.add_tensor("cls.output.weight", table[[YES, NO]].astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


QWEN_PARTS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def _qwen_name(name: str) -> str | None:
    whole = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    if not name.startswith("model.layers."):
        return whole.get(name)
    number, _, part = name.removeprefix("model.layers.").partition(".")
    return f"blk.{number}.{QWEN_PARTS[part.removesuffix('.weight')]}.weight"


def _byte_pairs() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS["qwen2"]), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=QWEN_MARKERS, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([*paragraphs(), TEMPLATE], trainer)
    return tokenizer


def _add_byte_pairs(writer: GGUFWriter, tokenizer: Tokenizer) -> None:
    about = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(about["vocab"], key=about["vocab"].__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in QWEN_MARKERS else TokenType.NORMAL for token in tokens])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in about["merges"]])
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(value=False)
