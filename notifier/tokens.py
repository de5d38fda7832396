"""The names that our mails go by, and the tokens in them that later prove an answer to be a coordinator's."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass

from notifier.programme import Coordinator, Programme

# In lower case, into which what was received is put first: servers and mail programs change the case of an address.
_TOKEN = re.compile(r"(?P<key>[a-z0-9-]{1,40})\.(?P<seal>[a-z2-7]{16})")


@dataclass(frozen=True, slots=True)
class Token:
    """What a mail names as one of ours, not yet believed."""

    key: str  # of the outbox row
    seal: str

    def is_of(self, coordinator: Coordinator, programme: Programme) -> bool:
        """Whether we made it for that coordinator; without a SECRET_KEY nothing has a seal, so that none is right."""
        made = token(programme, self.key, coordinator)
        return hmac.compare_digest(made.encode(), f"{self.key}.{self.seal}".encode())


def message_id(programme: Programme, name: str) -> str:
    """The Message-ID of one of our mails: an outbox key, or a token, at our own domain."""
    return f"<{name}@{programme.mail_domain}>"


def reply_address(programme: Programme, token: str) -> str:
    """The intake address with a token in it, as a subaddress (RFC 5233)."""
    local, _, domain = programme.mail_address.rpartition("@")
    return f"{local}+{token}@{domain}"


def token(programme: Programme, key: str, coordinator: Coordinator) -> str:
    """Bind an outbox row to the coordinator it goes to; without a SECRET_KEY it is the row's key alone, which proves nothing."""
    if not programme.secret_key:
        return key
    said = f"{key} {coordinator.email.lower()}".encode()
    seal = hmac.digest(programme.secret_key.encode(), said, "sha256")[:10]
    return f"{key}.{base64.b32encode(seal).decode().lower()}"


def in_address(programme: Programme, address: str) -> Token | None:
    """The token in an address that a mail went to."""
    local, _, domain = address.lower().rpartition("@")
    own, _, own_domain = programme.mail_address.lower().rpartition("@")
    if not own or domain != own_domain or not local.startswith(f"{own}+"):
        return None
    return _read(local.removeprefix(f"{own}+"))


def in_message_id(programme: Programme, name: str) -> Token | None:
    """The token in a Message-ID that a mail refers to."""
    local, _, domain = name.strip().removeprefix("<").removesuffix(">").lower().rpartition("@")
    return _read(local) if domain and domain == programme.mail_domain.lower() else None


def _read(text: str) -> Token | None:
    found = _TOKEN.fullmatch(text)
    return Token(found["key"], found["seal"]) if found else None
