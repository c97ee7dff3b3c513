"""What an answer must not say, taken out while it streams: keys and passwords, the instructions, personal data by rule.

The second half of the window behind `app.guard.outputs`: the last word, and what may go on to be a secret or a copy of
the instructions, is held back until that is known. Knows characters only.
"""
# ruff: noqa: E501, SIM905 (lists of words read better in one piece)

import re
from collections.abc import Iterator

from app.guard.privacy import WITHHELD, personal_in

SECRET = "[secret withheld]"  # noqa: S105 - what stands in its place
INSTRUCTIONS = "[instructions withheld]"
PERSONAL = "[personal data withheld]"
COPIED = "its instructions"
LONGEST_HELD = 5_000
"""Characters; a private key in PEM form has some 3,300."""
COPIED_WORDS = 8
"""So many words of the instructions in a row are no chance; half as many are none in an answer that copied before."""
SENTENCE = 400
"""Characters of a sentence that are held back where personal data is withheld."""

_KEYS = (
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END)[\s\S])*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\b(?:gh[pousr]_\w{30,255}|github_pat_\w{40,255}|glpat-[\w-]{20,64}|xox[abeprs]-[\w-]{10,200}|sk-[\w-]{20,200}"
    r"|sk_live_\w{16,100}|rk_live_\w{16,100}|AIza[\w-]{35}|ya29\.[\w-]{20,200}|npm_\w{36}|pypi-\w{40,255}|hf_\w{30,80}"
    r"|SG\.[\w-]{16,32}\.[\w-]{16,64}|inh_\w{16,200})\b"
    r"|\beyJ[\w-]{8,2000}\.eyJ[\w-]{8,3000}\.[\w-]{8,1000}"
    r"|(?<=://)[^\s/:@]{1,64}:[^\s/@]{3,100}(?=@)"
)
_CALLED = (
    r"(?i:\b(?:pass(?:word|wd|phrase|code)|pwd|secret|api[ _-]?key|access[ _-]?key|auth[ _-]?token)\b"
    r"[\"'`*]{0,3}\s{0,3}(?:is|was|=>|[:=])\s{0,3}[\"'`*]{0,3}|\bbearer\s{1,3})"
)
_VALUE = r"(?=[^\s\"'`]{0,100}\d)(?=[^\s\"'`]{0,100}[^\W\d_])[^\s\"'`,;)<>]{6,200}"
"""A word of letters and digits: "password: twelve characters" tells none."""
_SECRET = re.compile(_KEYS)
_AFTER_CALL = re.compile(rf"({_CALLED})({_VALUE})")
_OPEN = re.compile(
    r"-----BEGIN (?:(?!-----END [A-Z ]{0,30}PRIVATE KEY-----)[\s\S])*\Z"
    r"|(?i:\b(?:pass(?:word|wd|phrase|code)|pwd|secret|(?:api|access|auth)(?:[ _-]?(?:key|token))?|bearer)\b)"
    r"[\"'`*]{0,3}\s{0,3}(?:is|was|=>|[:=])?\s{0,3}\S*\Z"
)
"""What may go on to be a secret at the end of what is held."""
_BEGINNINGS = tuple(
    "-----begin akia asia ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xox sk- sk_live_ rk_live_ aiza ya29. npm_ pypi- hf_ sg. "
    "inh_ eyj password passwd passphrase passcode pwd secret api access auth bearer".split()
)
"""How keys begin, and the words that call one; a last word that may go on to be one of these is held back."""
_LAST = re.compile(r"\S{1,4000}\Z")
_DRESSING = "\"'`*([{<"
_WORD = re.compile(r"[^\W_]+")
_END = re.compile(r"[.!?](?=\s)|\n")
_LEAST, _PAST = 3, 60
"""A run of so many words at the end is held back; it may have begun in so many characters that were let out."""
_RUN = 4
"""Within a run of so many words no other one is looked for."""


