"""What Twilio posts becomes an Arrival; its signature tells whether it is Twilio's."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from intake.arrival import Arrival
from intake.forms import pairs, values
from parsers.message import Channel


class _Posted(MultiDict[str, str]):
    """A form with the method that the validator asks for first; else an error leads it to the next, for each of two dozen fields."""

    getall = MultiDict.getlist


def is_signed(token: str, url: str, *, body: bytes, signature: str) -> bool:
    """Whether Twilio signed this request (https://www.twilio.com/docs/usage/security#validating-requests).

    Args:
        token: the account's auth token.
        url: the address that Twilio called, with the query string to the letter.
        body: the form to the letter.
        signature: the header `X-Twilio-Signature`; "" where there is none.

    """
    validator = RequestValidator(token)
    try:
        posted = _Posted(pairs(body))
        # Its `validate` tries the URL with a port and without one; as it was called is right for nearly all.
        return bool(signature) and (
            hmac.compare_digest(validator.compute_signature(url, posted).encode(), signature.encode())
            or bool(validator.validate(url, posted, signature))
        )
    except ValueError:  # a URL or a form that cannot be taken apart was not signed by Twilio
        return False


def arrival(body: bytes, *, channel: Channel, received_at: datetime, late: bool = False) -> Arrival:
    """A text or a call as it came. Twilio's own id of it tells a repeat."""
    posted = values(body)
    external_id = posted.get("MessageSid") or posted.get("SmsSid") or posted.get("CallSid") or hashlib.sha256(body).hexdigest()
    return Arrival(channel=channel, external_id=external_id[:255].replace("\0", ""), source=body, received_at=received_at, late=late)
