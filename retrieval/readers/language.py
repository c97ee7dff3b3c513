"""Which language a text is written in: by its script, and for the Latin script by its commonest words.

Knows no format. Good for a document, not for a line: with too few telling words it says nothing.
"""

import re
from collections import Counter

SAMPLE_CHARACTERS = 20_000
_FEWEST_LETTERS = 20
_SHARE = 0.3
"""A script that less than this share of the letters belongs to is not the document's."""
_FEWEST_WORDS = 3
_AHEAD = 1.15
"""How many times the words of the next language the likeliest must have."""
_SCRIPTS = {
    "ja": "\u3040-\u30ff",
    "ko": "\uac00-\ud7af\u1100-\u11ff",
    "zh": "\u4e00-\u9fff\u3400-\u4dbf",
    "ar": "\u0600-\u06ff\u0750-\u077f",
    "he": "\u0590-\u05ff",
    "ru": "\u0400-\u04ff",
    "el": "\u0370-\u03ff",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "th": "\u0e00-\u0e7f",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0530-\u058f",
}
_PATTERNS = {language: re.compile(f"[{characters}]") for language, characters in _SCRIPTS.items()}
_OWN_LETTERS = (("ru", "uk", "іїєґ"), ("ar", "fa", "پچژگ"), ("ar", "ur", "ٹڈےں"))
"""Script's language -> the language whose letters these are."""
_KANA_SHARE = 0.1
"""Japanese is written with Chinese characters between its own."""
_WORDS = {
    "en": "the of and to in is for that with are on be this as by or not from at have which you can will it",
    "de": "der die und das ist nicht ein eine zu den von mit auf für sich dem des auch werden bei sind wird oder im",
    "fr": "le la les et des est une pour dans que qui sur pas par avec au ce sont plus vous du nous cette ou en",
    "es": "el los las y es una para por con que del se su como más no al lo son este está o sin en",
    "it": "il di che la è per non una sono con del della gli dei nel alla più questo come anche le si ed al",
    "pt": "o os as e é uma para por com não que do da dos das em no na se mais como são ao ou",
    "nl": "de het een en van is dat op te voor niet met zijn aan er ook bij om wordt als door deze of naar",
    "sv": "och att det som en på är av för med den till inte om ett har de kan från eller vid ska",
    "da": "og at det som en på er af for med den til ikke om et har de kan fra eller ved skal være",
    "no": "og at det som en på er av for med den til ikke om et har de kan fra eller ved skal være",
    "fi": "ja on ei se että oli hän mutta ovat kun tai myös joka niin kuin sekä voi mukaan ole",
    "pl": "i w na z się nie że do jest to od przez dla jako oraz przy może są po lub jego które",
    "cs": "a v na se je že s z do o to jako pro by ale které nebo jsou podle má být při také",
    "ro": "și în cu pe care este nu din pentru o mai sau fi sunt prin după acest ale unei unui cele",
    "hu": "a az és hogy nem is egy van meg csak ha már vagy mint kell volt ez azt lehet",
    "tr": "ve bir bu için ile olarak de da çok daha olan gibi en ya veya kadar sonra değil her",
}
COMMON = {language: frozenset(words.split()) for language, words in _WORDS.items()}
"""Language of the Latin script -> its commonest words."""
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """Return the two letters (ISO 639-1) of the language most of a text is written in, "" where it cannot be told."""
    sample = text[:SAMPLE_CHARACTERS]
    letters = sum(map(str.isalpha, sample))
    if letters < _FEWEST_LETTERS:
        return ""
    counts = {language: len(pattern.findall(sample)) for language, pattern in _PATTERNS.items()}
    if counts["ja"] > _KANA_SHARE * letters:
        return "ja"
    likeliest = max(counts, key=lambda language: counts[language])
    if counts[likeliest] < _SHARE * letters:
        return _by_words(sample)
    own = (other for script, other, signs in _OWN_LETTERS if script == likeliest and any(s in sample for s in signs))
    return next(own, likeliest)


def _by_words(sample: str) -> str:
    words = Counter(_WORD.findall(sample.lower()))
    found = {language: sum(words[word] for word in common) for language, common in COMMON.items()}
    first, second = sorted(found, key=lambda language: found[language], reverse=True)[:2]
    clear = found[first] >= _FEWEST_WORDS and found[first] >= _AHEAD * found[second]
    return first if clear or (first in {"da", "no"} and found[first] >= _FEWEST_WORDS) else ""
