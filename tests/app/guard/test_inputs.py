"""What may come in as a question."""

import pytest

from app.errors import explain, status_of
from app.guard.inputs import EmptyQuestionError, LongQuestionError, clean_question


def clean(text: str) -> str:
    return clean_question(text, longest=4000)


def test_a_plain_question_is_only_trimmed() -> None:
    assert clean("  How many\ndays of leave?\t") == "How many\ndays of leave?"


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\u202e", "\x00\x07"])
def test_a_question_without_anything_visible_is_empty(text: str) -> None:
    with pytest.raises(EmptyQuestionError) as raised:
        clean(text)
    assert status_of(raised.value) == 422
    assert "empty" in explain(raised.value)


def test_a_long_question_is_refused_with_both_lengths() -> None:
    with pytest.raises(LongQuestionError, match=r"200,000 characters; at most 4,000") as raised:
        clean("a" * 200_000)
    assert status_of(raised.value) == 413


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\U000e0041", "\ud800"]
)
def test_hidden_and_direction_characters_are_removed(character: str) -> None:
    assert clean(f"sick{character} leave") == "sick leave"


def test_joiners_stay_because_scripts_need_them() -> None:
    assert clean("क्\u200dष") == "क्\u200dष"


def test_different_ways_of_writing_an_accent_become_one() -> None:
    assert clean("cafe\u0301") == "café"
