"""/v1/embeddings: OpenAI's shape over the embedding model that search uses. Nothing of the texts is kept."""

import base64
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter
from pydantic import BaseModel, Field, field_validator

from app.api.callers import Caller
from app.errors import AppError
from app.product import Product
from app.rights import Right, require

MOST_TEXTS = 256
LONGEST = 50_000
"""Characters of a text."""
LongText = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class Wanted(BaseModel):
    """Texts to embed; the model's own limit cuts what is longer."""

    model: str = ""
    input: LongText | Annotated[list[LongText], Field(min_length=1, max_length=MOST_TEXTS)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, Field(ge=1)] | None = None

    @field_validator("input", mode="before")
    @classmethod
    def _texts(cls, sent: Any) -> Any:
        """Refuse anything else in one sentence, where pydantic would have one for each thing it might have been."""
        texts = [sent] if isinstance(sent, str) else sent
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ValueError("it is neither a text nor a list of texts; numbers of tokens are not taken")
        if not 1 <= len(texts) <= MOST_TEXTS:
            raise ValueError(f"it has {len(texts):,} texts; 1 to {MOST_TEXTS} are taken at once")
        if not all(1 <= len(text) <= LONGEST for text in texts):
            raise ValueError(f"a text has 1 to {LONGEST:,} characters")
        return sent


class OtherDimensionError(AppError):
    """The vectors of this model have one length only. Leave "dimensions" out."""

    status = 422


def router(product: Product) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])

    @routes.post("/embeddings", summary="Unit vectors of texts, as search uses them")
    def embed(actor: Caller, wanted: Wanted) -> dict[str, Any]:
        require(actor, Right.ASK)
        texts = [wanted.input] if isinstance(wanted.input, str) else wanted.input
        if wanted.dimensions not in {None, product.embedder().dimension}:
            raise OtherDimensionError
        rows = product.embedder().embed_documents(texts)
        shaped = [
            {"object": "embedding", "index": place, "embedding": _written(row, wanted.encoding_format)}
            for place, row in enumerate(rows)
        ]
        tokens = sum(len(product.embedder().token_offsets(text)) for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return {"object": "list", "model": product.change_over.used, "data": shaped, "usage": usage}

    return routes


def _written(row: np.ndarray[Any, np.dtype[np.float32]], encoding: str) -> list[float] | str:
    if encoding == "float":
        return [float(value) for value in row]
    return base64.b64encode(row.astype("<f4").tobytes()).decode()
