"""The command line as an operator uses it: what each command prints, and how it ends."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from tests.servers.dovecot import Mailbox
from tests.servers.process import Process, run
from tests.servers.smtp import SmtpServer
from tests.servers.waiting import free_port

MAIL = b"From: Ana <ana@example.org>\r\nSubject: Mentoring\r\nMessage-ID: <1@example.org>\r\n\r\nI would like to be a mentor.\r\n"
ROLE_ASKED = {"asked": "role", "options": ["mentor_offer", "mentor_request"]}
COORDINATED = {
    "COORDINATORS": "Sam <sam@example.org>",
    "MAIL_FROM": "Peer Support <intake@example.org>",
    "SMTP_HOST": "localhost",
    "TIMEZONE": "UTC",
}


@pytest.fixture
def sandboxed(tmp_path: Path) -> dict[str, str]:
    """A database in which a text from `+14065550111` was taken in by the sandbox, and the settings that lead to it."""
    port = free_port()
    with Process("sandbox", "--folder", "sand", "--port", str(port), environment={}, folder=tmp_path) as sandbox:
        sandbox.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        (tmp_path / "sand" / "mail" / "one.eml").write_bytes(MAIL)
        sandbox.wait_for_text("Mail to ana@example.org: Re: Mentoring")
        sandbox.wait_for_text("Mail to coordinator@example.org: #1 New mentor offer: Ana")
        assert sandbox.terminate() == 0
    return {"DATABASE_URL": f"sqlite:///{tmp_path}/sand/peer-intake.db", **COORDINATED}


def test_parse_answers_line_by_line(tmp_path: Path) -> None:
    """Each line is answered in its order; one that cannot be read says so, and the exit code with it."""
    rows = [
        {"id": "a", "channel": "sms", "from": "+14065550111", "body": "MENTOR", "context": None},
        {
            "id": "b",
            "channel": "sms",
            "from": "+14065550111",
            "body": "2",
            "context": {"asked": "role", "options": ["mentor_offer", "mentor_request"]},
        },
    ]
    done = run("parse", environment={}, folder=tmp_path, standard_input="".join(json.dumps(row) + "\n" for row in rows))
    one, two = [json.loads(line) for line in done.stdout.splitlines()]
    assert (one["id"], one["acts"], one["clarify"], one["urgent"], one["fields"]) == ("a", ["mentor_offer"], True, None, {})
    assert (two["id"], two["acts"]) == ("b", ["answer", "mentor_request"])
    assert done.returncode == 0

    done = run("parse", environment={}, folder=tmp_path, standard_input='{"id": "c", "raw": "!"}\nnot json\n' + json.dumps(rows[0]) + "\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [True, True, False]
    assert done.returncode == 1


def test_export_as_csv_and_jsonl(sandboxed: dict[str, str], tmp_path: Path) -> None:
    """Both formats have the same columns and the same record."""
    as_csv = run("export", environment=sandboxed, folder=tmp_path)
    as_lines = run("export", "--format", "jsonl", environment=sandboxed, folder=tmp_path)
    (row,) = csv.DictReader(StringIO(as_csv.stdout))
    (line,) = [json.loads(text) for text in as_lines.stdout.splitlines()]
    assert list(row) == list(line)
    assert (row["id"], row["kind"], row["status"], row["name"], row["email"]) == ("1", "mentor_offer", "open", "Ana", "ana@example.org")
    assert (as_csv.returncode, as_lines.returncode) == (0, 0)


def test_digest_dry_run_prints_and_sends_nothing(sandboxed: dict[str, str], tmp_path: Path) -> None:
    """The text is printed, the page is written, and nothing is queued; without --dry-run a copy is."""
    done = run("digest", "--dry-run", "--html", "page.html", environment=sandboxed, folder=tmp_path)
    assert "(Copy)" in done.stdout
    assert "#1 mentor offer, Ana, ana@example.org" in done.stdout
    assert "<b>mentor offer</b>, Ana" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert run("digest", environment=sandboxed, folder=tmp_path).stdout == "queued; `run.py serve` sends it\n"
    assert "no digest on 2026-01-31" in run("digest", "--date", "2026-01-31", environment=sandboxed, folder=tmp_path).stderr
    assert run("digest", "--html", "page.html", environment=sandboxed, folder=tmp_path).returncode == 2


def test_poll_since_takes_in_old_mail(mailbox: Mailbox, smtp_server: SmtpServer, tmp_path: Path) -> None:
    """The first pass leaves what was there before; `--since` takes it in; nothing is taken in twice."""
    mailbox.append(MAIL)
    environment = {**mailbox.settings, **smtp_server.settings, "MAIL_FROM": "intake@example.org"}
    assert run("poll", environment=environment, folder=tmp_path).stdout == "0 new mails taken in\n"
    assert run("poll", "--since", "2020-01-01", environment=environment, folder=tmp_path).stdout == "1 new mail taken in\n"
    assert run("poll", "--since", "2020-01-01", environment=environment, folder=tmp_path).stdout == "0 new mails taken in\n"


def test_words_of_ones_own_are_read(tmp_path: Path) -> None:
    """By `parse` where it is told to; a slip in them stops whatever reads messages, in one line."""
    (tmp_path / "own" / "en").mkdir(parents=True)
    words = tmp_path / "own" / "en" / "vocabulary.toml"
    row = json.dumps({"id": "a", "channel": "sms", "from": "+14065550111", "body": "no more carrier pigeons", "context": None})
    words.write_text('[wish]\nopt_out = ["no more carrier pigeons"]', encoding="utf-8")
    done = run("parse", "--additions", "own", environment={}, folder=tmp_path, standard_input=row)
    assert json.loads(done.stdout)["acts"] == ["opt_out"]

    words.write_text('[wish]\nopt_out = ["no more (carrier pigeons"]', encoding="utf-8")
    for arguments in (["parse", "--additions", "own"], ["serve"], ["digest", "--dry-run"]):
        done = run(*arguments, environment={"TEMPLATES_DIR": "own"}, folder=tmp_path, standard_input=row)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(f"run.py {arguments[0]}: en/vocabulary.toml: [wish] opt_out, entry 1: ")
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["poll"], {}, "set IMAP_HOST"),
        (["serve"], {"HTTP_PORT": "many"}, "HTTP_PORT: "),
        (["serve"], {"DATABASE_URL": "nonsense"}, "DATABASE_URL cannot be used"),
        (["export"], {"DATABASE_URL": "sqlite:////proc/nowhere/x.db"}, "/proc/nowhere"),
        (["digest"], {}, "set COORDINATORS"),
        (["migrate"], {"DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}, "OperationalError"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: list[str], environment: dict[str, str], said: str, tmp_path: Path) -> None:
    """Exit code 1, one line on standard error that tells what to mend, no traceback."""
    done = run(*arguments, environment=environment, folder=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["export", "--format", "pdf"], ["poll", "--since", "yesterday"], ["serve", "--only", "x"]]
)
def test_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    """Exit code 2."""
    assert run(*arguments, environment={}, folder=tmp_path).returncode == 2


def test_a_schema_that_is_not_there_is_said(postgres_url: str, tmp_path: Path) -> None:
    """On PostgreSQL nobody migrates unasked; after `migrate` all is well."""
    environment = {"DATABASE_URL": postgres_url}
    assert "run `python run.py migrate`" in run("export", environment=environment, folder=tmp_path).stderr
    assert run("migrate", environment=environment, folder=tmp_path).returncode == 0
    assert run("export", environment=environment, folder=tmp_path).returncode == 0


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    """The second sandbox on one port ends with a word on what to change."""
    port = free_port()
    with Process("sandbox", "--port", str(port), environment={}, folder=tmp_path) as first:
        first.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        second = run("sandbox", "--port", str(port), "--folder", "other", environment={}, folder=tmp_path)
    assert (second.returncode, "HTTP_PORT" in second.stderr) == (1, True)
