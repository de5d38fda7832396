"""The only reader of the environment: what an operator wrote becomes frozen configurations, or an error that says what to mend."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import ValidationError, model_validator

from intake.written import Written, zone
from notifier.programme import Coordinator, Programme, read_coordinators
from notifier.templates import BUILT_IN
from parsers.errors import IntakeError

MAIL_FROM = re.compile(r"([^<>@,;:\"\\]*<)?[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>?")
ALIKE = 0.8  # HTTP_PROXY, which another program may want, is not HTTP_PORT
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(IntakeError):
    """The settings cannot be used."""


class Settings(Written):
    """Every setting there is, as they fit together."""

    @model_validator(mode="after")
    def _servers_are_whole(self) -> Settings:
        for name, host, tls in (("IMAP", self.IMAP_HOST, self.IMAP_TLS), ("SMTP", self.SMTP_HOST, self.SMTP_TLS)):
            if host and tls == "none" and host not in LOOPBACK:
                raise ValueError(f"{name}_TLS: none is for a server on this machine alone; use starttls or implicit")
        if self.IMAP_HOST and not self.sends_mail:
            raise ValueError("SMTP_HOST, MAIL_FROM: needed beside IMAP_HOST, or nobody who mails can be answered")
        if self.IMAP_FOLDER in (self.IMAP_DONE_FOLDER, self.IMAP_AUTOMATIC_FOLDER, self.IMAP_QUARANTINE_FOLDER):
            raise ValueError("IMAP_FOLDER: must be another than the folders that mail is filed in")
        if self.IMAP_SENT_FOLDER and not self.IMAP_HOST:
            raise ValueError("IMAP_SENT_FOLDER: needs IMAP_HOST, whose mailbox it is in")
        if bool(self.TWILIO_ACCOUNT_SID) != bool(self.TWILIO_AUTH_TOKEN):
            raise ValueError("TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: both are needed, or neither")
        if self.TWILIO_ACCOUNT_SID and not (self.TWILIO_PHONE_NUMBER or self.TWILIO_MESSAGING_SERVICE_SID):
            raise ValueError("TWILIO_PHONE_NUMBER: needed beside TWILIO_ACCOUNT_SID, or TWILIO_MESSAGING_SERVICE_SID in its place")
        return self

    @model_validator(mode="after")
    def _people_are_whole(self) -> Settings:
        if self.MAIL_FROM and not MAIL_FROM.fullmatch(self.MAIL_FROM):
            raise ValueError("MAIL_FROM: must be one plain address, such as Peer Support <intake@example.org>")
        if any(who.email.lower() == self.mail_address.lower() for who in self.coordinators):
            raise ValueError("COORDINATORS: must have an address of their own, other than MAIL_FROM, or nobody reads the alerts")
        if self.TRUSTED_AUTHSERV_ID and not self.SECRET_KEY:
            raise ValueError("SECRET_KEY: needed beside TRUSTED_AUTHSERV_ID, since it signs what coordinators answer")
        for language in self.LANGUAGES:
            if not re.fullmatch(r"[a-z]{2,3}", language) or not any((root / language).is_dir() for root in self._template_roots):
                raise ValueError(
                    f"LANGUAGES: there are no templates for {language!r}; en and es are built in, others go into TEMPLATES_DIR"
                )
        return self

    @property
    def _template_roots(self) -> tuple[Path, ...]:
        return (BUILT_IN, self.TEMPLATES_DIR) if self.TEMPLATES_DIR else (BUILT_IN,)

    @property
    def timezone(self) -> ZoneInfo:
        return zone(self.TIMEZONE) if self.TIMEZONE else _system_zone()

    @property
    def coordinators(self) -> tuple[Coordinator, ...]:
        return read_coordinators(self.COORDINATORS)

    @property
    def poll_seconds(self) -> int:
        """How often texts are looked for that the webhook missed; soon where no webhook can be reached."""
        return self.TWILIO_POLL_SECONDS or (600 if self.PUBLIC_URL else 15)

    @property
    def sends_texts(self) -> bool:
        return bool(self.TWILIO_ACCOUNT_SID)

    @property
    def sends_mail(self) -> bool:
        return bool(self.SMTP_HOST and self.MAIL_FROM)

    @property
    def mail_address(self) -> str:
        return self.MAIL_FROM.rpartition("<")[2].rstrip(">").strip()

    @property
    def programme(self) -> Programme:
        return Programme(
            name=self.PROGRAM_NAME,
            languages=self.LANGUAGES,
            timezone=self.timezone,
            coordinators=self.coordinators,
            mail_address=self.mail_address if self.sends_mail else "",
            texts=self.sends_texts,
            secret_key=self.SECRET_KEY,
            templates_dir=self.TEMPLATES_DIR,
        )


def load(folder: Path) -> Settings:
    """Read the environment, and under it the `.env` file of a folder.

    Raises:
        SettingsError: says which setting is wrong and how it should be.

    """
    written = _written(folder)
    under = {key: value for key, value in written.items() if value is not None and not os.environ.get(f"{key}_FILE")}
    return settings_from({**under, **os.environ})


def misspelt(folder: Path) -> dict[str, str]:
    """The names in the `.env` of a folder that are no setting's, and which setting each is close to; nothing else reads them."""
    from difflib import get_close_matches  # for `check` alone

    known = [*Settings.model_fields, *(f"{name}_FILE" for name in Settings.model_fields)]
    close = {name: get_close_matches(name.upper(), known, n=1, cutoff=ALIKE) for name in _written(folder) if name not in known}
    return {name: found[0] for name, found in close.items() if found}


def _written(folder: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(folder / ".env", interpolate=False)  # a password may hold ${…}
    except (OSError, UnicodeDecodeError):
        raise SettingsError(".env cannot be read: it must be a file of plain text in UTF-8") from None


def settings_from(variables: Mapping[str, str]) -> Settings:
    """Make settings of variables; a secret may stand in a file that `NAME_FILE` names."""
    known: dict[str, Any] = {}
    for name in Settings.model_fields:
        value = variables.get(name) or _from_file(name, variables.get(f"{name}_FILE", ""))
        if value:
            known[name] = value
    try:
        return Settings.model_validate(known)
    except ValidationError as error:
        raise SettingsError("; ".join(_plain(problem) for problem in error.errors())) from None


def _from_file(name: str, path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE: cannot be read ({error.strerror}); it must be the path of a file") from None
    except ValueError:
        raise SettingsError(f"{name}_FILE: the file must hold plain text in UTF-8") from None


def _plain(problem: Any) -> str:  # noqa: ANN401 - pydantic's own dictionary; its `input` may be a secret and is left out
    name = ".".join(str(part) for part in problem["loc"])
    words = problem["msg"].removeprefix("Value error, ")
    return f"{name}: {words}" if name else words


def _system_zone() -> ZoneInfo:
    """The zone that the system is set to, by name where that can be told, so that daylight saving is known."""
    written = os.environ.get("TZ", "").lstrip(":")
    link = Path("/etc/localtime")
    named = Path("/etc/timezone")
    candidates = [written, str(link.resolve()).partition("/zoneinfo/")[2], named.read_text().strip() if named.is_file() else ""]
    for candidate in filter(None, candidates):
        try:
            return ZoneInfo(candidate)
        except (OSError, ValueError, KeyError):
            continue
    return ZoneInfo("UTC")
