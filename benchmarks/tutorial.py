"""The tutorial's application, the webhook's peer: Flask, Twilio's RequestValidator, one SQLAlchemy row and an answer as TwiML."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, abort, request
from sqlalchemy import create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse
from waitress import serve

from benchmarks.common import PUBLIC_URL, TOKEN

THREADS = 4


class Base(DeclarativeBase):
    pass


class Message(Base):
    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str]
    sender: Mapped[str]
    recipient: Mapped[str]
    body: Mapped[str]
    received_at: Mapped[datetime]


def create_app(url: str, *, durable: bool) -> Flask:
    """One row a text; `durable` has SQLite write ahead and wait for the disk, else it is as it comes."""
    engine = create_engine(url)
    if durable:
        event.listen(engine, "connect", _write_ahead)
    Base.metadata.create_all(engine)
    validator = RequestValidator(TOKEN)
    app = Flask(__name__)

    @app.post("/sms")
    def text() -> Response:
        if not validator.validate(f"{PUBLIC_URL}/sms", request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        form = request.form
        with Session(engine) as session:
            row = {"sid": form["MessageSid"], "sender": form["From"], "recipient": form["To"], "body": form["Body"]}
            session.add(Message(**row, received_at=datetime.now(UTC)))
            session.commit()
        answer = MessagingResponse()
        answer.message("Thank you! We will be in touch.")
        return Response(str(answer), mimetype="text/xml")

    return app


def _write_ahead(connection: Any, _: object) -> None:  # noqa: ANN401
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


if __name__ == "__main__":
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line for each request that waits would cost it time
    serve(create_app(sys.argv[2], durable=sys.argv[3] == "durable"), host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS)
