"""Callers who mean no good: they cost little, and keep nobody out."""

from __future__ import annotations

import os
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests
from sqlalchemy import event

from intake.listening import web_task
from intake.web import LARGEST_BODY
from tests.fakes import signed_form
from tests.load.station import URL, Station
from tests.servers.waiting import HOST, free_port

SLOW = 200
MANY_FILES = 1024
BEGINNING = b"POST /sms HTTP/1.1\r\nHost: intake.example.org\r\nContent-Length: 1000\r\n"


@pytest.fixture
def port(station: Station) -> Iterator[int]:
    with _served(station) as number:
        yield number


@contextmanager
def _served(station: Station) -> Iterator[int]:
    """The webhook as `serve` runs it."""
    number, stop = free_port(), threading.Event()
    thread = threading.Thread(target=web_task(station.house.webhook(), host=HOST, port=number), args=(stop,))
    thread.start()
    yield number
    stop.set()
    thread.join(timeout=60)


@pytest.mark.parametrize("sent", [b"", BEGINNING, BEGINNING + b"\r\nBody=", b"G"], ids=["nothing", "head", "body", "one letter"])
def test_those_who_never_finish_keep_nobody_out(station: Station, port: int, sent: bytes) -> None:
    """They take none of the threads in which texts are handled."""
    with ExitStack() as stack:
        for _ in range(SLOW):
            stack.enter_context(socket.create_connection((HOST, port), timeout=60)).sendall(sent)
        signed = signed_form(
            f"{URL}/sms", {"MessageSid": "SM1", "From": "+14065550111", "Body": "MENTOR"}, station.settings.TWILIO_AUTH_TOKEN
        )
        answer = requests.post(f"http://{HOST}:{port}/sms", data=signed.body, headers=signed.headers, timeout=60)
        assert answer.status_code == 200
    assert station.inbox() == {("sms", "handled"): 1}


def test_however_many_files_are_open_the_webhook_goes_on(station: Station) -> None:
    """Whoever opens a thousand connections would else end the process, where more files than that are allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < MANY_FILES * 2:
        pytest.skip("this system allows too few files")
    with ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, MANY_FILES * 2), hard))
        for _ in range(MANY_FILES):
            stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        port = stack.enter_context(_served(station))
        assert requests.get(f"http://{HOST}:{port}/healthz", timeout=10).status_code == 200


def test_who_does_not_sign_is_refused_without_a_look_at_the_database(station: Station) -> None:
    """However much they send, whatever they claim to be signed with, and wherever they send it."""
    asked: list[str] = []
    event.listen(station.database.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    event.listen(station.database.engine, "begin", lambda _: asked.append("BEGIN"))
    body = b"Body=" + b"a&a=" * (LARGEST_BODY // 4 - 2)
    for path in ("/sms", "/voice", "/sms/status?key=x"):
        for headers in ({}, {"X-Twilio-Signature": "bm9uc2Vuc2U="}):
            assert station.client.post(path, data=body, headers=headers).status_code == 403
    assert asked == []
