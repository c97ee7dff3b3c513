"""The figures of an evaluation are those that can be worked out by hand."""

from typing import Any

import numpy as np
import pytest

from app.checks.evaluation import area, evaluate, figures, interval, labelled, miscalibration

ROWS: list[dict[str, Any]] = [
    {"id": "1", "claim": "The canteen opens at 8 a.m.", "context": "The canteen opens at 8 a.m.", "label": "grounded"},
    {"id": "2", "answer": "Bananas are yellow.", "context": ["The canteen opens."], "label": "ungrounded"},
    {"id": "3", "answer": "Hm.", "context": [{"text": "The canteen opens."}], "label": "generic"},
]


def test_the_area_is_how_often_a_good_one_scores_higher() -> None:
    assert area(np.array([0.9, 0.4, 0.5]), np.array([1.0, 1.0, 0.0])) == pytest.approx(0.5)
    assert area(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == pytest.approx(0.5)
    assert np.isnan(area(np.array([0.5]), np.array([1.0])))


def test_calibration_error_is_the_distance_between_score_and_frequency() -> None:
    assert miscalibration(np.full(20, 0.7), np.ones(20)) == pytest.approx(0.3)


def test_an_interval_holds_its_value_and_is_the_same_every_time() -> None:
    scores, truth = np.linspace(0, 1, 50), (np.arange(50) > 20).astype(float)
    told = interval(lambda s, t: float((s * t).mean()), scores, truth)
    assert told["low"] <= told["value"] <= told["high"]
    assert told == interval(lambda s, t: float((s * t).mean()), scores, truth)


def test_items_of_every_shape_are_understood_and_unknown_labels_left_out() -> None:
    assert [one.supported for one in labelled(ROWS)] == [True, False, None]
    assert list(labelled(ROWS))[2].item["passages"] == ["The canteen opens."]
    judged = evaluate(
        ROWS, lambda items: [{"score": float(one["id"] == "1"), "supported": one["id"] == "1"} for one in items]
    )
    told = figures(judged, seconds=3.0)
    assert told["auroc"]["value"] == 1.0
    assert told["good_answers_with_badge"]["value"] == told["badge_right"]["value"] == 1.0
    assert told["milliseconds_an_answer"]["value"] == 1000.0
