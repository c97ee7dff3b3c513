"""Guesses from what was written before, and the account that stops them when they bring nothing."""

from hypothesis import given
from hypothesis import strategies as st

from models.lookup import ALIKE, CREDIT, LONGEST_GUESS, PRICE, Drafts, find_match


def tokens(text: str) -> list[int]:
    return list(text.encode())


def begun(prompt: int) -> Drafts:
    """An answer to a prompt of so many bytes, in which "|" ends a message."""
    return Drafts(prompt, ends=lambda token: token == ord("|"))


def guess(text: str, *, limit: int = LONGEST_GUESS) -> str:
    return bytes(begun(len(text)).propose(tokens(text), limit=limit)).decode()


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


REPEATING = "abcdefgh"


def written(drafts: Drafts, prompt: str, answer: str) -> list[tuple[int, int]]:
    """Write an answer with guesses; returns of each step that had one how many tokens were guessed and right."""
    whole, end, found = tokens(prompt + answer), len(prompt), []
    while end < len(whole):
        guess = drafts.propose(whole[:end], limit=LONGEST_GUESS)
        right = next((at for at, token in enumerate(guess) if whole[end + at : end + at + 1] != [token]), len(guess))
        drafts.note(len(guess), right)
        found += [(len(guess), right)] if guess else []
        end += right + 1
    return found


def test_an_answers_own_words_are_not_guessed_from_while_they_lead_nowhere() -> None:
    assert written(begun(1), "?", "".join(f"the{letter}" for letter in "abcdfgijklmnopqrsuvwxyz")) == []


def test_an_answer_that_repeats_itself_is_guessed_from_its_own_words_when_it_has_shown_so() -> None:
    found = written(begun(1), "?", REPEATING * 20)
    assert sum(right for _, right in found) > 0.8 * 8 * 16
    assert all(drafted == right for drafted, right in found[:-1])


def test_what_the_prompt_holds_is_guessed_from_at_once() -> None:
    assert written(begun(len(REPEATING)), REPEATING, "abcd")[0] == (2, 1)


def test_guesses_from_the_prompt_that_are_wrong_end_and_begin_again_when_they_would_be_right() -> None:
    triples = ["abc", "def", "ghi", "jkl", "mno", "pqr", "stu", "vwx", "ABC", "DEF", "GHI", "JKL", "MNO", "PQR"]
    quoted = "0123456789$%&'()*+,-./:;<=>?@[]"
    prompt, answer = "!".join([*triples, quoted]), "#".join([*triples, quoted])
    found = written(begun(len(prompt)), prompt, answer)
    wrong = [drafted for drafted, right in found if not right]
    assert 0 < len(wrong) < len(triples) - 3
    assert found[-1][1] > 0


def test_guesses_from_own_words_that_are_wrong_cost_those_from_the_prompt_nothing() -> None:
    drafts = begun(len(REPEATING))
    written(drafts, REPEATING, "xyz1 xyz2 xyz3 xyz4 xyz5 xyz6 xyz7 xyz8")
    assert drafts.propose(tokens(f"{REPEATING}#abcdef"), limit=8) == tokens("gh#abcde"[:8])


def test_a_guess_does_not_go_beyond_a_message_and_is_no_last_token_of_one() -> None:
    assert guess("Why is the sky?|the sky") == ""
    assert guess("Why is the sky blue?|the sk") == "y blue?"
    assert guess("Why is the sky blue today?|the sk") == "y blue t"


def test_guesses_that_are_right_never_end() -> None:
    drafts = begun(100)
    for _ in range(200):
        assert drafts.propose(tokens("abcdefgh#abcdef"), limit=8)
        drafts.note(8, 6)


def test_what_useless_guesses_can_cost_is_bounded() -> None:
    drafts, spent = begun(100), 0.0
    for _ in range(2000):
        drafted = len(drafts.propose(tokens("abcdefgh#abcdef"), limit=8))
        drafts.note(drafted, 0)
        spent += PRICE * drafted
    assert spent <= CREDIT + PRICE * LONGEST_GUESS
