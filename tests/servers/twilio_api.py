"""A stand-in for Twilio's Messages API that holds every request and answer to twilio_messages.json."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit, urlunsplit

import requests

from tests.fakes import signed_form
from tests.servers.http import Listener, NoAnswer
from tests.servers.twilio_account import account, number
from tests.servers.twilio_description import DESCRIPTION, Json, read_form, route, violations
from tests.servers.twilio_faults import Fault, Plan
from tests.servers.twilio_texts import VERSION, Text, page, text_page, webhook_form
from tests.servers.waiting import HOST, PATIENCE, free_port, wait_until

ACCOUNT_SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "token-of-the-stand-in"
NUMBER = "+14065550100"

_Reply = tuple[int, Json | None]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    parameters: Json


class TwilioApi:
    """`with TwilioApi() as api:` answers at `api.url`; `api.sent` is what was sent, `api.violations` ought to stay empty."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.account_sid, self.auth_token, self.number = ACCOUNT_SID, AUTH_TOKEN, NUMBER
        self.account_type = "Full"
        self.sms_url = self.voice_url = ""  # where the number's webhooks point
        self.texts: list[Text] = []
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self._clock = clock
        self._plan = Plan()
        self._lock = threading.RLock()
        self._sids = 0
        self._port = free_port()  # the same over restarts
        self._listener: Listener | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def settings(self) -> dict[str, str]:
        """For a process that is to send through this account."""
        return {
            "TWILIO_API_URL": self.url,
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "TWILIO_PHONE_NUMBER": self.number,
        }

    @property
    def sent(self) -> list[Text]:
        return [text for text in self.texts if text.direction != "inbound"]

    def to(self, recipient: str) -> list[Text]:
        return [text for text in self.sent if text.to == recipient]

    def wait_for(self, count: int, timeout: float = PATIENCE) -> list[Text]:
        """The sent texts, once there are so many of them."""
        wait_until(lambda: len(self.sent) >= count, timeout=timeout, what=lambda: f"text {count}; {len(self.sent)} came")
        return self.sent

    def fail(self, fault: Fault, *, to: str | None = None, times: int | None = None, reads: bool = False) -> None:
        """From now on, or so many times: texts to one number, or to all; with `reads` every other request too."""
        self._plan.add(fault, to=to, times=times, reads=reads)

    def mend(self) -> None:
        """No more faults; requests that hang are let go without an answer."""
        self._plan.clear()

    def receive(self, sender: str, body: str, *, media: int = 0, **more: str) -> dict[str, str]:
        """A text comes to the number; returns the webhook's form for `post`, unless the webhook is to miss it."""
        with self._lock:
            now = self._clock()
            text = Text(self._new_sid(), self.account_sid, sender, self.number, body, "inbound", "received", now, now, media=media)
            self.texts.append(text)
        return webhook_form(text) | more

    def forget(self, sids: Iterable[str]) -> None:
        """Texts are deleted from the account, as by somebody in its console."""
        gone = set(sids)
        with self._lock:
            self.texts[:] = [text for text in self.texts if text.sid not in gone]

    def report(self, text: Text, status: str, *, error_code: int | None = None, via: str | None = None) -> int:
        """The text gets a new status, its StatusCallback is told; the HTTP status of the answer."""
        assert text.status_callback, "the text asked for no callback"
        text.status, text.error_code = status, error_code
        form = {"MessageSid": text.sid, "SmsSid": text.sid, "MessageStatus": status, "SmsStatus": status, "To": text.to}
        form |= {"From": text.sender or self.number, "AccountSid": text.account_sid, "ApiVersion": VERSION}
        if error_code:
            form["ErrorCode"] = str(error_code)
        return self.post(text.status_callback, form, via=via)

    def post(self, url: str, form: Mapping[str, str], *, via: str | None = None) -> int:
        """Signed for `url`, sent to the same path at `via` (http://127.0.0.1:8000) where the public address leads nowhere."""
        signed = signed_form(url, form, self.auth_token)
        public, there = urlsplit(url), urlsplit(via or url)
        address = urlunsplit((there.scheme, there.netloc, public.path, public.query, ""))
        return requests.post(address, data=signed.body, headers=signed.headers, timeout=60).status_code

    def start(self) -> None:
        if self._listener is None:
            self._listener = Listener(self._answer, self._port)

    def stop(self) -> None:
        """Connections are cut and new ones refused until the next start."""
        self._plan.free()
        if self._listener is not None:
            self._listener.hang_up()
            self._listener = None

    @contextmanager
    def refusing(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _answer(self, method: str, target: str, body: str, authorization: str) -> _Reply:
        address = urlsplit(target)
        found = route(address.path)
        described = DESCRIPTION["paths"][found[0]].get(method.lower()) if found else None
        if found is None or described is None:
            return self._violation(404, 20404, f"{method} {address.path} is not described")
        basic = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if authorization != f"Basic {basic}":
            return _refusal(401, 20003, "Authenticate")
        given = parse_qs(body if "form" in described else address.query, keep_blank_values=True)
        definition = described.get("form") or described.get("query") or "nothing"
        parameters = read_form(definition, given)
        with self._lock:
            self.requests.append(Request(method, address.path, parameters))
        broken = violations(definition, parameters)
        if broken:
            return self._violation(400, 20001, "; ".join(broken))
        status, answer = self._carry_out(method, address.path, found[1], parameters)
        if answer is not None:
            self._record(violations(described["answer"] if status == described["status"] else "error", answer))
        return status, answer

    def _carry_out(self, method: str, path: str, values: Mapping[str, str], parameters: Json) -> _Reply:
        creates = method == "POST" and "Sid" not in values
        fault = self._plan.due(to=parameters.get("To"), creates=creates)
        if fault and not fault.takes:
            self._fall_silent(fault)
            return _refusal(fault.status, fault.code, fault.message)
        if values["AccountSid"] != self.account_sid:
            return _refusal(404, 20404, f"The requested resource {path} was not found")
        if creates:
            return self._create(parameters, fault)
        if "Sid" in values:
            return self._one(method, path, values["Sid"], parameters)
        return 200, self._read(path, parameters)

    def _read(self, path: str, query: Json) -> Json:
        if path.endswith("/Messages.json"):
            with self._lock:
                return text_page(self.texts, query, path)
        if path.endswith("/IncomingPhoneNumbers.json"):
            return self._numbers(query, path)
        return account(self.account_sid, kind=self.account_type, now=self._clock())

    def _create(self, form: Json, fault: Fault | None) -> _Reply:
        refusal = _refused(form)
        if refusal:
            return _refusal(400, *refusal)
        now = self._clock()
        service = form.get("MessagingServiceSid")
        status = "accepted" if service else "queued"
        with self._lock:
            text = Text(self._new_sid(), self.account_sid, form.get("From"), form["To"], form.get("Body", ""), "outbound-api", status, now)
            text.messaging_service_sid, text.status_callback = service, form.get("StatusCallback")
            text.media = len(form.get("MediaUrl", []))
            answer = text.as_json()  # as it is at this moment: a second later it is sent
            text.status, text.sent, text.sender = "sent", now, text.sender or self.number
            self.texts.append(text)
        if fault:
            self._fall_silent(fault)
            text.status, text.error_code, text.error_message = "undelivered", fault.code, fault.message
        return 201, answer

    def _fall_silent(self, fault: Fault) -> None:
        if fault.hangs:
            self._plan.hang()
        if fault.silent:
            raise NoAnswer

    def _one(self, method: str, path: str, sid: str, form: Json) -> _Reply:
        with self._lock:
            text = next((text for text in self.texts if text.sid == sid), None)
            if text is None:
                return _refusal(404, 20404, f"The requested resource {path} was not found")
            if method == "DELETE":
                self.texts.remove(text)
                return 204, None
            text.body = form.get("Body", text.body)
            return 200, text.as_json()

    def _numbers(self, query: Json, path: str) -> Json:
        wanted = query.get("PhoneNumber", self.number) == self.number
        own = number(self.account_sid, self.number, sms_url=self.sms_url, voice_url=self.voice_url, now=self._clock())
        return page("incoming_phone_numbers", [own] if wanted else [], query, path)

    def _new_sid(self) -> str:
        self._sids += 1
        return f"SM{self._sids:032x}"

    def _record(self, broken: list[str]) -> None:
        with self._lock:
            self.violations += broken

    def _violation(self, status: int, code: int, message: str) -> _Reply:
        self._record([message])
        return _refusal(status, code, message)


def _refused(form: Json) -> tuple[int, str] | None:
    """What Twilio itself checks beyond the form's types."""
    callback = urlsplit(form.get("StatusCallback", "https://example.org"))
    if not (form.get("Body") or form.get("MediaUrl") or form.get("ContentSid")):
        return 21602, "Message body is required"
    if len(form.get("Body", "")) > 1600:
        return 21617, "The concatenated message body exceeds the 1600 character limit"
    if "From" not in form and "MessagingServiceSid" not in form:
        return 21603, "A 'From' phone number is required"
    if form.get("From") == form["To"]:
        return 21266, "'To' and 'From' number cannot be the same"
    if not callback.hostname or "_" in callback.hostname:
        return 21609, "Invalid 'StatusCallback' URL"
    return None


def _refusal(status: int, code: int, message: str) -> _Reply:
    return status, {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
