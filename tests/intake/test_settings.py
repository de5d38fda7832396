"""What an operator wrote becomes settings, or an error that says what to mend."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import pytest

from intake import servers
from intake.settings import Settings, SettingsError, load, settings_from
from notifier.programme import Coordinator

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("TWILIO_AUTH_TOKEN", "IMAP_PASSWORD", "SMTP_PASSWORD", "SECRET_KEY")
TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_PHONE_NUMBER": "+14065550100"}
MAIL = {"SMTP_HOST": "smtp.example.org", "MAIL_FROM": "Peer Support <intake@example.org>"}


def test_nothing_needs_to_be_set() -> None:
    """Then no channel is on, and the database is a file beside run.py."""
    settings = settings_from({})
    assert settings.DATABASE_URL == "sqlite:///peer-intake.db"
    assert (settings.sends_texts, settings.sends_mail, settings.coordinators) == (False, False, ())


def test_an_empty_setting_counts_as_none() -> None:
    assert settings_from(dict.fromkeys(Settings.model_fields, "")) == settings_from({})


def test_settings_reach_the_floors_below() -> None:
    settings = settings_from(
        {
            **TWILIO,
            **MAIL,
            "PROGRAM_NAME": "Bitterroot Peers",
            "TIMEZONE": "America/Denver",
            "LANGUAGES": "es, en",
            "PUBLIC_URL": "https://intake.example.org/peers/",
            "IMAP_HOST": "imap.example.org",
            "IMAP_USERNAME": "intake@example.org",
            "IMAP_PASSWORD": "p",
            "COORDINATORS": "Sam <sam@example.org> +1 406 555 0188; jo@example.org",
            "DIGEST_AT": "6:05",
        }
    )
    programme = settings.programme
    assert (programme.name, programme.languages, programme.timezone.key) == ("Bitterroot Peers", ("es", "en"), "America/Denver")
    assert programme.coordinators == (
        Coordinator(name="Sam", email="sam@example.org", phone="+14065550188"),
        Coordinator(name="jo", email="jo@example.org"),
    )
    assert programme.mail_address == servers.mail_out(settings).mail_from.partition("<")[2].rstrip(">") == "intake@example.org"
    assert settings.PUBLIC_URL == servers.texts(settings).public_url == "https://intake.example.org/peers"
    inbox = servers.mailbox_in(settings)
    assert (inbox.host, inbox.port, inbox.tls) == ("imap.example.org", 993, "implicit")
    assert time(6, 5) == settings.DIGEST_AT


@pytest.mark.parametrize(
    ("written", "name", "advice"),
    [
        ({"PROGRAM_NAME": "x" * 21}, "PROGRAM_NAME", "at most 20 characters"),
        ({"PROGRAM_NAME": "Amigos 🎉"}, "PROGRAM_NAME", "GSM-7"),
        ({"TIMEZONE": "Mars"}, "TIMEZONE", "such as America/Denver"),
        ({"TIMEZONE": "../../etc/passwd"}, "TIMEZONE", "such as America/Denver"),
        ({"LANGUAGES": " , "}, "LANGUAGES", "such as en"),
        ({"LANGUAGES": "en,xx"}, "LANGUAGES", "TEMPLATES_DIR"),
        ({"PUBLIC_URL": "intake.example.org"}, "PUBLIC_URL", "https://"),
        ({"TWILIO_API_URL": "ftp://example.org"}, "TWILIO_API_URL", "https://"),
        ({"HTTP_PORT": "http"}, "HTTP_PORT", "integer"),
        ({"HTTP_PORT": "70000"}, "HTTP_PORT", "65535"),
        ({"IMAP_PORT": "0"}, "IMAP_PORT", "greater than or equal to 1"),
        ({"TWILIO_RATE": "0"}, "TWILIO_RATE", "greater than 0"),
        ({"SENDS_PER_HOUR": "many"}, "SENDS_PER_HOUR", "integer"),
        ({"IMAP_TLS": "ssl"}, "IMAP_TLS", "'implicit', 'starttls' or 'none'"),
        ({"SMTP_TLS": "ssl"}, "SMTP_TLS", "'starttls', 'implicit' or 'none'"),
        ({**MAIL, "IMAP_HOST": "imap.example.org", "IMAP_TLS": "none"}, "IMAP_TLS", "use starttls or implicit"),
        ({**MAIL, "SMTP_TLS": "none"}, "SMTP_TLS", "use starttls or implicit"),
        ({"MAIL_FROM": "Peer Support"}, "MAIL_FROM", "such as Peer Support <intake@example.org>"),
        ({"IMAP_HOST": "imap.example.org"}, "SMTP_HOST, MAIL_FROM", "needed beside IMAP_HOST"),
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN", "both are needed"),
        ({**TWILIO, "TWILIO_PHONE_NUMBER": ""}, "TWILIO_PHONE_NUMBER", "or TWILIO_MESSAGING_SERVICE_SID"),
        ({"TRUSTED_AUTHSERV_ID": "*", "SECRET_KEY": "s"}, "TRUSTED_AUTHSERV_ID", "such as mx.google.com"),
        ({"TRUSTED_AUTHSERV_ID": "mx.example.org, *.org", "SECRET_KEY": "s"}, "TRUSTED_AUTHSERV_ID", "separated by commas"),
        ({"TRUSTED_AUTHSERV_ID": "mx.example.org"}, "SECRET_KEY", "needed beside TRUSTED_AUTHSERV_ID"),
        ({"COORDINATORS": "Sam"}, "COORDINATORS", "write Sam <sam@example.org> +14065550188"),
        ({"DIGEST_AT": "25:00"}, "DIGEST_AT", "such as 07:30"),
        ({"DIGEST_AT": "noon"}, "DIGEST_AT", "such as 07:30"),
        ({"DIGEST_AT": "07:30Z"}, "DIGEST_AT", "such as 07:30"),
        ({"MAIL_FROM": "a@example.org, b@example.org"}, "MAIL_FROM", "one plain address"),
        ({"MAIL_FROM": "Peers: Support <intake@example.org>"}, "MAIL_FROM", "one plain address"),
        ({**MAIL, "COORDINATORS": "Sam <Intake@example.org>"}, "COORDINATORS", "an address of their own"),
        ({"IMAP_DONE_FOLDER": "INBOX"}, "IMAP_FOLDER", "another than the folders"),
        ({"PUBLIC_URL": "https://intake.example.org/sms"}, "PUBLIC_URL", "must not end in /sms"),
        ({"PUBLIC_URL": "https://a b"}, "PUBLIC_URL", "at most a path"),
        ({"LANGUAGES": "."}, "LANGUAGES", "no templates"),
        ({"TEMPLATES_DIR": "/nowhere/at/all"}, "TEMPLATES_DIR", "a folder"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_write(written: dict[str, str], name: str, advice: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings_from(written)
    words = str(raised.value)
    assert name in words
    assert advice in words
    assert "\n" not in words


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SettingsError, match=r"HTTP_PORT.*; .*DIGEST_AT"):
        settings_from({"HTTP_PORT": "http", "DIGEST_AT": "noon"})


def test_an_error_tells_no_secret() -> None:
    """Whatever else is wrong beside them."""
    written = {**dict.fromkeys(SECRETS, "hunter2"), "TWILIO_ACCOUNT_SID": "AC1", "HTTP_PORT": "http", "IMAP_TLS": "ssl"}
    for wrong in (written, {**written, "HTTP_PORT": "", "IMAP_TLS": ""}):
        with pytest.raises(SettingsError) as raised:
            settings_from(wrong)
        assert "hunter2" not in str(raised.value)


def test_no_encryption_is_for_this_machine_alone() -> None:
    settings = settings_from({**MAIL, "SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none", "IMAP_HOST": "localhost", "IMAP_TLS": "none"})
    assert (servers.mail_out(settings).tls, servers.mailbox_in(settings).tls) == ("none", "none")


def test_a_language_of_ones_own_has_its_folder_of_templates(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    assert settings_from({"LANGUAGES": "en,fr", "TEMPLATES_DIR": str(tmp_path)}).LANGUAGES == ("en", "fr")


@pytest.mark.parametrize("name", [*SECRETS, "DATABASE_URL"])
def test_a_secret_may_stand_in_a_file(tmp_path: Path, name: str) -> None:
    """Its line end does not belong to it; a value in the setting itself wins."""
    file = tmp_path / "secret"
    file.write_text("from-the-file\n", encoding="utf-8")
    others = {key: value for key, value in TWILIO.items() if key != name}
    assert getattr(settings_from({**others, f"{name}_FILE": str(file)}), name) == "from-the-file"
    assert getattr(settings_from({**others, f"{name}_FILE": str(file), name: "own"}), name) == "own"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^SECRET_KEY_FILE: cannot be read \(No such file"):
        settings_from({"SECRET_KEY_FILE": str(tmp_path / "missing")})
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"^SECRET_KEY_FILE: the file must hold plain text"):
        settings_from({"SECRET_KEY_FILE": str(tmp_path / "binary")})


def test_the_environment_lies_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one: what it leaves out is the file's, what it empties is nobody's."""
    (tmp_path / ".env").write_text("PROGRAM_NAME=File\nHTTP_PORT=8001\nSMTP_HOST=smtp.example.org\n", encoding="utf-8")
    monkeypatch.setenv("PROGRAM_NAME", "Environment")
    monkeypatch.setenv("SMTP_HOST", "")
    monkeypatch.delenv("HTTP_PORT", raising=False)
    settings = load(tmp_path)
    assert (settings.PROGRAM_NAME, settings.HTTP_PORT, settings.SMTP_HOST) == ("Environment", 8001, "")


def test_the_environments_secret_file_lies_over_the_files_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=old\n", encoding="utf-8")
    (tmp_path / "secret").write_text("new", encoding="utf-8")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "secret"))
    assert load(tmp_path).SECRET_KEY == "new"


def test_the_file_is_read_to_the_letter(tmp_path: Path) -> None:
    """Quotes may stand around a value; nothing in a password is filled in."""
    (tmp_path / ".env").write_text(
        "# mail\nIMAP_PASSWORD='a b#${HOME}$c'\nPROGRAM_NAME=\"Peer Support\"\nSMTP_PASSWORD=x${HOME}y\n", encoding="utf-8"
    )
    settings = load(tmp_path)
    assert (settings.IMAP_PASSWORD, settings.SMTP_PASSWORD, settings.PROGRAM_NAME) == ("a b#${HOME}$c", "x${HOME}y", "Peer Support")


def test_without_a_file_the_environment_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "8002")
    assert load(tmp_path).HTTP_PORT == 8002


def test_the_readmes_table_is_the_settings() -> None:
    """Every setting stands in the first column of a row, and nothing else does."""
    rows = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    columns = [row.strip("|").split("|")[0] for row in rows]
    named = {name for column in columns for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", column)}
    assert named == set(Settings.model_fields)
