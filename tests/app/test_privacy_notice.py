"""The privacy notice and the record of processing say what the settings in force mean."""

import json

import pytest

from app import cli
from app.privacy_notice import RULES, changes, notice, record
from app.settings import Settings


@pytest.mark.parametrize("rule", list(RULES))
def test_the_rule_on_personal_data_is_told_in_both(rule: str) -> None:
    settings = Settings(personal_data=rule)  # type: ignore[arg-type]
    assert RULES[rule] in notice(settings).text
    assert RULES[rule] in record(settings).text


def test_every_rule_a_setting_allows_is_told() -> None:
    assert set(RULES) == set(Settings.model_json_schema()["properties"]["personal_data"]["enum"])


def test_a_model_server_is_named_as_a_recipient_and_without_one_there_is_none() -> None:
    with_one = Settings(model_servers=("https://user:secret@models.example/v1",))
    assert "models.example" in notice(with_one).text
    assert "secret@" not in notice(with_one).text
    assert "the model servers models.example" in record(with_one).text
    assert "none outside of this machine" in record(Settings()).text
    assert "nothing is sent anywhere" in notice(Settings()).text


def test_a_sign_in_provider_is_named_as_one_that_learns_when_people_sign_in() -> None:
    chosen = Settings(sign_in=True, oidc_issuer="https://login.example", oidc_client_id="inhouse")
    assert "https://login.example" in notice(chosen).text
    assert "the sign-in provider https://login.example" in record(chosen).text
    assert "depends on where https://login.example is" in record(chosen).text


def test_the_version_changes_with_the_words_and_with_nothing_else() -> None:
    assert notice(Settings()).version == notice(Settings(port=1)).version
    assert notice(Settings()).version != notice(Settings(withhold_secrets=False)).version


def test_the_command_prints_text_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["privacy", "notice", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["text"].startswith("# Privacy notice")
    assert told["version"]


def test_retention_is_told_in_both() -> None:
    settings = Settings(keep_conversations_days=90, keep_feedback_days=1)
    for text in (notice(settings).text, record(settings).text):
        assert "for 90 days after they were used last" in text
        assert "for no more than 1 day" in text
        assert "legal hold" in text
    assert "days" not in notice(Settings()).text


def test_what_a_rating_shares_is_told_in_both() -> None:
    for told in (notice, record):
        assert "shares it with nobody" in told(Settings()).text
        assert "curators and administrators" in told(Settings(sign_in=True)).text
        assert "masked for them" in told(Settings(sign_in=True, personal_data="mask")).text
        assert "ratings are counted" in told(Settings(sign_in=True, share_rated=False)).text


def test_what_is_new_in_a_notice_is_told_by_its_sentences() -> None:
    found = changes(notice(Settings()).text, notice(Settings(withhold_secrets=False)).text)
    assert found.new == ("Keys and passwords in documents may stand in answers.",)
    assert found.gone == ("Keys and passwords that are recognised are taken out of answers.",)
