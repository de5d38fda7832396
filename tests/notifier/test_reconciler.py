"""What may have gone is looked for where Twilio keeps it, before it is repeated; with Twilio's API in the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from db import people
from db.engine import Database
from db.outbox import CRISIS, OUTBOX, Draft
from db.reports import note_status
from db.schema import migrate
from notifier.reconciler import Reconciler
from notifier.senders.sent_texts import SentTexts, is_hidden, says
from notifier.senders.sms import SmsSender, TwilioAccount
from tests.fakes import HeldClock
from tests.notifier.outgoing import House
from tests.notifier.samples import CASEY_PHONE, NOW, casey, text_draft
from tests.servers import twilio_faults as faults
from tests.servers.twilio_api import TwilioApi
from tests.servers.twilio_texts import Text

MINUTES = (1, 4, 10)  # between the looks


class Desk(House):
    """A sender, and whoever looks for what it lost."""

    def __init__(self, database: Database, api: TwilioApi) -> None:
        account = TwilioAccount(account_sid=api.account_sid, auth_token=api.auth_token, phone_number=api.number, api_url=api.url)
        self.sender = SmsSender(account)
        super().__init__(database, self.sender)
        self.api = api
        self.rings = 0
        self.reconciler = Reconciler(database, {"sms": SentTexts(account)}, clock=self.clock, rung=self._ring)

    def _ring(self) -> None:
        self.rings += 1

    def lose(self, *drafts: Draft, took: bool = True) -> None:
        """Twilio takes texts, or does not, and the line breaks before it says so."""
        self.queue(*drafts)
        self.api.fail(faults.TAKES_THEN_DROPS if took else faults.DROPS, times=len(drafts))
        assert self.send_all() == len(drafts)

    def look(self, minutes: float) -> str:
        """Some time passes; what has become of the text."""
        self.clock.advance(minutes=minutes)
        self.reconciler.look()
        return str(self.row().status)


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    database = Database(database_url)
    migrate(database)
    with TwilioApi(clock := HeldClock(NOW)) as api:
        made = Desk(database, api)
        made.delivery._clock = made.reconciler._clock = made.clock = clock
        yield made
        made.sender.close()
    database.close()
    assert api.violations == []


def test_a_text_that_twilio_took_is_not_repeated(desk: Desk) -> None:
    """It is on the recipient's list; before its first minute is over nobody looks."""
    desk.lose(text_draft())
    assert desk.look(0.5) == "unknown"
    assert desk.look(0.5) == "sent"
    assert (desk.row().provider_id, desk.row().doubtful, desk.row().error) == (desk.api.sent[0].sid, False, None)
    assert desk.send_all() == 0


def test_a_text_that_twilio_never_took_is_repeated_once(desk: Desk) -> None:
    """After three looks in a quarter of an hour; it is marked, since it may have gone twice after all."""
    desk.lose(text_draft(), took=False)
    assert [desk.look(minutes) for minutes in MINUTES] == ["unknown", "unknown", "queued"]
    assert desk.rings == 1
    assert desk.send_all() == 1
    assert (desk.row().status, desk.row().doubtful, len(desk.api.sent)) == ("sent", True, 1)


def test_a_repeated_text_that_is_lost_again_is_listed(desk: Desk) -> None:
    """It is looked for once more; then nobody can know."""
    desk.lose(text_draft(), took=False)
    for minutes in MINUTES:
        desk.look(minutes)
    desk.api.fail(faults.DROPS, times=1)
    assert desk.send_all() == 1
    assert [desk.look(minutes) for minutes in MINUTES] == ["unknown", "unknown", "uncertain"]
    assert desk.send_all() == 0
    assert desk.row().settled_at == desk.clock()


def test_a_list_that_lags_is_looked_at_again(desk: Desk) -> None:
    """The text shows up on it only after ten minutes."""
    desk.lose(text_draft())
    hidden, desk.api.texts[:] = list(desk.api.texts), []
    assert [desk.look(1), desk.look(4)] == ["unknown", "unknown"]
    desk.api.texts += hidden
    assert desk.look(10) == "sent"
    assert len(desk.api.sent) == 1


def test_two_alike_are_two(desk: Desk) -> None:
    """Of two texts with the same words Twilio took the first alone: one id does not settle both."""
    desk.lose(text_draft("id-0001"))
    desk.lose(text_draft("id-0002"), took=False)
    desk.look(1)
    assert (desk.row("id-0001").status, desk.row("id-0002").status) == ("sent", "unknown")


def test_an_earlier_text_alike_is_another(desk: Desk) -> None:
    """Whether its row is still there or not: what Twilio took before cannot be this one."""
    desk.queue(text_draft("before"))
    assert desk.send_all() == 1
    with desk.database.write() as session:
        session.execute(update(OUTBOX).values(provider_id=None))
    desk.clock.advance(hours=1)
    desk.lose(text_draft(), took=False)
    assert [desk.look(minutes) for minutes in MINUTES] == ["unknown", "unknown", "queued"]


@pytest.mark.parametrize("fault", [faults.UNAVAILABLE, faults.RATE_LIMITED, faults.DROPS], ids=["503", "429", "dropped"])
def test_a_look_that_fails_is_none(desk: Desk, fault: faults.Fault) -> None:
    """While Twilio cannot be asked nothing is repeated."""
    desk.lose(text_draft())
    desk.api.fail(fault, reads=True)
    assert {desk.look(20) for _ in range(5)} == {"unknown"}
    assert desk.row().looks == 0
    desk.api.mend()
    assert desk.look(1) == "sent"


