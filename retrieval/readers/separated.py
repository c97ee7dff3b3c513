"""CSV: a table in text, its cells parted by commas, semicolons, tabs or bars."""

import csv
import io

from retrieval.errors import UnreadableDocumentError
from retrieval.readers import clock, limits
from retrieval.readers.building import TextBuilder
from retrieval.readers.content import Content
from retrieval.readers.plain import decode

_SEPARATORS = ",;\t|"
_SAMPLE_LINES = 20
_COLUMNS = 16_384
"""As many as a spreadsheet has; the rest of a longer row is left out."""


def read(data: bytes) -> Content:
    """Return the rows of the file as one table."""
    decoded = decode(data)
    text = decoded.text.lstrip("\ufeff")
    builder = TextBuilder()
    rows: list[list[str]] = []
    warnings = [*decoded.warnings]
    csv.field_size_limit(limits.CHARACTERS)
    try:
        for row in csv.reader(io.StringIO(text), delimiter=separator(text)):
            rows.append(row[:_COLUMNS])
            if clock.is_over():
                warnings.append(f"Only the first {len(rows):,} rows were read: the file is too large.")
                break
    except csv.Error as error:
        raise UnreadableDocumentError("The table is damaged: its quotes do not fit together.") from error
    builder.add_table(rows, sheet=True)
    return builder.content(warnings=warnings, encoding=decoded.encoding)


def separator(text: str) -> str:
    """Return the sign that parts the first lines into the most cells, evenly."""
    lines = [line for line in text[:100_000].splitlines()[:_SAMPLE_LINES] if line.strip()]

    def evenness(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines] or [0]
        return min(counts), max(counts)

    return max(_SEPARATORS, key=evenness)
