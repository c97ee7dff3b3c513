"""Requests, events and text from tokens."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidRequestError
from models.generation import Finished, Generation
from models.request import Request, Sampling
from models.text import TextAssembler


def push_all(assembler: TextAssembler, pieces: list[bytes]) -> str:
    shown = ""
    for piece in pieces:
        shown += assembler.push(piece)
        if assembler.stopped:
            break
    return shown + assembler.finish()


def test_a_character_spread_over_tokens_appears_once_and_whole() -> None:
    assembler = TextAssembler()
    shown = [assembler.push(bytes([byte])) for byte in "é€😀".encode()]
    assert [text for text in shown if text] == ["é", "€", "😀"]


def test_bytes_that_never_become_a_character_show_as_a_replacement() -> None:
    assembler = TextAssembler()
    assert assembler.push("é".encode()[:1]) == ""
    assert assembler.finish() == "\ufffd"


@given(st.text(max_size=40), st.lists(st.integers(1, 3), max_size=40))
def test_text_survives_any_cut_into_tokens(text: str, sizes: list[int]) -> None:
    data, pieces = text.encode(), []
    for size in [*sizes, len(data)]:
        pieces.append(data[:size])
        data = data[size:]
    assert push_all(TextAssembler(), pieces) == text


def test_a_stop_string_across_token_borders_is_not_shown() -> None:
    assembler = TextAssembler(["\nUser:"])
    assert push_all(assembler, [b"Fine.", b"\nUs", b"er", b": and"]) == "Fine."
    assert assembler.stopped


def test_text_that_only_begins_like_a_stop_string_is_shown_in_the_end() -> None:
    assembler = TextAssembler(["\nUser:"])
    assert assembler.push(b"Fine.\nUs") == "Fine."
    assert assembler.push(b"ual.") == "\nUsual."
    assert assembler.push(b"\nUse") == ""
    assert assembler.finish() == "\nUse"


@given(st.text("ab", max_size=30), st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=3))
def test_text_ends_before_the_first_stop_string_whatever_the_tokens(text: str, stops: list[str]) -> None:
    ends = [at for at in (text.find(stop) for stop in stops) if at >= 0]
    shown = push_all(TextAssembler(stops), [char.encode() for char in text])
    # Token by token the stop string that is complete first counts, and that one may begin later than another.
    complete = min((text.find(stop) + len(stop) for stop in stops if stop in text), default=None)
    expected = text if not ends else min((text[: text.find(s)] for s in stops if text[:complete].endswith(s)), key=len)
    assert shown == expected


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": -0.1},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"temperature": 1e9},
        {"top_k": -1},
        {"top_p": 0.0},
        {"top_p": 1.5},
        {"min_p": -1.0},
        {"repeat_penalty": 0.0},
        {"frequency_penalty": 2.5},
        {"presence_penalty": math.nan},
        {"seed": -5},
    ],
)
def test_absurd_sampling_values_are_refused_by_name(values: dict[str, float]) -> None:
    name = next(iter(values))
    with pytest.raises(InvalidRequestError, match=f"^{name} must be between "):
        Sampling(**values)  # type: ignore[arg-type]


def generation(**fields: Any) -> Generation:
    on_cancel: Any = fields.pop("on_cancel", lambda _: None)
    return Generation(Request(prompt=(1,), max_tokens=fields.pop("max_tokens", 5), **fields), on_cancel=on_cancel)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"max_tokens": 0}, "max_tokens must be at least 1, not 0."),
        ({"stop": [""]}, "none may be empty"),
        ({"stop": ["x"] * 17}, "At most 16 stop strings"),
    ],
)
def test_requests_that_cannot_be_are_refused(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidRequestError, match=sentence):
        generation(**fields)


def test_no_event_within_the_given_time_is_none() -> None:
    assert generation().next_event(seconds=0.001) is None


def test_an_error_delivered_is_raised_and_ends_the_iteration() -> None:
    failed = generation()
    failed.deliver(InvalidRequestError("no"))
    with pytest.raises(InvalidRequestError):
        list(failed)
    assert list(failed) == []


def test_a_finished_generation_cannot_be_cancelled_any_more() -> None:
    told: list[Generation] = []
    finished = generation(on_cancel=told.append)
    finished.deliver(Finished(reason="stop", prompt_tokens=1, completion_tokens=0))
    assert len(list(finished)) == 1
    finished.cancel()
    assert not finished.cancelled
    assert told == []
