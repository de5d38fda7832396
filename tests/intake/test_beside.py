"""Messages are listened to in processes beside the one that acts on them: the same is understood, and whatever ends one, none is lost."""

from __future__ import annotations

import errno
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from intake import beside
from intake import workers as processes
from intake.arrival import Arrival, Ready
from intake.beside import DEEP, ENDED, Beside, workers_for
from intake.hearing import Listener, Parse, listener
from intake.service import House
from intake.settings import settings_from
from intake.workers import Worker, Workers
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


def _endless(source: bytes) -> InboundMessage:
    raise AssertionError(re.search(b"o(?:oo|o)*!", source))


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
    assert workers.quickest() is None  # it has no successor
    [[again]] = _listened(to, [_text("poison")])
    assert again.understood.heard, "what is listened to here has no poison in this test"


def test_a_message_without_an_end_ends_the_process_that_listens_to_it(here: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even within a regular expression, where Python hears of nothing: it is kept aside, and not listened to here."""
    monkeypatch.setattr(processes, "LONGEST", 0.1)
    made = Workers(replace(here, parse={"sms": _endless}), count=1)
    assert _listened(Beside(here, made), [_text("o" * 60)])[0][0].understood == ENDED
    made.close()


def test_each_of_several_messages_has_its_own_time(here: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Together they may take longer than one may."""

    def slow(source: bytes) -> InboundMessage:
        time.sleep(0.7)
        return here.parse["sms"](source)

    monkeypatch.setattr(processes, "LONGEST", 2.0)
    made = Workers(replace(here, parse={"sms": slow}), count=1)
    [ready] = _listened(Beside(here, made), [_text(f"MENTOR {number}") for number in range(4)])
    assert all(one.understood.guess for one in ready), "all of them were listened to there"
    made.close()


def test_a_process_that_is_held_up_is_no_fault_of_its_message(here: Listener, workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped, as with its container: what waits is listened to here in time, not kept aside; and nobody waits for it again."""
    monkeypatch.setattr(processes, "LONGEST", 0.1)
    os.kill(workers.pids[0], signal.SIGSTOP)
    [[ready]] = _listened(Beside(here, workers), [_text("MENTOR")])
    assert ready.understood.heard
    assert workers.pids == []


def test_a_process_that_goes_on_after_a_stop_is_kept(here: Listener, workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both were stopped: it had no time to answer, and has nothing on its hands."""

    def go_on(pid: int) -> float:
        os.kill(pid, signal.SIGCONT)
        return 0.0

    monkeypatch.setattr(processes, "LONGEST", 0.1)
    monkeypatch.setattr(processes, "SIGN_OF_WORK", 30.0)
    monkeypatch.setattr(processes, "worked", go_on)
    os.kill(workers.pids[0], signal.SIGSTOP)
    [[ready]] = _listened(Beside(here, workers), [_text("MENTOR")])
    assert ready.understood.guess, "it was listened to there"
    assert len(workers.pids) == 1


def test_what_a_process_does_not_take_in_is_listened_to_here(here: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the line to it holds."""
    monkeypatch.setattr(processes, "LONGEST", 0.1)
    workers = Workers(here, count=1)
    os.kill(workers.pids[0], signal.SIGSTOP)
    mails = [replace(_text("MENTOR" + " " * 500_000, str(sender)), external_id=str(sender)) for sender in range(3)]
    [ready] = _listened(Beside(here, workers), mails)
    assert [one.arrival for one in ready] == mails
    assert all(one.understood.heard for one in ready)


def test_a_process_that_ends_while_it_is_asked_is_no_fault_of_the_message(
    here: Listener, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot have looked at it."""
    os.kill(workers.pids[0], signal.SIGKILL)
    os.waitid(os.P_PID, workers.pids[0], os.WEXITED | os.WNOWAIT)
    with monkeypatch.context() as unseen:
        unseen.setattr(Worker, "_has_ended", lambda _: False)
        [[ready]] = _listened(Beside(here, workers), [_text("MENTOR")])
    assert ready.understood.heard


def test_a_message_that_is_listened_to_when_all_are_ended_is_not_blamed(here: Listener, workers: Workers) -> None:
    """As the program stops: it is listened to here, and taken in or brought again."""
    worker = workers.quickest()
    assert worker
    os.kill(worker.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as aside:
        found = aside.submit(_listened, Beside(here, workers), [_text("MENTOR")])
        wait_until(lambda: any(question.told for question in [*worker._open]), what="the process to be asked")
        workers.close()
        assert found.result()[0][0].understood.heard


@pytest.mark.parametrize("at", [0, 1, 2])
def test_of_several_messages_only_that_one_is_kept_aside_which_ended_the_process(here: Listener, workers: Workers, at: int) -> None:
    """None of it is listened to here, where it would end all; the others are, in their order."""
    portions = [[_text("MENTOR"), _text("SHADOW")], [_text("MENTOR"), _text("SHADOW")], [_text("hola")]]
    portions[1].insert(at, _text("poison"))
    ready = [one for portion in _listened(Beside(here, workers), *portions) for one in portion]
    assert [one.arrival for one in ready] == [arrival for portion in portions for arrival in portion]
    assert [one.understood == ENDED for one in ready] == [number == 2 + at for number in range(6)]
    assert all(one.understood.heard for number, one in enumerate(ready) if number != 2 + at)


def test_a_process_that_ended_before_is_no_fault_of_the_next_message(here: Listener, workers: Workers) -> None:
    os.kill(workers.pids[0], signal.SIGKILL)
    wait_until(lambda: _has_ended(workers.pids[0]), what="the process to end")
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


def test_whoever_is_late_for_an_answer_keeps_nobody_waiting(here: Listener, workers: Workers) -> None:
    """One of two has another portion listened to ahead, and asks for no answer yet: the other has its own, and the first finds theirs."""
    to = Beside(here, workers)
    late = to.listen([[_text("MENTOR")], [_text("SHADOW")]])
    next(late)
    [[ready]] = _listened(to, [_text("hola, quiero ser mentor")])
    assert ready.understood.guess
    assert ready.understood.guess.reading.language == "es"
    assert [one.understood.guess.reading.acts for one in next(late) if one.understood.guess] == [("shadow_request",)]


def test_many_ask_at_once_and_each_has_an_answer_of_its_own(here: Listener, workers: Workers) -> None:
    to = Beside(here, workers)
    names = [f"MENTOR number {number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: _listened(to, [_text(name)])[0][0], names))
    assert [one.understood.heard.message.body for one in found if one.understood.heard] == names
    assert all(one.understood.guess for one in found), "all of them were listened to there"


def test_of_those_who_wait_only_the_one_is_blamed_whose_message_ended_the_process(here: Listener) -> None:
    """Whoever waits for the answer; the others are listened to here."""
    made = Workers(replace(here, parse={"sms": _deadly(here.parse["sms"])}), count=1)
    to = Beside(here, made)
    os.kill(made.pids[0], signal.SIGSTOP)
    with ThreadPoolExecutor(3) as pool:
        found = []
        for place, words in enumerate(("MENTOR", "poison", "SHADOW")):
            found.append(pool.submit(_listened, to, [_text(words)]))
            wait_until(partial(_owes, made, place + 1), what="it to be asked")
        os.kill(made.pids[0], signal.SIGCONT)
    assert [future.result()[0][0].understood == ENDED for future in found] == [False, True, False]
    assert made.quickest() is None


def _owes(workers: Workers, messages: int) -> bool:
    worker = workers.quickest()
    return worker is not None and worker.owes == messages


def test_whoever_asks_goes_to_the_process_that_has_least_to_do(here: Listener) -> None:
    """A text does not wait behind a portion of mails."""
    made = Workers(here, count=2)
    busy = made.quickest()
    assert busy
    busy.ask([_text("MENTOR")] * 2)
    other = made.quickest()
    assert other
    assert other.pid != busy.pid
    other.ask([_text("MENTOR")])
    assert made.quickest() is other
    made.close()


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


def test_where_nobody_may_choose_a_processor_the_system_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under a service that is allowed little; messages are listened to beside it all the same."""

    def refuse(*_: object) -> None:
        raise PermissionError

    made = SimpleNamespace(pids=[1])
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    monkeypatch.setattr(beside, "Workers", lambda *_, **__: made)
    assert workers_for(settings_from(SETTINGS), ()) == made


def test_each_process_takes_the_processor_that_it_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its number: in containers all have the same."""
    processors = os.sched_getaffinity(0)
    chosen: list[set[int]] = []
    for one in processors:
        os.sched_setaffinity(0, {one})
        with monkeypatch.context() as recorded:
            recorded.setattr(os, "sched_getaffinity", lambda _: processors)
            recorded.setattr(os, "sched_setaffinity", lambda _, own: chosen.append(own))
            beside._share_processors(SimpleNamespace(pids=[]))  # type: ignore[arg-type]
    os.sched_setaffinity(0, processors)
    assert chosen == [{one} for one in processors]


def test_without_room_for_more_processes_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program starts, listens to messages itself, and leaves no half of what it wanted."""
    fork = os.fork
    made: list[int] = []

    def full() -> int:
        if made:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        made.append(fork())
        return made[0]

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(os, "fork", full)
    assert workers_for(settings_from(SETTINGS | {"IMAP_HOST": "localhost"}), ()) is None
    with pytest.raises(ChildProcessError):
        os.waitpid(made[0], 0)


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


@pytest.mark.parametrize("size", [100, 300_000])
def test_what_comes_is_asked_for_while_others_are_listened_to(here: Listener, workers: Workers, size: int) -> None:
    """A few portions ahead and no more; one by one where the line has no room for them, or both sides would wait for each other."""
    brought: list[Arrival] = []
    ready: list[Ready] = []

    def coming() -> Iterator[list[Arrival]]:
        for number in range(6):
            brought.append(_mail(number, size))
            yield brought[-1:]

    for found in Beside(here, workers).listen(coming()):
        ready += found
        assert len(brought) == min(6, len(ready) + DEEP - 1)
    assert [one.arrival for one in ready] == brought
    assert all(one.understood.guess for one in ready), "all of them were listened to there"


def _mail(number: int, size: int) -> Arrival:
    source = b"From: writer%d@example.org\r\n\r\nMENTOR\r\n\r\n" % number + b"and so on\r\n" * (size // 11)
    return Arrival(channel="email", external_id=str(number), source=source, received_at=START)
