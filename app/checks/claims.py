"""The checkable statements of an answer, and the verdict on each: the first tier, without a model.

Knows the answer and the passages it was given, nothing else. It decides "supported", "not found" and "value differs". A
contradiction it can only suspect (`Finding.opposition`); to call it one is the second tier's (`app/checks/judging.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.answers import Verdict
from app.checks.findings import NOTHING, Finding, Grounds
from app.checks.language import in_another_language
from app.checks.statements import is_statement
from app.checks.support import Source, Support
from app.checks.values import values_of
from app.sentences import Sentence, split_sentences

SUPPORTED_FROM = 0.55
"""Score from which a statement counts as found in the sources."""
NEAR_FROM = 0.4
"""Wording from which a window speaks of the same thing, so that another value in it is a different value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A sentence of an answer, what was found about it, and each source's nearest window, best first."""

    sentence: Sentence
    verdict: Verdict
    score: float
    """How far it is supported, 0..1."""
    supports: tuple[Support, ...]
    finding: Finding = NOTHING


def examine(answer: str, sources: Sequence[Source], *, question: str = "") -> list[Examined]:
    """Hold every sentence of an answer against the sources.

    What states nothing is not examined, nor is anything of an answer in another language than the sources.
    """
    grounds = Grounds(sources)
    foreign = in_another_language(answer, [source.text for source in sources])
    examined = []
    for sentence in split_sentences(answer):
        supports = tuple(grounds.evidence.supports(sentence.text, question=question))
        finding, verdict = NOTHING, judge(NOTHING)
        if foreign or not is_statement(sentence.text):
            verdict = "not examined"
        else:
            finding = grounds.find(sentence.text, supports)
            verdict = judge(finding)
        score = round(finding.score, 4)
        examined.append(Examined(sentence=sentence, verdict=verdict, score=score, supports=supports, finding=finding))
    return examined


def stands_firm(examined: Sequence[Examined]) -> bool:
    """Whether everything stated was found, and at least one statement names a number, date, amount or code."""
    stated = [one for one in examined if one.verdict != "not examined"]
    return all(one.verdict == "supported" for one in stated) and any(values_of(one.sentence.text) for one in stated)


def judge(finding: Finding) -> Verdict:
    """Return the verdict on a statement."""
    if finding.differences and finding.wording >= NEAR_FROM:
        return "value differs"
    if finding.speaks_against:
        return "not found"
    return "supported" if finding.score >= SUPPORTED_FROM else "not found"
