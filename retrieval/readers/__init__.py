"""Files in, documents out: one module a format family, chosen by what the bytes are and not by the name alone.

Knows no store and no chunk. Nothing inside a file is followed: no path, no external entity, no address. What a file
may cost is bounded by `retrieval.readers.limits`. The product reads through `retrieval.readers.isolated` and so never
loads a parser; `read_document` loads them all and reads in the process it is called in.
"""

from typing import TYPE_CHECKING, Any

from retrieval.readers.formats import SUFFIXES

if TYPE_CHECKING:
    from retrieval.readers.reading import read_document


def __getattr__(name: str) -> Any:
    if name != "read_document":
        raise AttributeError(name)
    from retrieval.readers.reading import read_document  # noqa: PLC0415 - see above

    return read_document


__all__ = ["SUFFIXES", "read_document"]
