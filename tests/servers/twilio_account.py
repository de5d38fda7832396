"""Twilio's account and its phone number, as a check of the settings asks for them."""

from __future__ import annotations

from datetime import datetime

from tests.servers.twilio_description import Json
from tests.servers.twilio_texts import VERSION, mail_date


def account(sid: str, *, kind: str, now: datetime) -> Json:
    uri = f"/{VERSION}/Accounts/{sid}"
    return {
        "sid": sid,
        "owner_account_sid": sid,
        "friendly_name": "Peer support",
        "status": "active",
        "type": kind,
        "date_created": mail_date(now),
        "date_updated": mail_date(now),
        "uri": f"{uri}.json",
        "subresource_uris": {"messages": f"{uri}/Messages.json"},
    }


def number(account_sid: str, phone_number: str, *, sms_url: str, voice_url: str, now: datetime) -> Json:
    sid = "PN" + "0" * 31 + "1"
    return {
        "sid": sid,
        "account_sid": account_sid,
        "phone_number": phone_number,
        "friendly_name": "Intake",
        "sms_url": sms_url,
        "sms_method": "POST",
        "sms_fallback_url": "",
        "voice_url": voice_url,
        "voice_method": "POST",
        "status_callback": "",
        "capabilities": {"sms": True, "mms": True, "voice": True, "fax": False},
        "date_created": mail_date(now),
        "date_updated": mail_date(now),
        "api_version": VERSION,
        "uri": f"/{VERSION}/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}.json",
    }
