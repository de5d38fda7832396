"""Twilio's form becomes a message."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from intake import forms, sms
from parsers.message import InboundMessage
from tests.fakes import START, signed_form

TOKEN = "token"
URL = "https://intake.example.org/sms"


def test_a_text_as_it_came() -> None:
    body = urlencode({"From": "+14065550111", "To": "+14065550100", "Body": "Hi 😀\r\nthere\t!", "NumMedia": "2"}).encode()
    assert forms.read_text(body) == InboundMessage(
        channel="sms", sender="+14065550111", recipient="+14065550100", body="Hi 😀\nthere\t!", attachments=2
    )


def test_a_call_has_no_words() -> None:
    """Whatever somebody adds to its form."""
    read = forms.read_call(urlencode({"From": "+14065550111", "To": "+14065550100", "Body": "MENTOR"}).encode())
    assert read == InboundMessage(channel="voice", sender="+14065550111", recipient="+14065550100")


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"", ""),
        (b"Body", ""),
        (b"Body=", ""),
        (b"Body=+a++", "a"),
        (b"Body=a%00b%01c%7Fd%C2%85e", "abcde"),
        (b"Body=a%E2%80%99b%C2%A0c", "a\u2019b\u00a0c"),
        (b"Body=%ff%fea", "\ufffd\ufffda"),
        (b"Body=%zz%", "%zz%"),
        (b"Body=one&Body=two", "one"),
        (b"Body=a%26b%3Dc%2B", "a&b=c+"),
        (b"Body=%F0%9F%A7%91%E2%80%8D%F0%9F%A4%9D", "\U0001f9d1\u200d\U0001f91d"),
    ],
)
def test_words_survive_whatever_is_around_them(body: bytes, read: str) -> None:
    assert forms.read_text(body).body == read


@pytest.mark.parametrize(
    ("written", "sender", "automatic"),
    [
        ("+14065550111", "+14065550111", False),
        (" 14065550111", "+14065550111", False),
        ("+447700900123", "+447700900123", False),
        ("72975", "72975", True),
        ("Bank", "Bank", True),
        ("", "", False),
    ],
)
def test_only_a_persons_number_is_a_persons(written: str, sender: str, automatic: bool) -> None:  # noqa: FBT001
    """A short code or a name is a machine's; a plus sign that was lost on the way, as forms lose it, is put back."""
    read = forms.read_text(urlencode({"From": written, "Body": "MENTOR"}).encode())
    assert (read.sender, bool(read.automatic)) == (sender, automatic)


@pytest.mark.parametrize(("written", "count"), [("0", 0), ("3", 3), ("", 0), ("-1", 0), ("x", 0), ("9" * 5000, 0), ("٣", 3)])
def test_media_are_counted_where_they_are_told(written: str, count: int) -> None:
    assert forms.read_text(urlencode({"NumMedia": written}).encode()).attachments == count


@pytest.mark.parametrize(
    ("form", "external_id"),
    [
        ({"MessageSid": "SM1", "SmsSid": "SM2"}, "SM1"),
        ({"MessageSid": "", "SmsSid": "SM2"}, "SM2"),
        ({"CallSid": "CA1"}, "CA1"),
        ({"MessageSid": "S" * 300}, "S" * 255),
        ({"MessageSid": "SM\x001"}, "SM1"),
    ],
)
def test_twilios_id_tells_a_repeat(form: dict[str, str], external_id: str) -> None:
    """As far as it can be stored."""
    assert sms.arrival(urlencode(form).encode(), channel="sms", received_at=START).external_id == external_id


def test_without_an_id_the_form_is_one() -> None:
    one, same, other = (sms.arrival(body, channel="sms", received_at=START).external_id for body in (b"Body=a", b"Body=a", b"Body=b"))
    assert one == same != other


def test_the_source_is_kept_to_the_letter() -> None:
    body = b"Body=%ff&&x=%zz\x00"
    assert sms.arrival(body, channel="sms", received_at=START).source == body


def test_a_signature_is_over_the_sorted_form_with_its_blanks_and_repeats() -> None:
    pairs = [("b", "2"), ("a", "1"), ("b", "1"), ("empty", ""), ("é", "ü")]
    signed = signed_form(URL, pairs, TOKEN)
    signature = signed.headers["X-Twilio-Signature"]
    assert sms.is_signed(TOKEN, URL, body=signed.body, signature=signature)
    assert sms.is_signed(TOKEN, URL, body=urlencode(pairs[::-1]).encode(), signature=signature)
    assert not sms.is_signed(TOKEN, URL, body=urlencode(pairs[1:]).encode(), signature=signature)
    assert not sms.is_signed(TOKEN, URL, body=urlencode(dict(pairs)).encode(), signature=signature)


def test_the_example_in_twilios_documentation_holds() -> None:
    """https://www.twilio.com/docs/usage/security: a form with its signature, made by neither of us."""
    form = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309", "To": "+18005551212"}
    url, token, signature = "https://mycompany.com/myapp.php?foo=1&bar=2", "12345", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert RequestValidator(token).compute_signature(url, form) == signature
    assert sms.is_signed(token, url, body=urlencode(form).encode(), signature=signature)


@pytest.mark.parametrize("url", ["", "x", "https://[bad/sms", "https://intake.example.org:port/sms", "https://\udcff/sms"])
def test_an_address_that_cannot_be_taken_apart_is_not_signed(url: str) -> None:
    assert not sms.is_signed(TOKEN, url, body=b"Body=a", signature="A" * 27 + "=")


def test_a_form_of_too_many_names_is_not_signed() -> None:
    assert not sms.is_signed(TOKEN, URL, body=b"a=1&" * 1001, signature="A" * 27 + "=")
