"""/v1/embeddings: OpenAI's shape over the embedding model that search uses. Nothing of the texts is kept."""

import base64
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.callers import Caller
from app.product import Product
from app.rights import Right, require

MOST_TEXTS = 256
LongText = Annotated[str, Field(min_length=1, max_length=50_000)]


class Wanted(BaseModel):
    """Texts to embed; the model's own limit cuts what is longer."""

    model: str = ""
    input: LongText | Annotated[list[LongText], Field(min_length=1, max_length=MOST_TEXTS)]
    encoding_format: Literal["float", "base64"] = "float"


def router(product: Product) -> APIRouter:
    """Return the route."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])

    @routes.post("/embeddings", summary="Unit vectors of texts, as search uses them")
    def embed(actor: Caller, wanted: Wanted) -> dict[str, Any]:
        require(actor, Right.ASK)
        texts = [wanted.input] if isinstance(wanted.input, str) else wanted.input
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
