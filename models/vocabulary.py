"""The vocabulary of a GGUF file as a tokenizer that knows where each token stands in the text.

llama.cpp's own tokenizer does not say where, and takes shortcuts (for BERT's kind it knows no capitals); so one is made
of the same tokens with the `tokenizers` library, which such models were trained with. Knows no weights.

Sources: the GGUF specification; llama.cpp's converter, which writes BERT's tokens with a visible space before those
that begin a word, and without the signs before those that go on.
"""

from pathlib import Path
from typing import Any

from tokenizers import Encoding, Regex, Tokenizer, models, normalizers, pre_tokenizers

from models.errors import ModelFileDamagedError, UnknownVocabularyError
from models.gguf import Header, read_header

SPACE = "\u2581"
"""Stands for a space in a vocabulary."""
NOT_TEXT = frozenset({3, 4, 5, 6})
"""The format's numbers for tokens that no text has: markers, a maker's own, unused ones, bytes."""
UNSEEN = "\uffff"
"""Before a token that no text shall have; Unicode keeps this letter out of texts."""
NAMES = ("tokens", "token_type", "scores", "merges", "precompiled_charsmap")
WORDS = {
    "gpt-2": r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "qwen2": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+",
}
"""What a vocabulary of byte pairs calls its way of cutting words -> that way, as the makers publish it."""
WORDS["roberta-bpe"] = WORDS["gpt-2"]
LONGEST_WORD = 100
"""Characters; BERT's kind takes a longer word for one unknown token."""


def tokenizer_of(path: Path) -> Tokenizer:
    """Return the tokenizer of a GGUF file, which adds no special tokens and cuts nothing off.

    Raises:
        UnknownVocabularyError: its vocabulary is of a kind whose tokens cannot be placed in a text.
        ModelFileDamagedError: its vocabulary contradicts itself.
    """
    header = read_header(path, arrays=frozenset(f"tokenizer.ggml.{name}" for name in NAMES))
    kind = header.metadata.get("tokenizer.ggml.model")
    make = {"bert": _of_word_pieces, "gpt2": _of_byte_pairs, "t5": _of_likely_pieces}.get(str(kind))
    if make is None:
        raise UnknownVocabularyError(
            f"The model {path.stem} cannot be used here: its vocabulary is of the kind {kind!s}, and those of the "
            "kinds bert, gpt2 and t5 are known. Choose another model."
        )
    try:
        return make(header)
    except UnknownVocabularyError:
        raise
    except Exception as error:  # the library raises plain ones for what it is given
        raise ModelFileDamagedError(
            f"The vocabulary of {path.name} cannot be used ({type(error).__name__}). Fetch the file again."
        ) from error


def encoded(tokenizer: Tokenizer, text: str) -> Encoding:
    """Return the tokens of a text with their places, no markers among them.

    Lone surrogates, which no UTF-8 can hold, are read as "?"; every character keeps its place.
    """
    return tokenizer.encode(text.encode("utf-8", "replace").decode("utf-8"), add_special_tokens=False)


def _of_word_pieces(header: Header) -> Tokenizer:
    """Return BERT's: the longest known piece, again and again."""
    tokens, kinds = _tokens(header)
    written = [_as_written(token, kind) for token, kind in zip(tokens, kinds, strict=True)]
    unknown = tokens[_number(header, "unknown_token_id", 100)]
    model = models.WordPiece(
        _places(written), unk_token=unknown, max_input_chars_per_word=LONGEST_WORD, continuing_subword_prefix="##"
    )
    tokenizer = Tokenizer(model)
    begin_words = (token for token, kind in zip(tokens, kinds, strict=True) if token[:1] == SPACE and kind == 1)
    # A file does not say whether capitals count. Where they do not, no token has any, for it could not be found.
    capitals = any(token != token.lower() for token in begin_words)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=not capitals)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def _as_written(token: str, kind: int) -> str:
    if kind in NOT_TEXT:
        return token
    return token[1:] if token.startswith(SPACE) else f"##{token}"


def _of_byte_pairs(header: Header) -> Tokenizer:
    """Return one of byte pairs, which are joined in the order of their merges."""
    tokens, _ = _tokens(header)
    words = header.metadata.get("tokenizer.ggml.pre")
    if words not in WORDS:
        raise UnknownVocabularyError(
            f"This model cannot be used here: its vocabulary cuts words in the way {words!s}, and {', '.join(WORDS)} "
            "are known. Choose another model."
        )
    merges = [_pair(merge) for merge in _array(header, "merges")]
    tokenizer = Tokenizer(models.BPE(_places(tokens), merges))
    if words == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    cut = pre_tokenizers.Split(Regex(WORDS[words]), "isolated")
    bytes_as_letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([cut, bytes_as_letters])
    return tokenizer


def _pair(merge: str) -> tuple[str, str]:
    first, _, second = merge.partition(" ")
    return first, second


def _of_likely_pieces(header: Header) -> Tokenizer:
    """Return XLM-RoBERTa's: the pieces that are likeliest together."""
    tokens, kinds = _tokens(header)
    texts = [
        f"{UNSEEN}{place}" if kind in NOT_TEXT else token
        for place, (token, kind) in enumerate(zip(tokens, kinds, strict=True))
    ]
    scores = [float(score) for score in _array(header, "scores")]
    unknown = _number(header, "unknown_token_id", 3)
    tokenizer = Tokenizer(models.Unigram(list(zip(texts, scores, strict=True)), unknown, byte_fallback=False))
    if charsmap := header.metadata.get("tokenizer.ggml.precompiled_charsmap"):
        tokenizer.normalizer = normalizers.Precompiled(bytes(value & 0xFF for value in charsmap))
    joined = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), joined])
    return tokenizer


def _tokens(header: Header) -> tuple[list[str], list[int]]:
    """Return the tokens and of what kind each is; all are of text where that is not said."""
    tokens = _array(header, "tokens")
    return tokens, _array(header, "token_type") or [1] * len(tokens)


def _places(tokens: list[str]) -> dict[str, int]:
    """Return the number of each token; of several that are written alike the first."""
    return {token: place for place, token in reversed(list(enumerate(tokens)))}


def _array(header: Header, name: str) -> list[Any]:
    found = header.metadata.get(f"tokenizer.ggml.{name}")
    return found if isinstance(found, list) else []


def _number(header: Header, name: str, default: int) -> int:
    found = header.metadata.get(f"tokenizer.ggml.{name}")
    return found if isinstance(found, int) else default
