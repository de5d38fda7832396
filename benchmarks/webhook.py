"""How many signed texts a second are acknowledged, everything stored: `python -m benchmarks.webhook`."""

from __future__ import annotations

import http.client
import statistics
import tempfile
import threading
import time
from pathlib import Path

from tests.fakes import signed_form
from tests.servers.process import Process
from tests.servers.waiting import free_port

CLIENTS = 8
SECONDS = 10
TOKEN = "a token of this measurement"
PUBLIC_URL = "https://intake.example.org"
ENVIRONMENT = {
    "PUBLIC_URL": PUBLIC_URL,
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_PHONE_NUMBER": "+14065550100",
    "COORDINATORS": "Sam <sam@example.org>",
    "SMTP_HOST": "localhost",
    "MAIL_FROM": "intake@example.org",
}
BODY = "hi this is Dani, someone can shadow me on the warmline friday evenings"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        settings = {**ENVIRONMENT, "HTTP_PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/intake.db"}
        with Process("serve", "--only", "web", environment=settings, folder=Path(folder)) as serve:
            serve.wait_for_url(f"http://127.0.0.1:{port}/healthz")
            taken = _load(port)
            memory = _resident_megabytes(serve.pid)
    taken.sort()
    print(f"texts acknowledged a second, {CLIENTS} clients   {len(taken) / SECONDS:8.0f}")
    print(f"milliseconds, median and 99 of 100        {statistics.median(taken) * 1000:8.1f} {taken[len(taken) * 99 // 100] * 1000:8.1f}")
    print(f"resident memory, MB                       {memory:8.0f}")


def _load(port: int) -> list[float]:
    """What each request took, in seconds, from clients that send one after the other, each from numbers of its own."""
    taken: list[float] = []
    until = time.perf_counter() + SECONDS
    threads = [threading.Thread(target=_client, args=(port, number, until, taken)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _client(port: int, number: int, until: float, taken: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    sent = 0
    while (began := time.perf_counter()) < until:
        sent += 1
        posted = {"MessageSid": f"SM{number}{sent:030}", "From": f"+1406{number}{sent:06}", "To": "+14065550100", "Body": BODY}
        form = signed_form(f"{PUBLIC_URL}/sms", posted, TOKEN)
        connection.request("POST", "/sms", body=form.body, headers=form.headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"status {answer.status}")
        taken.append(time.perf_counter() - began)


def _resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
