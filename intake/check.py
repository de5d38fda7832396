"""Tries every setting for real, and says in plain words what to mend."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError
from requests.exceptions import RequestException
from sqlalchemy.exc import SQLAlchemyError
from twilio.base.exceptions import TwilioException, TwilioRestException

from db import health, private
from db.causes import cause
from db.engine import Database
from db.schema import is_current, migrate
from intake import imap, languages, servers
from intake.clock import is_set
from intake.forgery import trust
from intake.settings import Settings, misspelt
from intake.tried import TIMEOUT, Result, mend, ok
from notifier.senders import email, sms
from parsers.errors import IntakeError, VocabularyError


def check(settings: Settings, *, folder: Path | None = None, clock: Callable[[], datetime], ids: Callable[[], str]) -> Iterator[Result]:
    """Try the database, the `.env` of a folder, the words, each server, the coordinators and the trust in Authentication-Results."""
    yield _clock(clock())
    yield _database(settings, clock())
    if folder is not None:
        yield from _written(folder)
    for what, results in (
        ("vocabulary", _vocabulary(settings)),
        ("mailbox", _mailbox(settings)),
        ("mail out", _mail_out(settings)),
        ("texts", _twilio(settings)),
        ("coordinators", _people(settings)),
        ("forged Authentication-Results", trust(settings, clock=clock, ids=ids)),
    ):
        try:
            yield from results
        except VocabularyError as error:
            yield mend(what, str(error))
        except UnicodeError:
            yield mend(what, "a host name is malformed, or a user name or password holds letters that this protocol cannot carry")


def _written(folder: Path) -> Iterator[Result]:
    if private.is_open_to_others(folder / ".env"):
        yield mend("secrets", "every user of this machine can read .env; run `chmod 600 .env`")
    for name, near in misspelt(folder).items():
        yield mend("settings", f"{name} in .env is no setting; did you mean {near}?")


def _clock(now: datetime) -> Result:
    if not is_set(now):
        return mend("clock", f"this machine believes that it is {now:%Y-%m-%d}; nothing begins before its clock is set")
    return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _database(settings: Settings, now: datetime) -> Result:
    try:
        with closing(Database(settings.DATABASE_URL)) as database:
            if database.is_sqlite:
                migrate(database)
            if not is_current(database):
                return mend("database", "its schema is not this version's; run `python run.py migrate`")
            with database.write() as session:
                health.beat(session, now)
    except IntakeError as error:
        return mend("database", str(error))
    except (SQLAlchemyError, OSError) as error:
        return mend("database", f"cannot be written to ({cause(error)}); look at DATABASE_URL")
    return ok("database", f"{database.url.get_backend_name()} takes writes, and its schema is up to date")


def _vocabulary(settings: Settings) -> Iterator[Result]:
    yield ok("vocabulary", languages.told_of(settings.programme))


def _mailbox(settings: Settings) -> Iterator[Result]:
    if not settings.IMAP_HOST:
        yield ok("mailbox", "off, since IMAP_HOST is not set")
        return
    try:
        client = imap.connect(servers.mailbox_in(settings))
    except LoginError:
        yield mend("mailbox", "the server refused IMAP_USERNAME or IMAP_PASSWORD (many providers want an app password)")
        return
    except ssl.SSLError as error:
        yield mend("mailbox", f"no secure connection ({error.reason}); look at IMAP_HOST, IMAP_PORT and IMAP_TLS")
        return
    except (OSError, IMAPClientError) as error:
        yield mend("mailbox", f"not reached ({type(error).__name__}); look at IMAP_HOST and IMAP_PORT")
        return
    try:
        yield from _folders(client, settings)
    finally:
        imap.close(client)


def _folders(client: IMAPClient, settings: Settings) -> Iterator[Result]:
    yield ok("mailbox", "logged in")
    server = servers.mailbox_in(settings)
    for name in (server.folder, server.done_folder, server.automatic_folder, server.quarantine_folder):
        try:
            client.select_folder(name if name == server.folder else imap.own_folder(client, name), readonly=True)
        except (OSError, IMAPClientError):
            yield mend("mailbox folder", f"{name} cannot be opened or made; look at the IMAP_…_FOLDER settings")
            return
    if server.sent_folder:
        yield _sent_folder(client, server.sent_folder)
    yield ok("mailbox folders", "all there")
    if client.has_capability("IDLE"):
        yield ok("mailbox IDLE", "the server tells of new mail at once")
    else:
        yield ok("mailbox IDLE", "the server has none: new mail is seen within a minute")


def _sent_folder(client: IMAPClient, name: str) -> Result:
    """It is the provider's own: to make one that is missing would only hide that it has another name."""
    try:
        client.select_folder(name, readonly=True)
        ours = imap.holds_ours(client)
    except (OSError, IMAPClientError):
        folders = ", ".join(str(folder) for _, _, folder in client.list_folders())
        return mend("mailbox sent folder", f"{name} cannot be opened; set IMAP_SENT_FOLDER to one of: {folders}")
    if ours:
        return ok("mailbox sent folder", "the provider keeps copies of our mails there")
    return ok("mailbox sent folder", "opened; no mail of ours is in it yet, and until one is, it is not relied upon")


