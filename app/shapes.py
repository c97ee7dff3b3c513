"""Values as JSON shows them, the same at every door: the command line, `/api` and the extension fields of `/v1`.

Knows the fields and no door. Fields may be added, never taken away.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from app.again import DoubleCheck
from app.answering.wording import agreement
from app.answers import ROLES, Answer, Citation, Collection, Conflict
from app.library.approving import today, words_of
from app.library.watching import Running
from app.store.accounts import Account, Accounts
from app.store.api_tokens import ApiToken
from app.store.audit_chain import AuditRow
from app.store.grants import Grant
from app.store.shared_turns import Review
from app.store.verified import VerifiedAnswer
from app.store.watches import Watch
from retrieval.documents import Passage, Problem, StoredDocument, Suspicion, Verified
from retrieval.ingest import IngestReport
from retrieval.quality import Quality

COUNTED = ("added", "unchanged", "updated", "removed", "quarantined", "failed")
PASSAGE = ("rank", "score", "document", "title", "page", "chunk_id", "start", "end", "text")
PLACE = ("quote", "page", "start", "end")
CITATION = ("n", "document", "title", "page", "headings", "start", "end", "quote", "sha256", "added")
SIDE = ("document_id", "document", "title", "page", "start", "end", "quote", "added", "dated", "owner")
CLAIM = ("text", "start", "end", "verdict", "score", "citations", "judged")


def shape_passage(passage: Passage) -> dict[str, Any]:
    """Return a passage."""
    return _fields(passage, PASSAGE) | {"verified": shape_verified(passage.verified)}


def shape_verified(verified: Verified | None) -> dict[str, Any] | None:
    """Return who answers for a verified answer; None for any other document."""
    if verified is None:
        return None
    return asdict(verified) | {"holds": verified.holds(today()), "words": words_of(verified)}


def shape_approved(one: VerifiedAnswer) -> dict[str, Any]:
    """Return a verified answer as the API and the command line show it, its words left out."""
    known = shape_verified(Verified(owner=one.owner, until=one.until.isoformat())) or {}
    approved = datetime.fromtimestamp(one.approved, UTC).isoformat()
    return {"question": one.question, "document": one.name, "approved": approved} | known


def shape_answer(answer: Answer) -> dict[str, Any]:
    """Return an answer, its question left out."""
    return {
        "query": answer.query,
        "answer": answer.text,
        "outcome": answer.outcome,
        "citations": list(map(shape_citation, answer.citations)),
        "claims": [
            _fields(claim, CLAIM) | {"nearest": shape_citation(claim.nearest) if claim.nearest else None}
            for claim in answer.claims
        ],
        "unanswered": answer.unanswered,
        "policy": answer.policy,
        "earlier": [asdict(one) for one in answer.earlier],
        "citations_repaired": answer.citations_repaired,
        "citations_removed": answer.citations_removed,
        "conflicts": [shape_conflict(conflict) for conflict in answer.conflicts],
        "double_check": shape_double_check(answer.double_check),
        "groundedness": answer.groundedness,
        "abstained": answer.abstained,
        "asked_back": answer.asked_back,
        "choices": answer.choices,
        "chance": answer.chance,
        "nearest": [shape_passage(passage) for passage in answer.nearest],
        "general": answer.general,
        "flags": answer.flags,
        "model": answer.model,
        "prompt_version": answer.prompt_version,
        "timings": asdict(answer.timings),
    }


def shape_citation(citation: Citation) -> dict[str, Any]:
    """Return a citation, or the place nearest to a statement."""
    return _fields(citation, CITATION) | {"verified": shape_verified(citation.verified)}


def shape_double_check(found: DoubleCheck | None) -> dict[str, Any] | None:
    """Return what came of asking again, in numbers and in a sentence; None where nobody did."""
    if found is None:
        return None
    groups = [
        {"text": one.text, "count": one.count, "says": one.says, "same": one.says == "same"} for one in found.groups
    ]
    counts = {"asked": found.asked, "reworded": found.reworded, "agree": found.agree}
    return counts | {"groups": groups, "sentence": agreement(found)}


def shape_conflict(conflict: Conflict) -> dict[str, Any]:
    """Return what two documents say differently, each with its date and owner."""
    sides = {name: _fields(getattr(conflict, name), SIDE) for name in ("one", "other")}
    return {"kind": conflict.kind, **sides, "order": conflict.order}


def shape_document(document: StoredDocument) -> dict[str, Any]:
    """Return a document as the API and the command line show it."""
    return {
        "document_id": document.document_id,
        "name": document.name,
        "title": document.title,
        "state": document.state,
        "media_type": document.media_type,
        "bytes": document.bytes,
        "chunks": document.chunks,
        "added": document.added.isoformat(),
        "warnings": list(document.warnings),
        "same_as": document.same_as or None,
        "quality": shape_quality(document.quality),
        "suspicion": shape_suspicion(document.suspicion),
        "released": document.released.isoformat() if document.released else None,
    }


def shape_problem(problem: Problem) -> dict[str, Any]:
    """Return a file that could not be learned as the API and the command line show it."""
    return {"name": problem.name, "sentence": problem.sentence, "noticed": problem.noticed.isoformat()}


def shape_suspicion(suspicion: Suspicion | None) -> dict[str, Any] | None:
    """Return why a document was put into quarantine; None for one that never was."""
    if suspicion is None:
        return None
    places = [_fields(place, PLACE) | {"reasons": list(place.reasons)} for place in suspicion.places]
    return {"score": suspicion.score, "places": places}


def shape_quality(quality: Quality | None) -> dict[str, Any] | None:
    """Return how well a document was understood; None for one that was loaded before this was looked at."""
    return None if quality is None else asdict(quality)


def shape_qualities(documents: Sequence[StoredDocument]) -> dict[str, Any]:
    """Return how well the documents of a collection were understood: how many have which fault."""
    kinds = Counter(fault.kind for one in documents if one.quality for fault in one.quality.faults)
    faulty = sum(bool(one.quality and one.quality.faults) for one in documents)
    return {"documents": len(documents), "to_look_at": faulty, "faults": dict(kinds)}


def shape_report(report: IngestReport) -> dict[str, Any]:
    """Return what came of an ingest."""
    return {
        "documents": _fields(report, COUNTED),
        "chunks": report.chunks,
        "seconds": round(report.seconds, 3),
        "problems": [{"path": name, "error": sentence} for name, sentence in report.problems],
    }


def shape_row(row: AuditRow, address: str) -> dict[str, Any]:
    """Return a row of the audit log, with what proves it."""
    told = asdict(row) | {"time": datetime.fromtimestamp(row.at, UTC).isoformat(), "sealed_address": row.address.hex()}
    return told | {"address": address, "hash": row.hash.hex()}


def _fields(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def shape_account(account: Account) -> dict[str, Any]:
    """Return an account as the API shows it."""
    return {
        "user_id": account.user_id,
        "name": account.name,
        "roles": [role for role in ROLES if role in account.roles],
        "groups": list(account.groups),
        "active": account.active,
        "invited": account.invited,
        "second_factor": account.second_factor,
        "single_sign_on": account.single_sign_on,
        "created": moment(account.created),
        "signed_in": moment(account.signed_in) if account.signed_in else None,
    }


def shape_token(token: ApiToken) -> dict[str, Any]:
    """Return a token as the API shows it: never the token itself."""
    return {
        "token_id": token.token_id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "created": moment(token.created),
        "expires": moment(token.expires),
        "used": moment(token.used) if token.used else None,
    }


def shape_review_in_list(review: Review) -> dict[str, Any]:
    """Return a rated answer as a list shows it: its question, and nothing that was said in answer."""
    settled = review.standing.settled
    return {
        "review_id": review.review_id,
        "person": review.person,
        "shared": moment(review.shared),
        "question": review.turn.question,
        "rating": "good" if review.turn.liked else "bad",
        "reasons": list(review.turn.reasons),
        "settled": moment(settled) if settled else None,
        "outcome": review.standing.outcome,
    }


def shape_review(review: Review, readable: Sequence[Collection]) -> dict[str, Any]:
    """Return all that was shared of a rated answer; the collections it rests on by name."""
    turn = review.turn
    used = [one for one in readable if one.collection_id in review.collection_ids]
    return shape_review_in_list(review) | {
        "answer": turn.answer,
        "sources": [_fields(one, CITATION) for one in turn.sources],
        "statements": [_fields(one, ("text", "verdict")) for one in turn.statements],
        "model": turn.model,
        "prompt_version": turn.prompt_version,
        "comment": turn.comment,
        "correction": turn.correction,
        "collections": [{"collection_id": one.collection_id, "name": one.name} for one in used],
        "note": review.standing.note,
    }


def shape_grants(grants: Sequence[Grant], accounts: Accounts) -> list[dict[str, Any]]:
    """Return grants as the API shows them; a person by name, a leaver's grant not at all."""
    names = accounts.names({one.holder for one in grants if one.kind == "person"})
    held = [one for one in grants if one.kind != "person" or one.holder in names]
    return [{"kind": one.kind, "name": names.get(one.holder, one.holder), "may": one.may} for one in held]


def shape_watch(watch: Watch, running: Running | None) -> dict[str, Any]:
    """Return a watched folder, and how far it is where it is `running` that is looked at now."""
    now = running if running and running.watch_id == watch.watch_id else None
    return {
        "watch_id": watch.watch_id,
        "folder": watch.folder,
        "label": watch.label,
        "minutes": watch.minutes,
        "paused": watch.paused,
        "next_run": None if watch.paused else moment(watch.next_run),
        "last_run": None if watch.last_run is None else moment(watch.last_run),
        "last_result": watch.last_result,
        "running": now and {"done": now.done, "total": now.total},
    }


def moment(seconds: float) -> str:
    """Return a time as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()
