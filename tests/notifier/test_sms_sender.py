"""Texts, sent by Twilio's own client to a stand-in that is held to Twilio's description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from notifier.senders import SendError
from notifier.senders.sms import SmsSender, TwilioAccount
from tests.notifier.samples import CASEY_PHONE, NOW, text_draft
from tests.servers import twilio_faults as faults
from tests.servers.certificate import Certificate
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi
from tests.servers.twilio_faults import Fault


@pytest.fixture
def account(twilio_api: TwilioApi) -> TwilioAccount:
    return TwilioAccount(
        account_sid=twilio_api.account_sid, auth_token=twilio_api.auth_token, phone_number=twilio_api.number, api_url=twilio_api.url
    )


@pytest.fixture
def sender(account: TwilioAccount) -> Iterator[SmsSender]:
    made = SmsSender(account)
    yield made
    made.close()


def _send(account: TwilioAccount, **changes: Any) -> str:  # noqa: ANN401
    made = SmsSender(account)
    try:
        return made.send(text_draft(**changes), now=NOW)
    finally:
        made.close()


def _refused(sender: SmsSender) -> SendError:
    with pytest.raises(SendError) as caught:
        sender.send(text_draft(), now=NOW)
    return caught.value


def test_a_text_goes_from_the_number(twilio_api: TwilioApi, sender: SmsSender) -> None:
    """The provider's id of it comes back; the words are not changed."""
    sid = sender.send(text_draft(body="¡Gracias! Thanks & more + 100%"), now=NOW)
    (text,) = twilio_api.sent
    assert (text.sid, text.to, text.sender, text.body) == (sid, CASEY_PHONE, twilio_api.number, "¡Gracias! Thanks & more + 100%")
    assert text.status_callback is None


def test_a_text_goes_from_the_messaging_service(twilio_api: TwilioApi, account: TwilioAccount) -> None:
    """It stands in for the number, where both are given too."""
    service = "MG" + "0" * 32
    _send(replace(account, messaging_service_sid=service))
    assert twilio_api.sent[0].messaging_service_sid == service
    assert "From" not in twilio_api.requests[-1].parameters


def test_the_provider_reports_back_on_the_row(twilio_api: TwilioApi, account: TwilioAccount) -> None:
    """The callback's address names the row by its key, whatever the key holds."""
    _send(replace(account, public_url="https://intake.example.org"), key="a key&more")
    address = urlsplit(twilio_api.sent[0].status_callback or "")
    assert (address.scheme, address.netloc, address.path) == ("https", "intake.example.org", "/sms/status")
    assert parse_qs(address.query) == {"key": ["a key&more"]}


@pytest.mark.parametrize(
    "fault",
    [faults.RATE_LIMITED, faults.SERVER_ERROR, faults.UNAVAILABLE, Fault(401, 20003, "Authenticate"), Fault(400, 21606, "Not your number")],
    ids=lambda fault: str(fault.code),
)
def test_what_mends_itself_or_the_operator_mends_is_tried_again(twilio_api: TwilioApi, sender: SmsSender, fault: Fault) -> None:
    """Too many at once, a server in trouble, a wrong setting: nothing was sent, nothing is given up."""
    twilio_api.fail(fault, times=1)
    error = _refused(sender)
    assert (error.permanent, error.unknown, error.opted_out) == (False, False, False)
    assert error.reason == f"Twilio {fault.code}"
    sender.send(text_draft(), now=NOW)
    assert len(twilio_api.sent) == 1


@pytest.mark.parametrize("code", [21211, 21214, 21217, 21408, 21421, 21612, 21614, 30005, 30006])
def test_a_number_that_takes_no_texts_is_final(twilio_api: TwilioApi, sender: SmsSender, code: int) -> None:
    """It never will; the reason has the code, and not the number that Twilio's words repeat."""
    twilio_api.fail(Fault(400, code, f"The 'To' number {CASEY_PHONE} is not valid"))
    error = _refused(sender)
    assert (error.permanent, error.unknown, error.opted_out, error.reason) == (True, False, False, f"Twilio {code}")
    assert CASEY_PHONE not in str(error)


def test_somebody_who_opted_out_with_the_provider_is_told_apart(twilio_api: TwilioApi, sender: SmsSender) -> None:
    """So that the address is marked; the text is never sent."""
    twilio_api.fail(faults.OPTED_OUT)
    error = _refused(sender)
    assert (error.permanent, error.unknown, error.opted_out) == (True, False, True)


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_gave_up_tells_nothing(twilio_api: TwilioApi, sender: SmsSender, status: int) -> None:
    """What stands behind it may have taken the text."""
    twilio_api.fail(Fault(status, 20000 + status, "Gateway"))
    error = _refused(sender)
    assert (error.permanent, error.unknown) == (False, True)


@pytest.mark.parametrize("fault", [faults.HANGS, faults.TAKES_THEN_HANGS], ids=["not taken", "taken"])
def test_no_answer_in_time_tells_nothing(twilio_api: TwilioApi, account: TwilioAccount, fault: Fault) -> None:
    """Taken or not looks the same from here; the client's own time-out would be none at all."""
    twilio_api.fail(fault, times=1)
    sender = SmsSender(account, timeout=2)
    error = _refused(sender)
    assert (error.permanent, error.unknown) == (False, True)
    assert len(twilio_api.sent) == int(fault.takes)
    twilio_api.mend()
    sender.send(text_draft(), now=NOW)
    sender.close()


@pytest.mark.parametrize("fault", [faults.DROPS, faults.TAKES_THEN_DROPS], ids=["not taken", "taken"])
def test_a_connection_lost_after_the_request_tells_nothing(twilio_api: TwilioApi, sender: SmsSender, fault: Fault) -> None:
    """The text may be on its way."""
    twilio_api.fail(fault, times=1)
    error = _refused(sender)
    assert (error.permanent, error.unknown) == (False, True)
    assert len(twilio_api.sent) == int(fault.takes)


def test_a_refused_connection_sent_nothing(twilio_api: TwilioApi, sender: SmsSender) -> None:
    """The text is tried again, and goes once Twilio is back."""
    sender.send(text_draft("a"), now=NOW)
    with twilio_api.refusing():
        for _ in range(2):
            error = _refused(sender)
            assert (error.permanent, error.unknown) == (False, False)
    sender.send(text_draft("b"), now=NOW)
    assert len(twilio_api.sent) == 2


def test_a_host_without_an_address_sent_nothing(account: TwilioAccount) -> None:
    """A name server that is away is no reason to give a text up, nor to doubt that it stayed here."""
    with pytest.raises(SendError) as caught:
        _send(replace(account, api_url="http://twilio.invalid"))
    assert (caught.value.permanent, caught.value.unknown) == (False, False)


def test_a_certificate_that_nobody_vouches_for_gets_nothing(certificate: Certificate, account: TwilioAccount) -> None:
    """The handshake came to nothing, so no text was sent; it waits until that is mended."""
    with SmtpServer(certificate, tls="implicit") as server, pytest.raises(SendError) as caught:
        _send(replace(account, api_url=f"https://localhost:{server.port}"))
    assert (caught.value.permanent, caught.value.unknown) == (False, False)


def test_a_server_that_speaks_no_tls_gets_nothing(twilio_api: TwilioApi, account: TwilioAccount) -> None:
    """As above, for an address with the wrong scheme."""
    with pytest.raises(SendError) as caught:
        _send(replace(account, api_url=twilio_api.url.replace("http:", "https:")))
    assert (caught.value.permanent, caught.value.unknown) == (False, False)
    assert twilio_api.requests == []
