"""Messages are listened to in processes beside the one that acts on them: the same is understood, and whatever ends one, none is lost."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from intake import beside
from intake.arrival import Arrival, Ready
from intake.beside import ENDED, Beside, workers_for
from intake.hearing import Listener, Parse, listener
from intake.service import House
from intake.settings import settings_from
from intake.workers import Workers
from notifier.given import Given
from notifier.programme import Programme
from parsers.message import InboundMessage
from parsers.vocabulary import load
from tests.fakes import START, CountedIds
from tests.intake.office import ANA, BO, SETTINGS, Office
from tests.servers.process import Process
from tests.servers.waiting import free_port, wait_until

POISON = b"poison"
URL = "https://intake.example.org"


@pytest.fixture(scope="module")
def here() -> Listener:
    return listener(settings_from(SETTINGS).programme, load(), ())


@pytest.fixture
def workers(here: Listener) -> Iterator[Workers]:
    """One process, which ends over what is poison."""
    made = Workers(replace(here, parse={channel: _deadly(parse) for channel, parse in here.parse.items()}), count=1)
    yield made
    made.close()


def _deadly(parse: Parse) -> Parse:
    def read(source: bytes) -> InboundMessage:
        if POISON in source:
            os.kill(os.getpid(), signal.SIGKILL)
        return parse(source)

    return read


def _text(words: str, sender: str = "%2B14065550111") -> Arrival:
    source = f"From={sender}&Body={words}".encode()
    return Arrival(channel="sms", external_id=words, source=source, received_at=START)


def _listened(to: Beside, *portions: list[Arrival]) -> list[list[Ready]]:
    return list(to.listen(portions))


def test_the_same_is_understood_there_as_here(here: Listener, workers: Workers) -> None:
    """Portion by portion, in their order; there, too, how it is read if its writer is new."""
    portions = [[_text("MENTOR"), _text("I want to die")], [_text("hola, quiero ser mentor")], [_text("")]]
    found = _listened(Beside(here, workers), *portions)
    assert [[one.arrival for one in ready] for ready in found] == portions
    assert [[replace(one.understood, guess=None) for one in ready] for ready in found] == [
        [here.understand(arrival) for arrival in portion] for portion in portions
    ]
    guesses = [one.understood.guess for ready in found for one in ready]
    assert [guess.reading.acts if guess else () for guess in guesses] == [("mentor_offer",), ("other",), ("mentor_offer",), ("other",)]
    assert [guess.reading.urgent if guess else "" for guess in guesses] == [None, "crisis", None, None]


def test_what_a_message_breaks_is_told_as_here(here: Listener, workers: Workers) -> None:
    """By the kind and the place of the error, without its words."""
    broken = replace(_text("x"), channel="fax")  # type: ignore[arg-type]
    [[ready]] = _listened(Beside(here, workers), [broken])
    assert ready.understood.error == here.understand(broken).error
    assert ready.understood.error.startswith("KeyError at hearing.py:")


def test_a_message_that_ends_the_process_is_kept_aside_and_those_around_it_are_understood(here: Listener, workers: Workers) -> None:
    to = Beside(here, workers)
    [before, [poisoned], after] = _listened(to, [_text("MENTOR")], [_text("poison")], [_text("SHADOW")])
    assert poisoned.understood == ENDED
    assert before[0].understood.heard
    assert after[0].understood.heard
    assert workers.take(0) is None  # it has no successor
    [[again]] = _listened(to, [_text("poison")])
    assert again.understood.heard, "what is listened to here has no poison in this test"


def test_what_is_listened_to_as_they_are_ended_is_listened_to_here(here: Listener, tmp_path: Path) -> None:
    """A stop is no fault of the message, which is neither lost nor kept aside."""

    def endless(_: bytes) -> InboundMessage:
        (tmp_path / "begun").touch()
        time.sleep(3600)
        raise AssertionError

    workers = Workers(replace(here, parse={"sms": endless}), count=1)
    with ThreadPoolExecutor(1) as pool:
        listened = pool.submit(_listened, Beside(here, workers), [_text("MENTOR")], [_text("SHADOW")])
        wait_until((tmp_path / "begun").exists, what="the process to listen")
        workers.close()
    assert all(ready.understood.heard for [ready] in listened.result())


def test_of_several_messages_none_is_blamed(here: Listener, workers: Workers) -> None:
    """Nobody can know which of them it was: all are listened to here, as they were before there were processes."""
    [ready] = _listened(Beside(here, workers), [_text("MENTOR"), _text("poison"), _text("SHADOW")])
    assert all(one.understood.heard for one in ready)


def test_a_process_that_ended_before_is_no_fault_of_the_next_message(here: Listener, workers: Workers) -> None:
    worker = workers.take(0)
    assert worker
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: _has_ended(worker.pid), what="the process to end")
    workers.give_back(worker)
    [[ready]] = _listened(Beside(here, workers), [_text("MENTOR")])
    assert ready.understood.heard


def test_whoever_stops_listening_leaves_nothing_to_the_next(here: Listener, workers: Workers) -> None:
    """The portion that was listened to ahead is not taken for what the next one asks."""
    to = Beside(here, workers)
    listening = to.listen([[_text("MENTOR")], [_text("SHADOW")]])
    next(listening)
    listening.close()
    [[ready]] = _listened(to, [_text("hola")])
    assert ready.understood.heard
    assert ready.understood.heard.message.body == "hola"


def test_where_none_is_free_it_is_listened_to_here(here: Listener, workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "PATIENCE", 0.001)
    to = Beside(here, workers)
    first = to.listen([[_text("MENTOR")], [_text("MENTOR")]])
    next(first)
    [[ready]] = _listened(to, [_text("SHADOW")])
    assert ready.understood == here.understand(_text("SHADOW"))
    first.close()


@pytest.mark.parametrize(
    ("settings", "only", "processors", "count"),
    [
        ({}, (), 2, 1),
        ({"IMAP_HOST": "localhost"}, (), 2, 2),
        ({"IMAP_HOST": "localhost"}, ("mail",), 2, 1),
        ({"IMAP_HOST": "localhost"}, ("web",), 2, 1),
        ({}, ("send",), 2, 0),
        ({"IMAP_HOST": "localhost"}, (), 1, 0),
    ],
)
def test_there_are_as_many_as_there_is_work_for(
    settings: dict[str, str], only: tuple[str, ...], processors: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None where there is one processor, which has no time for two, and none where nothing comes in."""
    asked: list[int] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    monkeypatch.setattr(beside, "Workers", lambda _, count: asked.append(count))
    monkeypatch.setattr(beside, "_share_processors", lambda _: None)
    workers_for(settings_from(SETTINGS | settings), only)
    assert sum(asked) == count


