"""The words of the audit log: what can be done, to what, through which door, and with which result.

Closed lists: a new door needs a word here before it can be recorded. The words are stored; they are never renamed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A word of the log with what it means, in one line."""

    meaning: str

    def __new__(cls, word: str, meaning: str) -> Self:
        """Make a word that is its own text and knows what it means."""
        made = str.__new__(cls, word)
        made._value_ = word
        made.meaning = meaning
        return made


class Action(Word):
    """What was done."""

    STARTED = "started", "Inhouse began to serve."
    STOPPED = "stopped", "Inhouse ended in good order."
    LOG_CUT = (
        "log cut",
        "Rows that had been signed are missing from the log; a backup was put back, or somebody cut it.",
    )
    LOG_SHORTENED = "log shortened", "Rows older than the setting allows were removed; a signed statement says which."
    LOG_READ = "log read", "The audit log was looked at."
    LOG_EXPORTED = "log exported", "The audit log was written out."

    SIGNED_IN = "signed in", "Somebody signed in, or tried to."
    SIGNED_OUT = "signed out", "Somebody signed out."
    SESSION_ENDED = "session ended", "A session was ended from outside."
    PASSWORD_SET = "password set", "A password was chosen or changed."
    PASSWORD_RESET = "password reset", "Somebody else's password was taken back, so that a new one must be chosen."
    SECOND_FACTOR_SET = "second factor set", "One-time codes are asked for from now on."
    SECOND_FACTOR_REMOVED = "second factor removed", "One-time codes are not asked for any more."
    TOKEN_MADE = "token made", "A token for programs was made."
    TOKEN_REVOKED = "token revoked", "A token for programs was taken back."

    PERSON_ADDED = "person added", "An account was made."
    PERSON_CHANGED = (
        "person changed",
        "A name, role, group or address of an account was changed, or it was closed or opened again.",
    )
    PERSON_EXPORTED = "person exported", "Everything about a person was written out."
    EXPORT_OPENED = "export opened", "A person opened the sealed export that was made for them."
    PERSON_ERASED = "person erased", "A person's key and everything of theirs was destroyed."
    CONSENT_GIVEN = "consent given", "A person has read and accepted the privacy notice."
    GRANTED = "granted", "Somebody may use a collection from now on."
    REVOKED = "revoked", "Somebody may not use a collection any more."

    READ = "read", "Something was opened; only denials of it are kept."
    ASKED = "asked", "A question was asked."
    SEARCHED = "searched", "Passages were searched for."
    CONVERSATION_CHANGED = "conversation changed", "A conversation got another title or other collections."
    CONVERSATION_DELETED = "conversation deleted", "A conversation was deleted."
    CONVERSATION_EXPORTED = "conversation exported", "A conversation was written out."
    FEEDBACK_GIVEN = "feedback given", "An answer was rated, or a verdict on it disputed."
    FEEDBACK_WITHDRAWN = "feedback withdrawn", "A rating or a dispute was taken back."
    FEEDBACK_REVIEWED = "feedback reviewed", "A rating was looked at by a reviewer."
    FEEDBACK_SETTLED = "feedback settled", "A reviewer settled a rating, perhaps by approving an answer."

    COLLECTION_MADE = "collection made", "A collection was made."
    COLLECTION_CHANGED = "collection changed", "What is said of a collection was changed."
    COLLECTION_DELETED = "collection deleted", "A collection was deleted with its documents."
    COLLECTION_EXPORTED = "collection exported", "The originals of a collection were written out."
    DOCUMENT_ADDED = "document added", "Documents were loaded."
    DOCUMENT_REMOVED = "document removed", "A document, or what is told of a file nobody could read, was removed."
    DOCUMENT_RELEASED = "document released", "A suspicious document was let out of quarantine."
    ORIGINAL_TAKEN = "original taken", "The file of a document was downloaded."
    FOLDER_WATCHED = "folder watched", "A folder is watched, or watched otherwise."
    FOLDER_LEFT = "folder left", "A folder is watched no longer."
    ANSWER_VERIFIED = "answer verified", "An answer was approved."
    ANSWER_UNVERIFIED = "answer unverified", "An approved answer was removed."
    INDEX_RENEWED = "index renewed", "The index was made anew."

    MODEL_CHOSEN = "model chosen", "Another model answers from now on."
    MODEL_FETCHED = "model fetched", "A model was fetched or imported."
    MODEL_VERIFIED = "model verified", "A model's checksum was compared."
    MODEL_REMOVED = "model removed", "A model was deleted from this machine."
    SETTING_CHANGED = "setting changed", "A setting was changed."

    KEYS_ROTATED = "keys rotated", "The master key was replaced."
    ROTATION_ASKED = "rotation asked", "The next start shall replace the master key."
    ROTATION_CANCELLED = "rotation cancelled", "It shall not after all."
    KEYS_RESTORED = "keys restored", "The master key was put back from a recovery key."
    RECOVERY_KEY_EXPORTED = "recovery key exported", "A recovery key was written out."
    BACKED_UP = "backed up", "A backup was written."
    RESTORED = "restored", "A backup was put back."
    RETENTION_APPLIED = "retention applied", "What was older than allowed was destroyed."
    HOLD_SET = "hold set", "A legal hold suspends retention and erasure."
    HOLD_LIFTED = "hold lifted", "A legal hold was lifted."


class ObjectKind(Word):
    """What it was done to; a person is named by pseudonym, everything else by its id."""

    INSTALLATION = "installation", "All of this Inhouse."
    PERSON = "person", "A person with an account."
    GROUP = "group", "A group of people."
    SESSION = "session", "A browser that is signed in."
    TOKEN = "token", "A token for programs."
    CONVERSATION = "conversation", "A conversation of one person."
    ANSWER = "answer", "One answer of a conversation."
    RATING = "rating", "A rated question and answer, shared with reviewers."
    COLLECTION = "collection", "A collection of documents."
    DOCUMENT = "document", "A document of a collection."
    FOLDER = "folder", "A watched folder."
    MODEL = "model", "A model on this machine."
    DOOR = "door", "A kind of request, where nothing in particular was named."


class Result(Word):
    """What came of it."""

    DONE = "done", "It was done, or begun where it takes long."
    DENIED = "denied", "Whoever asked may not, or it is not theirs."
    REFUSED = "refused", "It was asked for wrongly, too often, or is against a rule."
    FAILED = "failed", "Inhouse could not do it."


DENYING = frozenset({401, 403, 404})
"""404 too: whoever asks for what is somebody else's is told that there is nothing."""
OURS = 500


def result_of(status: int) -> Result:
    """Return what an HTTP status, or that of an error, says about what came of it."""
    if status in DENYING:
        return Result.DENIED
    if status >= OURS:
        return Result.FAILED
    return Result.REFUSED if status >= 400 else Result.DONE  # noqa: PLR2004 - HTTP's word for a wrong request


class Door(Word):
    """Through which door it came."""

    PAGE = "page", "A page in a browser."
    API = "api", "The HTTP API."
    COMMAND = "command", "The command line."
    PRODUCT = "product", "Inhouse itself, at a time of its own."


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From where something was done."""

    door: Door
    address: str = ""
    """The network address of whoever asked, where there is one."""


COMMAND, PRODUCT = Origin(door=Door.COMMAND), Origin(door=Door.PRODUCT)
