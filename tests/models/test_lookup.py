"""Guesses from what was written before, and the account that stops them when they bring nothing."""

from hypothesis import given
from hypothesis import strategies as st

from models.lookup import ALIKE, CREDIT, LONGEST_GUESS, LONGEST_PAUSE, PRICE, Drafts, find_match


def tokens(text: str) -> list[int]:
    return list(text.encode())


def guess(text: str, *, limit: int = LONGEST_GUESS) -> str:
    return bytes(Drafts().propose(tokens(text), limit=limit)).decode()


def test_what_followed_the_same_words_before_is_guessed() -> None:
    assert guess("the office in Bonn opens at nine. When? the office in Bonn") == " opens a"


def test_the_longer_the_match_the_longer_the_guess() -> None:
    text = "abcdefghijklmno"
    assert [len(guess(text + "#" + text[:size])) for size in (1, 2, 3, 4, 5, 6)] == sorted(
        len(guess(text + "#" + text[:size])) for size in (1, 2, 3, 4, 5, 6)
    )
    assert guess(text + "#" + text[:2]) == ""
    assert guess(text + "#" + text[:3]) == "de"
    assert guess(text + "#" + text[:6]) == "ghijklmn"


def test_the_place_with_more_of_the_same_before_it_counts() -> None:
    assert guess("aaabcdeX..zzbcdeY..aaabcde")[0] == "X"


def test_of_equal_places_the_latest_counts() -> None:
    assert guess("_bcdeX..-bcdeY..+bcde")[0] == "Y"


def test_nothing_is_guessed_where_nothing_repeats() -> None:
    assert guess("abcdefgh") == guess("a") == guess("") == ""


def test_a_guess_is_no_longer_than_allowed() -> None:
    text = "one two three four, one two three"
    assert guess(text, limit=2) == " f"
    assert guess(text, limit=0) == guess(text, limit=-1) == ""


@given(st.lists(st.integers(0, 3), max_size=60))
def test_a_match_is_one_and_the_longest(sequence: list[int]) -> None:
    place, size = find_match(sequence)
    last = len(sequence)

    def alike(end: int) -> int:
        return next((n for n in range(end) if sequence[end - 1 - n] != sequence[last - 1 - n]), end)

    best = max((min(alike(end), LONGEST_GUESS) for end in range(1, last)), default=0)
    if best < ALIKE:
        assert (place, size) == (0, 0)
    else:
        assert size == best
        assert 0 < place < last
        assert sequence[place - size : place] == sequence[last - size :]


def rounds_without_a_guess(drafts: Drafts) -> int:
    repeating = tokens("abcdefgh#abcdef")
    return next((count for count in range(10_000) if drafts.propose(repeating, limit=8)), 10_000)


def test_guesses_that_are_never_right_pause_ever_longer_but_are_tried_again() -> None:
    drafts, pauses = Drafts(), []
    for _ in range(200):
        drafts.note(8, 0)
        if pause := rounds_without_a_guess(drafts):
            pauses.append(pause)
    assert pauses[:3] == sorted(pauses[:3])
    assert pauses[0] < pauses[2]
    assert max(pauses) == LONGEST_PAUSE


def test_guesses_that_are_right_never_pause() -> None:
    drafts = Drafts()
    for _ in range(200):
        drafts.note(8, 6)
        assert rounds_without_a_guess(drafts) == 0


def test_what_useless_guesses_can_cost_is_bounded() -> None:
    drafts, spent, steps = Drafts(), 0.0, 2000
    for _ in range(steps):
        drafted = len(drafts.propose(tokens("abcdefgh#abcdef"), limit=8))
        drafts.note(drafted, 0)
        spent += PRICE * drafted
    assert spent < 0.03 * steps + 4 * CREDIT
