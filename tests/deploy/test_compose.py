"""The file that shows production whole says what the program understands, and opens nothing it should not."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from composed import OURS, ROOT, compose, services

from encryption.key_files import KeyFile
from kindroom.settings import Settings, variable_of

KNOWN = {variable_of(name) for name in Settings.model_fields}


def test_every_process_is_there_the_api_and_the_worker_twice() -> None:
    assert set(services()) == {
        *OURS,
        "front",
        "postgres",
        "temporal",
        "temporal-schema",
        "temporal-namespace",
        "temporal-ui",
    }
    assert services()["api-1"] == services()["api-2"]
    assert services()["worker-1"] == services()["worker-2"]


def test_nothing_listens_on_the_host_but_the_front() -> None:
    assert [name for name, service in services().items() if "ports" in service] == ["front"]
    assert not any("network_mode" in service for service in services().values())
    for name in ("postgres", "temporal", "temporal-ui", "sandbox", "migrate"):
        assert services()[name]["networks"] == ["inside"]
    assert compose()["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", OURS)
def test_our_processes_are_set_by_variables_the_program_knows(name: str) -> None:
    given = services()[name].get("environment", {})
    unknown = {v for v in given if v.startswith("KINDROOM_")} - KNOWN
    assert not unknown
    values = {v.removeprefix("KINDROOM_").lower(): text for v, text in given.items() if text != ""}
    Settings.model_validate({field: text for field, text in values.items() if field in Settings.model_fields})


@pytest.mark.parametrize("name", OURS)
def test_our_processes_give_up_every_privilege(name: str) -> None:
    service = services()[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert service["restart"] in {"unless-stopped", "on-failure"}


def test_no_secret_stands_in_the_environment() -> None:
    for service in services().values():
        for variable, text in service.get("environment", {}).items():
            assert not re.search(r"PASSWORD$|PWD$|TOKEN$|SECRET", variable), variable
            assert not re.search(r"://[^/@]*:[^/@]*@", str(text)), variable


def test_each_process_is_given_only_the_logins_it_uses() -> None:
    logins = {
        name: {s for s in services()[name].get("secrets", []) if s.startswith("database_")} for name in OURS
    }
    assert logins["api-1"] == {"database_care", "database_billing"}
    assert logins["worker-1"] == {"database_worker"}
    assert logins["migrate"] == {"database_owner"}
    assert logins["sandbox"] == set()
    for name in OURS:
        dsns = " ".join(str(v) for v in services()[name].get("environment", {}).values())
        assert set(re.findall(r"kindroom_([a-z]+)@", dsns)) == {
            s.removeprefix("database_") for s in logins[name]
        }


def test_what_is_referred_to_exists() -> None:
    whole = compose()
    for service in services().values():
        assert set(service.get("secrets", [])) <= set(whole["secrets"])
        assert set(service.get("depends_on", {})) <= set(services())
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in whole["volumes"]
    for name in ("api-1", "postgres", "temporal"):
        assert services()[name]["healthcheck"]["test"][0] == "CMD"


def test_the_made_secrets_are_all_there_are_and_the_keys_open(tmp_path: Path) -> None:
    """A second run of the script changes nothing: keys that were replaced would lose every record."""
    made = tmp_path / "secrets"
    for _ in range(2):
        subprocess.run(["sh", str(ROOT / "deploy" / "make-secrets.sh"), str(made)], check=True)
        texts = {path.name: path.read_text() for path in made.iterdir()}
        assert set(texts) == set(compose()["secrets"])
        before = locals().get("before", texts)
        assert texts == before
    assert made.stat().st_mode & 0o777 == 0o700
    for name in ("kek", "codec", "push"):
        copy = tmp_path / f"{name}.json"
        copy.write_text(texts[name])
        copy.chmod(0o600)
        assert KeyFile(copy).current_version == 1


def test_the_entrypoint_hands_secrets_over_in_private(tmp_path: Path) -> None:
    secrets, private = tmp_path / "secrets", tmp_path / "private"
    subprocess.run(["sh", str(ROOT / "deploy" / "make-secrets.sh"), str(secrets)], check=True)
    private.mkdir()
    shown = subprocess.run(
        [str(ROOT / "deploy" / "entrypoint.sh"), "env"],
        env={
            "PATH": os.environ["PATH"],
            "KINDROOM_SECRETS_DIR": str(secrets),
            "KINDROOM_PRIVATE_DIR": str(private),
        },
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert f"PGPASSFILE={private}/pgpass" in shown
    assert f"KINDROOM_CODEC_TOKEN={(secrets / 'codec_token').read_text()}" in shown
    assert "KINDROOM_SMTP_PASSWORD" not in shown  # it was left empty
    care = (secrets / "database_care").read_text()
    assert f"*:*:*:kindroom_care:{care}\n" in (private / "pgpass").read_text()
    assert {path.name for path in private.iterdir()} == {"pgpass", "kek.json", "codec.json", "push.json"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in private.iterdir())


def test_the_image_holds_the_program_and_nothing_else() -> None:
    kept = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.M))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench"}
    assert kept == {*packages, "requirements.lock", "deploy/entrypoint.sh"}


def test_compose_accepts_the_file() -> None:
    """With Debian's docker-compose, or Docker's own; a machine that has neither says so in the report."""
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed; the other tests of this file read the YAML themselves")
    done = subprocess.run(
        [program, "--file", str(ROOT / "docker-compose.yml"), "config", "--services"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == set(services())
