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
KEPT = (
    ("conversations", "your questions, the answers, and the passages they were written from", "until you delete them"),
    ("ratings", "thumbs, reasons, comments, corrections and disputes", "with the answer they are about"),
    ("documents", "what was loaded into collections, and by whom", "until they are removed"),
    ("audit log", "who did what, when and from where, without content and under a pseudonym", "for good"),
    (
        "model memory",
        "what the model had read of conversations, sealed; a cache",
        "until it is needed for others or something is deleted",
    ),
)
"""Kind, what it holds, for how long."""
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


def notice(settings: Settings) -> Notice:
    """Return what people are told of how Inhouse treats what they write, in Markdown."""
    kept = "\n".join(f"- **{kind.capitalize()}**: {what}; {how_long}." for kind, what, how_long in KEPT)
    saved = "\n".join(f"- {one}" for one in SAFEGUARDS)
    text = f"""# Privacy notice

Inhouse answers questions from documents of this organisation. {_where(settings)}

## What is kept, and for how long

{kept}

## How it is treated

- {RULES[settings.personal_data]}
- {_secrets(settings)}
{saved}

## What you can do

You can read, rename and delete your conversations, take back ratings, and ask whoever runs Inhouse for a copy of everything
about you, for its correction, or for its erasure.
"""
    return Notice(version=hashlib.sha256(text.encode()).hexdigest()[:12], text=text)


def record(settings: Settings) -> Notice:
    """Return the record of processing for a data-protection officer, in Markdown.

    Source: Regulation (EU) 2016/679, article 30 (1): purposes, categories, recipients, transfers, limits, measures.
    """
    rows = "\n".join(f"| {kind} | {what} | {how_long} |" for kind, what, how_long in KEPT)
    measures = "\n".join(f"- {one}" for one in (*SAFEGUARDS, RULES[settings.personal_data], _secrets(settings)))
    text = f"""# Record of processing: Inhouse

To be completed by the controller: name and contact of the controller and of the data-protection officer, the lawful basis.

- **Purpose**: answering questions of staff from documents of the organisation, with citations and checks.
- **People**: whoever asks, whoever loads documents, and whoever is named in questions and documents.
- **Recipients**: {_recipients(settings)}
- **Transfers to other countries**: {_transfers(settings)}
- **Automated decisions about people**: none.

| kind | holds | kept |
|---|---|---|
{rows}

## Measures

{measures}
- The master key is in the source "{settings.key_source}".
- Who did what is recorded in a log whose rows cannot be changed unnoticed.
"""
    return Notice(version=hashlib.sha256(text.encode()).hexdigest()[:12], text=text)


def _servers(settings: Settings) -> str:
    return ", ".join(urlsplit(url).hostname or url for url in settings.model_servers)


def _where(settings: Settings) -> str:
    if settings.model_servers:
        return f"Questions and passages are sent to the model on {_servers(settings)}; everything else stays on this machine."
    return "Everything happens on one machine of this organisation; nothing is sent anywhere."


def _recipients(settings: Settings) -> str:
    return f"the model servers {_servers(settings)}." if settings.model_servers else "none outside of this machine."


def _transfers(settings: Settings) -> str:
    return f"depends on where {_servers(settings)} is." if settings.model_servers else "none."


def _secrets(settings: Settings) -> str:
    if settings.withhold_secrets:
        return "Keys and passwords that are recognised are taken out of answers."
    return "Keys and passwords in documents may stand in answers."
