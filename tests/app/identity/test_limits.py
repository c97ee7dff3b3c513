"""One person cannot take the model from everybody else, and is told when to come back."""

import pytest

from app.answers import Actor, Delta
from app.identity.limits import Limits, TooManyQuestionsError

ADA, BOB = Actor(user_id="ada", name="Ada"), Actor(user_id="bob", name="Bob")


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_one_person_asks_so_many_at_once_and_others_are_not_touched() -> None:
    limits = Limits(at_once=2, a_minute=100, clock=Clock())
    with limits.asking(ADA), limits.asking(ADA):
        with pytest.raises(TooManyQuestionsError, match="2 of your questions"), limits.asking(ADA):
            pass
        with limits.asking(BOB):
            pass
    with limits.asking(ADA):
        pass


def test_one_person_asks_so_many_a_minute_and_is_told_when_to_come_back() -> None:
    clock = Clock()
    limits = Limits(at_once=9, a_minute=2, clock=clock)
    for _ in range(2):
        with limits.asking(ADA):
            clock.now += 10
    with pytest.raises(TooManyQuestionsError, match=r"2 questions within a minute\. Ask again in 40 seconds"):
        limits._begin("ada")
    clock.now += 41
    with limits.asking(ADA):
        pass


@pytest.mark.parametrize(("later", "said"), [(0.0, "in 60 seconds"), (59.9, "in 1 second\\."), (60.0, "")])
def test_the_minute_is_that_before_the_question(later: float, said: str) -> None:
    clock = Clock()
    clock.now = 1000.0
    limits = Limits(at_once=9, a_minute=1, clock=clock)
    with limits.asking(ADA):
        clock.now += later
    if said:
        with pytest.raises(TooManyQuestionsError, match=said):
            limits._begin("ada")
    else:
        limits._begin("ada")


def test_a_question_that_fails_or_is_given_up_counts_no_longer() -> None:
    limits = Limits(at_once=1, a_minute=100, clock=Clock())
    with pytest.raises(ZeroDivisionError), limits.asking(ADA):
        raise ZeroDivisionError
    given_up = limits.counted(ADA, iter([Delta(text="a"), Delta(text="b")]))
    assert next(given_up) == Delta(text="a")
    with pytest.raises(TooManyQuestionsError):
        list(limits.counted(ADA, iter([])))
    given_up.close()  # type: ignore[attr-defined]
    assert list(limits.counted(ADA, iter([]))) == []
