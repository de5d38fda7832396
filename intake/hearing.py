"""What is made of an arrival before the database is asked anything: it is parsed, heard, and perhaps read."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from intake import forms
from intake.arrival import Arrival, Guess, Ready, Understood
from notifier.programme import Programme
from parsers.errors import said_of
from parsers.mail import read_mail
from parsers.message import Channel, InboundMessage
from parsers.reading import Context, Heard, hear, resembles
from parsers.turn import read_turn
from parsers.vocabulary import Vocabulary

DEADLY = Understood(error="deadly")  # it ended the process each time that it was taken up

Parse = Callable[[bytes], InboundMessage]


class Listens(Protocol):
    """Makes arrivals ready, portion by portion; any thread may call it."""

    def listen(self, portions: Iterable[Sequence[Arrival]]) -> Generator[list[Ready]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Listens in the thread that calls it."""

    programme: Programme
    vocabulary: Vocabulary
    parse: dict[Channel, Parse]

    def listen(self, portions: Iterable[Sequence[Arrival]]) -> Generator[list[Ready]]:
        for arrivals in portions:
            yield [Ready(arrival, self.understand(arrival)) for arrival in arrivals]

    def understand(self, arrival: Arrival, *, guessing: bool = False) -> Understood:
        """Make of it what can be made; `guessing` what it says if its writer is new, which is lost work where they are not."""
        if arrival.deadly:
            return DEADLY
        try:
            message = self.parse[arrival.channel](arrival.source)
            if self.programme.is_own(message.sender):
                message = replace(message, automatic="our own")
            heard = hear(message, self.vocabulary)
            alike = ";".join(resembles(heard, self.vocabulary))
            guess = self._guess(heard, arrival.received_at) if guessing and _is_read(message) else None
            return Understood(heard=heard, resembles=alike, guess=guess)
        except Exception as error:  # noqa: BLE001 - whatever a message does to its parser, it is kept and told of
            return Understood(error=said_of(error))

    def _guess(self, heard: Heard, at: datetime) -> Guess:
        context = Context(today=at.astimezone(self.programme.timezone).date())
        language = self.programme.language
        return Guess(context=context, language=language, reading=read_turn(heard, self.vocabulary, context, language=language))


def listener(programme: Programme, vocabulary: Vocabulary, own_lists: tuple[str, ...]) -> Listener:
    """Whoever listens to a programme's messages, of all channels."""
    read = partial(read_mail, vocabulary=vocabulary, own_lists=own_lists)
    parse: dict[Channel, Parse] = {"sms": forms.read_text, "voice": forms.read_call, "email": read}
    return Listener(programme=programme, vocabulary=vocabulary, parse=parse)


def _is_read(message: InboundMessage) -> bool:
    return message.channel != "voice" and not message.automatic
