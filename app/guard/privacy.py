"""What follows from personal data in a question and its passages: a rule of the installation, kept for one answer.

Under "mask" the model reads placeholders such as [PERSON 1] in the place of personal data, and what it writes is filled
in again for whoever asked. Nothing of this outlives the answer. Knows texts; no model and no store.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from app.errors import AppError
from app.guard.found import Found, Type
from app.guard.injection import judge
from app.guard.personal import find_personal
from retrieval.documents import Passage

Rule = Literal["allow", "warn", "mask", "refuse"]

WORDS: Mapping[Type, tuple[str, str]] = MappingProxyType(
    {
        "PERSON": ("PERSON", "a name"),
        "STREET_ADDRESS": ("ADDRESS", "an address"),
        "CREDIT_CARD": ("CARD", "a card number"),
        "PHONE_NUMBER": ("TELEPHONE", "a telephone number"),
        "EMAIL_ADDRESS": ("EMAIL", "a mail address"),
        "IBAN_CODE": ("ACCOUNT", "an account number"),
        "US_SSN": ("SSN", "a social security number"),
        "NATIONAL_ID": ("IDENTITY", "an identity number"),
        "IP_ADDRESS": ("IP", "an IP address"),
    }
)
"""Type -> its placeholder's word, and how it is called. An age alone tells of nobody, so it has no place here."""
PLACEHOLDER = re.compile(
    rf"\[\s*({'|'.join(word for word, _ in WORDS.values())})[ _#]{{1,2}}(\d{{1,4}})\s*\]", re.IGNORECASE
)
WITHHELD = "Withheld from this answer"
IN_QUESTION, IN_ANSWER = "The question holds personal data", "The answer holds personal data"
COPY = "\n(Copy placeholders such as [PERSON 1] exactly.)"
STEERING = (
    "This question looks as if it were meant to change what the assistant was told. It was answered like any other."
)


def notices(flags: Sequence[str]) -> list[str]:
    """Return those of an answer's flags that a person should read beside it."""
    return [flag for flag in flags if flag.startswith((STEERING, IN_QUESTION, IN_ANSWER, WITHHELD))]


class PersonalDataError(AppError):
    """The question holds personal data, which this installation does not accept. Ask without it."""

    status = 422


def personal_in(text: str) -> list[Found]:
    """Return the personal data of a text that tells of somebody."""
    return [one for one in find_personal(text) if one.type in WORDS]


def named(found: list[Found]) -> str:
    """Return what was found in words: "a name and a telephone number"."""
    kinds = list(dict.fromkeys(WORDS[one.type][1] for one in found))
    return " and ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)


@dataclass(slots=True, kw_only=True)
class Privacy:
    """The rule for one answer, and what its placeholders stand for."""

    rule: Rule = "allow"
    withholds_secrets: bool = True
    """Whether keys and passwords are taken out of answers."""
    _values: dict[str, str] = field(default_factory=dict)
    """Placeholder -> what it stands for."""
    _placeholders: dict[tuple[str, str], str] = field(default_factory=dict)
    """Type and value in small letters -> placeholder."""

    def admit(self, question: str) -> list[str]:
        """Return what is to be said of a question as it comes in: that it holds personal data, or seems to steer.

        Raises:
            PersonalDataError: the rule is to refuse, and it holds personal data.
        """
        said = [STEERING] if judge(question, kind="question").flagged else []
        if self.rule in {"allow", "mask"}:
            return said
        found = personal_in(question)
        if found and self.rule == "refuse":
            raise PersonalDataError(
                f"The question holds {named(found)}. This installation does not accept personal data. Ask without it."
            )
        return [*said, f"{IN_QUESTION}: {named(found)}."] if found else said

    def of_answer(self, text: str) -> list[str]:
        """Return what is to be said of an answer that was written."""
        found = personal_in(text) if self.rule == "warn" else []
        return [f"{IN_ANSWER}: {named(found)}. Pass it on with care."] if found else []

    def mask(self, text: str) -> str:
        """Return a text with placeholders in the place of personal data, where that is the rule.

        What looks like a placeholder already loses its brackets: nothing but ours is filled in again.
        """
        if self.rule != "mask":
            return text
        text = PLACEHOLDER.sub(lambda mark: f"({mark[0][1:-1]})", text)
        parts, end = [], 0
        for one in personal_in(text):
            parts += [text[end : one.start], self._placeholder(one.type, text[one.start : one.end])]
            end = one.end
        return "".join([*parts, text[end:]])

    def mask_passage(self, passage: Passage) -> Passage:
        """Return a passage as the model may read it."""
        if self.rule != "mask":
            return passage
        return replace(
            passage,
            text=self.mask(passage.text),
            title=self.mask(passage.title),
            headings=tuple(self.mask(heading) for heading in passage.headings),
            columns=self.mask(passage.columns),
        )

    def mask_question(self, question: str) -> str:
        """Return the question as the model may read it; where anything was masked it is asked to copy placeholders."""
        masked = self.mask(question)
        return masked + COPY if self._values else masked

    def unmask(self, text: str) -> str:
        """Return a text of the model with what its placeholders stand for; unknown ones stay."""
        return PLACEHOLDER.sub(self._filled, text) if self._values else text

    def _filled(self, mark: re.Match[str]) -> str:
        return self._values.get(f"[{mark[1].upper()} {int(mark[2])}]", mark[0])

    def _placeholder(self, kind: Type, value: str) -> str:
        """Return the placeholder of a value, the same each time; part of a name that was given is the same person."""
        plain = " ".join(value.lower().split())
        known = self._placeholders.get((kind, plain))
        if known is None and kind == "PERSON":
            known = self._person(plain)
        if known is None:
            count = 1 + sum(1 for other, _ in self._placeholders if other == kind)
            known = f"[{WORDS[kind][0]} {count}]"
            self._values[known] = value
            self._placeholders[kind, plain] = known
        return known

    def _person(self, name: str) -> str | None:
        whole = (
            mark for (kind, known), mark in self._placeholders.items() if kind == "PERSON" and name in known.split()
        )
        return next(whole, None)
