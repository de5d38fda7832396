"""What goes wrong between a mailbox and its reader: nothing is lost, nothing is answered twice, and trouble is told once."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from intake import imap
from intake import mailbox as reading
from intake.arrival import Arrival
from intake.mailbox import MailboxReader
from parsers.errors import IntakeError
from tests.fakes import START
from tests.intake.test_mailbox import (
    COORDINATOR,
    Bench,
    Patience,
    _wait_for,
    _wait_for_first_pass,
    _watch,
    _without,
    bench,
    letter,
    running,
)
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.process import run
from tests.servers.proxy import Proxy
from tests.servers.waiting import wait_until

__all__ = ["bench"]
LONG = "MENTOR\r\n" + "and so on\r\n" * 300  # so that some cuts fall into the mail
PIECES = 14


@pytest.fixture
def line(mailbox: Mailbox) -> Iterator[Proxy]:
    """What stands between the mailbox and a reader that connects to its port."""
    with Proxy(mailbox.server.tls_port) as proxy:
        yield proxy


@pytest.fixture
def reader(bench: Bench, line: Proxy) -> MailboxReader:
    """As the bench's own, but over that line."""
    return _reader(bench, port=line.port)


def _reader(bench: Bench, **changed: Any) -> MailboxReader:  # noqa: ANN401
    server = bench.reader._server
    values = {name: getattr(server, name) for name in server.__dataclass_fields__} | changed
    return MailboxReader(imap.ImapServer(**values), bench.house.doorway, bench.database, clock=bench.clock)


def _troubles(bench: Bench) -> int:
    """How many mails about something that stands still wait for the coordinator, after another look."""
    bench.clock.advance(minutes=2)
    bench.house.watch.look(bench.clock())
    return bench.told()[COORDINATOR, "trouble"]


# Another UIDVALIDITY


def test_a_thousand_old_mails_with_other_uids_are_nobody_s_news(bench: Bench) -> None:
    """Nine hundred from before the start, and a hundred that were handled and lie in the inbox again: no record, no answer, no touch."""
    old = [letter(number) for number in range(900)]
    handled = [letter(number) for number in range(900, 1_000)]
    bench.box.append_many(old, internal_date=START - timedelta(days=30))
    bench.begin()
    bench.box.append_many(handled, internal_date=START + timedelta(hours=1))
    assert bench.reader.read_once() == 100
    before = bench.records(), bench.told(), len(bench.outcomes())
    bench.box.append_many(handled, internal_date=START + timedelta(hours=1))
    bench.box.change_uid_validity()
    assert [bench.reader.read_once() for _ in range(2)] == [0, 0]
    assert (bench.records(), bench.told(), len(bench.outcomes())) == before
    assert bench.count() == {"INBOX": 900, "Processed": 200}
    with bench.box.client() as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search(["UNSEEN", "UNDELETED"]) == client.search(["ALL"])


# The line and the server


