"""The straight rules drawn on a page of a PDF, placed as the page is seen. Knows lines and no table."""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pypdfium2
from pypdfium2 import raw

_MOST_OBJECTS = 20_000
"""A page that is drawn of more is a map or a drawing."""
_MOST_POINTS = 60_000
"""A table of a hundred rows and thirty columns, each cell drawn as a box, has 15,000."""
_LONG, _LOOKED_AT = 40, 20
"""A path of more points with a bow among the first ones is a drawing: such paths took half of the time of a look."""
_DEEPEST = 4
"""Drawings within drawings that are looked into."""
_SKEW = 0.5
"""Points by which a straight rule may lean."""
_LEAST, _MOST = 1.0, 100_000.0
"""Points: a row of dots makes a rule too; no page is as long as the other."""
_TURNS = {0: (1, 0, 0, -1), 90: (0, 1, 1, 0), 180: (-1, 0, 0, 1), 270: (0, -1, -1, 0)}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across, or down where `left` is `right`, in points that grow to the right and down."""

    left: float
    top: float
    right: float
    bottom: float


def as_seen(page: pypdfium2.PdfPage) -> pypdfium2.PdfMatrix:
    """Return what makes of a place in the file one that grows to the right and down on the page as it is seen."""
    return pypdfium2.PdfMatrix(*_TURNS[page.get_rotation()])


def rules_of(page: pypdfium2.PdfPage) -> set[Rule]:
    """Return the rules of a page; none of one that is drawn of more parts than a page with tables."""
    walk = _Walk()
    rules = set(walk.rules(page, as_seen(page)))
    return set() if walk.is_over else rules


class _Walk:
    """One look at all that is drawn on a page, which ends when it gets too long."""

    def __init__(self) -> None:
        self._objects, self._points = _MOST_OBJECTS, _MOST_POINTS
        self._x, self._y = ctypes.c_float(), ctypes.c_float()
        self._fill, self._stroke = ctypes.c_int(), raw.FPDF_BOOL()

    @property
    def is_over(self) -> bool:
        return self._objects < 0 or self._points < 0

    def rules(self, page: pypdfium2.PdfPage, matrix: pypdfium2.PdfMatrix) -> Iterator[Rule]:
        """Yield the straight parts of all paths that go across or down."""
        for path, placed in self._paths(page, matrix):
            for outline in self._outlines(path, placed):
                yield from filter(None, (_rule(*ends) for ends in pairwise(outline)))

    def _paths(
        self,
        holder: Any,
        matrix: pypdfium2.PdfMatrix,
        *,
        count: Callable[[Any], int] = raw.FPDFPage_CountObjects,
        get: Callable[[Any, int], Any] = raw.FPDFPage_GetObject,
        deeper: int = _DEEPEST,
    ) -> Iterator[tuple[Any, pypdfium2.PdfMatrix]]:
        """Yield each path that is drawn, and what places its points."""
        for number in range(count(holder)):
            self._objects -= 1
            if self.is_over:
                return
            each = get(holder, number)
            kind = raw.FPDFPageObj_GetType(each)
            if kind == raw.FPDF_PAGEOBJ_PATH:
                yield each, _placed(each, matrix)
            elif kind == raw.FPDF_PAGEOBJ_FORM and deeper:
                within = raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject
                yield from self._paths(each, _placed(each, matrix), count=within[0], get=within[1], deeper=deeper - 1)

    def _outlines(self, path: Any, matrix: pypdfium2.PdfMatrix) -> Iterator[list[Point]]:
        """Yield the corners of each line that a path draws without lifting the pen, filled ones closed."""
        raw.FPDFPath_GetDrawMode(path, self._fill, self._stroke)
        if not self._fill.value and not self._stroke.value:
            return
        count, filled = raw.FPDFPath_CountSegments(path), bool(self._fill.value)
        self._points -= count
        if self.is_over or (count > _LONG and any(_is_bow(path, number) for number in range(_LOOKED_AT))):
            return
        outline: list[Point] = []
        for number in range(count):
            segment = raw.FPDFPath_GetPathSegment(path, number)
            if raw.FPDFPathSegment_GetType(segment) != raw.FPDF_SEGMENT_LINETO:  # a new one, or a bow
                yield _closed(outline) if filled else outline
                outline = []
            raw.FPDFPathSegment_GetPoint(segment, self._x, self._y)
            outline.append(matrix.on_point(self._x.value, self._y.value))
            if raw.FPDFPathSegment_GetClose(segment):
                outline = _closed(outline)
        yield _closed(outline) if filled else outline


def _is_bow(path: Any, number: int) -> bool:
    kind: int = raw.FPDFPathSegment_GetType(raw.FPDFPath_GetPathSegment(path, number))
    return kind == int(raw.FPDF_SEGMENT_BEZIERTO)


def _placed(each: Any, matrix: pypdfium2.PdfMatrix) -> pypdfium2.PdfMatrix:
    held = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(each, held)
    return pypdfium2.PdfMatrix.from_raw(held).multiply(matrix)


def _closed(outline: list[Point]) -> list[Point]:
    return outline + outline[:1]


def _rule(start: Point, end: Point) -> Rule | None:
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    if not -_MOST < left <= right < _MOST or not -_MOST < top <= bottom < _MOST:
        return None
    if right - left >= _LEAST and bottom - top <= _SKEW:
        return Rule(round(left, 1), round(top, 1), round(right, 1), round(top, 1))
    if bottom - top >= _LEAST and right - left <= _SKEW:
        return Rule(round(left, 1), round(top, 1), round(left, 1), round(bottom, 1))
    return None
