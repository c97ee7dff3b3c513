"""Does a text say the opposite of another one, in the same words? Negation, and words that are each other's opposite.

Knows English words only. It compares what two texts share: a word that is denied in one and not in the other, a
"higher" where the other has "lower". What a text says in words of its own is beyond it (the second tier's work).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from app.checks.opposites import OPPOSITES, TRENDS
from app.checks.words import STOP_WORDS
from retrieval.words import terms

LONGEST = 4_000
"""Characters that are read of a text; more is no sentence."""
REACH = 6
"""So many content words after a "not" are denied by it, as far as the clause goes: of 100 denials put into supported
claims or taken out of them 57 are seen with a reach of 1, 83 with 3, 91 with 6."""
BESIDE_DENIED, BESIDE_TURNED = 6, 3
"""Content words so near to a denied word, or to one whose opposite the other text has, belong to it: one of them must
stand beside it in both texts. "The north atlantic" and "in the atlantic's south" do; "lower rates of eczema" and "high
risk of disease" do not."""

_DENYING = frozenset(["not", "no", "never", "neither", "nor", "cannot", "none", "nobody", "nothing", "n't", "nt"])
_HALF_DENIALS = """without hardly unable fail fails failed failing lack lacks lacked lacking absence absent unless
rather instead despite avoid avoids avoided avoiding"""
_HALF_DENYING = frozenset(_HALF_DENIALS.split())
"""What follows them is denied by some and affirmed by others, so that it proves nothing either way."""
_ONLY_IN_PART = re.compile(
    r"(?:\b(?:not|no)|n['’]t) (?:only|just|(?:later|earlier|more|less|fewer|longer) than|too|so|necessarily|primarily|"  # noqa: RUF001
    r"solely|simply|entirely|enough|always|all|every|yet|have to|need to|to mention)\b"
)
"""What is not only so is so."""
_ANSWERING = re.compile(
    r"(?:^|(?<=[.!?\n] ))no (?=(?:i|you|he|she|it|we|they|there|this|that|these|those|the|an?|my|your|his|her|its|our|"
    r"their) )"
)
"""A "no" before an article or a pronoun denies nothing behind it: it answers a question."""
_ANSWERING_NAME = re.compile(r"\W*[Nn]o (?=((?:[A-Z][\w.-]* ){2,}(?:is|was|has|had|does|did) ))")
_OTHER_THAN = re.compile(r"\b(?:other than|anything but)\b")
_BOUNDING = frozenset(["exceed", "exceeds", "exceeded", "exceeding", "surpass", "surpasses"])
"""What is denied of them is denied of nothing behind them: a sum that cannot exceed the maximum tells what that is."""
_TOKEN = re.compile(r"\b(?:full|part)-time\b|n['’]t\b|[^\W_]+(?=n['’]t\b)|[^\W_]+|[,.;:!?|\n]")  # noqa: RUF001 (a typographic apostrophe)
_STOPS = frozenset(",.;:!?|\n") | {"but", "however", "although", "whereas", "while"}
"""Where a denial ends."""
_CLAUSE_WORDS = (
    "because since if when whenever where which who whom whose so then until unless though than due whether as"
)
_CLAUSES = frozenset(_CLAUSE_WORDS.split())
"""Where one ends that has denied something already: "not selectable because they need help" denies no help."""
_SUPPOSING = frozenset({"if", "whether", "unless", "might"})
"""What stands behind them, in the same clause, is only thought of."""
_GOING_ON = re.compile(
    r"\b(?:and|or)(?= (?:is|are|was|were|be|has|have|had|can|could|will|would|should|must|may|might|do|does|did|i|you|"
    r"he|she|it|we|they|there|this|that|these|those)\b)"
)
"""Another clause begins, which is not denied with the one before."""
_PREDICATES = "allowed able based mentioned need needs provided require required requires stated"
"""Of the words that tell nothing of what a text is about, those that may be what it denies."""
_EMPTY = STOP_WORDS - set(_PREDICATES.split())

Course = Literal["agreeing", "opposed", "untold"]
Stance = Literal["affirmed", "denied", "either", "if", "if not"]
_OPPOSED = ({"affirmed", "denied"}, {"if", "denied"}, {"if", "if not"})
"""What is only supposed not to be so is no denial of what is: "if you have no card" beside "you have a card"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendency:
    """What a text affirms, denies and ranks."""

    words: tuple[str, ...]
    """Its content words in order."""
    stances: tuple[Stance, ...]
    """How each of them is meant."""
    leaning: tuple[tuple[int, str], ...]
    """Place among `words` and lower-case form of each word that has an opposite."""
    deniers: tuple[str, ...]
    """Of each word the one that stands first behind the same denial, "" where nothing denies it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opposition:
    """A word of a claim that a text denies, or has the opposite of."""

    claimed: str
    given: str


def tendency(text: str) -> Tendency:
    """Read what a text affirms and denies."""
    words: list[str] = []
    stances: list[Stance] = []
    leaning: list[tuple[int, str]] = []
    deniers: list[str] = []
    denies = doubts = 0
    supposed, first = False, ""
    for token in _tokens(text):
        if token in OPPOSITES:
            leaning.append((len(words), token))
        if token in _STOPS:
            denies, doubts, supposed = 0, 0, False
            continue
        supposed = supposed or token in _SUPPOSING
        if token in _CLAUSES:
            denies = denies if denies == REACH else 0
        elif token in _DENYING:
            denies = REACH
        elif token in _HALF_DENYING:
            doubts = REACH
        elif token not in _EMPTY:
            words.append(_stem(token))
            first = words[-1] if denies == REACH else first if denies > 0 else ""
            deniers.append(first)
            stances.append("either" if doubts > 0 else _stance(denied=denies > 0, supposed=supposed))
            denies, doubts = (0, 0) if token in _BOUNDING else (denies - 1, doubts - 1)
    return Tendency(words=tuple(words), stances=tuple(stances), leaning=tuple(leaning), deniers=tuple(deniers))


