"""Typed settings from the environment (prefix `RC_`), checked once at start with a clear message."""

import secrets
from io import BytesIO
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from recovery_college.kernel.durable import write_durably
from recovery_college.kernel.fetch import Host, read_hosts


class SettingsProblem(Exception):
    """A setting is missing or wrong; the text tells the person who runs the service what to change."""


class Settings(BaseSettings):
    """Every setting of the product. Names and defaults are in `.env.example` and docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="RC_", env_file=None, extra="ignore")

    data_dir: Path = Path("data")
    database_url: str = ""
    tasks_url: str = ""
    storage_url: str = ""
    secret_key: str = ""
    public_base_url: str = "http://127.0.0.1:8000"
    trusted_hosts: str = ""
    proxies: int = Field(default=1, ge=0, le=5)
    mail_url: str = "outbox"
    mail_from: str = ""
    org_name: str = "Your Trust"
    college_name: str = "Recovery College"
    brand: Literal["plain", "nhs"] = "plain"
    employers: str = ""
    feed_hosts: str = "www.jobs.nhs.uk"
    serial_prefix: str = Field(default="RC", pattern=r"^[A-Z][A-Z0-9]{0,11}$")
    parts: Literal["all", "careers"] = "all"
    appeal_days: int = Field(default=10, ge=1, le=250)
    appeal_second_days: int = Field(default=20, ge=1, le=250)
    redeployment_first: bool = False
    accredited_by: str = ""
    contact_email: str = ""
    demo_password: str = ""

    @field_validator("database_url")
    @classmethod
    def _a_database(cls, value: str) -> str:
        """Empty, SQLite or PostgreSQL; the short form of the latter gets the driver that is installed."""
        if value.startswith("postgresql://"):
            value = value.replace("postgresql://", "postgresql+psycopg://", 1)
        if value and not value.startswith(("postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must be empty, or start with postgresql+psycopg:// or sqlite:///")
        if value.rstrip("/") == "sqlite:":
            raise ValueError("names no file, like sqlite:////srv/recovery-college/college.sqlite3")
        try:
            make_url(value or "sqlite://")
        except (ArgumentError, ValueError):
            raise ValueError("is no address, like postgresql+psycopg://name:password@host/database") from None
        return value

    @field_validator("public_base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        try:
            parts = urlsplit(value)
            named = bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            named = False
        if not named:
            raise ValueError("names no host, like https://psw.trust.example")
        return value.rstrip("/")

    @field_validator("feed_hosts")
    @classmethod
    def _hosts(cls, value: str) -> str:
        read_hosts(value)
        return value

    @property
    def feed_host_list(self) -> tuple[Host, ...]:
        """The services that vacancies may be fetched from."""
        return read_hosts(self.feed_hosts)

    @property
    def is_https(self) -> bool:
        """Whether the service is reached by https, so cookies must be Secure."""
        return self.public_base_url.startswith("https://")

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'recovery-college.sqlite3').resolve()}"

    @property
    def employer_names(self) -> tuple[str, ...]:
        """Names of the employers whose vacancies are taken; empty means all."""
        return tuple(name.strip() for name in self.employers.split(";") if name.strip())

    @property
    def host_names(self) -> list[str]:
        """Hosts the service answers to."""
        named = [name.strip() for name in self.trusted_hosts.split(",") if name.strip()]
        own = self.public_base_url.split("//", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
        return [*named, own, "127.0.0.1", "localhost"]

    def key(self) -> str:
        """The secret key: the setting, or the 0600 file that `init` wrote in the data folder."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret-key"
        try:
            key = path.read_text("utf-8").strip()
        except FileNotFoundError:
            key = ""
        if not key:
            raise SettingsProblem(
                "There is no secret key yet. Run `recovery-college init`, or set RC_SECRET_KEY."
            )
        return key

    def ensure_key(self) -> None:
        """Write a fresh key into a 0600 file unless one is set or there already; once it is there it stays there."""
        path = self.data_dir / "secret-key"
        if self.secret_key or (path.exists() and path.stat().st_size):
            return
        write_durably(path, BytesIO(secrets.token_urlsafe(48).encode()))


def load_settings(**given: object) -> Settings:
    """Settings from the environment, overridden by `given`. Raises SettingsProblem in plain words."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as wrong:
        lines = [
            f"RC_{str(e['loc'][0]).upper()}: {e['msg'].removeprefix('Value error, ')}" for e in wrong.errors()
        ]
        raise SettingsProblem("These settings need attention:\n  " + "\n  ".join(lines)) from None
