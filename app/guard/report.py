"""What the guards find in one text, as `inhouse guard` prints it."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from app.errors import AppError
from app.guard.injection import SIGNS, Kind, judge
from app.guard.personal import find_personal


class UnknownKindError(AppError):
    """The kind of a text is question, document or answer."""

    status = 422


def examine(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is found in `{"id", "text", "kind"}`; a missing kind is a question.

    Raises:
        UnknownKindError: naming the item whose kind is another.
    """
    kind = item.get("kind", "question")
    if kind not in get_args(Kind):
        raise UnknownKindError(f"{item['id']}: the kind of a text is question, document or answer, not {kind!r}.")
    started = time.perf_counter()
    verdict = judge(item["text"], kind=kind)
    reasons = list(dict.fromkeys(SIGNS[sign.name][1] for sign in verdict.signs)) if verdict.flagged else []
    return {
        "id": item["id"],
        "injection": round(verdict.score, 4),
        "flagged": verdict.flagged,
        "reasons": reasons,
        "personal_data": [asdict(one) for one in find_personal(item["text"])],
        "milliseconds": round((time.perf_counter() - started) * 1000, 3),
    }
