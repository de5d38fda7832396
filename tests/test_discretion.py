"""The ear that listens to the whole suite hears what it should, and nothing else."""

from __future__ import annotations

import logging
import threading
from io import StringIO

import pytest

from intake.logs import Discreet, set_up
from parsers.errors import kind_and_place
from tests.discretion import Listener

SAID = "I'd love to be a mentor on Tuesdays, after five"


def break_off() -> None:
    raise ValueError("ana@example.org wrote this")


@pytest.mark.parametrize(
    "line",
    [
        "inbox 1 quarantined: ana@example.org",
        "outbox 2 queued: +14065550111",
        "outbox 2 queued: (406) 555-0111",
        "not understood: love to be a Mentor",
        "Traceback (most recent call last):",
    ],
)
def test_what_names_somebody_or_repeats_them_is_heard(line: str) -> None:
    listener = Listener()
    listener.told.append(SAID)
    listener.output("serve", f"started\n{line}\n")
    assert listener.faults() == [line]


@pytest.mark.parametrize(
    "line",
    [
        "inbox 1 handled",
        "inbox 14065550111 quarantined: ValueError at mail.py:57",
        "mailbox: 3 mails not filed away, IMAPClientError at imapclient.py:1",
        "run.py check: COORDINATORS: write Sam <sam@example.org> +14065550188; Jo <jo@example.org>",
    ],
)
def test_ids_outcomes_and_advice_are_not(line: str) -> None:
    listener = Listener()
    listener.told.append(SAID)
    listener.output("serve", line)
    assert listener.faults() == []


def test_of_a_command_that_prints_people_s_words_the_log_alone_is_heard() -> None:
    listener = Listener()
    logged = "2026-03-02 17:00:00,123 ERROR intake: ana@example.org"
    listener.output("sandbox", f"Text to +14065550111: Thanks!\n{logged}\n", logged_only=True)
    assert listener.faults() == [logged]


def test_an_error_is_logged_without_its_words() -> None:
    """Also where a library logs the whole trace of it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Discreet("%(levelname)s %(message)s"))
    with pytest.raises(ValueError, match="ana@") as raised:
        break_off()
    error = raised.value
    record = logging.LogRecord("other", logging.ERROR, __file__, 1, "failed", None, (ValueError, error, error.__traceback__))
    assert "wrote this" in logging.Formatter().format(record)
    handler.handle(record)
    assert stream.getvalue() == f"ERROR failed\n{kind_and_place(error)}\n"
    assert kind_and_place(error).startswith("ValueError at test_discretion.py:")


def test_a_thread_that_ends_in_an_error_says_no_more_than_its_kind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    set_up()
    thread = threading.Thread(target=break_off, name="words")
    thread.start()
    thread.join()
    assert [line.partition(" at ")[0] for line in caplog.messages] == ["thread words ended: ValueError"]
    assert capfd.readouterr().err == ""
