"""A long prompt is read in tiles up to where one takes too long, and from there in much smaller pieces."""

import pytest

from models.pieces import FURTHER, LARGEST_PART, SMALLEST_PART, TILE, Pieces

TOKEN = 0.005


def read(pieces: Pieces, *, seconds: float, begin: int = 0, end: int = 4000) -> list[tuple[int, int]]:
    """Read a prompt where tokens take 1.8 times as long in parts of a tile; returns each piece's place and size."""
    found, place = [], begin
    while place < end:
        piece = pieces.choose(place, seconds=seconds, token=TOKEN)
        found.append((place, piece))
        pieces.note(piece, piece * TOKEN * (1 + place / 4000) * (1 if piece >= TILE else 1.8))
        place += piece
    return found


def test_where_a_tile_is_short_enough_all_is_read_in_tiles() -> None:
    assert {piece for _, piece in read(Pieces(), seconds=2.5 * TILE * TOKEN)} == {TILE}


def test_from_where_a_tile_takes_too_long_pieces_are_much_smaller() -> None:
    found = read(Pieces(), seconds=1.5 * TILE * TOKEN)
    assert {place for place, piece in found if piece == TILE} >= set(range(0, 2000, TILE))
    assert [piece for _, piece in found] == sorted((piece for _, piece in found), reverse=True)
    assert found[-1][1] == LARGEST_PART


def test_no_piece_takes_longer_than_it_may() -> None:
    pieces, seconds = Pieces(), 1.2 * TILE * TOKEN
    for place, piece in read(pieces, seconds=seconds):
        assert piece * TOKEN * (1 + place / 4000) * (1 if piece >= TILE else 1.8) <= 1.05 * seconds


@pytest.mark.parametrize(("seconds", "smallest"), [(1e-6, SMALLEST_PART), (0.6 * TILE * TOKEN, SMALLEST_PART)])
def test_a_tile_that_takes_too_long_at_once_is_never_read(seconds: float, smallest: int) -> None:
    sizes = [piece for _, piece in read(Pieces(), seconds=seconds)]
    assert TILE not in sizes
    assert max(sizes) <= LARGEST_PART
    assert min(sizes) == smallest


def test_the_next_prompt_begins_with_tiles_again() -> None:
    pieces, seconds = Pieces(), 1.5 * TILE * TOKEN
    assert read(pieces, seconds=seconds)[-1][1] < TILE
    assert read(pieces, seconds=seconds)[0] == (0, TILE)


def test_a_prompt_of_which_much_is_known_begins_with_parts_where_tiles_took_too_long_before() -> None:
    pieces, seconds = Pieces(), 1.5 * TILE * TOKEN
    read(pieces, seconds=seconds)
    assert read(pieces, seconds=seconds, begin=3000)[0][1] < TILE


def test_a_slow_moment_costs_the_present_prompt_its_tiles_and_not_the_next_ones() -> None:
    pieces, seconds = Pieces(), 2.5 * TILE * TOKEN
    read(pieces, seconds=seconds, end=100)
    pieces.note(TILE, 100 * TILE * TOKEN)
    assert read(pieces, seconds=seconds, begin=128)[0][1] < TILE
    tiles = [sum(piece == TILE for _, piece in read(pieces, seconds=seconds)) * TILE for _ in range(10)]
    assert tiles == sorted(tiles)
    assert tiles[0] >= FURTHER
    assert tiles[-1] >= 4000
