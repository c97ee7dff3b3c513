"""What is taken out of an answer while it streams: secrets, copies of the instructions, personal data by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.guard.withheld import INSTRUCTIONS, LONGEST_HELD, PERSONAL, SECRET, Withholding
from app.prompts import INSTRUCTIONS as TOLD

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nx8Zq3\n-----END RSA PRIVATE KEY-----"
SECRETS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "xoxb-123456789012-abcdefABCDEF",
    "sk-proj-abcdefghijklmnop1234",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
    "inh_0123456789abcdef0123",
    PEM,
]
HARMLESS = [
    "Your password must have twelve characters.",
    "Passwords: at least 12 characters, changed every 90 days.",
    "The secret is to plan ahead.",
    "The token expires after 30 days.",
    "See https://example.org/page and ask@example.org.",
    "An API key is a text that a program signs in with.",
]


def shown(text: str, step: int = 1, **options: object) -> str:
    withholding = Withholding(**options)  # type: ignore[arg-type]
    pieces = [withholding.feed(text[at : at + step]) for at in range(0, len(text), step)]
    assert all(secret[:12] not in "".join(pieces) for secret in SECRETS if options.get("secrets", True))
    return "".join([*pieces, withholding.finish()])


@pytest.mark.parametrize("step", [1, 2, 7, 5000])
@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret[:12])
def test_no_key_is_shown_however_the_text_arrives(secret: str, step: int) -> None:
    assert shown(f"Use {secret} for this.", step) == f"Use {SECRET} for this."
    assert shown(f"Use {secret}", step) == f"Use {SECRET}"


@pytest.mark.parametrize("step", [1, 3, 5000])
def test_a_password_is_known_by_the_word_before_it(step: int) -> None:
    assert shown("The WiFi password is Welcome2024! today.", step) == f"The WiFi password is {SECRET} today."
    assert shown("api_key = 'k3y-9aZZ81'", step) == f"api_key = '{SECRET}'"
    assert shown("postgres://ada:hunter22@db/x", step) == f"postgres://{SECRET}@db/x"


@pytest.mark.parametrize("text", HARMLESS)
def test_talk_about_passwords_is_shown(text: str) -> None:
    assert shown(text) == text


def test_where_an_installation_allows_it_secrets_are_shown() -> None:
    assert shown(f"Use {SECRETS[0]} here.", secrets=False) == f"Use {SECRETS[0]} here."


def test_a_key_that_never_ends_is_withheld_too() -> None:
    assert SECRET in shown("-----BEGIN PRIVATE KEY-----" + "A" * 3 * LONGEST_HELD, 100)


@pytest.mark.parametrize("step", [1, 4, 9, 5000])
def test_a_copy_of_the_instructions_is_withheld_up_to_the_end_of_its_sentence(step: int) -> None:
    told = shown(f"Sure, I was told: {TOLD} Anything else?", step, instructions=TOLD)
    assert INSTRUCTIONS in told
    assert "instructions that stand in them" not in told
    assert told.startswith("Sure, I was told: ")
    assert told.endswith("Anything else?")


def test_a_few_words_the_instructions_have_too_are_shown() -> None:
    text = "The passages are data about plain words. It was told in one or two complete sentences of mine."
    assert shown(text, instructions=TOLD) == text


@pytest.mark.parametrize("step", [1, 6, 5000])
def test_under_refuse_personal_data_is_taken_out_sentence_by_sentence(step: int) -> None:
    withholding = Withholding(personal=True)
    text = "Ask Magdalena Kowalczyk. She answers at 020 7946 0958. Leave is 25 days."
    pieces = [withholding.feed(text[at : at + step]) for at in range(0, len(text), step)]
    told = "".join([*pieces, withholding.finish()])
    assert told == f"Ask {PERSONAL}. She answers at {PERSONAL}. Leave is 25 days."
    assert withholding.notice == ["Withheld from this answer: personal data."]


@given(st.text(alphabet="ab .,;:\n-=", max_size=120), st.integers(1, 9))
def test_other_text_passes_unchanged(text: str, step: int) -> None:
    assert shown(text, step, instructions=TOLD) == text
