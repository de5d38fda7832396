"""`run.py serve` as a process among real servers: a text and a mail come in, both are answered, and the coordinators know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.servers.dovecot import Mailbox
from tests.servers.process import Process, run
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import free_port, wait_until

REPLY = b"""From: Ana Ruiz <ana@example.org>
To: Peer Support <intake@example.org>
Subject: Re: Peer Update, February
Message-ID: <reply-1@mail.example.org>
In-Reply-To: <newsletter@news.example.org>
Content-Type: text/plain; charset=utf-8

I would like to be a mentor, Tuesdays after 5.

Ana

On Tue, Feb 4, 2025 at 9:02 AM Peer Update <news@example.org> wrote:

> If you are interested in being a mentor or having new peer supporters
> shadow you, please reach out.
""".replace(b"\n", b"\r\n")
LATER = 300  # seconds: the more often a message was refused, the longer it waits
OLD = REPLY.replace(b"reply-1@", b"reply-0@").replace(b"Ana", b"Old")
AUTOMATIC = REPLY.replace(b"reply-1@", b"reply-2@").replace(b"Subject: ", b"Auto-Submitted: auto-replied\r\nSubject: Out of office: ")


@pytest.fixture
def environment(mailbox: Mailbox, smtp_server: SmtpServer, twilio_api: TwilioApi, database_url: str, tmp_path: Path) -> dict[str, str]:
    """What an operator would write into `.env`, with this test's servers."""
    return {
        **mailbox.settings,
        **smtp_server.settings,
        **twilio_api.settings,
        "DATABASE_URL": database_url,
        "HTTP_PORT": str(free_port()),
        "PUBLIC_URL": "https://intake.example.org",
        "TWILIO_RATE": "10",
        "MAIL_FROM": "Peer Support <intake@example.org>",
        "COORDINATORS": "Sam <sam@example.org>",
        "SECRET_KEY": "a secret of this test",
        "TIMEZONE": f"Etc/GMT{datetime.now(UTC).hour - 12:+}",  # where it is noon, so that no other day has its digest meanwhile
        "DIGEST_AT": "00:00",
        "HOME": str(tmp_path),
    }


@pytest.fixture
def serve(environment: dict[str, str], mailbox: Mailbox, tmp_path: Path) -> Iterator[Process]:
    mailbox.append(OLD)
    if environment["DATABASE_URL"].startswith("postgresql"):
        assert run("migrate", environment=environment, folder=tmp_path).returncode == 0
    with Process("serve", environment=environment, folder=tmp_path) as process:
        process.wait_for_url(f"http://127.0.0.1:{environment['HTTP_PORT']}/healthz")
        wait_until(lambda: "Processed" in mailbox.folders(), what=lambda: "the mailbox was entered")
        yield process


def test_a_text_and_a_mail(
    serve: Process, environment: dict[str, str], mailbox: Mailbox, smtp_server: SmtpServer, twilio_api: TwilioApi, tmp_path: Path
) -> None:
    """Both records are found by `export`, both writers are answered, the coordinator has two alerts and one digest."""
    form = twilio_api.receive("+14065550111", "hi, someone can shadow me on the warmline")
    here = f"http://127.0.0.1:{environment['HTTP_PORT']}"
    assert twilio_api.post("https://intake.example.org/sms", form, via=here) == 200
    assert twilio_api.post("https://intake.example.org/sms", form, via=here) == 200  # Twilio may come again
    mailbox.append_many([REPLY, AUTOMATIC])

    text = twilio_api.wait_for(1)[0]
    assert (text.to, text.body.startswith("Peer Support: Thanks!")) == ("+14065550111", True)
    assert twilio_api.report(text, "delivered", via=here) == 200
    smtp_server.wait_for(4)
    answer = smtp_server.to("ana@example.org")[0]
    assert (answer.sender, answer.message["In-Reply-To"]) == ("", "<reply-1@mail.example.org>")
    assert answer.message["Auto-Submitted"] == "auto-replied"
    assert "be a mentor" in answer.text
    assert "be a mentor" in answer.html
    subjects = sorted(mail.message["Subject"] for mail in smtp_server.to("sam@example.org"))
    assert len(subjects) == 3
    assert sum("New " in subject for subject in subjects) == 2
    assert sum(" you, " in subject for subject in subjects) == 1
    wait_until(lambda: len(mailbox.messages("Automatic")) == 1, what=lambda: str(mailbox.folders()))
    wait_until(lambda: len(mailbox.messages("Processed")) == 1, what=lambda: str(mailbox.folders()))
    assert [mail.raw for mail in mailbox.messages("INBOX")] == [OLD]

    exported = run("export", "--format", "jsonl", environment=environment, folder=tmp_path)
    rows = [json.loads(line) for line in exported.stdout.splitlines()]
    assert sorted((row["kind"], row["status"], row["channel"], row["phone"] or row["email"]) for row in rows) == [
        ("mentor_offer", "open", "email", "ana@example.org"),
        ("shadow_offer", "open", "sms", "+14065550111"),
    ]
    assert serve.terminate() == 0
    assert len(smtp_server.mails) == 4
    assert len(twilio_api.sent) == 1
    for secret in ("+14065550111", "ana@example.org", "warmline", "Tuesdays", environment["SECRET_KEY"], environment["TWILIO_AUTH_TOKEN"]):
        assert secret not in serve.output


def test_outages_delay_answers_and_lose_none(
    serve: Process, environment: dict[str, str], mailbox: Mailbox, smtp_server: SmtpServer, twilio_api: TwilioApi, tmp_path: Path
) -> None:
    """While neither SMTP nor Twilio answers, messages are taken in; whoever starts the process anew later still has the answers go out."""
    serve.wait_for_text(r"outbox \d+ sent$")  # the digest, so that nothing is on its way when the server goes
    assert len(smtp_server.mails) == 1
    with smtp_server.refusing(), twilio_api.refusing():
        form = twilio_api.receive("+14065550112", "MENTOR")
        here = f"http://127.0.0.1:{environment['HTTP_PORT']}"
        assert twilio_api.post("https://intake.example.org/sms", form, via=here) == 200
        mailbox.append(REPLY)
        wait_until(lambda: len(mailbox.messages("Processed")) == 1, what=lambda: str(mailbox.folders()))
        serve.wait_for_text("outbox .* queued")
        assert serve.terminate() == 0
    with Process("serve", environment=environment, folder=tmp_path) as again:
        twilio_api.wait_for(1, timeout=LATER)
        smtp_server.wait_for(4, timeout=LATER)
        assert again.terminate() == 0
    assert len(smtp_server.mails) == 4
    assert len(twilio_api.sent) == 1
