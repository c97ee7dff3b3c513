"""The checkable statements of an answer, and the verdict on each: the first tier, without a model.

Knows the answer and the passages it was given, nothing else. It decides "supported", "not found" and "value differs". A
contradiction it can only suspect (`Finding.opposition`); to call it one is the second tier's (`app/checks/judging.py`).
"""

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.answers import Verdict
from app.checks.displaced import UNTOLD, Rows, Ruling
from app.checks.findings import NOTHING, Finding, Grounds, Standing
from app.checks.language import in_another_language
from app.checks.statements import is_statement
from app.checks.stems import Item, with_stems
from app.checks.support import Source, Support
from app.checks.tables import Cell, stated_in
from app.checks.told_rows import ToldRows
from app.checks.values import values_of
from app.errors import where
from app.sentences import Sentence

log = logging.getLogger(__name__)

SUPPORTED_FROM = 0.53
"""Score from which a statement counts as found in the sources; its answer's mean score counts in part."""
COMPANY = 0.7
"""What the mean counts: an answer most of which stands in its passages words the rest of it freely, and one that strays
strays in several sentences. Of the good answers of mtrag_faithfulness 46 % instead of 32 % have all their statements
found so, at the same rightness."""
LEAST = 0.25
"""No company makes up for less than this."""
PLAIN_FROM = 0.8
"""What stands in the sources as plainly as this was found there, whatever stands around it."""
LONGEST = 4_000
"""Characters; what is longer is no sentence, and comparing it would take minutes."""
FIRM_FROM = 0.6
"""Score from which a statement is found plainly enough to overrule a model that declined to answer: "12 weeks of paid
leave are given for adopting a dog" has 0.56 by what the documents say of children."""
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


def examine(answer: str, sources: Sequence[Source], *, question: str = "", seconds: float = math.inf) -> list[Examined]:
    """Hold every sentence of an answer against the sources.

    What states nothing is not examined, nor is anything of an answer in another language than the sources, nor of one
    whose examination fails: the answer stands all the same. Nor is what the seconds are over for.
    """
    try:
        return _in_company(_examined(answer, sources, question, time.monotonic() + seconds))
    except Exception as error:  # noqa: BLE001 - the checks' door: an answer stands whatever happens to its check
        log.warning("the checks failed: %s at %s", type(error).__name__, where(error))
        return [_unexamined(sentence) for sentence in stated_in(answer)]


def _unexamined(sentence: Sentence) -> Examined:
    return Examined(sentence=sentence, verdict="not examined", score=0.0, supports=())


def _examined(answer: str, sources: Sequence[Source], question: str, end: float) -> list[Examined]:
    """Return every sentence with its own finding, until the end is there."""
    grounds = Grounds(sources)
    rows, told = Rows(grounds.evidence), ToldRows(grounds.evidence)
    foreign = in_another_language(answer, [source.text for source in sources])
    examined = []
    for sentence in with_stems(answer, stated_in(answer)):
        if len(sentence.text) > LONGEST or time.monotonic() >= end:
            examined.append(_unexamined(sentence))
            continue
        ruling = _ruling(rows, sentence)
        if ruling is UNTOLD and not isinstance(sentence, Cell):
            ruling = told.ruling(sentence.text, question=question, answer=answer)
        supports = _supports(grounds, sentence.text, question, ruling)
        finding = NOTHING
        verdict: Verdict = "not found"
        if foreign or not is_statement(sentence.text):
            verdict = "not examined"
        else:
            finding = grounds.find(sentence.text, supports, standing=_standing(ruling, supports))
        score = round(finding.score, 4)
        examined.append(Examined(sentence=sentence, verdict=verdict, score=score, supports=supports, finding=finding))
    return examined


def _ruling(rows: Rows, sentence: Sentence) -> Ruling:
    """Return what is known of a sentence's place: of a table's cell, and of an item below what it is said of."""
    if isinstance(sentence, Cell):
        return rows.ruling(sentence)
    return rows.under(sentence) if isinstance(sentence, Item) else UNTOLD


def _standing(ruling: Ruling, supports: Sequence[Support]) -> Standing:
    """Return what is known of a sentence's place, of one that rows tell only where nothing else tells it better."""
    elsewhere = not supports or supports[0].window not in ruling.windows
    return "anywhere" if ruling.standing == "told" and elsewhere else ruling.standing


def _supports(grounds: Grounds, statement: str, question: str, ruling: Ruling) -> tuple[Support, ...]:
    """Return where a statement is best supported: in what its row says and, where this agrees, in other sources."""
    if ruling.standing in {"anywhere", "told"}:
        return tuple(grounds.evidence.supports(statement, question=question, also=ruling.windows))
    own = grounds.evidence.supports(statement, question=question, among=ruling.windows)
    if ruling.standing != "there":
        return tuple(own)
    held = {support.window.source for support in own}
    others = grounds.evidence.supports(statement, question=question)
    return (*own, *(support for support in others if support.window.source not in held))


def _in_company(examined: list[Examined]) -> list[Examined]:
    """Return the sentences with the verdicts their answer as a whole gives them."""
    stated = [one for one in examined if one.verdict != "not examined"]
    length = sum(len(one.sentence.text) for one in stated)
    mean = sum(one.score * len(one.sentence.text) for one in stated) / length if length else 0.0
    return [
        one if one.verdict == "not examined" else replace(one, verdict=judge(one.finding, mean)) for one in examined
    ]


def stands_firm(examined: Sequence[Examined]) -> bool:
    """Whether everything stated was plainly found, and at least one statement names a number, date, amount or code."""
    stated = [one for one in examined if one.verdict != "not examined"]
    found = all(one.verdict == "supported" and one.score >= FIRM_FROM for one in stated)
    return found and any(values_of(one.sentence.text) for one in stated)


def judge(finding: Finding, mean: float) -> Verdict:
    """Return the verdict on a statement of an answer whose statements have this mean score."""
    if finding.displaced or (finding.differences and finding.wording >= NEAR_FROM):
        return "value differs"
    if finding.speaks_against:
        return "not found"
    score = (1 - COMPANY) * finding.score + COMPANY * mean
    found = finding.score >= PLAIN_FROM or (score >= SUPPORTED_FROM and finding.score >= LEAST)
    return "supported" if found else "not found"