def test_what_cannot_be_asked_for_three_days_is_listed(desk: Desk) -> None:
    """It is too late to repeat it."""
    desk.lose(text_draft())
    desk.api.fail(faults.UNAVAILABLE, reads=True)
    desk.clock.advance(days=3)
    assert desk.look(1) == "uncertain"


def test_nothing_is_repeated_to_somebody_who_opted_out_meanwhile(desk: Desk) -> None:
    """The doubt ends with the opt-out."""
    with desk.database.write() as session:
        address = casey(session).address_id
    desk.lose(text_draft(address_id=address), took=False)
    with desk.database.write() as session:
        people.opt_out(session, address, desk.clock())
    assert [desk.look(minutes) for minutes in MINUTES] == ["unknown", "unknown", "suppressed"]


def test_a_callback_is_quicker_than_any_look(desk: Desk) -> None:
    """It names the row; nobody looks any more."""
    desk.lose(text_draft())
    with desk.database.write() as session:
        assert note_status(session, key="id-0001", provider_id=desk.api.sent[0].sid, status="delivered", error="", now=desk.clock())
    asked = len(desk.api.requests)
    assert desk.look(1) == "sent"
    assert len(desk.api.requests) == asked


def test_a_text_that_twilio_took_and_did_not_deliver_failed(desk: Desk) -> None:
    """The list says so as the callback would have."""
    desk.lose(text_draft())
    desk.api.sent[0].status, desk.api.sent[0].error_code = "undelivered", 30007
    assert desk.look(1) == "failed"
    assert desk.row().error == "Twilio 30007"


def test_a_crisis_answer_is_repeated_at_once_and_then_looked_for(desk: Desk) -> None:
    """Both were taken: the second is found, and the row says that it may have gone twice."""
    desk.queue(text_draft(priority=CRISIS))
    desk.api.fail(faults.TAKES_THEN_DROPS, times=2)
    assert desk.send_all() == 2
    assert desk.look(1) == "sent"
    assert (desk.row().doubtful, len(desk.api.sent)) == (True, 2)


@pytest.mark.parametrize("body", ["", "[REDACTED]"])
def test_where_no_bodies_are_kept_the_time_has_to_do(desk: Desk, body: str) -> None:
    desk.lose(text_draft())
    desk.api.sent[0].body = body
    assert desk.look(1) == "sent"


def test_a_text_that_still_waits_at_twilio_is_found(desk: Desk) -> None:
    """It has no date of sending yet; and others to the same person do not hide it."""
    for number in range(60):
        desk.api.texts.append(_other(desk, number))
    desk.lose(text_draft())
    desk.api.texts[-1].sent, desk.api.texts[-1].status = None, "queued"
    for number in range(60, 120):
        desk.api.texts.append(_other(desk, number))
    assert desk.look(1) == "sent"


def _other(desk: Desk, number: int) -> Text:
    sid = f"SM{number + 1000:032x}"
    now = desk.clock()
    return Text(sid, desk.api.account_sid, desk.api.number, CASEY_PHONE, f"another {number}", "outbound-api", "sent", now, now)


@pytest.mark.parametrize(
    "found",
    [
        "Thanks! It's #12 - call us.",
        "Thanks! It\N{RIGHT SINGLE QUOTATION MARK}s #12 \N{EN DASH} call\N{NO-BREAK SPACE}us.",
        "Sent from your Twilio trial account - Thanks! It's #12 - call us.",
    ],
)
def test_a_body_is_known_however_it_comes_back(found: str) -> None:
    """A trial account's prefix, other quotation marks, other spaces."""
    assert says(found, "Thanks! It's #12 - call us.")


@pytest.mark.parametrize("found", ["Thanks! It's #13 - call us.", "", "Thanks!", "[REDACTED]"])
def test_another_body_is_another(found: str) -> None:
    assert not says(found, "Thanks! It's #12 - call us.")


def test_a_body_of_signs_alone_is_never_known() -> None:
    """Every body ends with nothing."""
    assert not says("anything", "!?")
    assert is_hidden("***")


def test_a_channel_without_a_place_to_look_is_listed(desk: Desk) -> None:
    """Nobody can know; it is not repeated."""
    desk.lose(text_draft())
    blind = Reconciler(desk.database, {"sms": None}, clock=desk.clock, rung=desk._ring)
    desk.clock.advance(minutes=1)
    blind.look()
    assert (desk.row().status, desk.rings) == ("uncertain", 0)


def test_two_who_look_at_once_do_not_meet(desk: Desk) -> None:
    """Whoever takes it up has three minutes; a look by somebody else meanwhile finds nothing to do."""
    desk.lose(text_draft(), took=False)
    desk.clock.advance(minutes=1)
    asked = len(desk.api.requests)
    original = desk.reconciler._settle
    desk.reconciler._settle = lambda *_: None  # type: ignore[method-assign]
    desk.reconciler.look()  # which dies before it has looked
    desk.reconciler._settle = original  # type: ignore[method-assign]
    desk.reconciler.look()
    assert len(desk.api.requests) == asked
    desk.clock.advance(minutes=3)
    desk.reconciler.look()
    assert len(desk.api.requests) == asked + 1
    assert desk.row().looks == 1


def test_the_window_is_wide_enough_for_clocks_that_differ(desk: Desk) -> None:
    """Twilio's clock and ours need not agree to the second."""
    desk.lose(text_draft())
    desk.api.sent[0].created -= timedelta(seconds=90)
    assert desk.look(1) == "sent"
