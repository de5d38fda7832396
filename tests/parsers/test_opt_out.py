"""What sounds like a wish for no more messages and is none."""

from __future__ import annotations

import pytest

from parsers.message import InboundMessage
from parsers.reading import Context, hear, read
from parsers.vocabulary import load

KEPT = [
    "my ex has to stop texting me at night, that is the boundary I set today",
    "she quit calling me back so I figure she is done",
    "take me off the Saturday bake sale schedule",
    "take me off mentors, I only signed up because I thought it was paid",
    "stop sending me mentees, I can't right now",
    "remove me as a host, our clubhouse has bedbugs",
    "I hit unsubscribe by mistake, put me back on",
    "please rescind my opt out",
    "can I opt out of the role play part of the training?",
    "a client says leave me alone, what is the policy?",
    "quítenme los viernes y pónganme sábados",
    "borra esa foto mía jaja salí fatal",
    "ahorita no me manden mentees por favor",
    "sáquenme de mentores, ando cansado",
    "no se les ocurra dejar de mandar la frase del lunes",
    "no need to text me back, just wanted to say thanks",
    "no need to send me a mentor, I found one",
    "you don't need to call me, text is fine",
    "I can't stop thinking about how good the training was",
    "my phone is blowing up today sorry I missed your text",
    "we have to STOP burnout in this field",
    "no more training for me this week lol",
    "I got no texts from you this week, is something wrong?",
    "please don't stop these messages, I love them",
    "stop by the drop-in any time and shadow me",
    "did my messages stop coming through?",
    "don't text me before 9am please",
    "no more than two mentees please",
    "I quit my job so can't host anymore",
    "How do I cancel just this week's visit with Marta? I want to keep all the rest.",
    "no need to send this to anyone else, I'll mentor her",
    "I can no longer get texts at my desk, call me",
    "no he recibido mensajes esta semana",
    "ya no tengo mensajes en el celular, mándenme otra vez",
    "no necesito más horas, gracias",
    "stop! you're making me blush",
    "I want to leave the hospital unit, new job",
    "end of my shift is 5, I can mentor after",
    "don't send anyone this week, I'm on vacation",
    "quit smoking 3 years ago, want to mentor",
    "get me off the overnight shift lol. want to host days",
    "Ya no busco mentor, gracias",
    "Please stop by my office and observe",
    "my texts have been blocked so email is better",
    "I don't want a mentor anymore",
    "no more meetings on zoom for me, in person only",
    "got your message. no need to reply",
    "mi hermana ya no usa este celular, le paso el mensaje",
    "I get too many calls at work, text me",
    "you don't have to send a reminder before my shadow shift",
    "take Fridays off my list please",
    "drop my mentee, he moved",
    "my old agency quit sending folks to training, can you help",
    "don't send the shadow on Friday please, I'm off",
    "no need to send a new form, I found mine",
]


@pytest.mark.parametrize("text", KEPT)
def test_nobody_is_taken_off_the_list_unasked(text: str) -> None:
    """Stopping something else, or asking not to be answered, ends no messages."""
    message = InboundMessage(channel="sms", sender="+14065550100", body=text)
    assert "opt_out" not in read(hear(message, load()), load(), Context()).acts
