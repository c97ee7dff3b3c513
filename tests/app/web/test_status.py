"""The progress line says in words how far an answer is."""

import pytest

from app.answers import Progress
from app.web.status import sentence, status_line


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(stage="waiting", done=1, total=3), "you are next"),
        (Progress(stage="waiting", done=3, total=3), "place 3 in the queue"),
        (Progress(stage="waiting", done=1, total=1, seconds=4.2), "you are next, a few seconds more …"),
        (Progress(stage="waiting", done=2, total=2, seconds=64.0), "place 2 in the queue, about a minute more …"),
        (Progress(stage="waiting", done=9, total=9, seconds=200.0), "about 3 minutes more"),
        (Progress(stage="reading", done=1200, total=2400), "1,200 of 2,400 tokens"),
        (Progress(stage="loading"), "Loading the model"),
        (Progress(stage="searching"), "Searching your documents"),
        (Progress(stage="checking"), "Checking the answer"),
    ],
)
def test_stage_is_said_in_words(progress: Progress, words: str) -> None:
    assert words in sentence(progress)


def test_bar_is_drawn_only_where_the_end_is_known() -> None:
    assert "<progress" in status_line(Progress(stage="reading", done=1, total=2))
    assert "<progress" not in status_line(Progress(stage="reading"))
