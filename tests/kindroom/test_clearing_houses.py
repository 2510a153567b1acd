"""Which clearing house is spoken to, and how, is a setting; a transport without its account is refused at the start."""

import pytest
from pydantic import SecretStr

from integrations.clearinghouse.core import CoreClearingHouse
from integrations.clearinghouse.raw import RawClearingHouse
from kindroom.settings import SettingMissing, Settings
from kindroom.wiring import clearing_house

URL = "https://house.example"


def test_the_transport_is_a_setting() -> None:
    assert isinstance(clearing_house(Settings(clearinghouse_url=URL)), RawClearingHouse)
    core = Settings(
        clearinghouse_url=URL,
        clearinghouse_transport="core",
        clearinghouse_user="kindroom",
        clearinghouse_password=SecretStr("not-secret"),
    )
    assert isinstance(clearing_house(core), CoreClearingHouse)


def test_an_envelope_without_its_account_is_refused() -> None:
    with pytest.raises(SettingMissing):
        clearing_house(Settings(clearinghouse_url=URL, clearinghouse_transport="core"))
    with pytest.raises(SettingMissing):
        clearing_house(Settings())
