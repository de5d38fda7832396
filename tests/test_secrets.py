"""No secret is said by any command, whatever fails: not in its output, in its log, in a trace or on the health page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

import run as program
from tests.fakes import signed_form
from tests.servers import process
from tests.servers.dovecot import Mailbox
from tests.servers.process import Process
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import free_port

URL = "https://intake.example.org"
SECRETS = {
    "TWILIO_AUTH_TOKEN": "hunter2-of-twilio",
    "IMAP_PASSWORD": "hunter2-of-imap",
    "SMTP_PASSWORD": "hunter2-of-smtp",
    "SECRET_KEY": "hunter2-of-ours",
}
MARK = "hunter2"
COMMANDS = (
    ["migrate"],
    ["check"],
    ["poll"],
    ["digest", "--dry-run"],
    ["digest"],
    ["export"],
    ["quarantine", "list"],
    ["quarantine", "retry", "1"],
    ["quarantine", "drop", "1"],
    ["erase", "+14065550111"],
    ["parse"],
)
BAD_URLS = (
    "postgresql+psycopg://sam:hunter2-of-db@127.0.0.1:1/intake",
    "postgresql+psycopg://sam:hunter2-of-db@127.0.0.1:hunter2/intake",
    "postgresql+psycopg://sam:hunter2-of-db@no-such-host.invalid/intake",
    "nonsense://sam:hunter2-of-db@127.0.0.1/intake",
    "sqlite://sam:hunter2-of-db@127.0.0.1/intake",
    "sqlite:////proc/nowhere/intake.db?password=hunter2",
    "hunter2-of-db",
)
BAD_SETTINGS = {
    "HTTP_PORT": "hunter2",
    "TWILIO_PHONE_NUMBER": "",
    "IMAP_TLS": "hunter2",
    "MAIL_FROM": "hunter2",
    "PUBLIC_URL": "ftp://hunter2",
    "COORDINATORS": "hunter2",
    "TRUSTED_AUTHSERV_ID": "hunter2 hunter2",
    "IMAP_PASSWORD_FILE": "/nowhere/hunter2",
}
SAY = Callable[..., str]


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """All is on, and no server answers."""
    closed = str(free_port())
    return {
        **SECRETS,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'peer-intake.db'}",
        "PUBLIC_URL": URL,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_PHONE_NUMBER": "+14065550100",
        "TWILIO_API_URL": f"http://127.0.0.1:{closed}",
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": closed,
        "IMAP_USERNAME": "intake",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": closed,
        "SMTP_USERNAME": "intake",
        "MAIL_FROM": "Peer Support <intake@example.org>",
        "COORDINATORS": "Sam <sam@example.org>",
        "TRUSTED_AUTHSERV_ID": "mx.example.org",
        "TIMEZONE": "UTC",
    }


@pytest.fixture
def refusing(nowhere: dict[str, str], mailbox: Mailbox, smtp_server: SmtpServer, twilio_api: TwilioApi) -> dict[str, str]:
    """All servers answer, and none lets us in."""
    servers = {**mailbox.settings, **smtp_server.settings, "TWILIO_API_URL": twilio_api.url}
    return {**nowhere, **{name: value for name, value in servers.items() if name not in SECRETS}}


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> SAY:
    """Run one command in this process, with nothing but these settings; gives all that it printed and logged."""

    def run_one(arguments: list[str], environment: dict[str, str]) -> str:
        caplog.clear()
        with monkeypatch.context() as patch:
            patch.setattr(program, "HERE", tmp_path)
            patch.setattr(threading, "excepthook", threading.excepthook)
            patch.setattr("intake.settings.os.environ", environment)
            if certificate := environment.get("SSL_CERT_FILE"):
                patch.setenv("SSL_CERT_FILE", certificate)
            patch.setattr("sys.stdin", ())
            program.main(arguments)
        printed = capfd.readouterr()
        return printed.out + printed.err + caplog.text

    return run_one


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_says_one_where_nothing_answers(say: SAY, nowhere: dict[str, str], arguments: list[str]) -> None:
    assert MARK not in say(arguments, nowhere)


@pytest.mark.parametrize("arguments", [["check"], ["poll"]], ids=" ".join)
def test_no_command_says_one_where_it_is_refused(
    say: SAY, refusing: dict[str, str], arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the refusal is told."""
    monkeypatch.setenv("SSL_CERT_FILE", refusing["SSL_CERT_FILE"])
    said = say(arguments, refusing)
    assert MARK not in said
    assert "refused" in said or "LoginError" in said


