"""Looking at a document before anything of it is found: is it suspicious, and how well was it understood?

Knows no sign and no threshold; the judge is the product's (`app.guard.injection`). A suspicious document is stored in
quarantine: nobody finds it until a person releases it.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from retrieval.documents import Document, SuspectPlace, Suspicion
from retrieval.quality import VERSION as QUALITY_VERSION
from retrieval.quality import Quality, quality_of

Judge = Callable[[Document], Suspicion | None]
"""A document as it was read -> what is suspicious about it; None when it may be found at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Who judges documents."""

    version: str
    """Raised whenever the judge changes; documents judged by another are judged again, from the stored text."""
    judge: Judge

    @property
    def mark(self) -> str:
        """What is noted with a document that was looked at in this way."""
        return f"{self.version}/{QUALITY_VERSION}"

    def examine(self, document: Document, *, released: str = "") -> "Screened":
        """Look at a document: is it suspicious, and how well was it understood?"""
        suspicion, quality = self.judge(document), quality_of(document)
        return Screened(version=self.mark, suspicion=suspicion, quality=quality, released=released)


UNSCREENED = Screening(version="", judge=lambda _: None)
"""Lets every document pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What came of judging one document."""

    version: str
    """Of judge and look together."""
    suspicion: Suspicion | None
    quality: Quality | None = None
    released: str = ""
    """When a person released the same bytes in the same collection, as it is stored; "" for never."""

    @property
    def waits(self) -> bool:
        """Whether the document goes into quarantine."""
        return self.suspicion is not None and not self.released


UNSUSPECTED = Screened(version="", suspicion=None)


def suspicion_row(suspicion: Suspicion | None) -> str:
    """Return a suspicion as it is stored; "" for none."""
    return json.dumps(asdict(suspicion), ensure_ascii=False) if suspicion else ""


def suspicion_of(stored: str) -> Suspicion | None:
    """Return the suspicion that was stored."""
    if not stored:
        return None
    fields = json.loads(stored)
    places = tuple(SuspectPlace(**place | {"reasons": tuple(place["reasons"])}) for place in fields["places"])
    return Suspicion(score=fields["score"], places=places)
