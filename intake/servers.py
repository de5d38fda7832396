"""The servers that the settings lead to, each as the part that talks to it wants it."""

from __future__ import annotations

from db.originals import MAILBOX, TWILIO
from intake.imap import ImapServer
from intake.sent_folder import SentFolder
from intake.settings import Settings
from notifier.reconciler import Lookup
from notifier.senders.email import SmtpServer
from notifier.senders.sent_texts import SentTexts
from notifier.senders.sms import TwilioAccount


def mailbox_in(settings: Settings) -> ImapServer:
    return ImapServer(
        host=settings.IMAP_HOST,
        port=settings.IMAP_PORT,
        tls=settings.IMAP_TLS,
        username=settings.IMAP_USERNAME,
        password=settings.IMAP_PASSWORD,
        folder=settings.IMAP_FOLDER,
        done_folder=settings.IMAP_DONE_FOLDER,
        automatic_folder=settings.IMAP_AUTOMATIC_FOLDER,
        quarantine_folder=settings.IMAP_QUARANTINE_FOLDER,
        sent_folder=settings.IMAP_SENT_FOLDER,
    )


def mail_out(settings: Settings) -> SmtpServer:
    return SmtpServer(
        host=settings.SMTP_HOST,
        port=settings.SMTP_PORT,
        tls=settings.SMTP_TLS,
        username=settings.SMTP_USERNAME,
        password=settings.SMTP_PASSWORD,
        mail_from=settings.MAIL_FROM,
    )


def lookups(settings: Settings) -> dict[str, Lookup | None]:
    """Where what may have gone is looked for, on each channel."""
    return {
        "email": SentFolder(mailbox_in(settings)) if settings.IMAP_SENT_FOLDER else None,
        "sms": SentTexts(texts(settings)) if settings.sends_texts else None,
    }


def places(settings: Settings) -> tuple[str, ...]:
    """Where originals of somebody who is erased can be deleted."""
    return tuple(place for place, is_on in ((TWILIO, settings.sends_texts), (MAILBOX, settings.IMAP_HOST)) if is_on)


def texts(settings: Settings) -> TwilioAccount:
    return TwilioAccount(
        account_sid=settings.TWILIO_ACCOUNT_SID,
        auth_token=settings.TWILIO_AUTH_TOKEN,
        phone_number=settings.TWILIO_PHONE_NUMBER,
        messaging_service_sid=settings.TWILIO_MESSAGING_SERVICE_SID,
        api_url=settings.TWILIO_API_URL,
        public_url=settings.PUBLIC_URL,
    )
