"""Everything that is kept about a person, as a ZIP file with JSON and with a page to read.

Written piece by piece, one conversation at a time. Knows no door; whoever exports checks first who asks. Each package
of tables with people in them adds its part.
"""

import html
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO, Any, cast

from sqlalchemy import Connection, Engine, Select, select

from app.answers import Actor
from app.store.feedback import FeedbackStore
from app.store.history import History, StoredTurn
from app.store.schema import (
    accounts,
    api_tokens,
    collection_grants,
    collections,
    consents,
    document_versions,
    exports,
    group_members,
    holds,
    linked_accounts,
    shared_turns,
    verified_answers,
    watched_folders,
)
from app.store.sink import Sink
from retrieval.headings import section_in_words

JSON_FILE, PAGE = "export.json", "export.html"
ExportPart = Callable[[Connection, str], dict[str, Any]]
"""Connection, user id -> what further tables know of this person, by a name for each kind."""

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "h2{border-top:1px solid #ccc;padding-top:1rem}.q{font-weight:600}.a{white-space:pre-wrap}"
    "small,li{color:#444}pre{white-space:pre-wrap}"
)


class PersonExport:
    """Writes the export of one person after the other."""

    def __init__(self, engine: Engine, history: History, feedback: FeedbackStore) -> None:
        """Use the main database, and what opens sealed text for its owner."""
        self._engine, self._history, self._feedback = engine, history, feedback

    def pieces(self, person: Actor) -> Iterator[bytes]:
        """Yield the bytes of the ZIP file."""
        sink = Sink()
        with zipfile.ZipFile(cast("IO[bytes]", sink), "w", zipfile.ZIP_DEFLATED) as package:
            for name, written in ((JSON_FILE, self._json(person)), (PAGE, self._page(person))):
                with package.open(_info(name), "w") as file:
                    for text in written:
                        file.write(text.encode("utf-8", "replace"))
                        yield sink.taken()
        yield sink.taken()

    def _json(self, person: Actor) -> Iterator[str]:
        about = {"person": {"user_id": person.user_id, "name": person.name}, "exported": _moment(datetime.now(UTC))}
        yield json.dumps(about | self._traces(person), ensure_ascii=False, default=str)[:-1] + ', "conversations": ['
        for place, told in enumerate(self._conversations(person)):
            yield ("," if place else "") + "\n" + json.dumps(told, ensure_ascii=False)
        yield "]}\n"

    def _page(self, person: Actor) -> Iterator[str]:
        yield f"<!doctype html><html lang=en><meta charset=utf-8><title>Inhouse export</title><style>{_STYLE}</style>"
        yield f"<h1>What Inhouse keeps about {_plain(person.name)}</h1><p>Exported on {datetime.now(UTC):%Y-%m-%d}.</p>"
        for name, kept in self._traces(person).items():
            lines = "".join(f"<li>{_plain(_in_words(one))}</li>" for one in kept)
            yield f"<h2>{_plain(name.replace('_', ' ').capitalize())}</h2><ul>{lines or '<li>None</li>'}</ul>"
        for told in self._conversations(person):
            yield f"<h2>{_plain(told['title'] or 'Untitled')}</h2><small>Begun {told['created'][:16]}</small>"
            yield from map(_turn_on_page, told["turns"])

    def _conversations(self, person: Actor) -> Iterator[dict[str, Any]]:
        for conversation in self._history.conversations(person):
            yield {
                "conversation_id": conversation.conversation_id,
                "title": conversation.title,
                "created": _moment(conversation.created),
                "updated": _moment(conversation.updated),
                "turns": [_turn(turn) for turn in self._history.turns(person, conversation.conversation_id)],
            }

    def _traces(self, person: Actor) -> dict[str, list[Any]]:
        """Return what stands about a person outside of conversations."""
        shared = self._feedback.shared.of(person).items()
        told: dict[str, list[Any]] = {
            "disputes": [asdict(one) for one in self._feedback.disputes.all_of(person)],
            "answers_shared_with_reviewers": [{"answer_id": answer_id} | asdict(one) for answer_id, one in shared],
        }
        with self._engine.connect() as connection:
            for part in PARTS:
                told |= part(connection, person.user_id)
        return told


def _made(connection: Connection, user_id: str) -> dict[str, Any]:
    """Return what the person made that everybody uses."""
    made, loaded, watched, approved = collections.c, document_versions.c, watched_folders.c, verified_answers.c
    asked: dict[str, Select[Any]] = {
        "collections_made": select(made.name, made.created).where(made.created_by == user_id),
        "documents_loaded": select(loaded.name, loaded.added).distinct().where(loaded.added_by == user_id),
        "folders_watched": select(watched.folder).where(watched.added_by == user_id),
        "answers_approved": select(approved.question, approved.approved).where(approved.approved_by == user_id),
        "ratings_settled": select(shared_turns.c.settled).where(shared_turns.c.settled_by == user_id),
        "exports_made": select(exports.c.file, exports.c.made, exports.c.made_by).where(exports.c.user_id == user_id),
    }
    return _found(connection, asked)


