"""The full matrix: `python -m tests.crash` kills some hundred times, prints a table, and fails where anything was lost or doubled."""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.crash.aims import AIMS
from tests.crash.books import Finding
from tests.crash.matrix import Siege, table
from tests.crash.scene import Scene
from tests.servers.certificate import make_certificate
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres

TIMES = 4  # each aim on each engine


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES, help="kills at each step, by each way, on each engine")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append", default=[])
    parser.add_argument("--way", action="append", default=[], help="only this way (mail, text, …)")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("tests.crash").setLevel(logging.INFO)
    aims = [aim for aim in AIMS if not options.way or aim.way in options.way] * options.times
    random.Random(options.times).shuffle(aims)  # noqa: S311 - the same order every time
    results: list[tuple[Siege, Sequence[Finding]]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        dovecot = stack.enter_context(Dovecot(make_certificate(folder)))
        for engine in options.engine or ("sqlite", "postgresql"):
            place = folder / engine
            place.mkdir()
            url = f"sqlite:///{place}/peer-intake.db"
            if engine == "postgresql":
                url = stack.enter_context(stack.enter_context(Postgres()).database())
            with Scene(url, dovecot.mailbox(engine), place) as scene:
                siege = Siege(engine, scene)
                results.append((siege, siege.run(aims)))
    print("\n".join(table(results)))
    for siege, findings in results:
        print(f"{siege.engine}: {len(siege.scene.crowd.written)} messages written, {len(siege.kills)} kills")
        for finding in findings:
            print(f"  {finding.kind}: {finding.what}")
    return 1 if any(finding.kind != "listed" for _, findings in results for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
