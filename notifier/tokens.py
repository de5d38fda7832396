"""The names that our mails go by, and the tokens in them that later prove an answer to be a coordinator's."""

from __future__ import annotations

import base64
import hashlib
import hmac

from notifier.programme import Coordinator, Programme


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
    seal = hmac.new(programme.secret_key.encode(), said, hashlib.sha256).digest()[:10]
    return f"{key}.{base64.b32encode(seal).decode().lower()}"
