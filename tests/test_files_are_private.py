"""Whatever the program writes is readable by its owner alone, also where everybody may read what this user makes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Database
from db.schema import migrate
from intake.check import check
from intake.settings import settings_from
from tests.fakes import CountedIds, HeldClock
from tests.servers.process import Process, run
from tests.servers.waiting import free_port

MAIL = b"From: Ana <ana@example.org>\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\nI would like to be a mentor.\r\n"


@pytest.fixture
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


pytestmark = pytest.mark.usefixtures("_open_umask")


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}


def test_a_new_database_and_the_folder_made_for_it(tmp_path: Path) -> None:
    """With the log that SQLite writes ahead, while it is open."""
    database = Database(f"sqlite:///{tmp_path / 'data' / 'peer-intake.db'}")
    migrate(database)
    with database.read() as session:
        session.connection()
        found = modes(tmp_path)
    database.close()
    assert found == {
        "data": 0o700,
        "data/peer-intake.db": 0o600,
        "data/peer-intake.db-wal": 0o600,
        "data/peer-intake.db-shm": 0o600,
    }


def test_a_database_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    """Also what an earlier process left beside it; the folder is somebody else's choice, and stays as it is."""
    for name in ("peer-intake.db", "peer-intake.db-wal"):
        (tmp_path / name).touch(0o666)
    tmp_path.chmod(0o755)
    database = Database(f"sqlite:///{tmp_path / 'peer-intake.db'}")
    migrate(database)
    database.close()
    assert set(modes(tmp_path).values()) == {0o600}
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_the_sandbox_s_folder_and_all_in_it(tmp_path: Path) -> None:
    """But for the mail that was dropped into it, which is as whoever dropped it made it, in a folder that nobody else may enter."""
    port = free_port()
    box = tmp_path / "box"
    with Process("sandbox", "--folder", "box", "--port", str(port), environment={}, folder=tmp_path) as sandbox:
        sandbox.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        (box / "mail" / "one.eml").write_bytes(MAIL)
        sandbox.wait_for_text("Mail to ana@example.org: Re: Hello")
        sandbox.wait_for_text("Mail to coordinator@example.org: #1 New")
        found = modes(box)
        assert sandbox.terminate() == 0
    dropped = found.pop("mail/processed/one.eml", None) or found.pop("mail/one.eml")
    assert dropped == 0o666
    folders = {"sent", "mail", "mail/processed", "mail/automatic", "mail/quarantine"}
    assert {name: mode for name, mode in found.items() if mode == 0o700}.keys() == folders
    assert {name for name, mode in found.items() if mode == 0o600} == found.keys() - folders
    assert {name.rpartition(".")[2] for name in found if name.startswith("sent/")} == {"eml"}
    assert stat.S_IMODE(box.stat().st_mode) == 0o700


@pytest.mark.parametrize("was_there", [False, True])
def test_a_page_of_the_digest(tmp_path: Path, *, was_there: bool) -> None:
    page = tmp_path / "page.html"
    if was_there:
        page.write_text("older, and longer " * 10_000)
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path / 'peer-intake.db'}", "TIMEZONE": "UTC"}
    assert run("digest", "--dry-run", "--html", "page.html", environment=environment, folder=tmp_path).returncode == 0
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "older" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("mode", "told"), [(0o644, True), (0o640, False), (0o600, False)])
def test_secrets_that_everybody_may_read_are_told_of(tmp_path: Path, mode: int, *, told: bool) -> None:
    """A group may be there to share them; all users of the machine are not."""
    (tmp_path / ".env").touch()
    (tmp_path / ".env").chmod(mode)
    settings = settings_from({"DATABASE_URL": f"sqlite:///{tmp_path / 'peer-intake.db'}"})
    results = list(check(settings, folder=tmp_path, clock=HeldClock(), ids=CountedIds()))
    assert [result.words for result in results if result.what == "secrets"] == [
        "every user of this machine can read .env; run `chmod 600 .env`"
    ] * told
