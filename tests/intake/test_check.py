"""Every setting tried for real, good and bad, against real servers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.engine import Database
from intake import forgery
from intake.check import check
from intake.settings import settings_from
from intake.tried import Result
from parsers.authserv import checked
from parsers.mime import split_mail
from tests.fakes import CountedIds, HeldClock
from tests.servers import twilio_faults
from tests.servers.dovecot import Mailbox
from tests.servers.process import run
from tests.servers.sent_mail import SentMail
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi
from tests.servers.waiting import free_port

URL = "https://intake.example.org"
ADDRESS = "intake@example.org"
SECRETS = ("TWILIO_AUTH_TOKEN", "IMAP_PASSWORD", "SMTP_PASSWORD", "SECRET_KEY")

Check = Callable[..., dict[str, Result]]


@pytest.fixture
def written(
    mailbox: Mailbox, smtp_server: SmtpServer, twilio_api: TwilioApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Settings in which all is well."""
    monkeypatch.setenv("SSL_CERT_FILE", mailbox.settings["SSL_CERT_FILE"])
    twilio_api.sms_url = f"{URL}/sms"
    return {
        **mailbox.settings,
        **smtp_server.settings,
        **twilio_api.settings,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'peer-intake.db'}",
        "PUBLIC_URL": URL,
        "MAIL_FROM": f"Peer Support <{ADDRESS}>",
        "COORDINATORS": "Sam <sam@example.org> +14065550188; Jo <jo@example.org>",
        "SECRET_KEY": "key-of-the-check",
    }


@pytest.fixture
def tried(written: dict[str, str]) -> Check:
    """Results by what was tried, with some settings changed."""

    def try_out(**changed: str) -> dict[str, Result]:
        results = list(check(settings_from({**written, **changed}), clock=HeldClock(), ids=CountedIds("probe")))
        for secret in (written[name] for name in SECRETS):
            assert not any(f" {secret}" in f" {result.words}" for result in results)
        return {result.what: result for result in results}

    return try_out


def test_where_all_is_well_nothing_is_to_mend(tried: Check) -> None:
    results = tried()
    assert [result for result in results.values() if not result.ok] == []
    assert {"database", "mailbox", "mailbox folders", "mailbox IDLE", "mail out", "texts account", "texts number", "coordinators"} <= set(
        results
    )


def test_what_is_off_is_said_and_is_no_fault(tmp_path: Path) -> None:
    """Only that nobody would hear of anything."""
    settings = settings_from({"DATABASE_URL": f"sqlite:///{tmp_path / 'peer-intake.db'}"})
    results = list(check(settings, clock=HeldClock(), ids=CountedIds()))
    assert [result.what for result in results if not result.ok] == ["coordinators"]
    assert sum("off, since" in result.words for result in results) == 3


def test_a_misspelt_setting_is_told_with_what_it_may_mean(tmp_path: Path) -> None:
    """By its name alone; one that another program may want is none of our business."""
    written = "IMAP_PASWORD=hunter2\nIMAP_PASSWORD_FILE=x\nCOORDINATOR=x\nsmtp_host=x\nHTTP_PROXY=x\nDIGEST_AT=06:00\n"
    (tmp_path / ".env").write_text(written, encoding="utf-8")
    settings = settings_from({"DATABASE_URL": f"sqlite:///{tmp_path / 'peer-intake.db'}"})
    results = list(check(settings, folder=tmp_path, clock=HeldClock(), ids=CountedIds()))
    told = [result.words for result in results if result.what == "settings"]
    near = {"IMAP_PASWORD": "IMAP_PASSWORD", "COORDINATOR": "COORDINATORS", "smtp_host": "SMTP_HOST"}
    assert told == [f"{name} in .env is no setting; did you mean {meant}?" for name, meant in near.items()]
    assert not any("hunter2" in result.words for result in results)


# The words


def test_the_words_are_told_with_what_was_added(tried: Check, tmp_path: Path) -> None:
    (tmp_path / "own" / "es").mkdir(parents=True)
    (tmp_path / "own" / "es" / "vocabulary.toml").write_text('[wish]\nopt_out = ["ni una paloma mas"]', encoding="utf-8")
    result = tried(TEMPLATES_DIR=str(tmp_path / "own"))["vocabulary"]
    assert (result.ok, result.words) == (True, "en, es are understood, every entry is sound; own words: es/vocabulary.toml")


