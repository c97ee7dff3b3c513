"""How much is read in a step: usual prompts are soon over, and beside a long one the writers' pause stays short."""

import pytest

from models.pace import LONGEST_PAUSE, MOST_SLOWED, READ_MOST, READ_SECONDS, READ_USUAL, SHARE, Pace
from models.pieces import SMALLEST_PART, TILE


def learned(*, base: float, token: float, writers: int = 4, readers: int = 1) -> tuple[Pace, list[int]]:
    """A pace that has seen a while of a machine where tokens add up, and what each step read."""
    pace, reads = Pace(), []
    pace.note(writers=0, read=READ_USUAL, seconds=base + READ_USUAL * token)
    pace.note(writers=writers, read=0, seconds=base + writers * token)
    for _ in range(100):
        reads.append(pace.room(writers=writers, readers=readers, long=True))
        pace.note(writers=writers, read=reads[-1], seconds=base + (writers + reads[-1]) * token)
    return pace, reads


def test_alone_a_prompt_is_read_as_fast_as_it_goes() -> None:
    assert Pace().room(writers=0, readers=1, long=True) == READ_USUAL
    assert Pace().room(writers=0, readers=1, long=False) == READ_USUAL


def test_a_usual_prompt_is_read_in_large_pieces() -> None:
    assert Pace().room(writers=1, readers=1, long=False) == READ_USUAL
    assert Pace().room(writers=7, readers=1, long=False) == READ_USUAL


@pytest.mark.parametrize(("token", "piece"), [(0.001, READ_MOST), (READ_SECONDS / 330, 320), (0.03, READ_USUAL)])
def test_a_large_piece_is_what_can_be_read_in_two_seconds_within_bounds(token: float, piece: int) -> None:
    pace = Pace()
    pace.note(writers=0, read=READ_USUAL, seconds=READ_USUAL * token)
    assert pace.room(writers=3, readers=1, long=False) == piece


@pytest.mark.parametrize("token", [0.0001, 0.001, 0.03])
def test_alone_the_pieces_are_the_same_however_fast_the_machine_so_the_answers_are(token: float) -> None:
    pace = Pace()
    pace.note(writers=0, read=READ_USUAL, seconds=READ_USUAL * token)
    assert {pace.room(writers=0, readers=1, long=long) for long in (True, False)} == {READ_USUAL}


def test_a_few_tokens_read_alone_do_not_make_the_next_piece_smaller() -> None:
    pace = Pace()
    pace.note(writers=0, read=READ_USUAL, seconds=1.0)
    pace.note(writers=0, read=5, seconds=1.0)
    assert pace.room(writers=1, readers=1, long=False) == READ_MOST


def test_before_anything_is_known_a_tile_of_a_long_prompt_is_read() -> None:
    assert Pace().room(writers=1, readers=1, long=True) == TILE


@pytest.mark.parametrize("readers", [1, 2, 3, 9])
def test_each_who_reads_gets_nearly_as_much_time_as_all_who_write_up_to_a_bound(readers: int) -> None:
    base, token = 0.06, 0.001
    _, reads = learned(base=base, token=token, readers=readers)
    share = SHARE * min(MOST_SLOWED - 1, readers)
    assert sum(reads) * token == pytest.approx(len(reads) * share * (base + 4 * token), rel=0.1)


def test_no_step_lasts_longer_than_a_writer_may_wait() -> None:
    base, token = 0.3, 0.02
    _, reads = learned(base=base, token=token)
    assert base + (4 + max(reads)) * token <= LONGEST_PAUSE * (base + 4 * token)


def test_a_graphics_card_reads_large_pieces_and_a_slow_machine_small_ones_now_and_then() -> None:
    assert learned(base=0.02, token=0.000_01)[0].room(writers=4, readers=1, long=True) > READ_USUAL // 2
    _, reads = learned(base=0.0, token=1.0, writers=1)
    assert set(reads) == {0, SMALLEST_PART}


def test_a_single_writer_with_short_steps_waits_for_a_third_of_a_second_rather_than_have_tiny_pieces_read() -> None:
    assert max(learned(base=0.03, token=0.004, writers=1)[1]) == TILE


def test_what_a_few_tokens_took_does_not_make_a_long_prompt_be_read_in_parts() -> None:
    pace = Pace()
    pace.note(writers=0, read=8, seconds=0.2)
    pace.note(writers=4, read=0, seconds=0.1)
    assert pace.room(writers=4, readers=1, long=True) == TILE


def test_one_step_that_seems_too_short_makes_no_long_pause() -> None:
    pace, reads = learned(base=0.6, token=0.02)
    pace.note(writers=4, read=max(reads), seconds=0.7)
    assert pace.room(writers=4, readers=1, long=True) <= 2 * max(reads)


def test_a_step_whose_time_is_not_known_teaches_nothing() -> None:
    pace = Pace()
    pace.note(writers=1, read=0, seconds=0.0)
    pace.note(writers=0, read=5, seconds=0.0)
    assert pace.room(writers=1, readers=1, long=True) == TILE


def test_a_long_prompt_is_read_even_where_its_share_is_less_than_a_token() -> None:
    pace = Pace()
    pace.note(writers=0, read=10, seconds=10.0)
    pace.note(writers=1, read=0, seconds=0.5)
    assert any(pace.room(writers=1, readers=1, long=True) for _ in range(200))
