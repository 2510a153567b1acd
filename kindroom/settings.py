"""Every knob of the program: environment variables `KINDROOM_*`, each with its meaning.

The embedded stack fills them in for its own processes; production sets them from outside. `load_settings`
also finds a stack that runs on this machine, so that `kindroom audit verify` needs no variables beside it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, AnyUrl, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: processes of the stack start here, and the default data directory lies here."""

RUNNING_STACK = "running.json"
"""In the data directory while an embedded stack runs there: the settings its processes were given. 0600."""

Login = Literal["owner", "care", "billing", "worker", "listen"]


class Environment(StrEnum):
    """Where the program runs. Production and staging refuse fakes and local conveniences."""

    EMBEDDED = "embedded"
    STAGING = "staging"
    PRODUCTION = "production"


class SettingMissing(RuntimeError):
    """A process needs a setting that nobody gave. The text names the variable, never a value."""

    def __init__(self, variable: str) -> None:
        self.variable = variable
        super().__init__(f"{variable} is not set, and no embedded stack is running in the data directory")


class Settings(BaseSettings):
    """What the processes need to know about their surroundings. Instants and durations: see each field."""

    model_config = SettingsConfigDict(
        env_prefix="KINDROOM_", extra="ignore", frozen=True, populate_by_name=True, env_ignore_empty=True
    )

    environment: Environment = Field(
        Environment.EMBEDDED, description="embedded, staging or production; only embedded allows stand-ins"
    )
    data_dir: Path = Field(
        ROOT / ".kindroom", description="directory of the embedded engines, their logs and secrets"
    )

    database_owner: SecretStr | None = Field(
        None, description="PostgreSQL DSN of the login that owns the schema; migrations only"
    )
    database_care: SecretStr | None = Field(
        None, description="PostgreSQL DSN for everything clients, therapists and supervisors do"
    )
    database_billing: SecretStr | None = Field(
        None, description="PostgreSQL DSN for claims and coverage; sees no message and no note"
    )
    database_worker: SecretStr | None = Field(
        None, description="PostgreSQL DSN of the Temporal worker and the dispatcher"
    )
    database_listen: SecretStr | None = Field(
        None, description="PostgreSQL DSN for LISTEN/NOTIFY; must not pass a pooler"
    )

    temporal_address: str = Field(
        "127.0.0.1:7233",
        validation_alias=AliasChoices("KINDROOM_TEMPORAL_ADDRESS", "TEMPORAL_ADDRESS"),
        description="host:port of the Temporal frontend (also TEMPORAL_ADDRESS)",
    )
    temporal_namespace: str = Field(
        "kindroom",
        validation_alias=AliasChoices("KINDROOM_TEMPORAL_NAMESPACE", "TEMPORAL_NAMESPACE"),
        description="Temporal namespace (also TEMPORAL_NAMESPACE)",
    )
    temporal_ui_url: str | None = Field(
        None, description="address of the Temporal UI, for links printed to people"
    )

    kek_file: Path | None = Field(None, description="file of the key-encryption keys that wrap room keys")
    vault_addr: str | None = Field(
        None, description="address of the Vault whose Transit engine wraps room keys, instead of the key file"
    )
    vault_token_file: Path | None = Field(
        None, description="file of the Vault token, as an agent renews it; may encrypt, decrypt and rewrap"
    )
    vault_key: str = Field("kindroom", description="name of the transit key (derived, aes256-gcm96)")
    codec_key_file: Path | None = Field(
        None, description="file of the keys that seal payloads sent to Temporal"
    )
    codec_token: SecretStr | None = Field(
        None, description="token that the Temporal UI must show to the codec endpoint"
    )

    blob_directory: Path | None = Field(
        None,
        description="directory of sealed recordings, shared by all processes; unset: in the data directory",
    )
    s3_endpoint: str | None = Field(
        None,
        description="address of an S3-compatible store for sealed recordings; unset: a directory is used",
    )
    s3_bucket: str = Field("kindroom", description="bucket of sealed recordings")
    s3_region: str = Field("us-east-1", description="region of the bucket")
    s3_access_key: str | None = Field(None, description="access key at the S3-compatible store")
    s3_secret_key: SecretStr | None = Field(None, description="secret key at the S3-compatible store")

    shred_ledger: Path | None = Field(
        None,
        description="file that names every destroyed key, apart from the database and its backups; "
        "unset: in the data directory",
    )

    clearinghouse_url: str | None = Field(
        None, description="base URL of the clearing house; the payer sandbox in the embedded stack"
    )
    clearinghouse_transport: Literal["raw", "core"] = Field(
        "raw", description="how eligibility is asked: X12 as the body, or in the CAQH CORE MIME envelope"
    )
    clearinghouse_user: str | None = Field(None, description="user name in the CORE envelope")
    clearinghouse_password: SecretStr | None = Field(None, description="password in the CORE envelope")
    clearinghouse_sender_id: str = Field("KINDROOM", description="SenderID in the CORE envelope")
    clearinghouse_receiver_id: str = Field("SANDBOX", description="ReceiverID in the CORE envelope")

    host: str = Field("127.0.0.1", description="address the API listens on")
    port: int = Field(8000, ge=0, le=65535, description="port the API listens on; 0 takes any free one")
    public_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        ("http://localhost:8000",),
        description="origins people reach the pages under, comma-separated; the first one is used in links",
    )
    cookie_secure: bool = Field(
        True, description="session cookies only over HTTPS; off only for plain HTTP on this machine"
    )

    session_lifetime: timedelta = Field(
        timedelta(hours=12), description="a session ends this long after sign-in at the latest (ISO 8601)"
    )
    staff_idle: timedelta = Field(
        timedelta(minutes=15), description="a staff session ends after this long without a request (ISO 8601)"
    )
    passcode_idle: timedelta = Field(
        timedelta(minutes=2), description="a device with a passcode locks after this long idle (ISO 8601)"
    )

    mail_spool: Path | None = Field(
        None, description="directory that mail is written to when no SMTP server is set"
    )
    smtp_host: str | None = Field(None, description="SMTP server for mail; unset: the spool is used")
    smtp_port: int = Field(587, ge=1, le=65535, description="port of the SMTP server; STARTTLS is required")
    smtp_username: str | None = Field(None, description="login at the SMTP server")
    smtp_password: SecretStr | None = Field(None, description="password at the SMTP server")
    smtp_sender: str = Field("Kindroom <care@localhost>", description="sender of mail")

    push_key_file: Path | None = Field(
        None, description="file of the key that pushes to browsers are signed with; unset: nothing is pushed"
    )
    push_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (
            "fcm.googleapis.com",
            "push.services.mozilla.com",
            "push.apple.com",
            "notify.windows.com",
        ),
        description="push services that a browser may be woken through, comma-separated; with their subdomains",
    )
    message_mail_after: timedelta = Field(
        timedelta(minutes=10),
        description="a client is mailed when a message waits unread this long (ISO 8601)",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="least severity that is logged; no level logs text, names or health facts"
    )

    @field_validator("public_origins", "push_hosts", mode="before")
    @classmethod
    def _split_lists(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_origins")
    @classmethod
    def _plain_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("at least one origin")
        for origin in value:
            url = AnyUrl(origin)
            if url.scheme not in {"http", "https"} or origin.rstrip("/").count("/") != 2:
                raise ValueError("an origin is scheme://host[:port]")
        return tuple(origin.rstrip("/") for origin in value)

    @property
    def origin(self) -> str:
        """The origin used in links that leave the program (mail)."""
        return self.public_origins[0]

    @property
    def embedded(self) -> bool:
        """Whether stand-ins, demo data and instant confirmation are allowed."""
        return self.environment is Environment.EMBEDDED

    def database(self, login: Login) -> str:
        """The DSN of one login. Raises SettingMissing."""
        dsn: SecretStr | None = getattr(self, f"database_{login}")
        if dsn is None:
            raise SettingMissing(f"KINDROOM_DATABASE_{login.upper()}")
        return dsn.get_secret_value()

    def need_file(self, name: Literal["kek_file", "codec_key_file", "vault_token_file"]) -> Path:
        """A key file that must be set. Raises SettingMissing."""
        path: Path | None = getattr(self, name)
        if path is None:
            raise SettingMissing(f"KINDROOM_{name.upper()}")
        return path

    @property
    def mail_directory(self) -> Path:
        """Where mail is spooled when there is no SMTP server."""
        return self.mail_spool or self.data_dir / "mail"

    @property
    def recordings_directory(self) -> Path:
        """Where sealed recordings lie when there is no S3-compatible store."""
        return self.blob_directory or self.data_dir / "blobs"

    @property
    def shred_ledger_file(self) -> Path:
        """Where destroyed keys are written down, outside the database."""
        return self.shred_ledger or self.data_dir / "ledger" / "shreds.jsonl"

    def environment_variables(self) -> dict[str, str]:
        """These settings as variables for a child process: secrets in clear, unset ones left out."""
        return {variable_of(name): text for name in type(self).model_fields if (text := self._text(name))}

    def _text(self, name: str) -> str:
        value: Any = getattr(self, name)
        match value:
            case None:
                return ""
            case SecretStr():
                return value.get_secret_value()
            case tuple():
                return ",".join(str(part) for part in value)
            case timedelta():
                return f"PT{value.total_seconds():g}S"
            case _:
                return str(value)

    @classmethod
    def of_stack(cls, data_dir: Path) -> Self | None:
        """The settings of the embedded stack that runs in `data_dir`, or None."""
        path = data_dir / RUNNING_STACK
        if not path.is_file():
            return None
        variables: dict[str, str] = json.loads(path.read_text())
        return cls.model_validate(
            {name.removeprefix("KINDROOM_").lower(): text for name, text in variables.items()}
        )


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One row of `kindroom settings`."""

    variable: str
    value: str
    meaning: str


def variable_of(name: str) -> str:
    """The environment variable of a field."""
    return f"KINDROOM_{name.upper()}"


def describe(settings: Settings) -> Iterator[SettingLine]:
    """Name, value and meaning of every setting; secrets as ***."""
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = "***" if isinstance(value, SecretStr) else settings._text(name) or "-"
        yield SettingLine(variable_of(name), shown, field.description or "")


def load_settings() -> Settings:
    """Settings for a command: the environment, over those of the stack that runs in the data directory."""
    given = Settings()
    running = Settings.of_stack(given.data_dir) if given.embedded else None
    if running is None:
        return given
    return running.model_copy(update={name: getattr(given, name) for name in given.model_fields_set})
