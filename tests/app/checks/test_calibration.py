"""Scores become chances: in order, between 0 and 1, and surer where several claims agree."""

from itertools import pairwise

import pytest

from app.checks.calibration import JUDGES, UNKNOWN_MODEL, calibration_of, chance
from models.catalogue import CATALOGUE


@pytest.mark.parametrize("claims", [0, 1, 2, 7, 2000])
def test_a_higher_score_is_a_greater_chance(claims: int) -> None:
    chances = [chance(score / 20, claims=claims, characters=2000) for score in range(21)]
    assert all(lower <= higher for lower, higher in pairwise(chances))
    assert 0 <= chances[0] < 0.5 < chances[-1] <= 1


def test_the_same_score_over_many_claims_is_surer() -> None:
    assert chance(0.7, claims=8, characters=2000) > chance(0.7, claims=1, characters=2000) > 0.5
    assert chance(0.2, claims=8, characters=2000) < chance(0.2, claims=1, characters=2000) < 0.5


def test_a_short_passage_says_less_than_a_long_one() -> None:
    lengths = (0, 100, 300, 500, 1000, 5000)
    chances = [chance(0.6, claims=1, characters=length) for length in lengths]
    assert chances == sorted(chances)
    assert chances[0] == chances[2] < chances[3] < chances[4] == chances[5]


def test_measured_models_are_those_of_the_catalogue_and_others_are_taken_at_their_word() -> None:
    known = {file.sha256 for entry in CATALOGUE.values() for file in entry.files}
    assert set(JUDGES) <= known
    assert calibration_of(CATALOGUE["small"].files[0].sha256) != UNKNOWN_MODEL
    assert calibration_of(None) == calibration_of("0" * 64) == UNKNOWN_MODEL
    assert UNKNOWN_MODEL(0.3) == pytest.approx(0.3)
    assert 0 < UNKNOWN_MODEL(0.0) < UNKNOWN_MODEL(1.0) < 1
