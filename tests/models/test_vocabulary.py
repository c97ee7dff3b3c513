"""The vocabulary of a GGUF file gives the tokens the model was trained with, each with its place."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFWriter, TokenType
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from models.errors import ModelFileDamagedError, UnknownVocabularyError
from models.process import ROOT
from models.vocabulary import tokenizer_of
from models.weights import find
from tests.models.conftest import weights

TEXTS = [
    "Hello  world, it's 2026.",
    "Größe München, 東京都 and 😀 \uff46\uff55\uff4c\uff4c \ufb01ne \u2460",
    "",
    "  two\t\ttabs\n\nand lines ",
    "<s> </s> <unk> [CLS] [SEP] <|im_end|>",
    "a\x00b\u200bc\u00a0d",
    *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))),
]


def write(path: Path, kind: str, tokens: Sequence[str], *, control: int = 0, **more: Any) -> Path:
    """Write a file with a vocabulary whose first tokens are markers, and hardly any weights."""
    writer = GGUFWriter(path, "bert")
    writer.add_tokenizer_model(kind)
    writer.add_tokenizer_pre(more.pop("pre", "default"))
    writer.add_token_list(list(tokens))
    kinds = [TokenType.CONTROL] * control + [TokenType.NORMAL] * (len(tokens) - control)
    writer.add_token_types(kinds)
    if "scores" in more:
        writer.add_token_scores(more["scores"])
        writer.add_add_space_prefix(value=True)
        writer.add_remove_extra_whitespaces(value=True)
    for name, value in more.items():
        if name.endswith("_id"):
            writer.add_uint32(f"tokenizer.ggml.{name}", value)
    writer.add_tensor("weight", np.zeros(8, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    return [text[start:end] for start, end in tokenizer.encode(text).offsets]


@pytest.mark.weights
def test_word_pieces_are_those_of_the_makers_tokenizer(minilm_file: Path) -> None:
    tokenizer = tokenizer_of(minilm_file)
    makers = Tokenizer.from_file(str(find("minilm", directory=weights()) / "tokenizer.json"))
    makers.no_truncation()
    makers.no_padding()
    for text in TEXTS:
        if "[SEP]" in text:
            continue
        ours, theirs = tokenizer.encode(text), makers.encode(text, add_special_tokens=False)
        assert (ours.ids, ours.offsets) == (theirs.ids, theirs.offsets)


@pytest.mark.weights
def test_a_documents_spelling_of_a_marker_is_no_marker(minilm_file: Path) -> None:
    assert not {101, 102} & set(tokenizer_of(minilm_file).encode("[CLS] [SEP]").ids)


@pytest.mark.weights
def test_byte_pairs_are_those_llama_finds() -> None:
    from models.llama import Model  # noqa: PLC0415 - needs the engine

    path = find("small", directory=weights())
    tokenizer, model = tokenizer_of(path), Model(path, vocabulary_only=True)
    for text in TEXTS:
        found = tokenizer.encode(text)
        assert found.ids == model.tokenize(text)
        assert all(0 <= start < end <= len(text) for start, end in found.offsets)
    assert pieces(tokenizer, "Hello world, 東京") == ["Hello", " world", ",", " 東", "東", "京"]
    model.close()


@pytest.mark.weights
def test_likely_pieces_are_those_llama_finds(tmp_path: Path) -> None:
    from models.llama import Model  # noqa: PLC0415

    path = likely_pieces(tmp_path)
    tokenizer, model = tokenizer_of(path), Model(path, vocabulary_only=True)
    # Other white space becomes spaces before llama.cpp cuts words, by a table that a vocabulary of our own lacks.
    for line in " ".join(TEXTS).translate({0: None, 9: " ", 0xA0: " "}).splitlines():
        found = tokenizer.encode(line)
        assert found.ids == model.tokenize(line)
        assert all(0 <= start < end <= len(line) for start, end in found.offsets)
    model.close()


def likely_pieces(folder: Path) -> Path:
    """Return a file with a vocabulary of XLM-RoBERTa's kind, learned from our own documents."""
    trained = Tokenizer(models.Unigram())
    trained.normalizer = normalizers.NFKC()
    cut = pre_tokenizers.Metaspace(prepend_scheme="always")
    trained.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), cut])
    markers = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = trainers.UnigramTrainer(vocab_size=1000, special_tokens=markers, unk_token="<unk>", show_progress=False)
    trained.train_from_iterator(TEXTS, trainer)
    learned = trained.get_vocab()
    tokens = sorted(learned, key=learned.__getitem__)
    scores = [score for _, score in json.loads(trained.to_str())["model"]["vocab"]]
    return write(folder / "pieces.gguf", "t5", tokens, control=4, scores=scores, unknown_token_id=3)


def test_markers_of_likely_pieces_are_not_found_in_a_text(tmp_path: Path) -> None:
    found = tokenizer_of(likely_pieces(tmp_path)).encode("<s> and </s>")
    assert min(found.ids) >= 3


@pytest.mark.parametrize(("words", "same"), [(["▁hotel", "▁rome"], True), (["▁hotel", "▁Rome"], False)])
def test_capitals_count_where_the_vocabulary_has_some(tmp_path: Path, words: list[str], *, same: bool) -> None:
    tokens = ["[UNK]", *words, "▁r", "▁R", "o", "m", "e"] if not same else ["[UNK]", *words, "▁r", "o", "m", "e"]
    tokenizer = tokenizer_of(write(tmp_path / "own.gguf", "bert", tokens, control=1, unknown_token_id=0))
    assert (tokenizer.encode("rome").ids == tokenizer.encode("Rome").ids) is same


def test_a_vocabulary_of_another_kind_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(UnknownVocabularyError, match="of the kind llama"):
        tokenizer_of(write(tmp_path / "own.gguf", "llama", ["<s>", "▁a"]))


def test_byte_pairs_that_cut_words_in_an_unknown_way_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownVocabularyError, match="in the way smaug-bpe"):
        tokenizer_of(write(tmp_path / "own.gguf", "gpt2", ["a", "b"], pre="smaug-bpe"))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("bert", {"unknown_token_id": 77}),
        ("t5", {"scores": [0.0], "unknown_token_id": 0}),
        ("t5", {"scores": [0.0, 0.0], "unknown_token_id": 9}),
        ("t5", {}),
    ],
)
def test_a_vocabulary_that_contradicts_itself_is_a_sentence(tmp_path: Path, kind: str, more: dict[str, Any]) -> None:
    with pytest.raises(ModelFileDamagedError, match=r"vocabulary of own\.gguf cannot be used"):
        tokenizer_of(write(tmp_path / "own.gguf", kind, ["<unk>", "▁a"], **more))
