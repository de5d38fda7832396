"""Many ways to say each act, in English, Spanish and the two mixed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from parsers.message import InboundMessage
from parsers.reading import Context, hear, read
from parsers.vocabulary import load

LINES = [line for line in (Path(__file__).parent / "wordings.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("line", LINES)
def test_a_wording_says_its_acts(line: str) -> None:
    told, _, text = line.partition(" | ")
    acts, brace, known = told.partition("{")
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(brace + known or "{}").items()
    }
    context = Context(**given)
    message = InboundMessage(channel="sms", sender="+14065550100", body=text)
    reading = read(hear(message, load()), load(), context)
    assert (set(reading.acts), reading.urgent) == (set(acts.split()), None)
