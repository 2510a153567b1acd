"""Where sealed recordings lie is chosen by settings, and only whole choices are taken."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from integrations.blobs.directory import DirectoryBlobs
from integrations.blobs.s3 import S3Blobs
from kindroom.settings import Environment, SettingMissing, Settings
from kindroom.wiring import blobs


async def test_without_a_store_a_directory_of_the_stack_is_used(tmp_path: Path) -> None:
    for settings, folder in (
        (Settings(data_dir=tmp_path), tmp_path / "blobs"),
        (Settings(data_dir=tmp_path, blob_directory=tmp_path / "shared"), tmp_path / "shared"),
        (Settings(data_dir=tmp_path, environment=Environment.PRODUCTION), tmp_path / "blobs"),
    ):
        chosen = blobs(settings)
        assert isinstance(chosen, DirectoryBlobs)
        await chosen.put("rooms/a/b/play", b"x")
        assert (folder / "rooms/a/b/play").read_bytes() == b"x"


def test_a_store_needs_both_its_keys() -> None:
    whole = {
        "s3_endpoint": "https://s3.example",
        "s3_access_key": "us",
        "s3_secret_key": SecretStr("not-secret"),
    }
    assert isinstance(blobs(Settings.model_validate(whole)), S3Blobs)
    for name in ("s3_access_key", "s3_secret_key"):
        with pytest.raises(SettingMissing):
            blobs(Settings.model_validate({**whole, name: None}))
