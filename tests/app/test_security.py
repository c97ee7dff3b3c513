"""`inhouse doctor --security` finds what leaves more open than it has to, and says what to change."""

import json
import re
from pathlib import Path

import pytest

from app import cli
from app.doctor import Finding
from app.security import VERSIONS, check_modes, check_versions, examine_security
from app.settings import Settings
from tests.light import environment, use_light_models

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return home


def faults(settings: Settings) -> dict[str, Finding]:
    return {one.name: one for one in examine_security(settings) if one.remedy and one.name != "versions"}


def test_a_private_directory_with_default_settings_has_no_fault(home: Path) -> None:
    assert faults(Settings(home=home)) == {}


def test_files_others_can_read_are_named_with_the_command_that_closes_them(home: Path) -> None:
    (home / "inhouse.toml").touch(mode=0o644)
    assert not check_modes(home).remedy, "nobody else can enter the directory"
    home.chmod(0o755)
    found = check_modes(home)
    assert "inhouse.toml" in found.found
    assert "chmod -R go-rwx" in found.remedy


def test_a_system_that_leaves_freed_memory_as_it_was_is_a_fault(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.security.overwrite_freed_memory", lambda: False)
    assert "encrypted disk" in faults(Settings(home=home))["memory"].remedy


def test_databases_and_tokens_have_to_be_closed_by_themselves(home: Path) -> None:
    (home / "run").mkdir(mode=0o755)
    for name in ("inhouse.db", "run/token"):
        (home / name).touch(mode=0o600)
        assert not check_modes(home).remedy
        (home / name).chmod(0o644)
        assert name in check_modes(home).found
        (home / name).chmod(0o600)


def test_a_key_file_others_can_read_or_beside_the_data_is_a_fault(home: Path, tmp_path: Path) -> None:
    apart = tmp_path / "key"
    apart.write_bytes(bytes(32))
    apart.chmod(0o600)
    settings = Settings(home=home, key_source="file", key_file=apart)
    assert faults(settings) == {}
    apart.chmod(0o644)
    assert "chmod 600" in faults(settings)["key file"].remedy
    within = home / "key"
    within.touch(mode=0o600)
    assert "has both" in faults(Settings(home=home, key_source="file", key_file=within))["key file"].found


def test_open_binding_plain_model_servers_and_weaker_settings_are_faults(home: Path) -> None:
    open_one = Settings(
        home=home,
        host="192.0.2.1",
        model_servers=("http://192.0.2.9:8000/v1", "http://127.0.0.1:1", "https://models.example"),
        withhold_secrets=False,
    )
    found = faults(open_one)
    assert set(found) == {"binding", "sign-in", "model servers", "settings"}
    assert "192.0.2.9:8000" in found["model servers"].found
    assert "models.example" not in found["model servers"].found


def test_a_server_with_accounts_and_tls_is_no_fault_and_one_without_sign_in_is(home: Path) -> None:
    served = Settings(home=home, host="192.0.2.1", sign_in=True, proxy_ends_tls=True)
    assert faults(served) == {}
    for chosen in ({"host_names": ("inhouse.example",)}, {"proxy_ends_tls": True}):
        assert "sign_in = true" in faults(Settings(home=home, **chosen))["sign-in"].remedy


def test_older_and_missing_packages_are_named(tmp_path: Path) -> None:
    listed = tmp_path / "versions.txt"
    listed.write_text("# a remark\nsqlalchemy==9999.1\nno-such-package==1.0\npytest==0.1\n")
    found = check_versions(listed).found
    assert "sqlalchemy" in found
    assert "no-such-package is missing" in found
    assert "pytest" not in found


def test_the_list_of_versions_is_that_of_the_constraints() -> None:
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    plain = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pinned.items()}
    listed = dict(re.findall(r"^([\w.-]+)==(\S+)$", VERSIONS.read_text(), re.MULTILINE))
    assert listed
    assert listed.items() <= plain.items()


def test_the_command_proves_the_audit_log_and_fails_when_it_was_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    use_light_models(monkeypatch)
    assert cli.main(["collections", "create", "Pay"]) == 0
    capsys.readouterr()
    cli.main(["doctor", "--security", "--json"])
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
    assert found["audit log"]["ok"], found
    assert found["file modes"]["ok"], found
    (tmp_path / "home" / "audit.head").unlink()
    assert cli.main(["doctor", "--security", "--json"]) == 1
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
    assert not found["audit log"]["ok"]
