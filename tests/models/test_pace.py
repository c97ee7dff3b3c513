"""How much is read in a step: on any machine the writers' pause stays short."""

import pytest

from models.pace import LONGEST_PAUSE, READ_ALONE, READ_AT_ONCE, READ_LEAST, READ_SHARED, Pace

LEAST = 4
"""Small enough to see what the time alone would allow."""
LEFT = READ_AT_ONCE
"""As much of a prompt as is read in every step."""


def learned(*, base: float, token: float, writers: int = 4, readers: int = 1) -> Pace:
    """A pace that has seen a while of a machine where tokens add up."""
    pace = Pace(least=LEAST)
    pace.note(writers=0, read=READ_ALONE, seconds=base + READ_ALONE * token)
    pace.note(writers=writers, read=0, seconds=base + writers * token)
    for _ in range(10):
        read = pace.room(writers=writers, readers=readers, left=LEFT)
        pace.note(writers=writers, read=read, seconds=base + (writers + read) * token)
    return pace


def test_alone_a_prompt_is_read_as_fast_as_it_goes() -> None:
    assert Pace().room(writers=0, readers=1, left=LEFT) == READ_ALONE


def test_before_anything_is_known_a_usual_piece_is_read() -> None:
    assert Pace().room(writers=1, readers=1, left=LEFT) == READ_SHARED + 1


def test_reading_takes_about_as_long_as_writing() -> None:
    pace = learned(base=0.6, token=0.02)
    room = pace.room(writers=4, readers=1, left=LEFT)
    assert room * 0.02 == pytest.approx(0.6 + 4 * 0.02, rel=0.15)


def test_more_readers_get_more_up_to_a_bound() -> None:
    one, two, many = (
        learned(base=0.5, token=0.01, writers=1, readers=number).room(writers=1, readers=number, left=LEFT)
        for number in (1, 2, 9)
    )
    assert two == pytest.approx(2 * one, abs=LEAST)
    assert many == pytest.approx((LONGEST_PAUSE - 1) * one, abs=2 * LEAST)


def test_a_graphics_card_reads_large_pieces_and_a_slow_machine_small_ones() -> None:
    assert learned(base=0.02, token=0.000_01).room(writers=4, readers=1, left=LEFT) > READ_ALONE // 2
    assert learned(base=0.0, token=1.0, writers=1).room(writers=1, readers=1, left=LEFT) == LEAST + 1


def test_no_step_reads_so_little_that_reading_becomes_inefficient() -> None:
    pace = Pace()
    pace.note(writers=1, read=0, seconds=0.1)
    for _ in range(10):
        pace.note(writers=1, read=pace.room(writers=1, readers=1, left=LEFT), seconds=10.0)
    assert pace.room(writers=1, readers=1, left=LEFT) == READ_LEAST + 1


def test_one_step_that_seems_too_short_makes_no_long_pause() -> None:
    pace = learned(base=0.06, token=0.02)
    before = pace.room(writers=4, readers=1, left=LEFT)
    pace.note(writers=4, read=before, seconds=0.14)
    assert pace.room(writers=4, readers=1, left=LEFT) <= 2 * before


def test_small_pieces_that_cost_more_than_large_ones_become_smaller_still() -> None:
    pace = learned(base=0.06, token=0.01)
    first = pace.room(writers=4, readers=1, left=LEFT)
    for _ in range(30):
        pace.note(writers=4, read=10, seconds=0.1 + 10 * 0.025)
    assert first == pytest.approx(10, abs=1)
    assert pace.room(writers=4, readers=1, left=LEFT) == pytest.approx(4, abs=1)


def test_a_step_whose_time_is_not_known_teaches_nothing() -> None:
    pace = Pace()
    pace.note(writers=1, read=0, seconds=0.0)
    pace.note(writers=0, read=5, seconds=0.0)
    assert pace.room(writers=1, readers=1, left=LEFT) == READ_SHARED + 1


def test_a_long_prompt_takes_no_more_time_than_the_writers_and_is_read_in_efficient_pieces() -> None:
    pace, base, token = Pace(), 0.06, 0.02
    pace.note(writers=0, read=READ_ALONE, seconds=base + READ_ALONE * token)
    pace.note(writers=4, read=0, seconds=base + 4 * token)
    reads = []
    for _ in range(200):
        reads.append(pace.room(writers=4, readers=1, left=LEFT + 1))
        pace.note(writers=4, read=reads[-1], seconds=base + (4 + reads[-1]) * token)
    assert set(reads) == {0, READ_LEAST + 1}
    assert sum(reads) * token == pytest.approx(len(reads) * (base + 4 * token), rel=0.2)


def test_a_long_prompt_is_read_even_where_its_share_is_less_than_a_token() -> None:
    pace = Pace()
    pace.note(writers=0, read=10, seconds=10.0)
    pace.note(writers=1, read=0, seconds=0.5)
    assert READ_LEAST + 1 in [pace.room(writers=1, readers=1, left=LEFT + 1) for _ in range(3 * READ_LEAST)]


def test_pieces_beside_writers_are_whole_tiles_and_a_token_that_is_computed_with_theirs() -> None:
    pace = learned(base=0.5, token=0.01)
    assert {pace.room(writers=writers, readers=1, left=LEFT) % LEAST for writers in range(1, 9)} == {1}


def test_more_is_read_at_once_where_more_people_wait_than_write() -> None:
    pace = Pace()
    pace.note(writers=2, read=0, seconds=0.1)
    pace.note(writers=0, read=1, seconds=0.1)
    assert pace.room(writers=2, readers=2, left=LEFT) == READ_LEAST + 1
    assert pace.room(writers=2, readers=3, left=LEFT) == 2 * READ_LEAST + 1
