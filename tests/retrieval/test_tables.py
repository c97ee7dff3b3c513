import pytest

from retrieval.tables import cells_in, framed_cells, framed_row, named_row, names_in, names_row


@pytest.mark.parametrize(
    ("names", "row", "cells"),
    [
        (["Name", "Role"], ["Ada", "cook"], ["Name: Ada", "Role: cook"]),
        (["Name", "Role"], ["", "cook"], ["Role: cook"]),
        (["", "Role"], ["Ada", "cook"], ["Ada", "Role: cook"]),
        (
            ["Name", "Note", "Role"],
            ["Ada", "a; b: c; Name: d", "cook"],
            ["Name: Ada", "Note: a; b: c; Name: d", "Role: cook"],
        ),
        (["At: all", "At"], ["1", "2"], ["At: all: 1", "At: 2"]),
        (["Tel", "Tel"], ["1", "2"], ["Tel: 1", "Tel: 2"]),
        (["x" * 300, "y"], ["1", "2"], [f"{'x' * 199}…: 1", "y: 2"]),
    ],
)
def test_cells_of_a_row_are_found_again(names: list[str], row: list[str], cells: list[str]) -> None:
    line = named_row(names, row)
    starts = [start for start, _ in cells_in(line, names_in(names_row(names)))]
    ends = [start - 2 for start in starts[1:]] + [len(line)]
    assert [line[start:end] for start, end in zip(starts, ends, strict=True)] == cells


def test_cells_between_bars_are_found_again_also_without_the_last_bar() -> None:
    line = framed_row(["Name", "Role"], ["Ada", "", "a \\| b"])
    assert line == "| Name: Ada |  | a \\| b |"
    assert [line[start:end] for start, end in framed_cells(line)] == ["Name: Ada", "", "a \\| b"]
    assert [line[start:end] for start, end in framed_cells(line[:-2])] == ["Name: Ada", "", "a \\| b"]
    assert cells_in(line, ["Name", "Role"]) == [(2, "Name"), (17, "")]


def test_a_row_with_thousands_of_columns_is_read_at_once() -> None:
    names = [f"Column {number}" for number in range(16_000)]
    line = named_row(names, ["", *["x"] * 8_000, *[""] * 8_000])
    assert len(cells_in(line, names)) == 8_000
