"""Who the messages speak for: the programme, its languages, its coordinators."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers

ADDRESS = r"[^<>@\s,;]+@[^<>@\s,;]+"
COORDINATOR = re.compile(rf"(?:(?P<name>[^<>@]*)<(?P<named>{ADDRESS})>|(?P<bare>{ADDRESS}))\s*(?P<phone>\+\d[\d ().-]{{6,20}})?")


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
    mail_address: str = ""  # the intake's; "" where no mail can be sent
    texts: bool = False  # whether texts can be sent
    secret_key: str = field(default="", repr=False)  # signs the tokens in what coordinators answer
    templates_dir: Path | None = None

    @property
    def language(self) -> str:
        return self.languages[0]

    def is_own(self, address: str) -> bool:
        """Whether an address is the intake's, or a subaddress of it."""
        local, _, domain = address.lower().rpartition("@")
        return bool(domain) and f"{local.partition('+')[0]}@{domain}" == self.mail_address.lower()

    def coordinator_at(self, address: str) -> Coordinator | None:
        """The coordinator who writes from an address, by mail or by text."""
        wanted = address.lower()
        return next((one for one in self.coordinators if wanted and wanted in (one.email.lower(), one.phone)), None)

    def coordinator_in(self, text: str) -> Coordinator | None:
        """The coordinator whose address stands in a text, such as a name that shall look like theirs."""
        return next((one for one in self.coordinators if one.email.lower() in text.lower()), None)

    @property
    def mail_domain(self) -> str:
        return self.mail_address.rpartition("@")[2]


def read_coordinators(text: str) -> tuple[Coordinator, ...]:
    """Read `Sam <sam@example.org> +14065550188; Jo <jo@example.org>`.

    Raises:
        ValueError: one of them cannot be read.

    """
    written = [part.strip() for part in text.split(";") if part.strip()]
    return tuple(_coordinator(part, number) for number, part in enumerate(written, start=1))


def _coordinator(text: str, number: int) -> Coordinator:
    found = COORDINATOR.fullmatch(text)
    phone = _e164(found["phone"] or "") if found else None
    if found is None or phone is None:
        # By its number: this is printed and logged, and whoever stands there would be named.
        raise ValueError(f"COORDINATORS: cannot read entry {number}; write Sam <sam@example.org> +14065550188; Jo <jo@example.org>")
    email = found["named"] or found["bare"]
    return Coordinator(name=(found["name"] or "").strip(' "') or email.partition("@")[0], email=email, phone=phone)


def _e164(text: str) -> str | None:
    """The number in the one form that providers take, "" for none, None for what is no number."""
    try:
        number = phonenumbers.parse(text) if text else None
    except phonenumbers.NumberParseException:
        return None
    if number is None:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_possible_number(number) else None