def _mail_out(settings: Settings) -> Iterator[Result]:
    if not settings.sends_mail:
        yield ok("mail out", "off, since SMTP_HOST or MAIL_FROM is not set")
        return
    try:
        email.connect(servers.mail_out(settings), timeout=TIMEOUT).quit()
    except smtplib.SMTPAuthenticationError:
        yield mend("mail out", "the server refused SMTP_USERNAME or SMTP_PASSWORD (many providers want an app password)")
    except smtplib.SMTPNotSupportedError:
        yield mend("mail out", "the server offers no STARTTLS or no login here; look at SMTP_TLS and SMTP_PORT (465 wants implicit)")
    except (OSError, smtplib.SMTPException) as error:
        yield mend("mail out", f"not reached ({type(error).__name__}); look at SMTP_HOST, SMTP_PORT and SMTP_TLS")
    else:
        yield ok("mail out", "logged in")


def _twilio(settings: Settings) -> Iterator[Result]:
    if not settings.sends_texts:
        yield ok("texts", "off, since TWILIO_ACCOUNT_SID is not set")
        return
    client = sms.client(servers.texts(settings), timeout=TIMEOUT)
    try:
        account = client.api.v2010.accounts(settings.TWILIO_ACCOUNT_SID).fetch()
        numbers = (
            client.incoming_phone_numbers.list(phone_number=settings.TWILIO_PHONE_NUMBER, limit=2) if settings.TWILIO_PHONE_NUMBER else []
        )
    except TwilioRestException as error:
        busy = error.status == 429 or error.status >= 500
        advice = "try again later" if busy else "look at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
        yield mend("texts", f"Twilio answers {error.status}; {advice}")
        return
    except (RequestException, TwilioException, OSError) as error:
        yield mend("texts", f"Twilio is not reached ({type(error).__name__})")
        return
    yield (
        ok("texts account", "open") if account.status == "active" else mend("texts account", f"is {account.status}; see Twilio's console")
    )
    if settings.TWILIO_PHONE_NUMBER:
        yield _webhook(settings, numbers[0].sms_url if numbers else None)
    if not settings.PUBLIC_URL:
        yield ok("texts in", f"fetched from Twilio every {settings.poll_seconds} s, since PUBLIC_URL is not set")


def _webhook(settings: Settings, url: str | None) -> Result:
    wanted = f"{settings.PUBLIC_URL}/sms"
    if url is None:
        return mend("texts number", "TWILIO_PHONE_NUMBER is no number of this account")
    if settings.PUBLIC_URL and url != wanted:
        return mend("texts webhook", f"in Twilio's console, set the number's «A message comes in» to {wanted} (HTTP POST)")
    return ok("texts number", "is the account's, and its webhook leads here")


def _people(settings: Settings) -> Iterator[Result]:
    coordinators = settings.coordinators
    if not coordinators:
        yield mend("coordinators", "nobody is alerted; set COORDINATORS, such as Sam <sam@example.org> +14065550188")
    else:
        yield ok("coordinators", f"{len(coordinators)}, {sum(bool(who.phone) for who in coordinators)} with a phone for urgent alerts")
        if not settings.sends_mail:
            yield mend("coordinators", "no mail can be sent to them; set SMTP_HOST and MAIL_FROM")
