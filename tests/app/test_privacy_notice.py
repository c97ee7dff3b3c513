"""The privacy notice and the record of processing say what the settings in force mean."""

import json

import pytest

from app import cli
from app.privacy_notice import RULES, notice, record
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


def test_the_version_changes_with_the_words_and_with_nothing_else() -> None:
    assert notice(Settings()).version == notice(Settings(port=1)).version
    assert notice(Settings()).version != notice(Settings(withhold_secrets=False)).version


def test_the_command_prints_text_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["privacy", "notice", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["text"].startswith("# Privacy notice")
    assert told["version"]
