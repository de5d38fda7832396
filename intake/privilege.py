"""Whose mail may command: a coordinator's own, in answer to a mail of ours that went to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from db import answered
from db.answered import Answered
from notifier.programme import Coordinator, Programme
from notifier.tokens import Token, in_address, in_message_id
from parsers.authentication import authenticated
from parsers.message import InboundMessage

GOOD_FOR = timedelta(days=14)
Why = Literal["unauthenticated", "no_token", "bad_token", "expired", "not_yours", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Privileged:
    """A mail that may command, and the mail of ours that it answers."""

    coordinator: Coordinator
    outbox_id: int
    key: str
    template: str
    number: int | None  # what the answered mail was about
    body: str = field(repr=False)  # whatever of our mails the answer may quote: its lines are nobody's commands
    spent: bool  # the token has let data leave before


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A mail in a coordinator's name that answers us and may not command."""

    coordinator: Coordinator  # in whose name it came
    why: Why


@dataclass(frozen=True, slots=True)
class NotCommanding:
    """A mail like any other."""


Privilege = Privileged | Refused | NotCommanding


def privilege(session: Session, message: InboundMessage, programme: Programme, *, trusted: Sequence[str], now: datetime) -> Privilege:
    """Judge a mail; in doubt it may not command."""
    coordinator = _named(message, programme)
    addressed = [token for address in message.recipients if (token := in_address(programme, address))]
    referred = [token for name in message.references if (token := in_message_id(programme, name))]
    if coordinator is None or message.automatic:
        return NotCommanding()
    mails = answered.mails(session, keys=[token.key for token in (*addressed, *referred)], message_ids=_names(message, programme))
    if not addressed and not referred and not mails:
        return NotCommanding()
    why = _why_not(message, programme, trusted, named=addressed or referred, coordinator=coordinator)
    token = referred[-1] if referred else addressed[0] if addressed else None
    if why is None and token is not None:
        why = _why_not_by([*addressed, token], programme, coordinator)
    if why is not None or token is None:
        return Refused(coordinator=coordinator, why=why or "no_token")
    return _by_mail(mails, token, coordinator, now)


def proven_coordinator(message: InboundMessage, programme: Programme, trusted: Sequence[str]) -> Coordinator | None:
    """The coordinator who wrote a mail, proven without a token: enough to pass on a mail or to add a record, which can be undone."""
    if message.automatic or not authenticated(message, trusted):
        return None
    return _of(message.froms[0], programme)


def whose_token(message: InboundMessage, programme: Programme) -> Coordinator | None:
    """The coordinator for whom we made a token that a mail names, whoever wrote the mail."""
    named = [token for address in message.recipients if (token := in_address(programme, address))]
    named += [token for name in message.references if (token := in_message_id(programme, name))]
    return next((who for token in named for who in programme.coordinators if token.is_of(who, programme)), None)


def _named(message: InboundMessage, programme: Programme) -> Coordinator | None:
    """The coordinator in whose name a mail came, rightly or not; a Reply-To makes nobody one."""
    return next(filter(None, (_of(address, programme) for address in message.froms or (message.sender,))), None)


def _of(address: str, programme: Programme) -> Coordinator | None:
    return next((who for who in programme.coordinators if who.email.lower() == address.lower()), None)


def _names(message: InboundMessage, programme: Programme) -> list[str]:
    """The Message-IDs that may be ours, in both cases in which they may come back."""
    domain = f"@{programme.mail_domain.lower()}>"
    names = [name for name in message.references if programme.mail_domain and name.lower().endswith(domain)]
    return list(dict.fromkeys([*names, *(name.lower() for name in names)]))


def _why_not(
    message: InboundMessage, programme: Programme, trusted: Sequence[str], *, named: Sequence[Token], coordinator: Coordinator
) -> Why | None:
    if not trusted or not programme.secret_key:
        return "off"
    if not authenticated(message, trusted) or _of(message.froms[0], programme) != coordinator:
        return "unauthenticated"
    return None if named else "no_token"


def _why_not_by(named: Sequence[Token], programme: Programme, coordinator: Coordinator) -> Why | None:
    """A mail may name several of our mails; none that it was sent to may be false, whichever it answers."""
    others = [one for one in named if not one.is_of(coordinator, programme)]
    if not others:
        return None
    return "not_yours" if all(any(one.is_of(who, programme) for who in programme.coordinators) for one in others) else "bad_token"


def _by_mail(mails: Sequence[Answered], token: Token, coordinator: Coordinator, now: datetime) -> Privilege:
    mail = next((mail for mail in mails if mail.key == token.key), None)
    if mail is None:
        return Refused(coordinator=coordinator, why="bad_token")
    if mail.recipient.lower() != coordinator.email.lower():
        return Refused(coordinator=coordinator, why="not_yours")
    # Of a mail whose words are erased nobody can tell what an answer quotes.
    if now - mail.created_at > GOOD_FOR or not mail.body.strip():
        return Refused(coordinator=coordinator, why="expired")
    return Privileged(
        coordinator=coordinator,
        outbox_id=mail.id,
        key=mail.key,
        template=mail.template,
        number=mail.number,
        body="\n".join(line for one in [mail, *mails] for line in _lines(one)),
        spent=mail.spent_at is not None,
    )


def _lines(mail: Answered) -> Iterator[str]:
    """A mail of ours as its readers see it: its text, and its HTML, which may be cut into other lines."""
    from parsers.markup import lines_of_html  # most mails answer none of ours

    yield mail.body
    yield from (f"> {line.text}" if line.depth else line.text for line in lines_of_html(mail.html))
