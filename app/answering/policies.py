"""What follows when statements of an answer are not found in the sources, and whether its question is asked again.

Both are policies of each collection. Knows verdicts and collections; no model and no page. The strictest of the
collections an answer was written from decides. Shown are verdicts under every policy.
"""

from collections.abc import Iterable, Sequence
from typing import get_args

from app.answers import Claim, Collection, Policy, Verdict
from retrieval.documents import Passage

POLICIES: tuple[Policy, ...] = get_args(Policy)
"""From the mildest to the strictest."""
FAULTS: frozenset[Verdict] = frozenset({"not found", "value differs", "contradicted"})
REPLACED = "The answer that was written could not be found in the documents, so here is only what they say themselves."
MENDED = "The first answer was not borne out by the documents, so it was written once more."
_SHOWN = 3
_AGAIN = (
    "The passages do not say this: {faults} Answer the question again, in one or two complete sentences, and say only "
    "what the passages say."
)


def policy_of(collections: Iterable[Collection], passages: Sequence[Passage]) -> Policy:
    """Return the strictest policy of the collections that the passages are of."""
    return max((one.on_unsupported for one in _used(collections, passages)), key=POLICIES.index, default="show")


def asked_again(collections: Iterable[Collection], passages: Sequence[Passage]) -> bool:
    """Whether one of the collections that the passages are of has every answer double-checked."""
    return any(one.double_check for one in _used(collections, passages))


def _used(collections: Iterable[Collection], passages: Sequence[Passage]) -> list[Collection]:
    """Return the collections that the passages are of."""
    used = {passage.collection_id for passage in passages}
    return [one for one in collections if one.collection_id in used]


def faults(claims: Iterable[Claim]) -> list[Claim]:
    """Return the statements that were looked for and not found, or found to be otherwise."""
    return [claim for claim in claims if claim.verdict in FAULTS]


def again(faulty: Sequence[Claim]) -> str:
    """Return what the model is told when it shall write once more: which statements the passages do not say."""
    return _AGAIN.format(faults=" ".join(f"“{claim.text}”" for claim in faulty[:_SHOWN]))
