"""Content words and their rarity."""

import pytest

from app.checks.words import content_words, rarest, rarity


@pytest.mark.parametrize(
    ("one", "other"),
    [("request", "requested"), ("policy", "policies"), ("run", "running"), ("agency", "agencies"), ("day", "days")],
)
def test_endings_do_not_part_a_word(one: str, other: str) -> None:
    assert content_words(one) == content_words(other) != []


@pytest.mark.parametrize(("one", "other"), [("leave", "lease"), ("sf1034", "sf1035"), ("2024", "2025")])
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert content_words(one) != content_words(other)


def test_stop_words_carry_no_content() -> None:
    assert content_words("You must be able to do it, according to the passages.") == []


def test_a_possessive_is_its_noun() -> None:
    assert content_words("the supervisor's") == content_words("supervisors")


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("the leave transfer programme", "the leave transfer program"),
        ("organisations analyse behaviour", "organizations analyze behavior"),
        ("a cancelled licence", "a canceled license"),
    ],
)
def test_british_and_american_words_are_the_same(british: str, american: str) -> None:
    assert content_words(british) == content_words(american)


def test_ideographs_are_words_in_pairs() -> None:
    assert content_words("黑豹队") == ["黑豹", "豹队"]


def test_what_is_left_of_a_contraction_is_no_content() -> None:
    assert content_words("It’s 5 days; don't ask what they'll do") == ["5", "dai", "ask"]  # noqa: RUF001


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    weights = rarity([["leave", "sick"], ["leave"], ["leave"]])
    assert weights["sick"] > weights["leave"]
    assert weights["sick"] == rarest(3)