@pytest.mark.parametrize("url", BAD_URLS)
def test_a_database_s_password_is_not_said(say: SAY, nowhere: dict[str, str], url: str) -> None:
    """However its address is wrong."""
    for arguments in (["check"], ["migrate"]):
        said = say(
            arguments, {**nowhere, "DATABASE_URL": url, "IMAP_HOST": "", "SMTP_HOST": "", "TWILIO_ACCOUNT_SID": "", "TWILIO_AUTH_TOKEN": ""}
        )
        assert said
        assert MARK not in said.replace("/nowhere/hunter2", "")


@pytest.mark.parametrize(("name", "value"), BAD_SETTINGS.items(), ids=list(BAD_SETTINGS))
def test_a_setting_that_is_wrong_is_named_and_not_repeated(say: SAY, nowhere: dict[str, str], name: str, value: str) -> None:
    """Whoever mistakes one line for another may have put a secret there."""
    environment = {**nowhere, name: value}
    environment.pop(name.removesuffix("_FILE") if name.endswith("_FILE") else "", None)
    said = say(["check"], environment)
    assert name.removesuffix("_FILE") in said
    assert MARK not in said


@pytest.mark.parametrize("kind", ["nowhere", "refusing"])
def test_a_running_service_says_none(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """While it cannot send or read: in its log, on its health page, in the answers to whoever calls, and as it ends."""
    environment = {**request.getfixturevalue(kind), "HTTP_PORT": str(free_port()), "HOME": str(tmp_path)}
    here = f"http://127.0.0.1:{environment['HTTP_PORT']}"
    with Process("serve", environment=environment, folder=tmp_path) as serve:
        serve.wait_for_url(f"{here}/healthz")
        form = signed_form(f"{URL}/sms", {"MessageSid": "SM1", "From": "+14065550111", "Body": "MENTOR"}, SECRETS["TWILIO_AUTH_TOKEN"])
        answers = [
            requests.post(f"{here}/sms", data=form.body, headers=form.headers, timeout=60),
            requests.post(f"{here}/sms", data=form.body, headers={**form.headers, "X-Twilio-Signature": "wrong"}, timeout=60),
            requests.get(f"{here}/healthz?strict", timeout=60),
            requests.get(f"{here}/nowhere", timeout=60),
        ]
        serve.wait_for_text("mailbox: ")
        serve.wait_for_text("outbox .* queued: ")
        assert serve.terminate() == 0
        assert MARK not in serve.output
    assert [answer.status_code for answer in answers] == [200, 403, 200, 404]
    assert not any(MARK in answer.text or MARK in str(answer.headers) for answer in answers)


def test_a_secret_in_a_file_stays_there(tmp_path: Path, nowhere: dict[str, str]) -> None:
    """Beside `.env`, too: what stands in either is said by neither."""
    written = {name: nowhere.pop(name) for name in SECRETS}
    for name, value in written.items():
        (tmp_path / name).write_text(f"{value}\n", encoding="utf-8")
    (tmp_path / ".env").write_text("".join(f"{name}_FILE={tmp_path / name}\n" for name in written), encoding="utf-8")
    done = process.run("check", environment=nowhere, folder=tmp_path)
    assert done.returncode == 1
    assert MARK not in done.stdout + done.stderr
