"""The line that says how far an answer is, so that nobody stares at an empty one."""

from app.answers import Progress

MINUTE, HALF_A_MINUTE = 60, 30


def status_line(progress: Progress) -> str:
    """Return how far an answer is, with a bar where it can be told."""
    bar = ""
    if progress.stage == "reading" and progress.total:
        bar = f'<progress max="{progress.total}" value="{progress.done}"></progress>'
    return f'<div class="progress"><span class="pulse"></span>{sentence(progress)}{bar}</div>'


def sentence(progress: Progress) -> str:
    """Return the same in words."""
    if progress.stage == "waiting":
        return waiting_sentence(progress.done, progress.seconds)
    if progress.stage == "reading" and progress.total:
        return f"Reading the passages: {progress.done:,} of {progress.total:,} tokens"
    if progress.stage == "loading":
        return "Loading the model; this takes a moment …"
    words = {"searching": "Searching your documents", "reading": "Reading the passages", "writing": "Writing"}
    return words.get(progress.stage, "Checking the answer") + " …"


def waiting_sentence(position: int, seconds: float | None) -> str:
    """Return the place in the queue in words, from 1, and about how long it will take where that is known."""
    place = "you are next" if position <= 1 else f"place {position} in the queue"
    return f"Waiting for the model: {place}{'' if seconds is None else f', {about(seconds)}'} …"


def about(seconds: float) -> str:
    """Return a rough time in words: nobody knows it better."""
    if seconds < HALF_A_MINUTE:
        return "a few seconds more"
    if seconds < MINUTE + HALF_A_MINUTE:
        return "about a minute more"
    return f"about {seconds / MINUTE:.0f} minutes more"
