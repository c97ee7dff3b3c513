"""The privacy notice people read, and the record of processing for a data-protection officer, from the settings.

Pure text; knows settings only. The version of a notice changes whenever a word of it does, so that consent to it can be
kept with the version.
"""
# ruff: noqa: E501 (paragraphs of Markdown are one line)

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from app.settings import Settings

RULES: Mapping[str, str] = MappingProxyType(
    {
        "allow": "Personal data in questions and answers is not treated in a particular way.",
        "warn": "Personal data in questions and answers is recognised and pointed out to whoever asks.",
        "mask": "Personal data that is recognised is replaced by placeholders before the model reads it, and filled in again "
        "for whoever asked.",
        "refuse": "Questions in which personal data is recognised are refused, and it is taken out of answers.",
    }
)
HELD = "Under a legal hold nothing of whom it concerns is deleted until it is released; whoever tries is told."
SAFEGUARDS = (
    "Everything kept is encrypted; your messages are sealed with a key of your own.",
    "Logs hold no question, no answer and no document.",
    "Erasing your key makes what was sealed with it unreadable in every copy, and the audit log's pseudonym nobody's.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A text with its version."""

    version: str
    """The first characters of its SHA-256: another word is another version."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a notice says that another one did not, and what it says no longer, in sentences."""

    new: tuple[str, ...]
    gone: tuple[str, ...]


def notice(settings: Settings) -> Notice:
    """Return what people are told of how Inhouse treats what they write, in Markdown."""
    kept = "\n".join(f"- **{kind.capitalize()}**: {what}; {how_long}." for kind, what, how_long in _kept(settings))
    saved = "\n".join(f"- {one}" for one in SAFEGUARDS)
    text = f"""# Privacy notice

Inhouse answers questions from documents of this organisation. {_where(settings)}

## What is kept, and for how long

{kept}

{HELD}

## Who else reads it

- {_shared(settings)}
- Nobody can read the rest of your conversations, administrators neither; no setting changes that.

## How it is treated

- {RULES[settings.personal_data]}
- {_secrets(settings)}
{saved}

## What you can do

You can read, rename and delete your conversations and take back ratings. {_rights(settings)}
"""
    return _versioned(text)


def record(settings: Settings) -> Notice:
    """Return the record of processing for a data-protection officer, in Markdown.

    Source: Regulation (EU) 2016/679, article 30 (1): purposes, categories, recipients, transfers, limits, measures.
    """
    rows = "\n".join(f"| {kind} | {what} | {how_long} |" for kind, what, how_long in _kept(settings))
    measures = "\n".join(f"- {one}" for one in (*SAFEGUARDS, RULES[settings.personal_data], _secrets(settings)))
    text = f"""# Record of processing: Inhouse

To be completed by the controller: name and contact of the controller and of the data-protection officer, the lawful basis.

- **Purpose**: answering questions of staff from documents of the organisation, with citations and checks; improving answers from ratings.
- **People**: whoever asks, whoever loads documents, and whoever is named in questions and documents.
- **Recipients**: {_recipients(settings)}
- **Recipients within the organisation**: {_shared(settings)}
- **Transfers to other countries**: {_transfers(settings)}
- **Automated decisions about people**: none.
- **Information of the people**: {_informed(settings)}

| kind | holds | kept |
|---|---|---|
{rows}

{HELD}

## Measures

{measures}
- The master key is in the source "{settings.key_source}".
- Who did what is recorded in a log whose rows cannot be changed unnoticed.
"""
    return _versioned(text)


def changes(before: str, now: str) -> Changes:
    """Return what is new in a notice, and what is gone from it, for somebody who agreed to another one."""
    old, new = _sentences(before), _sentences(now)
    return Changes(
        new=tuple(one for one in new if one not in old),
        gone=tuple(one for one in old if one not in new),
    )


def _versioned(text: str) -> Notice:
    return Notice(version=hashlib.sha256(text.encode()).hexdigest()[:12], text=text)


def _sentences(text: str) -> list[str]:
    """Return what a notice says, line by line, without headings and marks of a list."""
    lines = (
        line.removeprefix("- ").replace("**", "").strip() for line in text.splitlines() if not line.startswith("#")
    )
    return [line for line in lines if line]


def _kept(settings: Settings) -> tuple[tuple[str, str, str], ...]:
    """Return kind, what it holds, for how long."""
    conversations, ratings = settings.keep_conversations_days, settings.keep_feedback_days
    until = f"until you delete them, or for {_days(conversations)} after they were used last" if conversations else ""
    with_answer = "with the answer they are about" + (f", but for no more than {_days(ratings)}" if ratings else "")
    return (
        (
            "conversations",
            "your questions, the answers, and the passages they were written from",
            until or "until you delete them",
        ),
        ("ratings", "thumbs, reasons, comments, corrections and disputes, and what is shared by them", with_answer),
        ("documents", "what was loaded into collections, and by whom", "until they are removed"),
        ("audit log", "who did what, when and from where, without content and under a pseudonym", "for good"),
        ("account", "your name, roles and groups, and which notice you agreed to", "until you are erased"),
        (
            "model memory",
            "what the model had read of conversations, sealed; a cache",
            "until it is needed for others or something is deleted",
        ),
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"


def _shared(settings: Settings) -> str:
    """Return who reads what somebody rates."""
    if not settings.sign_in:
        return "Rating an answer shares it with nobody: one person uses this installation."
    if not settings.share_rated:
        return "Rating an answer shares nothing: ratings are counted."
    masked = " Personal data that is recognised is masked for them." if settings.personal_data == "mask" else ""
    return (
        "Rating an answer shares that question and answer, your reasons, comment and correction with curators and "
        "administrators who may read the collections it rests on. They see a pseudonym in place of your name, may approve "
        f"the answer or your correction for everybody, and what they open is recorded.{masked}"
    )


def _rights(settings: Settings) -> str:
    if settings.sign_in:
        return (
            "On your account page you can take out everything that is kept about you, and erase yourself; ask whoever runs "
            "Inhouse for a correction."
        )
    return "Ask whoever runs Inhouse for a copy of everything about you, for its correction, or for its erasure."


def _informed(settings: Settings) -> str:
    if settings.sign_in:
        return "the privacy notice is agreed to before anything else opens, and again when it changes; version and moment are kept."
    return "the privacy notice is a page of the product."


def _servers(settings: Settings) -> str:
    return ", ".join(urlsplit(url).hostname or url for url in settings.model_servers)


def _where(settings: Settings) -> str:
    if settings.model_servers:
        where = f"Questions and passages are sent to the model on {_servers(settings)}; everything else stays on this machine."
    else:
        where = "Everything happens on one machine of this organisation; nothing is sent anywhere."
    if not settings.oidc_issuer:
        return where
    return f"{where} The one exception is signing in through {settings.oidc_issuer}, which learns when people do."


def _recipients(settings: Settings) -> str:
    told = [f"the model servers {_servers(settings)}"] if settings.model_servers else []
    told += [f"the sign-in provider {settings.oidc_issuer} (when people sign in)"] if settings.oidc_issuer else []
    return f"{', '.join(told) or 'none outside of this machine'}."


def _transfers(settings: Settings) -> str:
    places = [_servers(settings)] if settings.model_servers else []
    places += [settings.oidc_issuer] if settings.oidc_issuer else []
    return f"depends on where {' and '.join(places)} is." if places else "none."


def _secrets(settings: Settings) -> str:
    if settings.withhold_secrets:
        return "Keys and passwords that are recognised are taken out of answers."
    return "Keys and passwords in documents may stand in answers."