def test_a_slip_in_the_words_is_told_with_its_place(tried: Check, tmp_path: Path) -> None:
    (tmp_path / "own" / "es").mkdir(parents=True)
    (tmp_path / "own" / "es" / "vocabulary.toml").write_text('[wish]\nopt_out = ["ni (una paloma"]', encoding="utf-8")
    results = tried(TEMPLATES_DIR=str(tmp_path / "own"))
    assert not results["vocabulary"].ok
    assert results["vocabulary"].words.startswith("es/vocabulary.toml: [wish] opt_out, entry 1: 'ni (una paloma': a bracket is not closed")
    assert results["mail out"].ok


# The database


def test_a_database_without_its_schema(tried: Check, postgres_url: str) -> None:
    """SQLite's is made on the spot; on a server the operator decides when."""
    _to_mend(tried(DATABASE_URL=postgres_url), "database", "run.py migrate")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "DATABASE_URL"),
        ("sqlite:////proc/nowhere/peer-intake.db", "DATABASE_URL"),
        ("postgresql+psycopg://sam:hunter2@127.0.0.1:1/intake", "DATABASE_URL"),
    ],
)
def test_a_database_that_cannot_be_reached(tried: Check, url: str, words: str) -> None:
    result = tried(DATABASE_URL=url)["database"]
    assert not result.ok
    assert words in result.words
    assert "hunter2" not in result.words


