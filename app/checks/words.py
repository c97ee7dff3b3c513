"""The words that carry a text's content, and how rare each is.

Knows spelling only: no dictionary, no embedding, no document.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from retrieval.words import terms

_STOP = """
a about above after again all also am an and any are as at be been before being below between both but by can could did
do does doing done down during each either else every few for from further get gets got had has have having he her here
hers herself him himself his how i if in into is it its itself just let me might more most much must my myself no nor
not now of off on once only or other our ours ourselves out over own per please same shall she should so some such than
that the their theirs them themselves then there these they this those through to too under until up upon us very was
we were what when where whether which while who whom whose why will with within without would yes you your yours
yourself according provided mentioned stated states passage passages document documents information based allowed able
need needs required require requires however therefore thus may
d ll m re s t ve aren couldn didn doesn don hadn hasn haven isn shouldn wasn weren wouldn
"""
STOP_WORDS = frozenset(_STOP.split())
"""Words that say nothing about what a sentence is about; modal words count as such, negation is not examined here.

The last line is what is left of "it's", "don't" and the like.
"""


_SPELT_TWICE = """
programme program / licence license / defence defense / offence offense / practise practice / centre center
theatre theater / fibre fiber / litre liter / metre meter / cheque check / catalogue catalog / judgement judgment
colour color / favour favor / behaviour behavior / labour labor / honour honor / neighbour neighbor / harbour harbor
tumour tumor / humour humor / travell travel / cancell cancel / labell label / modell model / fuell fuel
enrolment enrollment / instalment installment / fulfilment fulfillment / analyse analyze / isation ization / ising izing
ise ize / ageing aging / grey gray / aluminium aluminum / haemo hemo / oestro estro / paediatr pediatr / oedema edema
"""
_SPELLINGS = tuple((one, other) for one, other in (pair.split() for pair in re.split("[/\n]", _SPELT_TWICE.strip())))
"""British and American, as parts of words; a part that stands in other words too is changed in both texts alike."""


def content_words(text: str) -> list[str]:
    """Return a text's content words in order, repeats included, as search compares them: endings cut off."""
    return terms(one_spelling(text), without=STOP_WORDS)


def one_spelling(text: str) -> str:
    """Return a text in lower case and American spelling: question and document may come from two continents."""
    text = text.lower()
    for british, american in _SPELLINGS:
        text = text.replace(british, american)
    return text


def rarity(texts: Iterable[Iterable[str]]) -> Mapping[str, float]:
    """Return the weight of every word that occurs: ln(1 + texts / texts that hold it), at least 0.69.

    A word that occurs nowhere is missing from the result; give it the largest weight, `rarest(number of texts)`.
    """
    counted = [set(words) for words in texts]
    frequency = Counter(word for words in counted for word in words)
    return {word: math.log(1 + len(counted) / count) for word, count in frequency.items()}


def rarest(texts: int) -> float:
    """Return the weight of a word that occurs in one of `texts` texts, or in none."""
    return math.log(1 + max(texts, 1))
