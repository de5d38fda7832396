"""Texts and mails as peer supporters write them, each different from the others, or caches would be measured."""

from __future__ import annotations

from random import Random

from benchmarks.common import PUBLIC_URL, SETTINGS, TOKEN
from benchmarks.newsletter import QUOTED
from tests.fakes import SignedForm, signed_form

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PLACES = ("on the warmline", "at the drop in", "on the inpatient unit", "at the rco", "in the er", "at the crisis center", "on campus")
TOWNS = ("Billings", "Butte", "Missoula", "Helena", "Great Falls", "Kalispell", "Bozeman", "Havre", "Libby", "Glendive")
NAMES = ("Dani", "Ana", "Maria", "Joe", "Darlene", "Rick", "Lena", "Tom", "Sky", "Hector", "Ruth", "Wes", "Inez", "Carl", "Bev")
FAMILIES = ("Fox", "Ruiz", "Haugen", "Little", "Meyer", "Ortega", "Quinn", "Stands", "Tolliver", "Vance", "Weber", "Yazzie")
WISHES = (
    "I can be a mentor for somebody new, {day} or {other} after {hour} works for me. I am {place} in {town}.",
    "someone can shadow me {place} {day} evenings, or {other} if that is easier. we are in {town}",
    "I would like to be a mentor. {Day}s after {hour} suit me best, by phone or in {town}.",
    "I am looking for a mentor, I started {place} in {town} this winter. {Day} mornings or {other} after {hour} would be good.",
    "new here and would like to shadow somebody {place} near {town}, any {day} or {other} before {hour}",
)
HEAD = """Return-Path: <{address}>
Received: from mail.example.net (mail.example.net [192.0.2.17])
\tby mx.example.org with ESMTPS id {number:08x}; Tue, 4 Mar 2025 09:{minute:02}:11 -0700
Received: by mail.example.net with SMTP id {number:08x}.7; Tue, 4 Mar 2025 09:{minute:02}:09 -0700
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=mail; t=1741104548; x=1741709348;
	h=to:references:message-id:date:in-reply-to:subject:from:mime-version; bh=g3zLYH4xKxcPrHOD18z9YfpQcnk/GaJedfustWU5uGs=;
	b=Hk2mR0q{number:08x}v7cDq0PzVbXy4sNwT1uLJf8eGZxMiKaRo5CtE9hBdQnYpS6gWlUjF3vA2kOrXmZs
	Tq8LwHd7PzYb1nVcKe5JgRuXo0AiMtFs9WpNlE4yDhQvBj6kUaGxCz3SrOm2TfIq==
MIME-Version: 1.0
From: {name} <{address}>
To: Peer Support <intake@example.org>
Subject: Re: Peer Update, February
Date: Tue, 4 Mar 2025 09:{minute:02}:08 -0700
Message-ID: <{number}.reply@mail.example.net>
In-Reply-To: <newsletter@news.example.org>
References: <newsletter@news.example.org>
X-Mailer: Example Mail 16.4
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

"""
LETTER = """Hi all,

{wish}

Thanks for putting this together every month!

{name}
Peer Support Specialist | {town}
{phone}

On Tue, Feb 4, 2025 at 9:02 AM Peer Update <news@example.org> wrote:

"""
# What a number's owner is known for, as an account may have Twilio add it.
LOOKED_UP = (
    '{"status":"successful","message":null,"code":null,"results":{"carrier":{"request_sid":"XR00000000000000000000000000000000",'
    '"status":"successful","result":{"caller_name":null,"country_code":"US","national_format":"(406) 555-0101","type":"mobile"}}}}'
)


def wish(number: int) -> str:
    """What somebody offers or asks for."""
    chance = Random(number)  # noqa: S311 - predictable is what it is for
    day, other = chance.sample(DAYS, 2)
    words = {"day": day, "Day": day.capitalize(), "other": other, "hour": chance.randrange(3, 8)}
    return chance.choice(WISHES).format(place=chance.choice(PLACES), town=chance.choice(TOWNS), **words)


def reply(number: int) -> bytes:
    """A short answer above the newsletter, 2.7 KB in all, each from somebody else."""
    chance = Random(number)  # noqa: S311 - the same
    name = f"{chance.choice(NAMES)} {chance.choice(FAMILIES)}"
    head = HEAD.format(address=address(number), name=name, number=number, minute=number % 60)
    letter = LETTER.format(wish=wish(number), name=name, town=chance.choice(TOWNS), phone=f"406-555-01{number % 100:02}")
    return f"{head}{letter}{QUOTED}".replace("\n", "\r\n").encode()


def address(number: int) -> str:
    """Whence that answer comes."""
    return f"volunteer.{number}@example.net"


def text(number: int) -> dict[str, str]:
    """A text as Twilio posts it, each from another number; with its signature it is about 1 KB."""
    sid = f"SM{number:032x}"
    return {
        "ToCountry": "US",
        "ToState": "MT",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "BILLINGS",
        "FromZip": "59101",
        "SmsSid": sid,
        "FromState": "MT",
        "SmsStatus": "received",
        "FromCity": "BILLINGS",
        "Body": f"hi this is {NAMES[number % len(NAMES)]}, {wish(number)}",
        "FromCountry": "US",
        "To": SETTINGS["TWILIO_PHONE_NUMBER"],
        "MessagingServiceSid": "MG" + "0" * 32,
        "ToZip": "59101",
        "AddOns": LOOKED_UP,
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": SETTINGS["TWILIO_ACCOUNT_SID"],
        "From": f"+1406{number:07}",
        "ApiVersion": "2010-04-01",
    }


def signed_text(number: int) -> SignedForm:
    return signed_form(f"{PUBLIC_URL}/sms", text(number), TOKEN)