class Aside(Office):
    """An office whose messages are listened to in a process beside it."""

    def __init__(self, database_url: str, workers: Workers) -> None:
        super().__init__(database_url)
        self.house = House(settings_from(SETTINGS), Given(clock=self.clock, ids=CountedIds(), jitter=lambda: 0.5), self.database, workers)


def test_who_is_known_is_read_in_their_context_all_the_same(database_url: str, here: Listener) -> None:
    """What was read beforehand counts only where nothing was known; "2" answers what was asked."""
    workers = Workers(here, count=1)
    aside = Aside(database_url, workers)
    plain: list[list[tuple[str, str]]] = []
    for words, sender in (("MENTOR", ANA), ("2", ANA), ("tuesdays after 5", ANA), ("MENTOR", BO), ("I dont want to live anymore", BO)):
        plain.append([(one.template, one.recipient) for one in aside.text(words, sender)])
        aside.clock.advance(minutes=1)
    assert [[template for template, recipient in told if recipient in (ANA, BO)] for told in plain] == [
        ["recorded"],
        ["changed"],
        ["changed"],
        ["recorded"],
        ["crisis"],
    ]
    aside.house.close()


def test_they_end_with_the_process_whose_they_are(tmp_path: Path) -> None:
    """Killed as it may be, it leaves nobody behind."""
    port = free_port()
    environment = {**SETTINGS, "HTTP_PORT": str(port), "PUBLIC_URL": URL, "DATABASE_URL": f"sqlite:///{tmp_path}/intake.db"}
    with Process("serve", "--only", "web", environment=environment, folder=tmp_path) as serve:
        serve.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        children = [int(child) for child in Path(f"/proc/{serve.pid}/task/{serve.pid}/children").read_text().split()]
        processors = os.sched_getaffinity(0)
        assert len(children) == (1 if len(processors) > 1 else 0)
        for child in children:  # each side has its own processors, so that neither drives the other's work about
            own = os.sched_getaffinity(serve.pid)
            assert len(own) == 1
            assert os.sched_getaffinity(child) == processors - own
        serve.kill()
        wait_until(lambda: all(map(_has_ended, children)), what="the processes beside it to end")


def _has_ended(pid: int) -> bool:
    """Whether or not somebody has asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_our_own_mail_is_read_by_nobody(here: Listener) -> None:
    programme: Programme = here.programme
    own = Arrival(channel="email", external_id="1", source=f"From: {programme.mail_address}\r\n\r\nMENTOR\r\n".encode(), received_at=START)
    heard = here.understand(own, guessing=True).heard
    assert heard
    assert heard.message.automatic == "our own"
    assert here.understand(own, guessing=True).guess is None
