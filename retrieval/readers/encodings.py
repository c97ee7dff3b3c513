"""Characters from bytes: which encoding a text is written in. Knows no format."""

import codecs
import re

import charset_normalizer

from retrieval.readers.language import language_of

_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_SAMPLE_BYTES = 50_000
"""Enough to tell an encoding; all of a large file would take minutes."""
_TELLING_BYTES = 12
"""Fewer bytes beyond ASCII tell nothing: then it is the most common encoding of Western Europe."""
_UNLIKELY = ["utf_7", "cp037", "cp500", "cp1026", "cp1140"]
_LATIN = re.compile(
    r"cp125[024789]|latin|iso8859_(?:[12349]|1[03456])$|mac_|cp(?:437|85\d|86[0135]|775)|hp_roman8|johab"
)
_CENTRAL_EUROPEAN = {"cs", "hu", "pl", "ro"}
_HIGH = re.compile(rb"[\x80-\xff]")


def decode_text(data: bytes, *, declared: str = "") -> tuple[str, str]:
    """Return the text of the bytes and the encoding they are in: declared, by its mark, UTF-8, or the likeliest."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace"), name
    for name in (declared, _wide(data), "utf-8"):
        text = _decoded(data, name)
        if text is not None:
            return text, codecs.lookup(name).name
    name = _likeliest(data)
    text = _decoded(data, name)
    return (text, name) if text is not None else (data.decode("cp1252", errors="replace"), "cp1252")


def _decoded(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name) if name and name.lower() not in {"utf-7", "idna", "punycode"} else None
    except (UnicodeError, LookupError, ValueError):
        return None


def _wide(data: bytes) -> str:
    """Return UTF-16 without its mark, where every second byte of the beginning is empty."""
    head = data[:1024]
    even, odd = head[::2], head[1::2]
    if len(head) >= 4 and odd.count(0) * 2 > len(odd) and not even.count(0):  # noqa: PLR2004 (two characters)
        return "utf-16-le"
    return "utf-16-be" if len(head) >= 4 and even.count(0) * 2 > len(even) and not odd.count(0) else ""  # noqa: PLR2004


def _likeliest(data: bytes) -> str:
    sample = data[:_SAMPLE_BYTES]
    if len(_HIGH.findall(sample)) < _TELLING_BYTES:
        return "cp1252"
    best = charset_normalizer.from_bytes(sample, cp_exclusion=_UNLIKELY).best()
    if best is None or _LATIN.match(best.encoding):  # it cannot tell these apart; the language can
        return "cp1250" if language_of(sample.decode("cp1250", errors="replace")) in _CENTRAL_EUROPEAN else "cp1252"
    return best.encoding
