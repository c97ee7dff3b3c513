"""How much is read in a step: usual prompts are soon over, and beside a long one the writers' pause stays short."""

import pytest

from models.pace import LONGEST_PAUSE, READ_LEAST, READ_MOST, READ_SECONDS, READ_USUAL, Pace

LEAST = 4
"""Small enough to see what the time alone would allow."""


def learned(*, base: float, token: float, writers: int = 4, readers: int = 1) -> Pace:
    """A pace that has seen a while of a machine where tokens add up."""
    pace = Pace(least=LEAST)
    pace.note(writers=0, read=READ_USUAL, seconds=base + READ_USUAL * token)
    pace.note(writers=writers, read=0, seconds=base + writers * token)
    for _ in range(10):
        read = pace.room(writers=writers, readers=readers, long=True)
        pace.note(writers=writers, read=read, seconds=base + (writers + read) * token)
    return pace


def test_alone_a_prompt_is_read_as_fast_as_it_goes() -> None:
    assert Pace().room(writers=0, readers=1, long=True) == READ_USUAL
    assert Pace().room(writers=0, readers=1, long=False) == READ_USUAL


def test_a_usual_prompt_is_read_in_large_pieces() -> None:
    assert Pace().room(writers=1, readers=1, long=False) == READ_USUAL + 1
    assert Pace().room(writers=7, readers=1, long=False) == READ_USUAL + 1


@pytest.mark.parametrize(("token", "piece"), [(0.001, READ_MOST), (READ_SECONDS / 330, 320), (0.03, READ_USUAL)])
def test_a_large_piece_is_what_can_be_read_in_two_seconds_within_bounds(token: float, piece: int) -> None:
    pace = Pace()
    pace.note(writers=0, read=READ_USUAL, seconds=READ_USUAL * token)
    assert pace.room(writers=3, readers=1, long=False) == piece + 1


@pytest.mark.parametrize("token", [0.0001, 0.001, 0.03])
def test_alone_the_pieces_are_the_same_however_fast_the_machine_so_the_answers_are(token: float) -> None:
    pace = Pace()
    pace.note(writers=0, read=READ_USUAL, seconds=READ_USUAL * token)
    assert {pace.room(writers=0, readers=1, long=long) for long in (True, False)} == {READ_USUAL}


def test_a_few_tokens_read_alone_do_not_make_the_next_piece_smaller() -> None:
    pace = Pace()
    pace.note(writers=0, read=READ_USUAL, seconds=1.0)
    pace.note(writers=0, read=5, seconds=1.0)
    assert pace.room(writers=1, readers=1, long=False) == READ_MOST + 1


def test_before_anything_is_known_the_least_of_a_long_prompt_is_read() -> None:
    assert Pace().room(writers=1, readers=1, long=True) == READ_LEAST + 1


def test_reading_takes_about_as_long_as_writing() -> None:
    pace = learned(base=0.6, token=0.02)
    room = pace.room(writers=4, readers=1, long=True)
    assert room * 0.02 == pytest.approx(0.6 + 4 * 0.02, rel=0.15)


def test_more_readers_get_more_up_to_a_bound() -> None:
    one, two, many = (
        learned(base=0.5, token=0.01, writers=1, readers=number).room(writers=1, readers=number, long=True)
        for number in (1, 2, 9)
    )
    assert two == pytest.approx(2 * one, abs=LEAST)
    assert many == pytest.approx((LONGEST_PAUSE - 1) * one, abs=2 * LEAST)


def test_a_graphics_card_reads_large_pieces_and_a_slow_machine_small_ones_now_and_then() -> None:
    assert learned(base=0.02, token=0.000_01).room(writers=4, readers=1, long=True) > READ_USUAL // 2
    slow = learned(base=0.0, token=1.0, writers=1)
    assert {slow.room(writers=1, readers=1, long=True) for _ in range(10)} == {0, LEAST + 1}


def test_no_step_reads_so_little_that_reading_becomes_inefficient() -> None:
    pace = Pace()
    pace.note(writers=1, read=0, seconds=0.1)
    for _ in range(1000):
        read = pace.room(writers=1, readers=1, long=True)
        assert read in {0, READ_LEAST + 1}
        pace.note(writers=1, read=read, seconds=10.0 if read else 0.1)


def test_one_step_that_seems_too_short_makes_no_long_pause() -> None:
    pace = learned(base=0.6, token=0.02)
    before = pace.room(writers=4, readers=1, long=True)
    pace.note(writers=4, read=before, seconds=0.7)
    assert pace.room(writers=4, readers=1, long=True) <= 2 * before + 1


def test_small_pieces_that_cost_more_than_large_ones_become_smaller_still() -> None:
    pace = learned(base=0.26, token=0.01)
    first = pace.room(writers=4, readers=1, long=True)
    for _ in range(30):
        pace.note(writers=4, read=30, seconds=0.3 + 30 * 0.025)
    assert first == pytest.approx(30, abs=LEAST)
    assert pace.room(writers=4, readers=1, long=True) == pytest.approx(12, abs=LEAST)


def test_a_step_whose_time_is_not_known_teaches_nothing() -> None:
    pace = Pace()
    pace.note(writers=1, read=0, seconds=0.0)
    pace.note(writers=0, read=5, seconds=0.0)
    assert pace.room(writers=1, readers=1, long=True) == READ_LEAST + 1


def test_a_long_prompt_takes_no_more_time_than_the_writers_and_is_read_in_efficient_pieces() -> None:
    pace, base, token = Pace(), 0.06, 0.02
    pace.note(writers=0, read=READ_USUAL, seconds=base + READ_USUAL * token)
    pace.note(writers=4, read=0, seconds=base + 4 * token)
    reads = []
    for _ in range(200):
        reads.append(pace.room(writers=4, readers=1, long=True))
        pace.note(writers=4, read=reads[-1], seconds=base + (4 + reads[-1]) * token)
    assert set(reads) == {0, READ_LEAST + 1}
    assert sum(reads) * token == pytest.approx(len(reads) * (base + 4 * token), rel=0.2)


def test_a_long_prompt_is_read_even_where_its_share_is_less_than_a_token() -> None:
    pace = Pace()
    pace.note(writers=0, read=10, seconds=10.0)
    pace.note(writers=1, read=0, seconds=0.5)
    assert READ_LEAST + 1 in [pace.room(writers=1, readers=1, long=True) for _ in range(3 * READ_LEAST)]


def test_pieces_beside_writers_are_whole_tiles_and_a_token_that_is_computed_with_theirs() -> None:
    pace = learned(base=0.5, token=0.01)
    assert {pace.room(writers=writers, readers=1, long=True) % LEAST for writers in range(1, 9)} == {1}
