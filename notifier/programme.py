"""Who the messages speak for: the programme, its languages, its coordinators."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo


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
