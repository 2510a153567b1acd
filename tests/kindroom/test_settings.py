"""Settings: from the environment, never shown in clear, and found again while a stack runs."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from typer.testing import CliRunner

from kindroom.settings import RUNNING_STACK, Environment, SettingMissing, Settings, describe, load_settings


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in os.environ:
        if name.startswith(("KINDROOM_", "TEMPORAL_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("KINDROOM_DATA_DIR", str(tmp_path))


def test_every_setting_has_a_meaning_and_every_secret_is_masked() -> None:
    secret = "postgresql://kindroom_care:hunter2@db/kindroom"
    settings = Settings(
        database_care=SecretStr(secret), smtp_password=SecretStr("hunter2"), codec_token=SecretStr("hunter2")
    )
    lines = list(describe(settings))
    assert {line.variable.removeprefix("KINDROOM_").lower() for line in lines} == set(Settings.model_fields)
    assert all(line.meaning for line in lines)
    assert (
        "hunter2" not in "".join(line.value for line in lines) + repr(settings) + settings.model_dump_json()
    )
    shown = {line.variable: line.value for line in lines}
    assert shown["KINDROOM_DATABASE_CARE"] == "***"
    assert shown["KINDROOM_DATABASE_OWNER"] == "-"


def test_every_field_with_a_secret_in_it_is_a_secret() -> None:
    holders = ("database_", "password", "token", "secret_key")
    secrets = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert secrets == {
        name for name in Settings.model_fields if name.startswith(holders) or name.endswith(holders)
    }


def test_the_environment_is_read_with_its_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDROOM_ENVIRONMENT", "production")
    monkeypatch.setenv("KINDROOM_STAFF_IDLE", "PT10M")
    monkeypatch.setenv("KINDROOM_PUBLIC_ORIGINS", "https://kindroom.example, https://app.kindroom.example/")
    settings = Settings()
    assert settings.environment is Environment.PRODUCTION
    assert not settings.embedded
    assert settings.staff_idle == timedelta(minutes=10)
    assert settings.public_origins == ("https://kindroom.example", "https://app.kindroom.example")
    assert settings.origin == "https://kindroom.example"


def test_the_standard_temporal_variables_are_honoured_and_ours_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "cluster.example:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "clinic.acct")
    assert (Settings().temporal_address, Settings().temporal_namespace) == (
        "cluster.example:7233",
        "clinic.acct",
    )
    monkeypatch.setenv("KINDROOM_TEMPORAL_ADDRESS", "other.example:7233")
    assert Settings().temporal_address == "other.example:7233"


@pytest.mark.parametrize(
    "origins", ["", "kindroom.example", "https://kindroom.example/path", "ftp://x.example"]
)
def test_an_origin_that_is_none_is_refused(origins: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"public_origins": origins})


def test_a_missing_setting_is_named_without_any_value() -> None:
    with pytest.raises(SettingMissing, match="KINDROOM_DATABASE_BILLING is not set"):
        Settings().database("billing")
    with pytest.raises(SettingMissing, match="KINDROOM_KEK_FILE"):
        Settings().need_file("kek_file")


def test_settings_survive_the_way_through_a_child_s_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(
        database_care=SecretStr("postgresql://care:p%20w@127.0.0.1:5/kindroom"),
        public_origins=("http://localhost:1", "http://127.0.0.1:1"),
        passcode_idle=timedelta(seconds=90.5),
        cookie_secure=False,
        smtp_host="mail.example",
    )
    for name, text in settings.environment_variables().items():
        monkeypatch.setenv(name, text)
    assert Settings() == settings


def test_a_command_finds_the_running_stack_and_the_environment_wins_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Settings(database_owner=SecretStr("postgresql://stack/kindroom"), port=4711, cookie_secure=False)
    (tmp_path / RUNNING_STACK).write_text(json.dumps(stack.environment_variables()))
    assert load_settings() == stack
    monkeypatch.setenv("KINDROOM_PORT", "1234")
    assert load_settings().port == 1234
    assert load_settings().database("owner") == "postgresql://stack/kindroom"
    monkeypatch.setenv("KINDROOM_ENVIRONMENT", "production")
    assert load_settings().database_owner is None


def test_kindroom_settings_prints_name_value_and_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    from kindroom.cli import app

    monkeypatch.setenv("KINDROOM_DATABASE_CARE", "postgresql://care:hunter2@db/kindroom")
    printed = CliRunner().invoke(app, ["settings"]).stdout
    assert "KINDROOM_DATABASE_CARE = ***" in printed
    assert "KINDROOM_PORT = 8000\n    port the API listens on" in printed
    assert "hunter2" not in printed
