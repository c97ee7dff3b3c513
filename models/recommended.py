"""Models worth bringing along as a file of one's own: what each is, its licence, and what it needs.

No checksum of a file of theirs is pinned here, so none of them is fetched by name: whoever wants one downloads a GGUF
file, reads its licence, and imports it. Memory follows from the sizes of their layers, which their makers publish.
"""

from dataclasses import dataclass

from models.architecture import Architecture


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended:
    """A model to bring along."""

    name: str
    title: str
    licence: str
    page: str
    """Where its maker describes it, below huggingface.co."""
    billions: float
    """Of parameters, as its maker gives them."""
    architecture: Architecture


QWEN_HALF = Architecture(
    layers=24,
    width=896,
    inner_width=4864,
    heads=14,
    kv_heads=2,
    head_width=64,
    vocabulary=151_936,
    trained_context=32_768,
    shared_embeddings=True,
)
QWEN_ONE_AND_A_HALF = Architecture(
    layers=28,
    width=1536,
    inner_width=8960,
    heads=12,
    kv_heads=2,
    head_width=128,
    vocabulary=151_936,
    trained_context=32_768,
    shared_embeddings=True,
)

RECOMMENDED = (
    Recommended(
        name="qwen2.5-0.5b-instruct",
        title="Qwen2.5 0.5B Instruct",
        licence="Apache-2.0",
        page="Qwen/Qwen2.5-0.5B-Instruct",
        billions=0.49,
        architecture=QWEN_HALF,
    ),
    Recommended(
        name="llama-3.2-1b-instruct",
        title="Llama 3.2 1B Instruct",
        licence="Llama 3.2 Community License",
        page="meta-llama/Llama-3.2-1B-Instruct",
        billions=1.23,
        architecture=Architecture(
            layers=16,
            width=2048,
            inner_width=8192,
            heads=32,
            kv_heads=8,
            head_width=64,
            vocabulary=128_256,
            trained_context=131_072,
            shared_embeddings=True,
        ),
    ),
    Recommended(
        name="qwen2.5-1.5b-instruct",
        title="Qwen2.5 1.5B Instruct",
        licence="Apache-2.0",
        page="Qwen/Qwen2.5-1.5B-Instruct",
        billions=1.54,
        architecture=QWEN_ONE_AND_A_HALF,
    ),
    Recommended(
        name="granite-3.3-2b-instruct",
        title="Granite 3.3 2B Instruct",
        licence="Apache-2.0",
        page="ibm-granite/granite-3.3-2b-instruct",
        billions=2.53,
        architecture=Architecture(
            layers=40,
            width=2048,
            inner_width=8192,
            heads=32,
            kv_heads=8,
            head_width=64,
            vocabulary=49_159,
            trained_context=131_072,
            shared_embeddings=True,
        ),
    ),
    Recommended(
        name="llama-3.2-3b-instruct",
        title="Llama 3.2 3B Instruct",
        licence="Llama 3.2 Community License",
        page="meta-llama/Llama-3.2-3B-Instruct",
        billions=3.21,
        architecture=Architecture(
            layers=28,
            width=3072,
            inner_width=8192,
            heads=24,
            kv_heads=8,
            head_width=128,
            vocabulary=128_256,
            trained_context=131_072,
            shared_embeddings=True,
        ),
    ),
    Recommended(
        name="phi-4-mini-instruct",
        title="Phi-4 mini Instruct",
        licence="MIT",
        page="microsoft/Phi-4-mini-instruct",
        billions=3.84,
        architecture=Architecture(
            layers=32,
            width=3072,
            inner_width=8192,
            heads=24,
            kv_heads=8,
            head_width=128,
            vocabulary=200_064,
            trained_context=131_072,
            shared_embeddings=True,
        ),
    ),
    Recommended(
        name="gemma-3-4b-it",
        title="Gemma 3 4B Instruct, its texts only",
        licence="Gemma Terms of Use",
        page="google/gemma-3-4b-it",
        billions=3.88,
        architecture=Architecture(
            layers=34,
            width=2560,
            inner_width=10_240,
            heads=8,
            kv_heads=4,
            head_width=256,
            vocabulary=262_144,
            trained_context=131_072,
            shared_embeddings=True,
            window=1024,
            full_every=6,
        ),
    ),
    Recommended(
        name="mistral-7b-instruct-v0.3",
        title="Mistral 7B Instruct v0.3",
        licence="Apache-2.0",
        page="mistralai/Mistral-7B-Instruct-v0.3",
        billions=7.25,
        architecture=Architecture(
            layers=32,
            width=4096,
            inner_width=14_336,
            heads=32,
            kv_heads=8,
            head_width=128,
            vocabulary=32_768,
            trained_context=32_768,
            shared_embeddings=False,
        ),
    ),
    Recommended(
        name="qwen2.5-7b-instruct",
        title="Qwen2.5 7B Instruct",
        licence="Apache-2.0",
        page="Qwen/Qwen2.5-7B-Instruct",
        billions=7.61,
        architecture=Architecture(
            layers=28,
            width=3584,
            inner_width=18_944,
            heads=28,
            kv_heads=4,
            head_width=128,
            vocabulary=152_064,
            trained_context=32_768,
            shared_embeddings=False,
        ),
    ),
    Recommended(
        name="llama-3.1-8b-instruct",
        title="Llama 3.1 8B Instruct",
        licence="Llama 3.1 Community License",
        page="meta-llama/Llama-3.1-8B-Instruct",
        billions=8.03,
        architecture=Architecture(
            layers=32,
            width=4096,
            inner_width=14_336,
            heads=32,
            kv_heads=8,
            head_width=128,
            vocabulary=128_256,
            trained_context=131_072,
            shared_embeddings=False,
        ),
    ),
    Recommended(
        name="mistral-nemo-instruct-2407",
        title="Mistral Nemo 12B Instruct",
        licence="Apache-2.0",
        page="mistralai/Mistral-Nemo-Instruct-2407",
        billions=12.2,
        architecture=Architecture(
            layers=40,
            width=5120,
            inner_width=14_336,
            heads=32,
            kv_heads=8,
            head_width=128,
            vocabulary=131_072,
            trained_context=131_072,
            shared_embeddings=False,
        ),
    ),
    Recommended(
        name="qwen2.5-14b-instruct",
        title="Qwen2.5 14B Instruct",
        licence="Apache-2.0",
        page="Qwen/Qwen2.5-14B-Instruct",
        billions=14.7,
        architecture=Architecture(
            layers=48,
            width=5120,
            inner_width=13_824,
            heads=40,
            kv_heads=8,
            head_width=128,
            vocabulary=152_064,
            trained_context=32_768,
            shared_embeddings=False,
        ),
    ),
)
"""From the smallest to the largest."""

OF_CATALOGUE = {"starter": QWEN_ONE_AND_A_HALF, "small": QWEN_HALF}
"""Names of the catalogue whose sizes are known before they are fetched."""
