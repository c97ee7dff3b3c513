"""The checkable statements of an answer, and the verdict on each: the first tier, words and typed values only.

Knows the answer and the passages it was given, nothing else. It decides "not found" and "value differs"; it cannot
see a contradiction in the sources' own words (AUROC 0.55 in our trial), so it never says "contradicted".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.answers import Verdict
from app.checks.language import in_another_language
from app.checks.statements import is_statement
from app.checks.support import Evidence, Source, Support
from app.checks.values import values_of
from app.sentences import Sentence, split_sentences

SUPPORTED_FROM = 0.55
"""Coverage from which a statement counts as found in the sources."""
NEAR_FROM = 0.4
"""Coverage from which a window speaks of the same thing, so that another value in it is a different value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A sentence of an answer, what was found about it, and each source's nearest window, best first."""

    sentence: Sentence
    verdict: Verdict
    score: float
    supports: tuple[Support, ...]


def examine(answer: str, sources: Sequence[Source], *, question: str = "") -> list[Examined]:
    """Hold every sentence of an answer against the sources.

    What states nothing is not examined, nor is anything of an answer in another language than the sources.
    """
    evidence = Evidence(sources)
    foreign = in_another_language(answer, [source.text for source in sources])
    examined = []
    for sentence in split_sentences(answer):
        supports = tuple(evidence.supports(sentence.text, question=question))
        verdict, score = judge(sentence.text, supports[0] if supports else None)
        if foreign:
            verdict, score = "not examined", 0.0
        examined.append(Examined(sentence=sentence, verdict=verdict, score=score, supports=supports))
    return examined


def stands_firm(examined: Sequence[Examined]) -> bool:
    """Whether everything stated was found, and at least one statement names a number, date, amount or code."""
    stated = [one for one in examined if one.verdict != "not examined"]
    return all(one.verdict == "supported" for one in stated) and any(values_of(one.sentence.text) for one in stated)


def judge(statement: str, support: Support | None) -> tuple[Verdict, float]:
    """Return the verdict on a statement and how far it is supported, 0..1."""
    if not is_statement(statement):
        return "not examined", 0.0
    if support is None:
        return "not found", 0.0
    if support.missing:
        score = min(support.coverage, SUPPORTED_FROM) / 2
        kinds = {value.kind for value in support.window.values}
        differs = support.coverage >= NEAR_FROM and any(value.kind in kinds for value in support.missing)
        return ("value differs" if differs else "not found"), score
    return ("supported" if support.coverage >= SUPPORTED_FROM else "not found"), support.coverage
