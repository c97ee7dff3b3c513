"""Values of retrieval as rows of its tables, and back."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from retrieval.documents import Block, Chunk, Document, Page, StoredDocument
from retrieval.quality import quality_from, quality_row
from retrieval.screening import Screened, suspicion_of, suspicion_row
from retrieval.tongues import tongue_of
from retrieval.words import indexed_terms

_CHUNK_FIELDS = ("chunk_id", "document_id", "ordinal", "start", "end", "page", "text", "columns")


def document_row(document: Document, *, collection_id: str, size: int, recipe: str) -> dict[str, Any]:
    """Return the row of a new, pending document, but for its id and the count of its chunks."""
    blocks = [(block.kind, block.start, block.end, block.level) for block in document.blocks]
    pages = [(page.number, page.start, page.end) for page in document.pages]
    return {
        "collection_id": collection_id,
        "name": document.name,
        "sha256": document.sha256,
        "recipe": recipe,
        "title": document.title,
        "media_type": document.media_type,
        "text": document.text,
        "structure": json.dumps({"blocks": blocks, "pages": pages} | _written(document)),
        "warnings": json.dumps(document.warnings, ensure_ascii=False),
        "bytes": size,
        "added": datetime.now(UTC).isoformat(),
        "language": tongue_of(document.text, document.language),
    }


def screened_row(screened: Screened) -> dict[str, Any]:
    """Return the columns that screening fills, the state among them."""
    return {
        "state": "quarantined" if screened.waits else "pending",
        "suspicion": suspicion_row(screened.suspicion),
        "screened": screened.version,
        "released": screened.released,
        "quality": quality_row(screened.quality) if screened.quality else "",
    }


def _written(document: Document) -> dict[str, Any]:
    """Return what is known of how a document is written, and what is noted of it."""
    return {"encoding": document.encoding, "language": document.language, "notes": list(document.notes)}


def document_of(row: sa.RowMapping) -> Document:
    """Return the document of a whole row."""
    structure = json.loads(row["structure"])
    return Document(
        sha256=row["sha256"],
        name=row["name"],
        title=row["title"],
        media_type=row["media_type"],
        text=row["text"],
        blocks=tuple(
            Block(kind=kind, start=start, end=end, level=level) for kind, start, end, level in structure["blocks"]
        ),
        pages=pages_of(row["structure"]),
        encoding=structure.get("encoding", ""),
        language=structure.get("language", ""),
        warnings=tuple(json.loads(row["warnings"])),
        notes=tuple(structure.get("notes", ())),
    )


def pages_of(structure: str) -> tuple[Page, ...]:
    """Return the pages of a document from its column `structure`."""
    return tuple(Page(number=number, start=start, end=end) for number, start, end in json.loads(structure)["pages"])


def summary_of(row: sa.RowMapping) -> StoredDocument:
    """Return what a list of documents shows, from a row without the text."""
    fields = dict(row) | {
        "added": datetime.fromisoformat(row["added"]),
        "warnings": tuple(json.loads(row["warnings"])),
        "suspicion": suspicion_of(row["suspicion"]),
        "quality": quality_from(row["quality"]),
        "released": datetime.fromisoformat(row["released"]) if row["released"] else None,
    }
    return StoredDocument(**fields)


def chunk_row(chunk: Chunk, *, language: str) -> dict[str, Any]:
    """Return the row of a chunk of a document in this language (`documents.language`), but for its number."""
    return {name: getattr(chunk, name) for name in _CHUNK_FIELDS} | {
        "headings": json.dumps(chunk.headings, ensure_ascii=False),
        "terms": " ".join(indexed_terms(chunk.indexed_text, language=language)),
    }


def chunk_of(row: sa.RowMapping) -> Chunk:
    """Return the chunk of a row."""
    return Chunk(headings=tuple(json.loads(row["headings"])), **{name: row[name] for name in _CHUNK_FIELDS})
