"""Does a text say the opposite of another one, in the same words? Negation, and words that are each other's opposite.

Knows English words only. It compares what two texts share: a word that is denied in one and not in the other, a
"higher" where the other has "lower". What a text says in words of its own is beyond it (the second tier's work).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from app.checks.words import STOP_WORDS
from retrieval.words import terms

LONGEST = 4_000
"""Characters that are read of a text; more is no sentence."""
REACH = 6
"""So many content words after a "not" are denied by it, as far as the clause goes: of 100 denials put into supported
claims or taken out of them 57 are seen with a reach of 1, 83 with 3, 91 with 6."""
SHARED = 1
NEAR = 4
"""Content words so near to each other belong together: "the north atlantic" and "in the atlantic's south"."""

_DENYING = frozenset(["not", "no", "never", "neither", "nor", "cannot", "none", "nobody", "nothing", "n't", "nt"])
_HALF_DENIALS = """without hardly unable fail fails failed failing lack lacks lacked lacking absence absent unless
rather instead despite avoid avoids avoided avoiding"""
_HALF_DENYING = frozenset(_HALF_DENIALS.split())
"""What follows them is denied by some and affirmed by others, so that it proves nothing either way."""
_ONLY_IN_PART = re.compile(
    r"\b(?:not|no|n['’]t) (?:only|just|(?:later|earlier|more|less|fewer|longer) than|too|so|necessarily|primarily|"  # noqa: RUF001
    r"solely|simply|entirely|enough|always|all|every|yet|have to|need to|to mention)\b"
)
"""What is not only so is so."""
_BOUNDING = frozenset(["exceed", "exceeds", "exceeded", "exceeding", "surpass", "surpasses"])
"""What is denied of them is denied of nothing behind them: a sum that cannot exceed the maximum tells what that is."""
_TOKEN = re.compile(r"\b(?:full|part)-time\b|n['’]t\b|[^\W_]+(?=n['’]t\b)|[^\W_]+|[,.;:!?|\n]")  # noqa: RUF001 (a typographic apostrophe)
_STOPS = frozenset(",.;:!?|\n") | {"but", "however", "although", "whereas", "while"}
"""Where a denial ends."""

_OPPOSITES = """
increase increases increased increasing increment rise rises rose raise raises raised raising higher high highly highest
    greater greatest more grow grows growth grew gain gains elevate elevated elevates elevation upregulate upregulated
    upregulates upregulation enhance enhances enhanced enhancing enhancement amplify amplified boost boosts boosted
    expand expands expanded expansion accelerate accelerates accelerated exceed exceeds heighten
/ decrease decreases decreased decreasing reduce reduces reduced reducing reduction lower lowers lowered lowering low
    lowest less fewer decline declines declined declining drop drops dropped fall falls fell diminish diminishes
    diminished downregulate downregulated downregulates downregulation impair impairs impaired impairment attenuate
    attenuates attenuated shrink shrinks shrank loss least lessen weaken weakens
larger large largest bigger big biggest / smaller small smallest little tiny
longer long longest / shorter short shortest
promote promotes promoted promoting activate activates activated activating activation active induce induces induced
    induction stimulate stimulates stimulated stimulation facilitate facilitates facilitated trigger triggers triggered
    cause causes caused enable enables enabled
/ inhibit inhibits inhibited inhibiting inhibition suppress suppresses suppressed suppression prevent prevents prevented
    preventing prevention block blocks blocked blocking repress represses repressed hinder hinders abolish abolishes
    abolished deactivate deactivates deactivated inactive inactivate inactivated disable disables disabled antagonize
improve improves improved improving improvement better best / worsen worsens worsened worsening worse worst deteriorate
    deteriorates aggravate aggravates
before prior precede precedes preceded earlier early earliest / after following later late latest subsequent follow
    follows followed
above upper / below lower beneath
first / last final
positive positively / negative negatively
beneficial benefit benefits / harmful harm harms detrimental
always every / never
all every everyone / none nobody
allow allows allowed permit permits permitted accept accepts accepted approve approves approved / forbid forbids
    forbidden prohibit prohibits prohibited ban bans banned deny denies denied reject rejects rejected refuse
    refuses refused
