"""The languages whose endings search cuts off, and whether a text is plainly in one of them.

Knows words and scripts; no document and no index. A text that is not plainly in one of these counts as English: an
English one that is taken for another would not be found by its own words.
"""

import re

from retrieval.readers.language import COMMON, SAMPLE_CHARACTERS, language_of

STEMMERS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "it": "italian",
    "nl": "dutch_porter",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
"""Language -> its stemmer in PyStemmer. Its newer Dutch one makes "vakantiedaag" of "vakantiedagen"."""
AHEAD = 2.5
"""So many times as many of its commonest words as of English ones make a text plainly one of a language.

Of 2,722 English texts of wikiqa, covidqa and mtrag_un, lists of names among them, two have at most twice as many.
"""
_WORD = re.compile(r"[^\W\d_]+")


def tongue_of(text: str, language: str | None = None) -> str:
    """Return in which language the endings of a text's words are cut: its two letters, "" for English.

    `language` is what is known of the text already, as `language_of` tells it.
    """
    known = language_of(text) if language is None else language
    if known not in STEMMERS:
        return ""
    if known not in COMMON:  # told by its script
        return known
    words = _WORD.findall(text[:SAMPLE_CHARACTERS].lower())
    own, english = (sum(word in COMMON[each] for word in words) for each in (known, "en"))
    return known if own >= AHEAD * english else ""
