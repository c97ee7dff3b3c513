"""Citations a model wrote itself are taken out of the text, held against the passages and counted."""

import pytest

from app.citations import attach
from app.guard.outputs import OutputGuard
from app.markers import Marker, counted
from tests.app.passages import passage

DESKS = "The Paris office has 42 desks and opens at eight in the morning."
PARKING = "Parking at the Lisbon office costs five euros a day for guests."


def taken_out(written: str, *, step: int = 1000) -> tuple[str, list[Marker]]:
    guard = OutputGuard()
    pieces = [guard.feed(written[at : at + step]) for at in range(0, len(written), step)]
    return "".join([*pieces, guard.finish()]), guard.markers


@pytest.mark.parametrize(
    ("written", "text", "places"),
    [
        ("Paris has 42 desks [1].", "Paris has 42 desks.", [(18, 1)]),
        (
            "Paris has 42 desks.[1] Lisbon has 17. [2, 3]",
            "Paris has 42 desks. Lisbon has 17.",
            [(19, 1), (34, 2), (34, 3)],
        ),
        ("See [the page](x) and [2](y).", "See the page (x) and 2 (y).", []),
        ("Paris has 42 desks (passage 2).", "Paris has 42 desks.", [(18, 2)]),
        ("In [2024] and [x].", "In [2024] and [x].", []),
        ("", "", []),
        ("[1]", "", [(0, 1)]),
    ],
)
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_markers_leave_the_text(written: str, text: str, places: list[tuple[int, int]], step: int) -> None:
    markers = [Marker(place=place, passage=number) for place, number in places]
    assert taken_out(written, step=step) == (text, markers)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"{DESKS} [1]", (0, 0)),
        (f"{DESKS} [2]", (1, 0)),
        (f"{DESKS} [9]", (1, 0)),
        ("Every chair was bought in 1887 for 9000 zlotys. [1]", (0, 1)),
        (f"{DESKS} [1] {PARKING} [1]", (1, 0)),
        (DESKS, (0, 0)),
        ("[1]", (0, 1)),
    ],
)
def test_wrong_markers_are_repaired_or_removed_and_counted(written: str, expected: tuple[int, int]) -> None:
    passages = [passage(DESKS), passage(PARKING, rank=2)]
    text, markers = taken_out(written)
    citations, claims = attach(text, passages, question="")
    assert counted(markers, claims, citations, passages) == expected


def test_what_is_near_but_does_not_say_it_is_not_cited() -> None:
    citations, (claim,) = attach(
        "The Paris office was founded by three zeppelin pilots from Belgium.", [passage(DESKS)], question=""
    )
    assert (claim.verdict, claim.citations, citations) == ("not found", (), ())


def test_a_value_that_differs_keeps_the_sentence_it_differs_from() -> None:
    citations, (claim,) = attach("The Paris office has 97 desks.", [passage(DESKS)], question="")
    assert claim.verdict == "value differs"
    assert "42 desks" in citations[claim.citations[0] - 1].quote
