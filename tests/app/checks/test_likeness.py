"""How much of a statement's wording stands in its sources."""

from app.checks.likeness import Vocabulary


def test_words_and_their_neighbours_are_counted() -> None:
    vocabulary = Vocabulary(["The canteen opens at eight."])
    assert vocabulary.shares("The canteen opens at eight.") == (1.0, 1.0)
    words, neighbours = vocabulary.shares("Eight the at canteen opens.")
    assert words == 1.0
    assert neighbours < 1.0
    assert vocabulary.shares("The canteen closes early.") == (0.5, 1 / 3)
    assert vocabulary.shares("...") == (0.0, 0.0)
    assert vocabulary.shares("canteen") == (1.0, 1.0)