required mandatory compulsory obligatory require requires / optional voluntary
include includes included including / exclude excludes excluded excluding exclude except
start starts started begin begins began begun beginning open opens opened opening launch launched
/ end ends ended finish finishes finished stop stops stopped close closes closed closing cease ceases ceased
north northern / south southern
east eastern / west western
old older oldest / new newer newest young younger youngest
fast faster fastest quick quickly quicker rapid rapidly / slow slower slowest slowly
strong stronger strongest strongly / weak weaker weakest weakly
hot hotter hottest warm warmer / cold colder coldest cool cooler
summer / winter
minimum minimal min / maximum maximal max
public publicly / private privately
internal internally inside indoor indoors / external externally outside outdoor outdoors
male males man men boy boys / female females woman women girl girls
buy buys bought purchase / sell sells sold sale
borrow borrows / lend lends
win wins won winner victory / lose loses lost loser defeat
easy easier easily easiest simple / difficult hard harder hardest complex
rich richer / poor poorer
safe safer safely / dangerous unsafe risky
common commonly frequent frequently often usually / rare rarely uncommon infrequent seldom
wide wider broad / narrow narrower
many most majority / few minority
sensitive sensitivity susceptible susceptibility / resistant resistance
success succeed succeeds succeeded successful / failure fail fails failed
present presence / absent absence
import imports / export exports
add adds added / remove removes removed delete deletes deleted
employer employers / employee employees
parent parents / child children
teacher teachers / student students
full fully complete completely / empty partial partially partly
temporary temporarily / permanent permanently
full-time / part-time
major / minor
heavy heavier / light lighter
deep deeper / shallow
expensive costly / cheap cheaper inexpensive
dry / wet
true correct / false incorrect wrong
same identical similar / different
advantage advantages / disadvantage disadvantages
likely / unlikely
able / unable
known / unknown
paid / unpaid
legal legally lawful / illegal illegally unlawful
valid / invalid
dependent / independent
direct directly / indirect indirectly
related / unrelated
affected / unaffected
necessary / unnecessary
possible / impossible
usual / unusual
available / unavailable
regular / irregular
visible / invisible
formal / informal
"""


Stance = Literal["affirmed", "denied", "either"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendency:
    """What a text affirms, denies and ranks."""

    words: tuple[str, ...]
    """Its content words in order."""
    stances: tuple[Stance, ...]
    """How each of them is meant."""
    leaning: tuple[tuple[int, str], ...]
    """Place among `words` and lower-case form of each word that has an opposite."""


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
    denies = doubts = 0
    for token in _TOKEN.findall(_ONLY_IN_PART.sub(" ", text[:LONGEST].lower())):
        plain = token.replace("’", "'")  # noqa: RUF001 (a typographic apostrophe)
        if plain in _OPPOSITE_OF:
            leaning.append((len(words), plain))
        if plain in _STOPS:
            denies = doubts = 0
        elif plain in _DENYING:
            denies = REACH
        elif plain in _HALF_DENYING:
            doubts = REACH
        elif plain not in STOP_WORDS:
            words.append(_stem(plain))
            stances.append("either" if doubts > 0 else "denied" if denies > 0 else "affirmed")
            denies, doubts = (0, 0) if plain in _BOUNDING else (denies - 1, doubts - 1)
    return Tendency(words=tuple(words), stances=tuple(stances), leaning=tuple(leaning))


def denial(claim: Tendency, given: Tendency) -> Opposition | None:
    """Return the first word that one text denies and the other only affirms, beside the same words."""
    meant, found = _meant(claim), _meant(given)
    for place, stem in enumerate(claim.words):
        stances = meant[stem] | found.get(stem, {"either"})
        if len(meant[stem]) != 1 or len(found.get(stem, ())) != 1 or stances != {"affirmed", "denied"}:
            continue
        around = _around(claim.words, place)
        if any(len(around & _around(given.words, other)) >= SHARED for other in _places(given.words, stem)):
            denied = f"not {stem}"
            return (
                Opposition(claimed=denied, given=stem)
                if meant[stem] == {"denied"}
                else Opposition(claimed=stem, given=denied)
            )
    return None


def reversal(claim: Tendency, given: Tendency) -> Opposition | None:
    """Return the first word of a claim that the text does not have, but its opposite beside the same words."""
    held = {word for _, word in given.leaning} | set(given.words)
    for place, word in claim.leaning:
        if word in held or _stem(word) in held:
            continue
        around = _around(claim.words, place)
        for other_place, other in given.leaning:
            if other in _OPPOSITE_OF[word] and len(around & _around(given.words, other_place)) >= SHARED:
                return Opposition(claimed=word, given=other)
    return None


def _meant(text: Tendency) -> dict[str, set[Stance]]:
    found: dict[str, set[Stance]] = {}
    for stem, stance in zip(text.words, text.stances, strict=True):
        found.setdefault(stem, set()).add(stance)
    return found


def _places(words: Sequence[str], wanted: str) -> list[int]:
    return [place for place, word in enumerate(words) if word == wanted]


def _around(words: Sequence[str], place: int) -> set[str]:
    return set(words[max(place - NEAR, 0) : place + NEAR + 1]) - {words[place] if place < len(words) else ""}


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return word if "-" in word else next(iter(terms(word)), word)


def _opposites() -> dict[str, frozenset[str]]:
    """Return every word with all its opposites."""
    found: dict[str, set[str]] = {}
    joined = re.sub(r"\n\s+|\n/", lambda gap: " /" if "/" in gap[0] else " ", _OPPOSITES.strip())
    for line in joined.splitlines():
        one, _, other = line.partition("/")
        for word in one.split():
            found.setdefault(word, set()).update(other.split())
        for word in other.split():
            found.setdefault(word, set()).update(one.split())
    return {word: frozenset(others - {word}) for word, others in found.items()}


_OPPOSITE_OF = _opposites()
