"""How long a digest over 100,000 records takes, and how much memory: `python -m benchmarks.digest`."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import time as hour
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from benchmarks.filling import NOW, Filling
from db.engine import Database
from db.models import Outgoing
from db.statements import table
from notifier.digest import Digests
from notifier.programme import Coordinator, Programme
from notifier.templates import Templates

RECORDS = 100_000
MOST_SECONDS, MOST_MEGABYTES = 2.0, 100.0
OUT = table(Outgoing)
COORDINATORS = (Coordinator(name="Sam", email="sam@example.org"), Coordinator(name="Jo", email="jo@example.org"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/intake.db"
        Filling(records=RECORDS).fill(url)
        # A process of its own, as the clock's is: this one has the memory of filling.
        done = subprocess.run([sys.executable, "-m", "benchmarks.digest", url], stdout=subprocess.PIPE, text=True, check=True)
    seconds, worked, megabytes, size = map(float, done.stdout.split())
    print(f"records                                   {RECORDS:8}")
    print(f"seconds, one digest for each of two       {seconds:8.2f}   at most {MOST_SECONDS:.0f}")
    print(f"of which this processor worked             {worked:7.2f}")
    print(f"memory at its peak, MB                    {megabytes:8.0f}   at most {MOST_MEGABYTES:.0f}")
    print(f"size of the page, KB                      {size:8.0f}   at most 102, where Gmail cuts it")


def measure(url: str) -> None:
    """Write both digests; prints seconds, those of the processor, megabytes and kilobytes."""
    database = Database(url)
    languages, timezone = ("en", "es"), ZoneInfo("America/Denver")
    programme = Programme(
        name="Peer Support", languages=languages, timezone=timezone, coordinators=COORDINATORS, mail_address="intake@example.org"
    )
    ids = map("digest-{}".format, count())
    digests = Digests(programme, Templates(languages), at=hour(7, 30), ids=lambda: next(ids))
    began, began_work = time.perf_counter(), time.process_time()
    with database.write() as session:
        assert digests.queue_if_due(session, NOW)
    taken, worked = time.perf_counter() - began, time.process_time() - began_work
    with database.read() as session:
        sizes = session.execute(select(func.length(OUT.c.html)).where(OUT.c.template == "digest")).scalars().all()
    print(taken, worked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, max(sizes) / 1000)


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
