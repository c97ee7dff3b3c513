import pytest

from retrieval.fusion import added_scores, reciprocal_rank_fusion, standardised


def test_standardised_scores_have_mean_0_and_deviation_1() -> None:
    scores = standardised([1.0, 2.0, 3.0])
    assert scores.mean() == pytest.approx(0)
    assert scores.std() == pytest.approx(1)


def test_equal_scores_tell_nothing() -> None:
    assert standardised([5.0, 5.0]).tolist() == [0.0, 0.0]
    assert added_scores([5.0, 5.0], [1.0, 2.0]) == pytest.approx([-1.0, 1.0])


def test_no_candidates_give_no_scores() -> None:
    assert added_scores([], []) == []
    assert reciprocal_rank_fusion([], []) == []


def test_both_scorings_count_alike_whatever_their_units() -> None:
    assert added_scores([0.1, 0.2], [2000.0, 1000.0]) == pytest.approx([0.0, 0.0])


def test_rank_fusion_knows_ranks_only() -> None:
    assert reciprocal_rank_fusion([9.0, 1.0], [3.0, 2.9], damping=60) == pytest.approx([2 / 61, 2 / 62])