def _tokens(text: str) -> list[str]:
    """Return the words of a text, and the signs and words at which a clause ends."""
    plain = _OTHER_THAN.sub(" without ", text[:LONGEST].lower().replace("’", "'"))  # noqa: RUF001 (an apostrophe)
    return _TOKEN.findall(_ONLY_IN_PART.sub(" ", _GOING_ON.sub(";", _ANSWERING.sub("", plain))))


def behind_answer(claim: str, text: str) -> str:
    """Return a claim without a "No" before a name of several words with which a sentence of the text begins.

    What is named so, without an article, is one thing, of which there is no "no": "No Australian Idol was a
    competition" answers whether it was something else.
    """
    found = _ANSWERING_NAME.match(claim)
    if found is None or not re.search(rf"(?:^|[.!?\n]\s*){re.escape(found[1])}", text):
        return claim
    return claim[found.end() :]


def denial(claim: Tendency, given: Tendency) -> Opposition | None:
    """Return the first word that one text denies and the other only affirms, beside the same words."""
    meant, found = _meant(claim), _meant(given)
    for place, stem in enumerate(claim.words):
        if {meant[stem], found.get(stem)} not in _OPPOSED:
            continue
        if _agreed(claim, given, stem) or _agreed(given, claim, stem):
            continue
        around = _around(claim.words, place, BESIDE_DENIED)
        if any(around & _around(given.words, other, BESIDE_DENIED) for other in _places(given.words, stem)):
            denied = f"not {stem}"
            return (
                Opposition(claimed=denied, given=stem)
                if meant[stem] in {"denied", "if not"}
                else Opposition(claimed=stem, given=denied)
            )
    return None


def reversal(claim: Tendency, given: Tendency) -> Opposition | None:
    """Return the first word of a claim that the text does not have, but its opposite beside the same words.

    An opposite that the claim has too is no sign: "decreased weight gain" where the text has "reduces weight gain".
    """
    held, own = _held(given), _held(claim)
    for place, word in claim.leaning:
        if word in held or _stem(word) in held:
            continue
        around = _around(claim.words, place, BESIDE_TURNED)
        for other_place, other in given.leaning:
            if other not in OPPOSITES[word] or other in own or _stem(other) in own:
                continue
            if around & _around(given.words, other_place, BESIDE_TURNED):
                return Opposition(claimed=word, given=other)
    return None


def _agreed(denying: Tendency, other: Tendency, stem: str) -> bool:
    """Whether the other text denies the same thing, so that how far its denial reaches proves nothing."""
    firsts = {first for word, first in zip(denying.words, denying.deniers, strict=True) if word == stem and first}
    return bool(firsts & set(other.deniers) - {stem})


def course(claim: Tendency, given: Iterable[Tendency]) -> Course:
    """Return whether texts that speak of a claim's matter have words for more or less that agree with the claim's.

    Each such word of theirs counts, wherever it stands; a tie agrees.
    """
    claimed = {word for _, word in claim.leaning if word in TRENDS}
    if not claimed:
        return "agreeing"
    against = {other for word in claimed for other in OPPOSITES[word]}
    found = [word for text in given for _, word in text.leaning if word in TRENDS]
    opposed = sum(word in against for word in found)
    if not found:
        return "untold"
    return "opposed" if opposed > len(found) - opposed else "agreeing"


def unconfirmed(claim: Tendency, given: Tendency) -> Tendency:
    """Return a claim without those of its words with an opposite that a text has as they are."""
    held = _held(given)
    return replace(
        claim, leaning=tuple(one for one in claim.leaning if one[1] not in held and _stem(one[1]) not in held)
    )


def undenied(claim: Tendency, given: Tendency) -> bool:
    """Whether a claim denies something and the text nothing at all."""
    denials = {"denied", "if not"}
    return bool(denials & set(claim.stances)) and not {*denials, "either"} & set(given.stances)


def _stance(*, denied: bool, supposed: bool) -> Stance:
    if supposed:
        return "if not" if denied else "if"
    return "denied" if denied else "affirmed"


def _held(text: Tendency) -> set[str]:
    """Return its words, those with an opposite as they are written too."""
    return {word for _, word in text.leaning} | set(text.words)


def _meant(text: Tendency) -> dict[str, Stance]:
    """Return how each word is meant wherever it stands; "either" where that differs."""
    found: dict[str, set[Stance]] = {}
    for stem, stance in zip(text.words, text.stances, strict=True):
        found.setdefault(stem, set()).add(stance)
    return {stem: _one_of(stances) for stem, stances in found.items()}


def _one_of(stances: set[Stance]) -> Stance:
    if len(stances) == 1:
        return next(iter(stances))
    return "affirmed" if stances == {"affirmed", "if"} else "either"


def _places(words: Sequence[str], wanted: str) -> list[int]:
    return [place for place, word in enumerate(words) if word == wanted]


def _around(words: Sequence[str], place: int, reach: int) -> set[str]:
    return set(words[max(place - reach, 0) : place + reach + 1]) - {words[place] if place < len(words) else ""}


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return word if "-" in word else next(iter(terms(word)), word)
