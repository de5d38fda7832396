"""The stand-in, spoken to by Twilio's own client, and its description against Twilio's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.fakes import HeldClock
from tests.servers import twilio_faults as faults
from tests.servers.process import ROOT
from tests.servers.twilio_api import AUTH_TOKEN, TwilioApi
from tests.servers.twilio_description import DESCRIPTION
from tests.servers.twilio_faults import Fault

CASEY = "+14065550123"
CALLBACK = "https://intake.example.org/sms/status?id=id-0001"
OFFICIAL = ROOT.parent / "shared" / "twilio" / "twilio_messages_min_openapi.json"


@pytest.fixture
def client(twilio_api: TwilioApi) -> Iterator[Client]:
    yield from _client(twilio_api)


def _client(api: TwilioApi, token: str | None = None, *, timeout: float = 60) -> Iterator[Client]:
    with requests.Session() as session:
        transport = TwilioHttpClient(timeout=timeout)
        transport.session = session
        client = Client(api.account_sid, token or api.auth_token, http_client=transport)
        client.api.base_url = api.url
        yield client


def test_a_text_is_sent(twilio_api: TwilioApi, client: Client) -> None:
    answer = client.messages.create(to=CASEY, from_=twilio_api.number, body="Thank you, ¡gracias!", status_callback=CALLBACK)
    (text,) = twilio_api.wait_for(1)
    assert (answer.sid, answer.status, answer.direction) == (text.sid, "queued", "outbound-api")
    assert (text.to, text.sender, text.body, text.status_callback) == (CASEY, twilio_api.number, "Thank you, ¡gracias!", CALLBACK)
    assert twilio_api.to(CASEY) == [text]
    assert twilio_api.to("+14065550199") == []


def test_a_messaging_service_stands_in_for_the_number(twilio_api: TwilioApi, client: Client) -> None:
    service = "MG" + "0" * 32
    answer = client.messages.create(to=CASEY, messaging_service_sid=service, body="Hello")
    assert (answer.status, answer.from_, answer.messaging_service_sid) == ("accepted", None, service)
    assert twilio_api.sent[0].messaging_service_sid == service


def test_texts_are_listed_newest_first_over_pages() -> None:
    clock = HeldClock()
    with TwilioApi(clock) as api:
        for number in range(5):
            api.receive(CASEY, f"text {number}")
            clock.advance(minutes=1)
        api.receive("+14065550124", "from somebody else")
        for client in _client(api):
            found = client.messages.list(from_=CASEY, to=api.number, page_size=2)
            assert [text.body for text in found] == [f"text {number}" for number in (4, 3, 2, 1, 0)]
            assert len(client.messages.list(limit=4)) == 4
        assert api.violations == []


def test_texts_are_listed_by_the_time_they_were_sent() -> None:
    clock = HeldClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    with TwilioApi(clock) as api:
        for body in ("Monday", "Tuesday", "Wednesday"):
            api.receive(CASEY, body)
            clock.advance(days=1)
        tuesday = datetime(2026, 3, 3, 12, tzinfo=UTC)
        for client in _client(api):
            assert [text.body for text in client.messages.list(date_sent_after=tuesday)] == ["Wednesday", "Tuesday"]
            assert [text.body for text in client.messages.list(date_sent_after=tuesday + timedelta(seconds=1))] == ["Wednesday"]
            assert [text.body for text in client.messages.list(date_sent_before=tuesday)] == ["Tuesday", "Monday"]
        target = f"{api.url}/2010-04-01/Accounts/{api.account_sid}/Messages.json?DateSent=2026-03-03"
        answer = requests.get(target, auth=(api.account_sid, api.auth_token), timeout=60)
        assert [text["body"] for text in answer.json()["messages"]] == ["Tuesday"]
        assert api.violations == []


def test_one_text_is_read_redacted_and_deleted(client: Client) -> None:
    sid = client.messages.create(to=CASEY, from_="+14065550100", body="Hello").sid
    assert sid
    assert client.messages(sid).fetch().status == "sent"
    assert not client.messages(sid).update(body="").body
    assert client.messages(sid).delete()
    with pytest.raises(TwilioRestException) as caught:
        client.messages(sid).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_the_account_and_its_number(twilio_api: TwilioApi, client: Client) -> None:
    twilio_api.sms_url = "https://intake.example.org/sms"
    account = client.api.accounts(twilio_api.account_sid).fetch()
    assert (account.status, account.type) == ("active", "Full")
    (number,) = client.incoming_phone_numbers.list(phone_number=twilio_api.number)
    assert (number.phone_number, number.sms_url) == (twilio_api.number, "https://intake.example.org/sms")
    assert client.incoming_phone_numbers.list(phone_number="+14065550199") == []


def test_a_wrong_token_is_refused(twilio_api: TwilioApi) -> None:
    for client in _client(twilio_api, token="wrong"):
        with pytest.raises(TwilioRestException) as caught:
            client.api.accounts(twilio_api.account_sid).fetch()
        assert (caught.value.status, caught.value.code) == (401, 20003)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": CASEY, "From": "+14065550100"}, 21602),
        ({"To": CASEY, "Body": "Hello"}, 21603),
        ({"To": CASEY, "From": CASEY, "Body": "Hello"}, 21266),
        ({"To": CASEY, "From": "+14065550100", "Body": "x" * 1601}, 21617),
        ({"To": CASEY, "From": "+14065550100", "Body": "Hello", "StatusCallback": "https://in_take.example.org/"}, 21609),
    ],
)
def test_a_text_that_twilio_would_not_send(twilio_api: TwilioApi, form: dict[str, str], code: int) -> None:
    answer = _post(twilio_api, form)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert twilio_api.sent == []


@pytest.mark.parametrize(
    ("form", "evidence"),
    [
        ({"From": "+14065550100", "Body": "Hello"}, "'To' is a required property"),
        ({"To": CASEY, "From": "+14065550100", "Body": "Hello", "Colour": "red"}, "'Colour' was unexpected"),
        ({"To": "casey", "From": "+14065550100", "Body": "Hello"}, "'casey' is not a 'phone-number'"),
        ({"To": CASEY, "From": "+14065550100", "Body": "Hello", "ValidityPeriod": "soon"}, "'soon' is not of type 'integer'"),
        ({"To": CASEY, "From": "+14065550100", "Body": ["Hello", "twice"]}, "is not of type 'string'"),
    ],
)
def test_what_the_description_does_not_allow_is_a_violation(form: dict[str, Any], evidence: str) -> None:
    with TwilioApi() as api:
        answer = _post(api, form)
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)
        assert evidence in api.violations[0]
        assert requests.get(f"{api.url}/2010-04-01/Nothing.json", timeout=60).status_code == 404
        assert "not described" in api.violations[1]


@pytest.mark.parametrize("fault", [faults.RATE_LIMITED, faults.SERVER_ERROR, faults.UNAVAILABLE, faults.OPTED_OUT, faults.BAD_NUMBER])
def test_a_refusal_is_twilios_and_nothing_is_sent(twilio_api: TwilioApi, client: Client, fault: Fault) -> None:
    twilio_api.fail(fault, times=1)
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=CASEY, from_=twilio_api.number, body="Hello")
    assert (caught.value.status, caught.value.code) == (fault.status, fault.code)
    assert twilio_api.sent == []
    client.messages.create(to=CASEY, from_=twilio_api.number, body="Hello")
    assert len(twilio_api.sent) == 1


@pytest.mark.parametrize(
    ("fault", "error", "taken"),
    [
        (faults.HANGS, requests.ReadTimeout, 0),
        (faults.TAKES_THEN_HANGS, requests.ReadTimeout, 1),
        (faults.DROPS, requests.ConnectionError, 0),
        (faults.TAKES_THEN_DROPS, requests.ConnectionError, 1),
    ],
)
def test_no_answer_leaves_the_outcome_unknown(
    twilio_api: TwilioApi, client: Client, fault: Fault, error: type[Exception], taken: int
) -> None:
    twilio_api.fail(fault)
    for impatient in _client(twilio_api, timeout=2):
        with pytest.raises(error):
            impatient.messages.create(to=CASEY, from_=twilio_api.number, body="Hello")
    assert len(twilio_api.sent) == taken
    twilio_api.mend()
    assert len(client.messages.list(to=CASEY)) == taken


def test_a_fault_can_be_one_numbers_alone_or_everybodys(twilio_api: TwilioApi, client: Client) -> None:
    twilio_api.fail(faults.OPTED_OUT, to=CASEY)
    client.messages.create(to="+14065550124", from_=twilio_api.number, body="Hello")
    assert client.messages.list(to=CASEY) == []
    twilio_api.fail(faults.UNAVAILABLE, reads=True)
    with pytest.raises(TwilioRestException) as caught:
        client.messages("SM" + "0" * 32).fetch()
    assert caught.value.code == 20503


def test_a_filtered_text_is_found_undelivered(twilio_api: TwilioApi, client: Client) -> None:
    twilio_api.fail(faults.FILTERED)
    sid = client.messages.create(to=CASEY, from_=twilio_api.number, body="Hello").sid
    assert sid
    found = client.messages(sid).fetch()
    assert (found.status, found.error_code) == ("undelivered", 30007)


def test_a_stopped_api_refuses_and_comes_back_where_it_was(twilio_api: TwilioApi, client: Client) -> None:
    with twilio_api.refusing(), pytest.raises(requests.ConnectionError):
        client.messages.create(to=CASEY, from_=twilio_api.number, body="Hello")
    client.messages.create(to=CASEY, from_=twilio_api.number, body="Hello")
    assert len(twilio_api.sent) == 1


def test_a_status_is_reported_with_a_signature_for_the_public_address(twilio_api: TwilioApi, client: Client) -> None:
    client.messages.create(to=CASEY, from_=twilio_api.number, body="Hello", status_callback=CALLBACK)
    (text,) = twilio_api.sent
    with _Webhook() as webhook:
        assert twilio_api.report(text, "undelivered", error_code=30005, via=webhook.url) == 204
    path, form, signature = webhook.seen
    assert path == "/sms/status?id=id-0001"
    assert (form["MessageSid"], form["MessageStatus"], form["ErrorCode"]) == (text.sid, "undelivered", "30005")
    assert RequestValidator(AUTH_TOKEN).validate(CALLBACK, form, signature)


def test_an_incoming_text_is_listed_and_can_be_posted(twilio_api: TwilioApi, client: Client) -> None:
    form = twilio_api.receive(CASEY, "MENTOR")
    url = "https://intake.example.org/sms"
    with _Webhook() as webhook:
        assert twilio_api.post(url, form, via=webhook.url) == 204
    _, posted, signature = webhook.seen
    assert RequestValidator(AUTH_TOKEN).validate(url, posted, signature)
    assert (posted["From"], posted["To"], posted["Body"]) == (CASEY, twilio_api.number, "MENTOR")
    assert client.messages.list(to=twilio_api.number)[0].sid == posted["MessageSid"]
    assert twilio_api.sent == []


@pytest.mark.skipif(not OFFICIAL.exists(), reason="Twilio's own description is not at hand")
def test_the_description_agrees_with_twilios() -> None:
    official = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    messages = {path: methods for path, methods in DESCRIPTION["paths"].items() if "/Messages" in path}
    assert {path: _methods(official["paths"][path]) for path in messages} == {path: set(methods) for path, methods in messages.items()}
    assert set(official["paths"]) == set(messages)
    for path, methods in messages.items():
        for method, ours in methods.items():
            theirs = official["paths"][path][method]
            assert str(ours["status"]) in theirs["responses"]
            if "form" in ours:
                (content,) = theirs["requestBody"]["content"].values()
                _assert_same(ours["form"], content["schema"], official)
                assert DESCRIPTION["$defs"][ours["form"]].get("required", []) == content["schema"].get("required", [])
            if "query" in ours:
                _assert_same(ours["query"], {"properties": _query(theirs)}, official)
            if "answer" in ours:
                (content,) = theirs["responses"][str(ours["status"])]["content"].values()
                _assert_same(ours["answer"], content["schema"], official)


def _assert_same(name: str, theirs: dict[str, Any], official: dict[str, Any]) -> None:
    ours = _plain(DESCRIPTION["$defs"][name], DESCRIPTION)
    assert ours["properties"] == _plain(theirs, official)["properties"]


def _methods(path: dict[str, Any]) -> set[str]:
    return set(path) & {"get", "post", "put", "patch", "delete"}


def _query(operation: dict[str, Any]) -> dict[str, Any]:
    return {parameter["name"]: parameter["schema"] for parameter in operation["parameters"] if parameter["in"] == "query"}


def _plain(schema: Any, document: dict[str, Any]) -> Any:  # noqa: ANN401  # whatever JSON can hold
    """References followed, words left out, OpenAPI's `nullable` said as JSON Schema says it."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _plain(target, document)
    words = {"description", "title", "nullable", "required", "additionalProperties", "x-twilio"}
    plain = {key: value for key, value in schema.items() if key not in words and value != "int64"}
    if "properties" in plain:
        plain["properties"] = {name: _plain(value, document) for name, value in plain["properties"].items()}
    if "items" in plain:
        plain["items"] = _plain(plain["items"], document)
    if schema.get("nullable"):
        plain["type"] = [plain["type"], "null"]
    return plain


def _post(api: TwilioApi, form: dict[str, Any]) -> requests.Response:
    return requests.post(f"{api.url}/2010-04-01/Accounts/{api.account_sid}/Messages.json", data=form, auth=_login(api), timeout=60)


def _login(api: TwilioApi) -> tuple[str, str]:
    return api.account_sid, api.auth_token


class _Webhook:
    """Takes one request and keeps it."""

    def __enter__(self) -> Self:
        self.seen: tuple[str, dict[str, str], str] = ("", {}, "")
        keep = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                keep.seen = (self.path, dict(parse_qsl(body, keep_blank_values=True)), self.headers["X-Twilio-Signature"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.handle_request, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(timeout=60)
        self._server.server_close()
