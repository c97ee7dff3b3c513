"""Which sentences of an answer can be examined at all."""

import pytest

from app.checks.statements import is_statement


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello!",
        "Sure, here is what I found:",
        "I hope this helps.",
        "Let me know if you have any questions.",
        "Do you mean sick leave?",
        "## Next steps",
        "**Steps**",
        "Yes.",
        "You may.",
        "I don't know.",
        "I’m sorry, I could not find that.",  # noqa: RUF001 (a typographic apostrophe)
        "The provided passages do not mention the price.",
        "It depends.",
        "To report a security incident, follow these steps:",
        "The following documents are needed:",
    ],
)
def test_questions_courtesies_and_hedges_state_nothing(sentence: str) -> None:
    assert not is_statement(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "12 weeks.",
        "Bananas are yellow.",
        "Here is the limit: 200 euros.",
        "I'm not sure, but the limit is in the travel policy.",
        "The documents do not mention the price; the office charges it at the end of the month.",
        "It depends on the office in which you work.",
        "These 12 weeks are paid as follows:",
        "The limits below hold for one night: nobody may pay more.",
        "Unfortunately the canteen is closed.",
        "| Lisbon | 25 days |",
        "**Leave** is granted by the supervisor.",
    ],
)
def test_what_says_something_about_the_world_is_a_statement(sentence: str) -> None:
    assert is_statement(sentence)
