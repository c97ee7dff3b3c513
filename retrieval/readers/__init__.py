"""Files in, documents out: one module a format family, chosen by what the bytes are and not by the name alone.

Knows no store and no chunk. Nothing inside a file is followed: no path, no external entity, no address. What a file
may cost is bounded by `retrieval.readers.limits`.
"""

from retrieval.readers.reading import SUFFIXES, read_document

__all__ = ["SUFFIXES", "read_document"]