def test_a_database_that_takes_no_writes(tried: Check, written: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    tried()
    monkeypatch.setattr("db.engine.BUSY_MILLISECONDS", 1)
    other = Database(written["DATABASE_URL"])
    with other.write() as session:
        session.connection()
        _to_mend(tried(), "database", "cannot be written to")
    other.close()


# The mailbox


def test_a_wrong_imap_password(tried: Check) -> None:
    _to_mend(tried(IMAP_PASSWORD="hunter2"), "mailbox", "IMAP_USERNAME or IMAP_PASSWORD")


def test_an_imap_port_where_nobody_listens(tried: Check) -> None:
    _to_mend(tried(IMAP_PORT=str(free_port())), "mailbox", "IMAP_HOST and IMAP_PORT")


def test_the_wrong_kind_of_encryption(tried: Check, mailbox: Mailbox) -> None:
    """TLS to the plain port."""
    _to_mend(tried(IMAP_PORT=str(mailbox.server.port)), "mailbox", "IMAP_TLS")


def test_starttls_is_as_good(tried: Check, mailbox: Mailbox) -> None:
    assert tried(IMAP_TLS="starttls", IMAP_PORT=str(mailbox.server.port))["mailbox"].ok


def test_a_certificate_that_nobody_vouches_for(tried: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    results = tried()
    _to_mend(results, "mailbox", "secure connection")
    _to_mend(results, "mail out", "SMTP_TLS")


def test_folders_that_cannot_be_made(tried: Check) -> None:
    _to_mend(tried(IMAP_DONE_FOLDER="a//b"), "mailbox folder", "a//b")


def test_the_folder_of_what_was_sent(tried: Check, mailbox: Mailbox) -> None:
    """It is never made: one that is missing has another name, of those that are told; it says whether our mails come there."""
    _to_mend(tried(IMAP_SENT_FOLDER="Sent Items"), "mailbox sent folder", "to one of: ")
    assert "Sent Items" not in mailbox.folders()
    mailbox.append(b"Subject: By hand\r\n\r\nHello.\r\n", folder="Sent")
    found = tried(IMAP_SENT_FOLDER="Sent")["mailbox sent folder"]
    assert (found.ok, "not relied upon" in found.words) == (True, True)
    mailbox.append(b"X-Peer-Intake: a\r\nSubject: Ours\r\n\r\nHello.\r\n", folder="Sent")
    found = tried(IMAP_SENT_FOLDER="Sent")["mailbox sent folder"]
    assert (found.ok, "keeps copies" in found.words) == (True, True)


def test_the_intake_folder_has_another_name(tried: Check, mailbox: Mailbox) -> None:
    with mailbox.client() as client:
        client.create_folder("Peers")
    assert tried(IMAP_FOLDER="Peers")["mailbox folders"].ok


def test_the_intake_folder_is_never_made(tried: Check, mailbox: Mailbox) -> None:
    """A misspelt name would be an empty folder, and the real inbox unread for ever."""
    _to_mend(tried(IMAP_FOLDER="Inbos"), "mailbox folder", "Inbos")
    assert "Inbos" not in mailbox.folders()


# Mail out


def test_a_wrong_smtp_password(tried: Check) -> None:
    _to_mend(tried(SMTP_PASSWORD="hunter2"), "mail out", "SMTP_USERNAME or SMTP_PASSWORD")


def test_an_smtp_port_where_nobody_listens(tried: Check) -> None:
    _to_mend(tried(SMTP_PORT=str(free_port())), "mail out", "SMTP_HOST, SMTP_PORT")


def test_a_server_without_starttls(tried: Check) -> None:
    with SmtpServer() as plain:
        _to_mend(tried(SMTP_PORT=str(plain.port)), "mail out", "SMTP_TLS")


# Texts


def test_a_wrong_token(tried: Check) -> None:
    _to_mend(tried(TWILIO_AUTH_TOKEN="hunter2"), "texts", "TWILIO_AUTH_TOKEN")


def test_twilio_is_not_reached(tried: Check) -> None:
    _to_mend(tried(TWILIO_API_URL=f"http://127.0.0.1:{free_port()}"), "texts", "not reached")


def test_twilio_has_an_outage(tried: Check, twilio_api: TwilioApi) -> None:
    """Then the settings are not blamed."""
    twilio_api.fail(twilio_faults.UNAVAILABLE, reads=True)
    result = tried()["texts"]
    assert not result.ok
    assert "503" in result.words
    assert "TWILIO_AUTH_TOKEN" not in result.words


def test_a_number_of_somebody_else(tried: Check) -> None:
    _to_mend(tried(TWILIO_PHONE_NUMBER="+14065550199"), "texts number", "TWILIO_PHONE_NUMBER")


@pytest.mark.parametrize("leads_to", ["", "https://demo.twilio.com/welcome/sms/reply", f"{URL}/sms/", "http://intake.example.org/sms"])
def test_a_number_that_leads_elsewhere(tried: Check, twilio_api: TwilioApi, leads_to: str) -> None:
    twilio_api.sms_url = leads_to
    _to_mend(tried(), "texts webhook", f"{URL}/sms")


def test_no_public_address(tried: Check) -> None:
    """Then texts are fetched, which is no fault."""
    result = tried(PUBLIC_URL="")["texts in"]
    assert (result.ok, result.words) == (True, "fetched from Twilio every 15 s, since PUBLIC_URL is not set")


# Coordinators


def test_nobody_to_alert(tried: Check) -> None:
    _to_mend(tried(COORDINATORS=""), "coordinators", "such as Sam <sam@example.org> +14065550188")


def test_no_way_to_alert_them(tried: Check) -> None:
    _to_mend(tried(SMTP_HOST="", IMAP_HOST=""), "coordinators", "SMTP_HOST and MAIL_FROM")


# Forged Authentication-Results


@pytest.fixture
def delivering(smtp_server: SmtpServer, mailbox: Mailbox) -> Iterator[Callable[..., None]]:
    """Mail that is sent comes into the mailbox, as a provider delivers it."""

    def begin(deliver: Callable[[bytes], bytes] = lambda raw: raw, folder: str = "INBOX") -> None:
        smtp_server.mails = _Delivering(lambda mail: mailbox.append(deliver(mail.raw), folder=folder))

    yield begin
    smtp_server.mails = list(smtp_server.mails)


class _Delivering(list[SentMail]):
    def __init__(self, deliver: Callable[[SentMail], Any]) -> None:
        super().__init__()
        self._deliver = deliver

    def append(self, mail: SentMail) -> None:
        super().append(mail)
        self._deliver(mail)


FORGED = "forged Authentication-Results"


def test_a_provider_that_takes_forgeries_out(
    tried: Check, delivering: Callable[..., None], mailbox: Mailbox, smtp_server: SmtpServer
) -> None:
    """It writes its own instead; the probe is deleted again."""
    delivering(lambda raw: b"Authentication-Results: mx.example.org; dmarc=none\r\n" + _without_results(raw))
    assert tried(TRUSTED_AUTHSERV_ID="mx.example.org")[FORGED].ok
    (probe,) = smtp_server.mails
    assert probe.recipients == (ADDRESS,)
    assert probe.headers["auto-submitted"] == "auto-generated"
    assert mailbox.messages() == []


def test_a_provider_that_renames_them(tried: Check, delivering: Callable[..., None]) -> None:
    """As Exchange does: nobody takes the new name for a verdict."""
    delivering(lambda raw: raw.replace(b"Authentication-Results:", b"Authentication-Results-Original:"))
    assert tried(TRUSTED_AUTHSERV_ID="mx.example.org")[FORGED].ok


def test_a_provider_that_lets_forgeries_through(tried: Check, delivering: Callable[..., None], mailbox: Mailbox) -> None:
    delivering(lambda raw: b"Authentication-Results: mx.example.org; dmarc=fail\r\n" + raw)
    _to_mend(tried(TRUSTED_AUTHSERV_ID="*.example.org"), FORGED, "leave TRUSTED_AUTHSERV_ID empty")
    assert mailbox.messages() == []


def test_a_forgery_is_tried_in_every_trusted_name(tried: Check, delivering: Callable[..., None], smtp_server: SmtpServer) -> None:
    """Microsoft's form, which names nobody, among them."""
    delivering(_without_results)
    assert tried(TRUSTED_AUTHSERV_ID="mx.example.org, *.example.org, microsoft")[FORGED].ok
    (probe,) = smtp_server.mails
    forged = [checked(value) for value in split_mail(probe.raw)[0].all("authentication-results")]
    assert [one and one.authserv_id for one in forged] == ["mx.example.org", "mx.example.org", ""]


@pytest.mark.parametrize(("own", "named"), [("mx9.example.org; dmarc=none", "mx9.example.org"), ("dmarc=none", "microsoft")])
def test_a_provider_that_goes_by_another_name(tried: Check, delivering: Callable[..., None], own: str, named: str) -> None:
    """It would never be believed, and every command be refused."""
    delivering(lambda raw: f"Authentication-Results: {own}\r\n".encode() + _without_results(raw))
    _to_mend(tried(TRUSTED_AUTHSERV_ID="mx.example.org"), FORGED, f"name {named}")
    assert tried(TRUSTED_AUTHSERV_ID=named)[FORGED].ok


def test_the_reader_may_have_filed_the_probe_already(tried: Check, delivering: Callable[..., None]) -> None:
    delivering(folder="Automatic")
    _to_mend(tried(TRUSTED_AUTHSERV_ID="mx.example.org"), FORGED, "lets them through")


def test_a_probe_that_does_not_come_back(tried: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing is known, which is no reason to trust."""
    monkeypatch.setattr(forgery, "FORGERY_SECONDS", 0)
    _to_mend(tried(TRUSTED_AUTHSERV_ID="mx.example.org"), FORGED, "did not come back")


def test_a_probe_that_cannot_be_sent(tried: Check) -> None:
    _to_mend(tried(TRUSTED_AUTHSERV_ID="mx.example.org", SMTP_PORT=str(free_port())), FORGED, "could not be tried")


def test_without_a_mailbox_trust_cannot_be_tried(tried: Check) -> None:
    _to_mend(tried(TRUSTED_AUTHSERV_ID="mx.example.org", IMAP_HOST=""), FORGED, "leave TRUSTED_AUTHSERV_ID empty")


# The command


def test_the_command_says_what_to_mend(written: dict[str, str], tmp_path: Path) -> None:
    """A line for each thing tried, and no secret in any; it ends with 1 as long as something is to mend, else with 0."""
    good = run("check", environment=written, folder=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
    assert all(line.startswith("ok ") for line in good.stdout.splitlines())
    bad = run("check", environment={**written, "COORDINATORS": "", "IMAP_PASSWORD": "hunter2"}, folder=tmp_path)
    assert bad.returncode == 1
    assert {line.split()[1].rstrip(":") for line in bad.stdout.splitlines() if line.startswith("MEND ")} == {"mailbox", "coordinators"}
    for printed in (good.stdout, bad.stdout + bad.stderr):
        assert "hunter2" not in printed
        assert not any(f" {written[name]} " in f" {printed} " for name in ("TWILIO_AUTH_TOKEN", "SECRET_KEY"))


def test_the_command_names_a_setting_that_cannot_be_read(tmp_path: Path) -> None:
    done = run("check", environment={"HTTP_PORT": "http"}, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("run.py check: HTTP_PORT: ")
    assert len(done.stderr.splitlines()) == 1


def _to_mend(results: dict[str, Result], what: str, words: str) -> None:
    """That it is told to be mended, in such words."""
    assert what in results, sorted(results)
    assert not results[what].ok
    assert words in results[what].words


def _without_results(raw: bytes) -> bytes:
    return re.sub(rb"(?m)^Authentication-Results:.*(\r\n[ \t].*)*\r\n", b"", raw)
