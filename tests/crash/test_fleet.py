"""Many processes on one PostgreSQL, killed at random; `make crash` does it for longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.crash.fleet import Fleet
from tests.crash.scene import Scene
from tests.servers.dovecot import Mailbox

KILLS, EVERY = 12, 2.0


def test_whoever_dies_the_others_go_on(postgres_url: str, mailbox: Mailbox, tmp_path: Path) -> None:
    """Nothing is lost or doubled, there is one digest, and the senders share the work."""
    soon = datetime.now(UTC) + timedelta(seconds=75)  # when both clocks are at work
    with Scene(postgres_url, mailbox, tmp_path, digest_at=f"{soon:%H:%M}") as scene:
        fleet = Fleet(scene)
        findings = fleet.sail(kills=KILLS, every=EVERY)
    wrong = [finding for finding in findings if finding.kind != "listed"]
    assert not wrong, "\n".join(map(str, wrong))
    assert fleet.kills.total() == KILLS
    assert sum(sent > 0 for sent in fleet.sent()) >= 3
