"""Tell whether a stream of a PDF inflates beyond all measure, before PDFium inflates it in memory.

Knows Deflate only, one filter deep; parses nothing else.
"""

import re
import zlib

from retrieval.readers import limits

_STREAM = re.compile(rb"stream\r?\n(?=x[\x01\x5e\x9c\xda])")
_HIGHEST_RATIO = 1032
"""Deflate cannot do better, so smaller streams need no look."""
_PIECE = 2**20


def inflates_too_much(data: bytes) -> bool:
    """Return whether a deflated stream holds more than a part of a document may; keeps 1 MiB of it at a time."""
    for match in _STREAM.finditer(data):
        end = data.find(b"endstream", match.end())
        end = len(data) if end < 0 else end
        if end - match.end() >= limits.PART_BYTES // _HIGHEST_RATIO and _size(data[match.end() : end]) is None:
            return True
    return False


def _size(packed: bytes) -> int | None:
    """Return how many bytes a deflated stream holds, None for more than the limit."""
    inflater = zlib.decompressobj()
    size = 0
    try:
        while packed and not inflater.eof:
            size += len(inflater.decompress(packed, _PIECE))
            packed = inflater.unconsumed_tail
            if size > limits.PART_BYTES:
                return None
    except zlib.error:
        return size
    return size