def _managed(connection: Connection, user_id: str) -> dict[str, Any]:
    """Return what the person did about others, without who these are, and the legal holds on the person."""
    held, given, named = holds.c, collection_grants.c, collections.c
    grants = select(named.name, given.may, given.granted).where(given.collection_id == named.collection_id)
    asked: dict[str, Select[Any]] = {
        "accounts_made": select(accounts.c.created).where(accounts.c.created_by == user_id),
        "grants_given": grants.where(given.granted_by == user_id),
        "exports_made_for_others": select(exports.c.made).where(exports.c.made_by == user_id),
        "legal_holds": select(held.set_at, held.reason, held.released_at).where(held.user_id == user_id),
        "legal_holds_put": select(held.set_at, held.reason).where(held.set_by == user_id),
        "legal_holds_released": select(held.released_at, held.reason).where(held.released_by == user_id),
    }
    return _found(connection, asked)


def _account(connection: Connection, user_id: str) -> dict[str, Any]:
    """Return the account, without what only proves who somebody is."""
    row, group, token, held = accounts.c, group_members.c, api_tokens.c, collection_grants.c
    granted = select(collections.c.name, held.may).where(
        held.collection_id == collections.c.collection_id, held.kind == "person", held.holder == user_id
    )
    asked: dict[str, Select[Any]] = {
        "account": select(row.name, row.roles, row.active, row.created, row.signed_in).where(row.user_id == user_id),
        "single_sign_on": select(linked_accounts.c.issuer, linked_accounts.c.subject).where(
            linked_accounts.c.user_id == user_id
        ),
        "groups": select(group.group_name).where(group.user_id == user_id),
        "tokens": select(token.name, token.scopes, token.created, token.expires).where(token.user_id == user_id),
        "collections_granted": granted,
        "consents": select(consents.c.version, consents.c.agreed).where(consents.c.user_id == user_id),
    }
    return _found(connection, asked)


def _found(connection: Connection, asked: Mapping[str, Select[Any]]) -> dict[str, Any]:
    return {name: [_readable(row) for row in connection.execute(query).mappings()] for name, query in asked.items()}


PARTS: list[ExportPart] = [_made, _managed, _account]
"""Whoever owns further tables with people in them adds a part (`tests/app/store/test_every_table.py` looks)."""


def _turn(turn: StoredTurn) -> dict[str, Any]:
    answer = turn.answer
    told: dict[str, Any] = {
        "asked": _moment(turn.begun),
        "question": turn.question,
        "state": turn.state,
        "answer": turn.written,
    }
    if answer is not None:
        told["model"] = answer.model
        told["sources"] = [
            {
                "n": one.n,
                "document": one.document,
                "page": one.page,
                "section": section_in_words(one.headings),
                "added": one.added,
                "quote": one.quote,
            }
            for one in answer.citations
        ]
        told["statements"] = [{"text": one.text, "verdict": one.verdict} for one in answer.claims]
    if turn.feedback is not None:
        told["feedback"] = asdict(turn.feedback)
    return told


def _turn_on_page(turn: dict[str, Any]) -> str:
    sources = "".join(
        f"<li>[{one['n']}] {_plain(one['document'])}: {_plain(one['quote'])}</li>" for one in turn.get("sources", ())
    )
    feedback = f"<small>Your feedback: {_plain(_in_words(turn['feedback']))}</small>" if "feedback" in turn else ""
    return (
        f"<p class=q>{_plain(turn['question'])}</p><small>{turn['asked'][:16]}, {_plain(turn['state'])}</small>"
        f"<p class=a>{_plain(turn['answer'])}</p><ul>{sources}</ul>{feedback}"
    )


def _in_words(told: Any) -> str:
    if isinstance(told, dict):
        return ", ".join(f"{name.replace('_', ' ')}: {_in_words(value)}" for name, value in told.items() if value != "")
    if isinstance(told, (list, tuple)):
        return "; ".join(map(_in_words, told))
    return str(told)


def _readable(row: Any) -> dict[str, Any]:
    """Return a row with moments in place of seconds."""
    return {
        name: _moment(datetime.fromtimestamp(value, UTC)) if isinstance(value, float) else value
        for name, value in row.items()
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _plain(text: str) -> str:
    return html.escape(str(text))


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
    info.external_attr, info.compress_type = 0o600 << 16, zipfile.ZIP_DEFLATED
    return info
