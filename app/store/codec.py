"""Values of the product to JSON bytes and back; no pickles.

A field that a newer program added is ignored by an older one, and a field an older program did not write gets its
default, so new fields of stored values need defaults.
"""

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter

from app.answers import Answer, Dispute, Feedback
from retrieval.documents import Passage

Value = TypeVar("Value")

ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
FEEDBACK: TypeAdapter[Feedback] = TypeAdapter(Feedback)
DISPUTE: TypeAdapter[Dispute] = TypeAdapter(Dispute)
PASSAGES: TypeAdapter[tuple[Passage, ...]] = TypeAdapter(tuple[Passage, ...])
NAMES: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


def encode(kind: TypeAdapter[Any], value: Any) -> bytes:
    """Write a value as ASCII JSON, which holds every string, half surrogates too."""
    return json.dumps(kind.dump_python(value), separators=(",", ":")).encode("ascii")


def decode(kind: TypeAdapter[Value], written: bytes | str) -> Value:
    """Read a value that `encode` wrote."""
    return kind.validate_python(json.loads(written))
