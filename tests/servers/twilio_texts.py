"""Texts as Twilio keeps and lists them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from tests.servers.twilio_description import Json

VERSION = "2010-04-01"
_PAGE_SIZE = 50


@dataclass(slots=True)
class Text:
    sid: str
    account_sid: str
    sender: str | None
    to: str
    body: str
    direction: str
    status: str
    created: datetime
    sent: datetime | None = None
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    media: int = 0
    error_code: int | None = None
    error_message: str | None = None

    @property
    def uri(self) -> str:
        return f"/{VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"

    @property
    def segments(self) -> int:
        """Near enough for a stand-in: as if every text were GSM-7."""
        return 1 if len(self.body) <= 160 else math.ceil(len(self.body) / 153)

    def as_json(self) -> Json:
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "messaging_service_sid": self.messaging_service_sid,
            "from": self.sender,
            "to": self.to,
            "body": self.body,
            "num_segments": str(self.segments),
            "num_media": str(self.media),
            "direction": self.direction,
            "status": self.status,
            "error_code": self.error_code,
            "error_message": self.error_message,
            "date_created": mail_date(self.created),
            "date_updated": mail_date(self.sent or self.created),
            "date_sent": mail_date(self.sent) if self.sent else None,
            "price": None,
            "price_unit": "USD",
            "api_version": VERSION,
            "uri": f"{self.uri}.json",
            "subresource_uris": {"media": f"{self.uri}/Media.json"},
        }


def text_page(texts: Iterable[Text], query: Json, uri: str) -> Json:
    """Newest first; the page's token is the last text of the page before, so that new texts shift nothing."""
    found = [text for text in texts if _wanted(text, query)]
    found.sort(key=lambda text: (text.created, text.sid), reverse=True)
    size = query.get("PageSize", _PAGE_SIZE)
    before = query.get("PageToken", "").removeprefix("PA")
    start = next((at + 1 for at, text in enumerate(found) if text.sid == before), 0)
    shown = found[start : start + size]
    answer = page("messages", [text.as_json() for text in shown], query, uri)
    if len(found) > start + size:
        answer["next_page_uri"] = _page_uri(uri, query, Page=answer["page"] + 1, PageToken=f"PA{shown[-1].sid}")
    return answer


def page(name: str, items: list[Json], query: Json, uri: str) -> Json:
    size, number = query.get("PageSize", _PAGE_SIZE), query.get("Page", 0)
    return {
        name: items,
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(items) - 1, 0),
        "uri": _page_uri(uri, query),
        "first_page_uri": _page_uri(uri, query, Page=0),
        "next_page_uri": None,
        "previous_page_uri": None,
    }


def webhook_form(text: Text) -> dict[str, str]:
    """What Twilio posts when a text comes in, with some of the parameters that nobody asked for."""
    return {
        "ToCountry": "US",
        "ToState": "MT",
        "SmsMessageSid": text.sid,
        "NumMedia": str(text.media),
        "SmsSid": text.sid,
        "SmsStatus": "received",
        "FromCountry": "US",
        "FromState": "MT",
        "Body": text.body,
        "To": text.to,
        "NumSegments": str(text.segments),
        "MessageSid": text.sid,
        "AccountSid": text.account_sid,
        "From": text.sender or "",
        "ApiVersion": VERSION,
    }


def mail_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _wanted(text: Text, query: Json) -> bool:
    if query.get("To", text.to) != text.to or query.get("From", text.sender) != text.sender:
        return False
    return all(_sent_fits(text, name, query[name]) for name in ("DateSent", "DateSent<", "DateSent>") if name in query)


def _sent_fits(text: Text, name: str, wanted: str) -> bool:
    """A bare date stands for the whole day, in UTC; both bounds are themselves within."""
    if text.sent is None:
        return False
    sent: date = text.sent.astimezone(UTC).replace(microsecond=0)
    bound: date = datetime.fromisoformat(wanted)
    if len(wanted) == len("2026-01-31"):
        sent, bound = text.sent.astimezone(UTC).date(), date.fromisoformat(wanted)
    return {"DateSent": sent == bound, "DateSent<": sent <= bound, "DateSent>": sent >= bound}[name]


def _page_uri(uri: str, query: Json, **changed: object) -> str:
    kept = {name: value for name, value in query.items() if name not in {"Page", "PageToken"}} if changed else query
    return f"{uri}?{urlencode(kept | changed)}"
