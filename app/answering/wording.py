"""What was found about the statements of an answer, in words for a person: a verdict, why, and how many of each.

Says what was found in the sources, never that something is true. Knows verdicts and quotes; no page.
"""

from collections import Counter
from collections.abc import Sequence

from app.again import DoubleCheck, Says
from app.answers import Answer, Claim, Verdict
from app.checks.calibration import plainly
from app.checks.claims import SUPPORTED_FROM
from app.checks.source_tables import rows_in
from app.checks.statements import is_statement
from app.checks.values import missing, values_of

VERDICTS: dict[Verdict, str] = {
    "supported": "found in the sources",
    "value differs": "value differs",
    "contradicted": "contradicted",
    "not found": "not in the sources",
    "not examined": "not examined",
}
"""As marks and panels call them."""
NEARLY = 0.8
"""Score from which the sources have nearly all words of a statement, and in its order."""
AGREED = 0.5
"""Probability from which a model that read a statement's source thinks that it says it."""
_SAID: dict[Says, str] = {"same": "said the same", "more": "said more", "less": "said less"}
_ELSEWHERE = "The sources say something else in the place where this belongs."
"""Of what stands in another row or column of their table."""
_OF_SOME = "The sources say this of one thing only, and something else of others: see the rows of their table."
"""Of what is said of all and stands in some of the quoted rows."""
_COUNTED: dict[Verdict, str] = {
    "not found": "not found in the sources",
    "value differs": "with a value that differs from the sources",
    "contradicted": "contradicted by the sources",
}


def why(claim: Claim, quotes: Sequence[str]) -> str:
    """Return the sentence that says why a statement got its verdict.

    Args:
        claim: the statement.
        quotes: what it was held against: the nearest sentences of the sources.
    """
    absent = missing(values_of(claim.text), [value for quote in quotes for value in values_of(quote)])
    values = " and ".join(f"“{value.text}”" for value in absent)
    match claim.verdict:
        case "supported":
            return _found(claim.score)
        case "value differs":
            elsewhere = _OF_SOME if any(len(rows_in(quote)) > 1 for quote in quotes) else _ELSEWHERE
            return f"The nearest sentence of the sources does not say {values}." if values else elsewhere
        case "contradicted":
            return "This sentence of the sources says otherwise."
        case "not examined":
            if not is_statement(claim.text):
                return "This states nothing that could be looked for."
            return "Nobody looked for this: it is in another language than the sources, or looking failed or took long."
    nearest = "This is the nearest sentence there is." if quotes else "No sentence of the sources comes near it."
    return f"The sources were searched for it, and it was not found in them. {nearest}"


def _found(score: float) -> str:
    """Return how a supported statement was found."""
    if score >= NEARLY:
        return "The sources say this in these words, or nearly."
    if score >= SUPPORTED_FROM:
        return "Most of this was found in the sources, in other words."
    return "Part of this was found in the sources; it counts as found because most of the answer was."


def second_look(claim: Claim) -> str:
    """Return what a model made of a statement when it read it beside its source; "" where none did."""
    if claim.judged is None:
        return ""
    likely = claim.judged >= AGREED
    match claim.verdict:
        case "supported":
            return f"A second look by a model {'agreed' if likely else 'was less sure of it'}."
        case "contradicted":
            return "A second look by a model found this."
    return f"A second look by a model {'thought it likely all the same' if likely else 'did not find it either'}."


def tally(answer: Answer) -> str:
    """Return how many of an answer's statements were found in the sources, in one line; "" where it states nothing."""
    examined = [claim.verdict for claim in answer.claims if claim.verdict != "not examined"]
    counts = Counter(verdict for verdict in examined if verdict != "supported")
    passed_over = _passed_over(answer)
    if not examined:
        return "Not examined against the sources" if passed_over else ""
    if not counts and not passed_over:
        whole = "The statement was" if len(examined) == 1 else f"All {len(examined)} statements were"
        return f"{whole} found in the sources{'' if found_plainly(answer) else ', in part in other words'}"
    told = [(count, _COUNTED[verdict]) for verdict, count in counts.items()] or [
        (len(examined), "found in the sources")
    ]
    if passed_over:
        told.append((passed_over, "not examined"))
    first, *rest = told
    of_all = f"{first[0]} of {_statements(len(examined) + passed_over)} {first[1]}"
    return ", ".join([of_all, *(f"{count} {words}" for count, words in rest)])


def _passed_over(answer: Answer) -> int:
    """Return how many statements of an answer were not examined, though they state something."""
    return sum(claim.verdict == "not examined" and is_statement(claim.text) for claim in answer.claims)


def found_plainly(answer: Answer) -> bool:
    """Whether all of an answer's statements were found, and so plainly that it may be called found as a whole."""
    if answer.groundedness != 1 or _passed_over(answer):
        return False
    return plainly([(claim.text, claim.score) for claim in answer.claims if claim.verdict == "supported"])


def still(left: int, *, again: bool = False) -> str:
    """Return what is still being done about an answer, in a few words; "" where nothing is.

    Args:
        left: how many of its statements a model is still to judge.
        again: whether its question is still to be asked again.
    """
    told = [f"{_statements(left)} still being examined"] if left else []
    return ", ".join([*told, "the question being asked again"] if again else told)


def agreement(found: DoubleCheck) -> str:
    """Return how the answers to the same question compare with the one that was double-checked."""
    if not found.asked:
        return "There was no time to double-check this answer."
    reworded = f" ({_often(found.reworded)} in other words)" if found.reworded else ""
    asked = f"Asked {'once' if found.asked == 1 else f'{found.asked} times'} more{reworded}, the model"
    said = {words: count for says, words in _SAID.items() if (count := found.count(says))}
    if not said:
        return f"{asked} {'did not say this' if found.asked == 1 else 'never said this again'}. Do not rely on it."
    if found.asked == 1:
        return f"{asked} {next(iter(said))}."
    if found.asked in said.values():
        return f"{asked} {next(iter(said))} each time."
    *first, last = [f"{words} {_often(count)}" for words, count in said.items()]
    unsure = " It is not sure of this." if found.count("else") else ""
    return f"{asked} {' and '.join([*([', '.join(first)] if first else []), last])}.{unsure}"


def _often(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _statements(count: int) -> str:
    return "1 statement" if count == 1 else f"{count} statements"
