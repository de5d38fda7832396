"""What any test may ask for: servers, addresses of empty databases."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from db import engine
from db.engine import Database
from db.schema import migrate
from tests.discretion import discreet, listen
from tests.servers import certificate as certificates
from tests.servers import dovecot as dovecot_server
from tests.servers import postgres as postgres_server
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.postgres import Postgres
from tests.servers.smtp import SmtpServer
from tests.servers.twilio_api import TwilioApi

__all__ = ["discreet"]  # for every test, without being asked for
_numbers = count(1)


def pytest_configure() -> None:
    listen()
    # Else what is due at a local hour would be so on one machine and not on another.
    os.environ["TZ"] = "UTC"
    time.tzset()
    # That a machine is slow is no fault of an example; what the library itself settles in CI stands.
    settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Every server's, for localhost and 127.0.0.1; clients trust it as its own authority."""
    need(certificates.missing)
    return certificates.make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def _dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    need(dovecot_server.missing)
    with Dovecot(certificate) as server:
        yield server


@pytest.fixture
def dovecot(_dovecot: Dovecot) -> Dovecot:
    """One server for the whole run; running, whatever the test before did to it."""
    _dovecot.start()
    return _dovecot


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    """An empty mailbox that no other test uses; `mailbox.server` is the server."""
    return dovecot.mailbox(f"alice{next(_numbers)}")


@pytest.fixture
def smtp_server(certificate: Certificate) -> Iterator[SmtpServer]:
    """STARTTLS and a login, as providers ask for; for a plain one make a `SmtpServer()`."""
    with SmtpServer(certificate, tls="starttls") as server:
        yield server


@pytest.fixture
def twilio_api() -> Iterator[TwilioApi]:
    """Twilio's API; a request that its description does not allow fails the test."""
    with TwilioApi() as api:
        yield api
    assert api.violations == []


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    need(postgres_server.missing)
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty database of the test's own."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the database does so for as long as a slow machine needs."""
    monkeypatch.setattr(engine, "BUSY_MILLISECONDS", 60_000)
    monkeypatch.setattr(engine, "TURN_SECONDS", 60.0)
    monkeypatch.setitem(engine.POSTGRES, "options", "-c lock_timeout=60000")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, once of each kind: a test that asks for it runs twice."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'peer-intake.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database with our tables and nothing in them, once of each kind: a test that asks for it runs twice."""
    return str(request.getfixturevalue(f"_{request.param}_copy"))


@pytest.fixture(scope="session")
def _sqlite_laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Laid out once and copied for each test, since laying out takes longer than most tests."""
    path = tmp_path_factory.mktemp("laid-out") / "peer-intake.db"
    _lay_out(f"sqlite:///{path}")
    return path


@pytest.fixture
def _sqlite_copy(_sqlite_laid_out: Path, tmp_path: Path) -> str:
    path = tmp_path / "peer-intake.db"
    shutil.copy(_sqlite_laid_out, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def _postgresql_laid_out(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        _lay_out(url)
        yield str(make_url(url).database)


@pytest.fixture
def _postgresql_copy(postgres: Postgres, _postgresql_laid_out: str) -> Iterator[str]:
    with postgres.database(like=_postgresql_laid_out) as url:
        yield url


def _lay_out(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


def need(missing: Callable[[], str | None]) -> None:
    """Skip where a server cannot be had, and say why; in CI every test runs, so there it fails."""
    reason = missing()
    if reason is not None:
        _skip_or_fail(reason)


def _skip_or_fail(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
