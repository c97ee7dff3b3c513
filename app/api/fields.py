"""The fields of what the API answers, for its OpenAPI document.

Nothing is made or checked with them when something is answered; `tests/app/test_openapi.py` holds them against the
answers of a running product. Fields may be added, never taken away.
"""

from typing import Any

from pydantic import TypeAdapter

from app.api.fields_knowledge import Collection, DocumentDetails, Documents, Held, Reader, Watched
from app.api.fields_people import (
    Account,
    Hold,
    MadeAccount,
    MadeToken,
    Notice,
    OpenReview,
    Proof,
    Reviews,
    Rows,
    Safekeeping,
    SealedExport,
    Session,
    Token,
)
from app.api.fields_reading import (
    AskedAgain,
    Conversation,
    Dispute,
    Found,
    FoundConversation,
    Statements,
    StoredAnswer,
    View,
)
from app.observe.alerts import Alert

REFERENCE = "#/components/schemas/{model}"
COLLECTION, ANSWER, REVIEW = "/api/collections/{collection_id}", "/api/answers/{answer_id}", "/api/reviews/{review_id}"
FIELDS: dict[tuple[str, str], Any] = {
    ("post", "/api/search"): Found,
    ("get", ANSWER): StoredAnswer,
    ("get", ANSWER + "/statements"): Statements,
    ("post", ANSWER + "/double-check"): AskedAgain,
    ("put", ANSWER + "/disputes/{start}"): Dispute,
    ("get", "/api/disputes"): list[Dispute],
    ("get", "/api/documents/{document_id}"): View,
    ("get", "/api/conversations"): list[Conversation | FoundConversation],
    ("get", "/api/collections"): list[Collection],
    ("post", "/api/collections"): Collection,
    ("patch", COLLECTION): Collection,
    ("get", COLLECTION + "/documents"): Documents,
    ("get", COLLECTION + "/documents/{document_id}"): DocumentDetails,
    ("get", COLLECTION + "/grants"): list[Held],
    ("get", COLLECTION + "/grants/people"): list[Reader],
    ("put", COLLECTION + "/grants"): list[Held],
    ("get", COLLECTION + "/folders"): list[Watched],
    ("post", COLLECTION + "/folders"): Watched,
    ("patch", COLLECTION + "/folders/{watch_id}"): Watched,
    ("get", "/api/reviews"): Reviews,
    ("get", REVIEW): OpenReview,
    ("post", REVIEW): OpenReview,
    ("get", "/api/people"): list[Account],
    ("post", "/api/people"): MadeAccount,
    ("patch", "/api/people/{user_id}"): Account,
    ("get", "/api/people/{user_id}/tokens"): list[Token],
    ("get", "/api/me/tokens"): list[Token],
    ("post", "/api/me/tokens"): MadeToken,
    ("get", "/api/me/sessions"): list[Session],
    ("get", "/api/me/exports"): list[SealedExport],
    ("get", "/api/holds"): list[Hold],
    ("get", "/api/safekeeping"): Safekeeping,
    ("get", "/api/notice"): Notice,
    ("get", "/api/audit"): Rows,
    ("get", "/api/audit/proof"): Proof,
    ("get", "/api/audit/alerts"): list[Alert],
}
"""Method and path -> the shape of the answer."""


def name_fields(document: dict[str, Any]) -> None:
    """Put the fields of the answers into an OpenAPI document."""
    known = document["components"]["schemas"]

    def put(name: str, schema: dict[str, Any]) -> None:
        """Add a shape; a name stands for one shape, of requests too."""
        assert known.setdefault(name, schema) == schema, name  # noqa: S101 - a test builds the document

    for (method, path), shape in FIELDS.items():
        schema = TypeAdapter(shape).json_schema(ref_template=REFERENCE, mode="serialization")
        for name, one in schema.pop("$defs", {}).items():
            put(name, one)
        if "title" in schema:  # one shape, under its own name
            put(schema["title"], schema)
            schema = {"$ref": REFERENCE.format(model=schema["title"])}
        answers = document["paths"][path][method]["responses"]
        done = next(status for status in answers if status.startswith("2"))
        answers[done]["content"]["application/json"]["schema"] = schema