class Withholding:
    """Holds back the end of an answer until it is known to be harmless; for one answer."""

    def __init__(self, *, instructions: str = "", secrets: bool = True, personal: bool = False) -> None:
        """Watch one answer.

        Args:
            instructions: what the model was told, which is not to be copied; "" watches for none.
            secrets: whether keys and passwords are withheld.
            personal: whether personal data is.
        """
        self._secrets = secrets
        self._told = f" {' '.join(_words(instructions))} "
        self._personal = personal
        self._held = ""
        self._done = self._past = ""
        self._skips = False
        self._pending = 0
        """Where what may still go on to be a secret begins in what is held."""
        self.withheld: list[str] = []
        """What was taken out, in words."""

    def feed(self, text: str) -> str:
        """Take the next piece; return what may be shown now."""
        self._held = self._clean(self._held + text, ended=False)
        return self._ready() + self._let_out(self._decided())

    def finish(self) -> str:
        """Return the last of what may be shown, once nothing follows."""
        self._held = self._clean(self._held, ended=True)
        return self._ready() + self._let_out(len(self._held))

    def _decided(self) -> int:
        """Return how many characters of what is held may go out."""
        if len(self._held) > LONGEST_HELD:
            return len(self._held)
        if self._skips:
            return 0
        open_end = _OPEN.search(self._held)
        decided = min(open_end.start() if open_end else len(self._held), _open_word(self._held))
        whole = self._held.rfind(" ") + 1  # behind it a word may still be arriving
        for start, end, count in self._copies(self._held):
            if count >= _LEAST and not _WORD.search(self._held, end, max(end, whole)):
                decided = min(decided, start)
        decided = min(decided, self._pending)
        if self._personal and decided < SENTENCE:
            ends = [match.end() for match in _END.finditer(self._held, 0, decided)]
            decided = ends[-1] if ends else 0
        return decided

    def _let_out(self, characters: int) -> str:
        shown, self._held = self._held[:characters], self._held[characters:]
        self._past = (self._past + shown)[-_PAST:]
        return self._without_personal(shown)

    def _ready(self) -> str:
        """Return what goes out whatever follows."""
        ready, self._done = self._done, ""
        return ready

    def _clean(self, text: str, *, ended: bool) -> str:
        """Return the text without the secrets and copies of the instructions that are whole in it."""
        ended = ended or len(text) > LONGEST_HELD
        self._pending = len(text)

        def hide(found: re.Match[str], before: str = "") -> str:
            if not ended and not re.search(r"\s", found.string[found.end() :]):
                self._pending = min(self._pending, found.start())  # it may go on
                return found[0]
            self._note("a secret")
            return before + SECRET

        if self._secrets:
            text = _SECRET.sub(hide, text)
            text = _AFTER_CALL.sub(lambda found: found[0] if SECRET in found[0] else hide(found, found[1]), text)
        return self._without_copies(text)

    def _without_copies(self, text: str) -> str:
        """Return the text without sentences that are copied from the instructions, as far as these go."""
        if self._skips:
            sentence = _END.search(text)
            self._skips = sentence is None
            last = text[-1:] if text[-1:] in {".", "!", "?"} else ""  # the next piece tells whether it ends
            text = text[sentence.end() :] if sentence else last
        for start, end, count in self._copies(text):
            if count >= (COPIED_WORDS // 2 if COPIED in self.withheld else COPIED_WORDS):
                self._note(COPIED)
                self._skips = True
                self._done += self._without_personal(text[:start]) + INSTRUCTIONS
                self._past = ""
                return self._without_copies(text[end:])
        return text

    def _copies(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and number of words of the runs of words that stand in the instructions too.

        A run may have begun in what was let out; then it starts with the text.
        """
        past = len(self._past)
        words = list(_WORD.finditer(self._past + text)) if self._told.strip() else []
        first = 0
        while first < len(words):
            phrase, count = " ", 0
            while first + count < len(words):
                phrase += words[first + count][0].lower() + " "
                if phrase not in self._told:
                    break
                count += 1
            end = words[first + count - 1].end() - past if count else 0
            if end > 0:
                yield max(0, words[first].start() - past), end, count
            first += count if count >= _RUN else 1

    def _without_personal(self, text: str) -> str:
        parts, end = [], 0
        for one in personal_in(text) if self._personal else ():
            self._note("personal data")
            parts += [text[end : one.start], PERSONAL]
            end = one.end
        return "".join([*parts, text[end:]])

    @property
    def notice(self) -> list[str]:
        """What is to be said of an answer from which something was taken."""
        return [f"{WITHHELD}: {' and '.join(self.withheld)}."] if self.withheld else []

    def _note(self, what: str) -> None:
        if what not in self.withheld:
            self.withheld.append(what)


def _open_word(text: str) -> int:
    """Return where a last word begins that may go on to be a key, or to call one."""
    last = _LAST.search(text)
    if last is None:
        return len(text)
    word = last[0].lstrip(_DRESSING).lower()
    begins = any(one.startswith(word) or word.startswith(one) for one in _BEGINNINGS)
    return last.start() if not word or begins or ":" in word or "=" in word else len(text)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
