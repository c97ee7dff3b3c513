"""Which weights llama.cpp stores a second time on this processor, because its units want them in another order.

That matters for a table that serves input and output at once: the output's copy is packed, the input's cannot be. The
numbers of kinds are those of GGUF files.

Source: ggml/src/ggml-cpu/repack.cpp and amx/common.h of llama-cpp-python 0.3.36.
"""

import re

Q4_0, Q4_1, Q8_0, Q2_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, MXFP4 = 2, 3, 8, 10, 12, 13, 14, 20, 23, 39
PACKED = {
    "AVX2": {Q4_0, Q4_K, IQ4_NL, MXFP4},
    "AVX512": {Q2_K},
    "AMX_INT8": {Q4_0, Q4_1, Q8_0, Q4_K, Q5_K, Q6_K, IQ4_XS},
    "DOTPROD": {Q4_0, Q8_0, Q4_K, Q5_K, Q6_K, IQ4_NL, MXFP4},
}
"""What llama.cpp calls a unit of the processor -> the kinds of weights it packs for it."""


def is_packed(kind: int, features: str) -> bool:
    """Tell whether weights of a kind are packed; true where nobody asked llama.cpp for the processor's features."""
    present = set(re.findall(r"(\w+) = 1", features))
    return not features or any(kind in kinds for name, kinds in PACKED.items() if name in present)
