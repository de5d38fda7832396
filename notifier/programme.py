"""Who the messages speak for: the programme, its languages, its coordinators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers

COORDINATOR = re.compile(r"^(?P<mail>[^;+]+(?:\+[^;\s]*@[^;\s]+)?)\s*(?P<phone>\+\d[\d ().-]{6,20})?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinator:
    """Somebody who is alerted, and whose answers are commands."""

    name: str
    email: str
    phone: str = ""  # E.164; "" where urgent alerts go by mail alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What every message may need to know of the programme."""

    name: str
    languages: tuple[str, ...]  # the first is the default, and the coordinators'
    timezone: ZoneInfo
    coordinators: tuple[Coordinator, ...] = ()
    mail_from: str = ""  # Name <address>; "" where no mail can be sent
    mail_address: str = ""  # the address in it
    phone_number: str = ""  # that texts come from, where one is known
    texts: bool = False  # whether texts can be sent
    secret_key: str = ""  # signs the tokens in what coordinators answer
    templates_dir: Path | None = None

    @property
    def language(self) -> str:
        return self.languages[0]

    @property
    def mail_domain(self) -> str:
        return self.mail_address.rpartition("@")[2]


def read_coordinators(text: str) -> tuple[Coordinator, ...]:
    """Read `Sam <sam@example.org> +14065550188; Jo <jo@example.org>`.

    Raises:
        ValueError: one of them cannot be read.

    """
    return tuple(_coordinator(part.strip()) for part in text.split(";") if part.strip())


def _coordinator(text: str) -> Coordinator:
    found = COORDINATOR.match(text)
    name, email = parseaddr(found["mail"].strip()) if found else ("", "")
    if found is None or "@" not in email:
        raise ValueError(f"COORDINATORS: cannot read {text!r}; write Sam <sam@example.org> +14065550188; Jo <jo@example.org>")
    return Coordinator(name=name or email.partition("@")[0], email=email, phone=_e164(found["phone"] or ""))


def _e164(text: str) -> str:
    return phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.E164) if text else ""
