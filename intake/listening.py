"""The webhook on a server of its own: it listens at once, and ends when it is told to."""

from __future__ import annotations

import logging
import threading
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from intake.threads import SHUTDOWN_SECONDS, Task
from intake.web import LARGEST_BODY, Webhook, create_app
from parsers.errors import IntakeError

logger = logging.getLogger(__name__)

WEB_THREADS = 8  # they mostly wait for one another: what is brought meanwhile shares the next commit, and the wait for the disk
LOOP_SECONDS = 0.25  # how soon the webhook hears that it shall stop


def web_task(webhook: Webhook, *, host: str, port: int) -> Task:
    """The webhook on waitress. It listens before this returns, so that a port in use is told at once."""
    sockets: dict[int, Any] = {}
    try:
        server = create_server(
            create_app(webhook),
            map=sockets,
            host=host,
            port=port,
            threads=WEB_THREADS,
            ident=None,
            max_request_body_size=2 * LARGEST_BODY,
            connection_limit=900,  # slow or idle callers must keep neither Twilio out nor the database: most systems allow 1024 files
            channel_timeout=10,
            cleanup_interval=5,
            clear_untrusted_proxy_headers=False,  # the sandbox has to see what a proxy passed on; nothing else reads them
        )
    except OSError as error:
        advice = "set HTTP_PORT, or for the sandbox --port, to one that is free"
        raise IntakeError(f"cannot listen on {host} port {port} ({error.strerror}); {advice}") from None
    logger.info("listening on port %s", getattr(server, "effective_port", port))

    def serve(stop: threading.Event) -> None:
        # waitress's own loop cannot be ended from another thread without a race for its sockets, and select() knows 1024 files only.
        while not stop.is_set():
            wasyncore.loop(timeout=LOOP_SECONDS, use_poll=True, map=sockets, count=1)
        server.task_dispatcher.shutdown(timeout=SHUTDOWN_SECONDS / 4)
        wasyncore.loop(timeout=LOOP_SECONDS, use_poll=True, map=sockets, count=2)  # the last answers leave
        wasyncore.close_all(sockets)

    return serve
