"""The servers that the settings lead to, each as the part that talks to it wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.imap import ImapServer
from intake.settings import Settings
from notifier.senders.email import SmtpServer

if TYPE_CHECKING:
    from notifier.senders import Sender
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


def texts(settings: Settings) -> TwilioAccount:
    from notifier.senders.sms import TwilioAccount

    return TwilioAccount(
        account_sid=settings.TWILIO_ACCOUNT_SID,
        auth_token=settings.TWILIO_AUTH_TOKEN,
        phone_number=settings.TWILIO_PHONE_NUMBER,
        messaging_service_sid=settings.TWILIO_MESSAGING_SERVICE_SID,
        api_url=settings.TWILIO_API_URL,
        public_url=settings.PUBLIC_URL,
    )


def text_sender(settings: Settings) -> Sender:
    from notifier.senders.sms import SmsSender

    return SmsSender(texts(settings))
