"""What Twilio's API takes and gives, read from twilio_messages.json, and whether a request or an answer keeps to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]

DESCRIPTION: Json = json.loads(Path(__file__).with_name("twilio_messages.json").read_text(encoding="utf-8"))

_CONVERSIONS: dict[str, Callable[[str], object]] = {"integer": int, "number": float, "boolean": {"true": True, "false": False}.__getitem__}


def route(path: str) -> tuple[str, dict[str, str]] | None:
    """The path's template and the values in it."""
    for template in DESCRIPTION["paths"]:
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template), path)
        if found:
            return template, found.groupdict()
    return None


def read_form(name: str, form: Mapping[str, list[str]]) -> Json:
    """The parameters in their own types; what cannot be one stays text, which the check then finds."""
    properties = DESCRIPTION["$defs"][name]["properties"]
    return {parameter: _typed(properties.get(parameter, {}), values) for parameter, values in form.items()}


def violations(name: str, value: Json) -> list[str]:
    """How the value breaks the definition; an empty list where it keeps to it."""
    return [f"{name}: {'/'.join(map(str, error.path))}: {error.message}" for error in _validator(name).iter_errors(value)]


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": DESCRIPTION["$defs"]}, format_checker=_FORMATS)


def _typed(schema: Json, values: list[str]) -> object:
    if schema.get("type") == "array":
        return values
    if len(values) > 1:
        return values  # given twice: no text, so the check finds it
    try:
        return _CONVERSIONS.get(schema.get("type", ""), str)(values[0])
    except (ValueError, KeyError):
        return values[0]


_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("phone-number")
def _phone_number(value: object) -> bool:
    """E.164, or a short code."""
    return not isinstance(value, str) or re.fullmatch(r"\+[1-9]\d{6,14}|\d{5,6}", value) is not None


@_FORMATS.checks("uri", raises=ValueError)
def _uri(value: object) -> bool:
    """The answers' own addresses are relative."""
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return value.isascii() and " " not in value and ((parts.scheme in {"http", "https"} and bool(parts.hostname)) or value.startswith("/"))


@_FORMATS.checks("date-time", raises=ValueError)
def _date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


@_FORMATS.checks("date-time-rfc-2822", raises=ValueError)
def _mail_date(value: object) -> bool:
    return not isinstance(value, str) or bool(parsedate_to_datetime(value))


@_FORMATS.checks("currency")
def _currency(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"[A-Z]{3}", value) is not None


@_FORMATS.checks("uri-map")
def _uri_map(value: object) -> bool:
    return not isinstance(value, dict) or all(_uri(address) for address in value.values())
