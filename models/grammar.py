"""Grammars that an answer must obey (GBNF), and JSON schemas as such grammars.

llama.cpp reads the grammar itself (`models.sampler`); here stands what must be known before it does.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from models.errors import InvalidRequestError

LONGEST = 65_536
"""Characters of a grammar; that of a schema with a hundred fields has 10,000."""
_LITERALS = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|#[^\n]*')
_RANGE = re.compile(r"\{\s*(\d+)\s*,\s*(\d+)\s*\}")


def check_grammar(grammar: str) -> None:
    """Refuse what llama.cpp would misread, or read for ever.

    Raises:
        InvalidRequestError: with the reason.
    """
    if not grammar.strip() or len(grammar) > LONGEST:
        raise InvalidRequestError(f"The grammar must have between 1 and {LONGEST:,} characters, not {len(grammar):,}.")
    if "\0" in grammar or any("\ud800" <= char <= "\udfff" for char in grammar):
        raise InvalidRequestError("The grammar holds characters that no text can hold.")
    for low, high in _RANGE.findall(_LITERALS.sub("", grammar)):
        # llama.cpp 0.3.36 counts from the first to the second and never arrives.
        if int(low) > int(high):
            raise InvalidRequestError(f"The grammar repeats between {low} and {high} times, which is never.")


def grammar_of(schema: Mapping[str, Any]) -> str:
    """Return the grammar of the JSON values that satisfy a JSON schema.

    Raises:
        InvalidRequestError: when the schema is none, or uses what cannot be turned into a grammar.
    """
    from llama_cpp.llama_grammar import json_schema_to_gbnf  # noqa: PLC0415 - loads llama.cpp, and few need it

    try:
        grammar: str = json_schema_to_gbnf(json.dumps(schema))
    except Exception as error:  # the converter's own errors are of every kind, and none is ours
        raise InvalidRequestError(f"The JSON schema cannot be used ({type(error).__name__}: {error}).") from error
    return grammar
