"""The tables of the encrypted database that belong to people: conversations, turns, feedback, collections, originals.

What a person wrote or read is a sealed column (bytes); the rest is what lists and checks need. The migrations in
`app/store/migrations` make these tables; documents and chunks belong to `retrieval`.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

conversations = Table(
    "conversations",
    metadata,
    Column("conversation_id", String, primary_key=True),
    Column("user_id", String, nullable=False, index=True),
    Column("title", LargeBinary),
    Column("collection_ids", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("turn_id", String, primary_key=True),
    Column(
        "conversation_id",
        String,
        ForeignKey("conversations.conversation_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("user_id", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("question", LargeBinary, nullable=False),
    Column("written", LargeBinary),
    Column("answer_id", String, unique=True),
    Column("answer", LargeBinary),
    Column("passages", LargeBinary),
    Column("model", String, nullable=False, default=""),
    Column("prompt_version", String, nullable=False, default=""),
    Column("begun", Float, nullable=False),
    Column("ended", Float),
    Index("turns_newest", "user_id", "state", "begun"),
    Index("turns_in_order", "user_id", "begun", "turn_id"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("answer_id", String, ForeignKey("turns.answer_id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("liked", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("recorded", Float, nullable=False),
)

shared_turns = Table(
    "shared_turns",
    metadata,
    Column("review_id", String, primary_key=True),
    Column("answer_id", String, nullable=False, unique=True),
    Column("user_id", String, nullable=False, index=True),
    Column("collection_ids", String, nullable=False),
    Column("liked", Boolean, nullable=False),
    Column("reasons", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("shared", Float, nullable=False, index=True),
    Column("settled", Float),
    Column("settled_by", String, nullable=False, server_default=""),
    Column("outcome", String, nullable=False, server_default=""),
    Column("note", LargeBinary),
    ForeignKeyConstraint(["answer_id", "user_id"], ["feedback.answer_id", "feedback.user_id"], ondelete="CASCADE"),
)
"""Rated turns as reviewers may read them; each goes with its rating, so nothing can outlive that."""

disputes = Table(
    "disputes",
    metadata,
    Column("answer_id", String, ForeignKey("turns.answer_id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("recorded", Float, nullable=False),
)

collections = Table(
    "collections",
    metadata,
    Column("collection_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("folded_name", String, nullable=False, unique=True),
    Column("description", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("owner", String, nullable=False, server_default=""),
    Column("review_on", String, nullable=False, server_default=""),
    Column("on_unsupported", String, nullable=False, server_default="show"),
    Column("double_check", Boolean, nullable=False, server_default="0"),
)

watched_folders = Table(
    "watched_folders",
    metadata,
    Column("watch_id", String, primary_key=True),
    Column("collection_id", String, nullable=False, index=True),
    Column("folder", String, nullable=False),
    Column("label", String, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("added_by", String, nullable=False),
    Column("next_run", Float, nullable=False),
    Column("last_run", Float),
    Column("last_result", String, nullable=False),
)

document_versions = Table(
    "document_versions",
    metadata,
    Column("document_id", String, primary_key=True),
    Column("collection_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("added", Float, nullable=False),
    Column("added_by", String, nullable=False),
    Column("replaced", Float),
    Index("versions_by_name", "collection_id", "name"),
)

verified_answers = Table(
    "verified_answers",
    metadata,
    Column("collection_id", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("question", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("until", String, nullable=False),
    Column("approved", Float, nullable=False),
    Column("approved_by", String, nullable=False),
)

collection_grants = Table(
    "collection_grants",
    metadata,
    Column("collection_id", String, ForeignKey("collections.collection_id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("holder", String, primary_key=True),
    Column("may", String, nullable=False),
    Column("granted_by", String, nullable=False),
    Column("granted", Float, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("user_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("folded_name", String, nullable=False, unique=True),
    Column("roles", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("second_factor", LargeBinary),
    Column("second_factor_step", Integer, nullable=False),
    Column("created", Float, nullable=False),
    Column("created_by", String, nullable=False),
    Column("signed_in", Float),
)

group_members = Table(
    "group_members",
    metadata,
    Column("user_id", String, ForeignKey("accounts.user_id", ondelete="CASCADE"), primary_key=True),
    Column("folded_group", String, primary_key=True, index=True),
    Column("group_name", String, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String, primary_key=True),
    Column("user_id", String, ForeignKey("accounts.user_id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("expires", Float, nullable=False),
)

linked_accounts = Table(
    "linked_accounts",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("user_id", String, ForeignKey("accounts.user_id", ondelete="CASCADE"), nullable=False, unique=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_id", String, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("user_id", String, ForeignKey("accounts.user_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("scopes", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("used", Float),
)

verdict_counts = Table(
    "verdict_counts",
    metadata,
    Column("day", String, primary_key=True),
    Column("collection_id", String, primary_key=True),
    Column("model", String, primary_key=True),
    Column("verdict", String, primary_key=True),
    Column("count", Integer, nullable=False),
)

originals = Table(
    "originals",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("file", String, nullable=False, unique=True),
    Column("data_key", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("stored", Float, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Float, nullable=False, index=True),
    Column("who", String, nullable=False, index=True),
    Column("action", String, nullable=False),
    Column("object_kind", String, nullable=False),
    Column("object_id", String, nullable=False),
    Column("result", String, nullable=False),
    Column("door", String, nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Only grows: triggers refuse every change."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("only", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

audit_cuts = Table(
    "audit_cuts",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("until", Float, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("made", Float, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
"""Only grows: rows of the log up to the newest number here may be deleted, no other."""

holds = Table(
    "holds",
    metadata,
    Column("hold_id", String, primary_key=True),
    Column("user_id", String, nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("set_by", String, nullable=False),
    Column("set_at", Float, nullable=False),
    Column("released_by", String, nullable=False, server_default=""),
    Column("released_at", Float),
)
"""Legal holds: nothing of these people is deleted meanwhile. An empty user id holds everybody."""

exports = Table(
    "exports",
    metadata,
    Column("export_id", String, primary_key=True),
    Column("user_id", String, nullable=False, index=True),
    Column("made", Float, nullable=False),
    Column("made_by", String, nullable=False),
    Column("file", String, nullable=False),
    Column("passphrase", LargeBinary, nullable=False),
)
"""Exports an admin made for somebody; the passphrase is sealed for that person."""

notices = Table(
    "notices",
    metadata,
    Column("version", String, primary_key=True),
    Column("text", String, nullable=False),
)
"""The privacy notices somebody agreed to, so that the next one can say what is new."""

consents = Table(
    "consents",
    metadata,
    Column("user_id", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("agreed", Float, nullable=False),
)

ledger_metadata = MetaData()

user_keys = Table(
    "user_keys",
    ledger_metadata,
    Column("user_id", String, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
)
"""The ledger, a database of its own that ordinary backups do not contain."""

erasures = Table(
    "erasures",
    ledger_metadata,
    Column("erasure_id", String, primary_key=True),
    Column("user_id", String, nullable=False, index=True),
    Column("erased", Float, nullable=False),
    Column("by", String, nullable=False),
    Column("returns", Boolean, nullable=False),
    Column("counted", String, nullable=False),
    Column("done", Float),
    Column("receipt", String, nullable=False, server_default=""),
)
"""Who was erased and when: the tombstones, applied again to whatever is restored."""

key_copies = Table(
    "key_copies",
    ledger_metadata,
    Column("path", String, primary_key=True),
    Column("written", Float, nullable=False),
)
"""Where copies of people's keys were written to."""

signers = Table(
    "signers",
    ledger_metadata,
    Column("public_key", String, primary_key=True),
    Column("since", Float, nullable=False),
)
"""The public keys that receipts of this installation were signed with; a rotation of the master key adds one."""
