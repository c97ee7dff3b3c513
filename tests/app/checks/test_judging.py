"""The second tier: which claims a model is asked about, in which order, and what follows from what it says."""

import pytest

from app.checks.calibration import Calibration
from app.checks.claims import examine
from app.checks.judging import Revision, second_look, unsure
from app.checks.support import Source
from models.errors import EngineCrashedError

SOURCES = [
    Source(
        text="Trips to customers are paid by the company. Smoking is allowed in the garden behind the house.",
        context="House rules",
    )
]
OPPOSED = "Smoking is not allowed in the garden behind the house."
PARTLY = "Trips to customers are usually planned and paid by the company."
FOUND = "Trips to customers are paid by the company."
ELSEWHERE = "Bananas are yellow."


class Told:
    """A judge that says what it was told to, and remembers what it was asked."""

    def __init__(self, *said: float | Exception | None) -> None:
        self.said = iter(said)
        self.asked: list[tuple[str, str]] = []

    def __call__(self, source: str, claim: str, *, seconds: float) -> float | None:
        assert seconds > 0
        self.asked.append((source, claim))
        said = next(self.said)
        if isinstance(said, Exception):
            raise said
        return said


def look(answer: str, judge: Told, *, seconds: float = 10) -> list[Revision]:
    return list(second_look(examine(answer, SOURCES), SOURCES, judge, seconds=seconds))


def test_only_unsure_claims_are_judged_and_the_suspected_opposite_first() -> None:
    examined = examine(f"{PARTLY} {ELSEWHERE} {FOUND} {OPPOSED}", SOURCES)
    assert [examined[place].sentence.text for place in unsure(examined)] == [OPPOSED, PARTLY]


@pytest.mark.parametrize(
    "answer",
    [
        "Trips to customers cost 5 euros and are paid by the company.",
        "Trips to customers in Denver are paid by the company.",
    ],
)
def test_what_stands_in_no_source_is_not_left_to_a_model(answer: str) -> None:
    judge = Told()
    assert look(answer, judge) == []
    assert judge.asked == []


def test_only_the_judge_says_contradicted() -> None:
    examined = examine(OPPOSED, SOURCES)
    assert examined[0].verdict == "not found"
    (revision,) = look(OPPOSED, Told(0.05))
    assert (revision.place, revision.examined.verdict) == (0, "contradicted")
    assert revision.probability == pytest.approx(0.05)
    assert revision.examined.score < examined[0].score + 0.05


def test_a_suspicion_the_judge_does_not_share_is_dropped() -> None:
    (revision,) = look(OPPOSED, Told(0.95))
    assert revision.examined.verdict == "supported"


def test_a_judge_that_cannot_say_changes_nothing() -> None:
    (revision,) = look(OPPOSED, Told(None))
    assert (revision.examined.verdict, revision.probability) == ("not found", None)


def test_a_judge_that_crashes_is_asked_no_more_and_the_first_verdicts_stand() -> None:
    judge = Told(EngineCrashedError())
    found = look(f"{PARTLY} {OPPOSED}", judge)
    assert [one.probability for one in found] == [None, None]
    assert [one.examined for one in found] == [examine(f"{PARTLY} {OPPOSED}", SOURCES)[place] for place in (1, 0)]
    assert len(judge.asked) == 1


def test_claims_the_time_does_not_suffice_for_are_told_as_not_judged() -> None:
    judge = Told()
    assert [one.probability for one in look(f"{PARTLY} {OPPOSED}", judge, seconds=0)] == [None, None]
    assert judge.asked == []


def test_the_judge_reads_the_headings_and_the_window() -> None:
    judge = Told(0.5)
    look(OPPOSED, judge)
    ((source, claim),) = judge.asked
    assert claim == OPPOSED
    assert source == "House rules\nSmoking is allowed in the garden behind the house."


@pytest.mark.parametrize(
    ("answer", "probability", "contradicted"),
    [(OPPOSED, 0.45, True), (OPPOSED, 0.55, False), (PARTLY, 0.05, True), (PARTLY, 0.15, False)],
)
def test_the_model_must_be_surer_where_no_word_speaks_against_the_claim(
    answer: str, probability: float, *, contradicted: bool
) -> None:
    (revision,) = look(answer, Told(probability))
    assert (revision.examined.verdict == "contradicted") is contradicted


def test_a_calibration_says_what_a_models_probability_means() -> None:
    hesitant = Calibration(middle=-0.85, slope=4.0)
    assert hesitant(0.3) == pytest.approx(0.5, abs=0.01)
    assert hesitant(0.2) < 0.2
    assert hesitant(0.45) > 0.8
    assert Calibration()(0.3) == pytest.approx(0.3)
