"""A CrossEncoder of this machine judges claims, in whatever order its scores come; nothing else is taken for one."""

from pathlib import Path

import pytest

from models.checker import CHECKER, Checker, support
from models.errors import ModelFileDamagedError, ModelMissingError
from tests import crossencoder

INFERENCE = {0: "contradiction", 1: "entailment", 2: "neutral"}
SURE = 20.0


@pytest.mark.parametrize(
    ("logits", "labels", "probability"),
    [
        ((0.0, SURE, 0.0), INFERENCE, 1.0),
        ((SURE, 0.0, 0.0), INFERENCE, 0.0),
        ((0.0, 0.0, SURE), INFERENCE, 0.5),
        ((SURE, 0.0, 0.0), {0: "entailment", 1: "neutral", 2: "contradiction"}, 1.0),
        ((0.0, SURE), {0: "label_0", 1: "label_1"}, 1.0),
        ((SURE, 0.0), {0: "label_0", 1: "label_1"}, 0.5),
        ((SURE, 0.0), {0: "entailment", 1: "not_entailment"}, 1.0),
        ((1000.0,), {0: "label_0"}, 1.0),
        ((-1000.0,), {0: "label_0"}, 0.5),
    ],
)
def test_scores_are_read_by_their_names_and_only_contradiction_speaks_against_a_claim(
    logits: tuple[float, ...], labels: dict[int, str], probability: float
) -> None:
    assert support(logits, labels) == pytest.approx(probability, abs=1e-6)


@pytest.mark.parametrize("labels", [("contradiction", "entailment", "neutral"), ()])
def test_a_real_model_says_something_else_of_another_claim(tmp_path: Path, labels: tuple[str, ...]) -> None:
    checker = Checker.load(crossencoder.make(tmp_path / "checker", *labels))
    first, second = checker("the hotel is euros", "leave days"), checker("the hotel is euros", "hotel hotel hotel")
    assert 0 <= first <= 1
    assert first != pytest.approx(second, abs=1e-4)
    assert checker("the hotel is euros " * 200, "leave days") is not None


@pytest.mark.parametrize("labels", [("joy", "anger", "fear"), ("positive", "negative"), ("a", "b", "c", "d")])
def test_a_model_that_judges_something_else_is_refused(tmp_path: Path, labels: tuple[str, ...]) -> None:
    with pytest.raises(ModelFileDamagedError, match="entailment, neutral and contradiction"):
        CHECKER.check(crossencoder.make(tmp_path / "other", *labels))


def test_a_folder_that_is_not_there_is_named_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="checker"):
        CHECKER.check(tmp_path / "nowhere")
