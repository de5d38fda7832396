"""The command line of Peer Intake; it wires the parts together and does nothing else."""

from __future__ import annotations

import argparse
import json
import sys


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("parse", help="read JSON lines of messages, write JSON lines of readings").set_defaults(run=_parse)
    options = parser.parse_args(arguments)
    return int(options.run(options))


def _parse(options: argparse.Namespace) -> int:
    from parsers.lines import readings
    from parsers.vocabulary import load

    failed = False
    for answer in readings(sys.stdin, load()):
        failed |= "error" in answer
        print(json.dumps(answer, ensure_ascii=False))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
