"""The webhook: Twilio's texts, its delivery reports, calls to the number, and the health page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, Flask, Response, abort, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from twilio.twiml.voice_response import VoiceResponse
from werkzeug.exceptions import HTTPException

from db import health, reports, steps
from db.causes import cause
from db.engine import Database
from intake import forms, sms
from intake.arrival import NotStored
from intake.doorway import Doorway
from notifier.programme import Programme
from notifier.templates import Templates

logger = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
FORWARDING = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Cf-Connecting-Ip", "Via")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """What the webhook is made of."""

    doorway: Doorway
    database: Database
    programme: Programme
    templates: Templates
    clock: Callable[[], datetime]
    auth_token: str = field(default="", repr=False)  # "" where the SMS channel is off
    public_url: str = ""
    mailbox: str = ""  # the name of the one that is read
    an_hour: int = 500  # messages that may go; whatever waits beyond them does not stand still
    unsigned: bool = False  # the sandbox alone: texts need no signature, but come from this machine


def create_app(webhook: Webhook) -> Flask:
    """The WSGI application, for `run.py serve` or a server of one's own."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.register_blueprint(_health_page(webhook))
    app.register_blueprint(_twilio(webhook))
    app.register_error_handler(Exception, _unavailable)
    if webhook.unsigned:
        app.before_request(_from_this_machine)
    return app


def _twilio(webhook: Webhook) -> Blueprint:
    blueprint = Blueprint("twilio", __name__)

    @blueprint.before_request
    def check_signature() -> None:
        body = request.get_data()  # too long a body ends here, with 413
        if not webhook.unsigned and not _is_signed(webhook, body):
            logger.warning("webhook refused: no valid signature")
            abort(403)

    @blueprint.post("/sms")
    def text() -> Response:
        steps.reached("form taken")
        webhook.doorway.receive(sms.arrival(request.get_data(), channel="sms", received_at=webhook.clock()))
        steps.reached("before answering")
        return _xml(EMPTY)

    @blueprint.post("/sms/status")
    def status() -> Response:
        posted = forms.values(request.get_data())
        error = posted.get("ErrorCode", "")
        with webhook.database.write() as session:
            reports.note_status(
                session,
                key=request.args.get("key", "")[:40].replace("\0", ""),
                provider_id=posted.get("MessageSid", "")[:64].replace("\0", ""),
                status=posted.get("MessageStatus", "")[:20],
                error=f"Twilio {error}" if error.isdecimal() else "",
                now=webhook.clock(),
            )
        return _xml(EMPTY)

    @blueprint.post("/voice")
    def call() -> Response:
        try:
            webhook.doorway.receive(sms.arrival(request.get_data(), channel="voice", received_at=webhook.clock()))
        except NotStored:  # somebody is on the line: what they hear matters more than that we note it
            logger.error("call not stored")
        return _xml(_spoken(webhook))

    return blueprint


def _is_signed(webhook: Webhook, body: bytes) -> bool:
    if not (webhook.auth_token and webhook.public_url):
        return False
    query = request.environ.get("QUERY_STRING", "")  # to the letter: the framework would write it anew
    url = webhook.public_url + request.path + (f"?{query}" if query else "")
    return sms.is_signed(webhook.auth_token, url, body=body, signature=request.headers.get("X-Twilio-Signature", ""))


def _spoken(webhook: Webhook) -> str:
    """What somebody hears who calls the number, in each language."""
    answer = VoiceResponse()
    for language in webhook.programme.languages:
        locale, _, words = webhook.templates.spoken("voice", language, programme=webhook.programme).partition("\n")
        answer.say(words, language=locale)
    return str(answer)


def _health_page(webhook: Webhook) -> Blueprint:
    blueprint = Blueprint("health", __name__)
    pulse = health.Pulse(webhook.database, mailbox=webhook.mailbox, an_hour=webhook.an_hour)
    began = webhook.clock()

    @blueprint.get("/healthz")
    def healthz() -> tuple[Response, int]:
        now = webhook.clock()
        try:
            found = pulse.feel(now)
        except SQLAlchemyError as error:
            logger.error("no health: the database takes no writes: %s", cause(error))
            return jsonify(database=cause(error)), 503
        unread = now - began if found.mailbox_read_seconds is None else timedelta(seconds=found.mailbox_read_seconds)
        late = found.outbox_stuck or (bool(webhook.mailbox) and unread > health.UNREAD_FOR)
        return jsonify(database="ok", **asdict(found)), 503 if late and "strict" in request.args else 200

    return blueprint


def _from_this_machine() -> None:
    """Without signatures only programs on this machine may write: no page of another host, nothing that a proxy passes on."""
    if request.host.rpartition(":")[0] not in LOOPBACK and request.host not in LOOPBACK:
        abort(403)
    if any(header in request.headers for header in (*FORWARDING, "Origin")):  # a page in a browser names its own
        abort(403)


def _unavailable(error: Exception) -> Response | HTTPException | tuple[str, int]:
    """Whatever goes wrong within is 503, so that whoever called knows to come again; its words stay out of the log."""
    if isinstance(error, HTTPException):
        return error
    logger.error("request failed: %s", error if isinstance(error, NotStored) else type(error).__name__)
    return "Not stored. Try again.", 503


def _xml(text: str) -> Response:
    return Response(text, mimetype="text/xml")
