"""Many processes on one database, any of which may be killed at any moment, and another is started in its place."""

from __future__ import annotations

import logging
import random
import re
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.crash.books import Finding
from tests.crash.scene import Scene
from tests.fakes import fixed_random
from tests.servers.process import Process
from tests.servers.waiting import free_port

logger = logging.getLogger(__name__)

PARTS = ("web", "web", "mail", "mail", "send", "send", "send", "clock", "clock")
STARTED = 180  # seconds, since all start at once
SENT = re.compile(r"outbox \d+ sent$", re.MULTILINE)


@dataclass(slots=True)
class Fleet:
    """Processes as README starts them; `sail(…)` does it all."""

    scene: Scene
    kills: Counter[str] = field(default_factory=Counter)
    outputs: list[tuple[str, str]] = field(default_factory=list)  # of each process: its part, and what it said
    _processes: dict[str, Process] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=fixed_random)

    def sail(self, *, kills: int, every: float) -> list[Finding]:
        """Start all, kill one every so many seconds, end all in good order, let everything come to rest, and compare."""
        ports = {f"{part} {number}": free_port() for number, part in enumerate(PARTS)}
        self.scene.crowd.here[:] = [f"http://127.0.0.1:{port}" for name, port in ports.items() if name.startswith("web")]
        with ExitStack() as stack:
            stack.callback(self._sink)
            for name, port in ports.items():
                self._start(name, port)
            for name in ports:
                self._processes[name].wait_for_text("started: ", timeout=STARTED)
            with self.scene.crowd.flowing():
                for _ in range(kills):
                    time.sleep(every * self._chance.uniform(0.5, 1.5))
                    self._replace(*self._chance.choice(list(ports.items())))
            for name in ports:
                self._end(name)
        self.scene.crowd.here[:] = [f"http://127.0.0.1:{self.scene.environment['HTTP_PORT']}"]
        self.scene.calm()
        return self.scene.compare()

    def sent(self) -> list[int]:
        """How many messages each sender that ever lived has sent."""
        return [len(SENT.findall(said)) for part, said in self.outputs if part == "send"]

    def _start(self, name: str, port: int) -> None:
        environment = self.scene.environment | {"HTTP_PORT": str(port)}
        self._processes[name] = Process("serve", "--only", name.split(maxsplit=1)[0], environment=environment, folder=self.scene.folder)

    def _replace(self, name: str, port: int) -> None:
        process = self._processes[name]
        assert process.running, process.output[-2000:]
        process.kill()
        self._log(name)
        self.kills[name.split(maxsplit=1)[0]] += 1
        logger.info("killed %s", name)
        self._start(name, port)

    def _end(self, name: str) -> None:
        process = self._processes[name]
        if "started: " not in process.output:
            process.wait_for_text("started: ", timeout=STARTED)
        code = process.terminate()
        self._log(name)
        assert code == 0, process.output[-2000:]

    def _log(self, name: str) -> None:
        self.outputs.append((name.split(maxsplit=1)[0], self._processes[name].output))

    def _sink(self) -> None:
        for process in self._processes.values():
            process.kill()