def test_a_connection_that_is_cut_anywhere_loses_nothing_and_answers_once(bench: Bench, reader: MailboxReader, line: Proxy) -> None:
    """While greeting, while fetching, between the commit and the filing: whatever was under way is done at the next pass, once."""
    bench.begin()
    bench.box.append(letter(0, LONG))
    assert reader.read_once() == 1
    whole, cut = line.octets, 0
    for number in range(1, PIECES + 1):
        bench.box.append(letter(number, LONG))
        line.cut_after(whole * (number - 1) // PIECES)
        try:
            reader.read_once()
        except IntakeError:
            cut += 1
        line.mend()
        reader.read_once()
        assert bench.outcomes() == ["handled"] * (number + 1)
        assert bench.count() == {"Processed": number + 1}
    assert cut >= PIECES - 2  # towards the end there is nothing left to lose
    assert bench.answered() == {f"writer{number}@example.org" for number in range(PIECES + 1)}
    assert {number for (recipient, _), number in bench.told().items() if recipient != COORDINATOR} == {1}
    assert bench.attempts() == {}


def test_a_line_that_falls_silent_while_it_waits_is_given_up(
    bench: Bench, reader: MailboxReader, line: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server never learns of it and nobody hangs up; mail that comes meanwhile is read over a new line."""
    monkeypatch.setattr(imap, "TIMEOUT", 3.0)
    monkeypatch.setattr(reading, "LOOK_AGAIN", (0.5,))
    monkeypatch.setattr(reading, "FIRST_PAUSE", 0.05)
    with running(reader):
        _wait_for_first_pass(bench)
        line.silence()
        before = line.connections
        bench.box.append(letter())
        wait_until(lambda: line.connections > before, what="the reader to connect again")
        line.mend()
        line.cut()
        _wait_for(bench, {"Processed": 1})
    assert bench.answered() == {"writer1@example.org"}


def test_a_server_that_restarts_in_good_order_is_read_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says goodbye while the reader waits."""
    monkeypatch.setattr(reading, "FIRST_PAUSE", 0.05)
    with running(bench.house.mailbox()):
        _wait_for_first_pass(bench)
        bench.box.server.stop()
        bench.box.server.start()
        bench.box.append(letter())
        _wait_for(bench, {"Processed": 1})


# Another client


@pytest.mark.parametrize("lacks", [(), ("MOVE",), ("MOVE", "UIDPLUS")])
@pytest.mark.parametrize("when", ["before it is fetched", "before it is filed"])
def test_a_folder_that_another_client_empties_stops_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, lacks: tuple[str, ...], when: str
) -> None:
    """What was fetched is answered, what was not is gone, and the next mail is read as ever."""
    _without(monkeypatch, *lacks)
    bench.begin()
    bench.box.append_many([letter(1), letter(2)])
    with monkeypatch.context() as patch:
        if when == "before it is fetched":
            patch.setattr(imap, "fetch", _first(lambda: _empty(bench.box), imap.fetch))
        else:
            _watch(bench, patch, lambda _: _empty(bench.box))
        taken = bench.reader.read_once()
    assert taken == (0 if when == "before it is fetched" else 2)
    assert bench.take(letter(3)) == 1
    assert bench.outcomes() == ["handled"] * (taken + 1)
    assert bench.count() == {"Processed": 1}
    assert bench.attempts() == {}
    assert _troubles(bench) == 0


def _first(do: Callable[[], object], then: Callable[..., list[imap.Fetched]]) -> Callable[[IMAPClient, Sequence[int]], list[imap.Fetched]]:
    def both(client: IMAPClient, uids: Sequence[int]) -> list[imap.Fetched]:
        do()
        return then(client, uids)

    return both


def _empty(box: Mailbox) -> None:
    with box.client() as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()


# A mailbox that takes nothing more


def test_a_full_mailbox_loses_nothing_answers_once_and_is_told_of_once(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server can only copy, which needs room; as soon as there is some, all is filed away."""
    box = dovecot.mailbox("full1")
    monkeypatch.setenv("SSL_CERT_FILE", box.settings["SSL_CERT_FILE"])
    _without(monkeypatch, "MOVE")
    bench = Bench(box, tmp_path)
    bench.begin()
    bench.box.append_many(map(letter, range(5)))  # which fills it
    assert bench.reader.read_once() == 5
    told = bench.told()
    assert [bench.reader.read_once() for _ in range(3)] == [0, 0, 0]
    assert bench.count() == {"INBOX": 5}
    assert bench.outcomes() == ["handled"] * 5
    assert bench.told() == told
    assert [_troubles(bench) for _ in range(3)] == [1, 1, 1]
    bench.box.delete(bench.box.messages()[0].uid)
    bench.box.delete(bench.box.messages()[0].uid)
    bench.box.delete(bench.box.messages()[0].uid)
    assert bench.reader.read_once() == 0
    assert bench.count() == {"Processed": 2}
    assert len(bench.answered()) == 5
    assert bench.attempts() == {}
    bench.database.close()


def test_a_full_mailbox_that_can_move_is_no_trouble(dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = dovecot.mailbox("full2")
    monkeypatch.setenv("SSL_CERT_FILE", box.settings["SSL_CERT_FILE"])
    bench = Bench(box, tmp_path)
    bench.begin()
    assert bench.take(*map(letter, range(5))) == 5
    assert bench.count() == {"Processed": 5}
    assert _troubles(bench) == 0
    bench.database.close()


# A wrong password


def test_a_wrong_password_is_told_once_and_tried_seldom(bench: Bench) -> None:
    """As the server counts it: each pause is one login, and no look of the watch makes another."""
    bench.begin()
    patience = Patience(times=3)
    _reader(bench, password="hunter2").run(patience)

    def refused() -> list[str]:
        return [line for line in bench.box.server.log().splitlines() if f"user=<{bench.box.username}>" in line and "auth failed" in line]

    wait_until(lambda: len(refused()) >= 3, what="the server to have written them down")
    assert len(refused()) == 3
    assert all("1 attempts" in line for line in refused())
    assert patience.waits == [120.0, 240.0, 300.0]
    assert [_troubles(bench) for _ in range(3)] == [1, 1, 1]
    assert bench.take(letter()) == 1


# What was set aside


def test_what_is_in_quarantine_is_listed_handled_again_and_dropped_by_the_command(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its number, without its words; what is still as broken as before stays, and what is gone is said to be."""
    bench.begin()
    with monkeypatch.context() as patch:
        patch.setitem(bench.house.listener.parse, "email", _breaks)
        bench.take(letter(1), letter(2, From=""))
    environment = {
        **bench.box.settings,
        "DATABASE_URL": bench.settings.DATABASE_URL,
        "SMTP_HOST": "localhost",
        "MAIL_FROM": "a@example.org",
    }

    def quarantine(*arguments: str) -> tuple[int, str]:
        done = run("quarantine", *arguments, environment=environment, folder=tmp_path)
        return done.returncode, done.stdout + (done.stderr if done.returncode and not done.stdout else "")

    code, listed = quarantine("list")
    assert code == 0
    assert [row.split()[:2] for row in listed.splitlines()] == [["1", "email"], ["2", "email"]]
    assert "ZeroDivisionError at test_mailbox_faults.py" in listed
    assert quarantine("retry", "1") == (0, "message 1: handled\n")
    assert quarantine("retry", "2") == (1, "message 2: quarantined\n")
    assert quarantine("drop", "2") == (0, "message 2: dropped\n")
    assert quarantine("list") == (0, "")
    for action in ("retry", "drop"):
        code, said = quarantine(action, "2")
        assert code == 1
        assert "no message 2 is kept aside" in said
    assert bench.records() == 1
    assert stat.S_IMODE((tmp_path / "peer-intake.db").stat().st_mode) == 0o600


def _breaks(_: bytes) -> Arrival:
    raise ZeroDivisionError
