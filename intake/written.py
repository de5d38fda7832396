"""The settings as an operator writes them: their names, what they are without being written, and how each may look."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from notifier.segments import segments
from parsers.authserv import is_pattern


class Written(BaseModel):
    """Every setting there is, under the name that it has in the environment and in `.env`, each for itself."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    DATABASE_URL: str = "sqlite:///peer-intake.db"
    PROGRAM_NAME: str = Field(default="Peer Support", min_length=1, max_length=20)
    TIMEZONE: str = ""
    LANGUAGES: tuple[str, ...] = ("en", "es")
    PUBLIC_URL: str = ""
    HTTP_HOST: str = "127.0.0.1"
    HTTP_PORT: int = Field(default=8000, ge=0, le=65535)
    TWILIO_ACCOUNT_SID: str = ""
    TWILIO_AUTH_TOKEN: str = ""
    TWILIO_PHONE_NUMBER: str = ""
    TWILIO_MESSAGING_SERVICE_SID: str = ""
    TWILIO_API_URL: str = "https://api.twilio.com"
    TWILIO_RATE: float = Field(default=1.0, gt=0, le=1000)
    TWILIO_POLL_SECONDS: int | None = Field(default=None, ge=5, le=86_400)
    IMAP_HOST: str = ""
    IMAP_PORT: int = Field(default=993, ge=1, le=65535)
    IMAP_TLS: Literal["implicit", "starttls", "none"] = "implicit"
    IMAP_USERNAME: str = ""
    IMAP_PASSWORD: str = ""
    IMAP_FOLDER: str = "INBOX"
    IMAP_DONE_FOLDER: str = "Processed"
    IMAP_AUTOMATIC_FOLDER: str = "Automatic"
    IMAP_QUARANTINE_FOLDER: str = "Quarantine"
    IMAP_SENT_FOLDER: str = ""
    OWN_LISTS: tuple[str, ...] = ()
    SMTP_HOST: str = ""
    SMTP_PORT: int = Field(default=587, ge=1, le=65535)
    SMTP_TLS: Literal["starttls", "implicit", "none"] = "starttls"
    SMTP_USERNAME: str = ""
    SMTP_PASSWORD: str = ""
    MAIL_FROM: str = ""
    COORDINATORS: str = ""
    TRUSTED_AUTHSERV_ID: tuple[str, ...] = ()
    DIGEST_AT: time = time(7, 30)
    SENDS_PER_HOUR: int = Field(default=500, ge=1)
    SECRET_KEY: str = ""
    TEMPLATES_DIR: Path | None = None
    RETENTION_DAYS: int = Field(default=90, ge=1, le=36_500)

    @field_validator("LANGUAGES", "OWN_LISTS", "TRUSTED_AUTHSERV_ID", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("TEMPLATES_DIR", mode="before")
    @classmethod
    def _none_where_empty(cls, value: object) -> object:
        return value or None

    @field_validator("PUBLIC_URL", "TWILIO_API_URL")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w./~-]*)?", value):
            raise ValueError("must be https://, a host and at most a path, such as https://intake.example.org")
        if value.rstrip("/").endswith(("/sms", "/voice")):
            raise ValueError("must not end in /sms or /voice: these are added to it")
        return value.rstrip("/")

    @field_validator("PROGRAM_NAME")
    @classmethod
    def _in_gsm_7(cls, value: str) -> str:
        if segments(value + " " * 140) > 1:
            raise ValueError("must be in GSM-7 (plain letters, no emoji), so that texts stay in one segment")
        return value

    @field_validator("TIMEZONE")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value:
            zone(value)
        return value

    @field_validator("DIGEST_AT", mode="before")
    @classmethod
    def _time_of_day(cls, value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
            raise ValueError("must be a local time, such as 07:30")
        return value.rjust(5, "0") if isinstance(value, str) else value

    @field_validator("TEMPLATES_DIR")
    @classmethod
    def _a_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("must be a folder that is there")
        return value

    @field_validator("TRUSTED_AUTHSERV_ID")
    @classmethod
    def _servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(is_pattern, value)):
            raise ValueError("must be hosts, such as mx.google.com or *.icloud.com, or microsoft, separated by commas")
        return value

    @field_validator("LANGUAGES")
    @classmethod
    def _one_at_least(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("must name one language at the least, such as en")
        return value


def zone(name: str) -> ZoneInfo:
    """The time zone that goes by a name."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError("must be an IANA name, such as America/Denver") from None
