"""The fakes do what the tests rely on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs, parse_qsl

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from tests.fakes import START, CountedIds, HeldClock, fixed_random, signed_form

URL = "https://intake.example.org/sms?id=a%20b"


def test_the_clock_moves_only_when_told() -> None:
    clock = HeldClock()
    assert clock() == clock() == START
    assert clock.advance(hours=1, seconds=1) == clock() == START + timedelta(seconds=3601)
    clock.set(datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=-6))))
    assert (clock(), clock().tzinfo) == (datetime(2026, 7, 1, 18, tzinfo=UTC), UTC)


def test_ids_are_counted_and_chance_is_fixed() -> None:
    ids = CountedIds()
    assert (ids(), ids()) == ("id-0001", "id-0002")
    assert fixed_random().random() == fixed_random().random()


def test_a_signed_form_passes_twilios_check() -> None:
    signed = signed_form(URL, {"From": "+14065550123", "Body": " ¡Hola! & more "}, "token")
    form = {name: values[0] for name, values in parse_qs(signed.body.decode(), keep_blank_values=True).items()}
    validator = RequestValidator("token")
    assert validator.validate(URL, form, signed.headers["X-Twilio-Signature"])
    assert not validator.validate(URL, form | {"Body": "¡Hola!"}, signed.headers["X-Twilio-Signature"])


def test_a_name_may_repeat_in_a_signed_form() -> None:
    signed = signed_form(URL, [("Media", "b"), ("Media", "a"), ("Body", "")], "token")
    form: MultiDict[str, str] = MultiDict(parse_qsl(signed.body.decode(), keep_blank_values=True))
    assert RequestValidator("token").validate(URL, form, signed.headers["X-Twilio-Signature"])
