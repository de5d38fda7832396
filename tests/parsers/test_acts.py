"""Acts are told from the direction of the words, whoever writes them and however."""

from __future__ import annotations

import pytest

from parsers.message import InboundMessage
from parsers.reading import Context, Reading, hear, read
from parsers.vocabulary import load

VOCABULARY = load()

ALONE = """
mentor_offer | I'd be willing to mentor a newer peer on Tuesdays
mentor_offer | put me down as a mentor
mentor_offer | count me in to mentor someone
mentor_offer | I would love to take on a mentee or two
mentor_offer | Got room for 2 mentees
mentor_offer | Happy to be a sounding board for a new peer specialist
mentor_offer | ready to pay it forward, 8 yrs in recovery
mentor_offer | sign me up as a metnor, i have weekends
mentor_offer | i wana be a mentor 4 new peers
mentor_offer | I can mentor vets
mentor_offer | Sure, I'll mentor. Mornings best.
mentor_offer | I wouldn't mind mentoring someone new
mentor_offer | glad to guide a new peer supporter
mentor_offer | I have never been a mentor before but I'd like to try being one
mentor_offer | yes i will mentor someone
mentor_offer | volunteering as a mentor, Thursdays after 4
mentor_offer | I want to become a mentor
mentor_offer | I'd make a good mentor I think, 12 years in
mentor_offer | My supervisor said I should sign up to be a mentor so here I am
mentor_offer | quiero ser mentor
mentor_offer | me ofrezco como mentora
mentor_offer | puedo ser mentora de una persona los jueves
mentor_offer | me gustaría apoyar a un compañero nuevo como mentor
mentor_offer | apúntenme como mentor por favor
mentor_offer | con gusto le enseño a alguien nuevo, quiero ser su mentora
mentor_request | looking for a mentor
mentor_request | I need a mentor
mentor_request | do you have a mentor for me
mentor_request | can you match me with a mentor
mentor_request | I could really use a mentor, started last week
mentor_request | want somebody to show me the ropes
mentor_request | id like to be mentored
mentor_request | wish i had someone to mentor me
mentor_request | hoping to get paired with an experienced peer
mentor_request | could someone mentor me? i work at the shelter
mentor_request | need sombody to guide me in my new job as a peer
mentor_request | How can I get a mentor
mentor_request | I'd love someone who has been doing this a while to talk things over with
mentor_request | seeking mentor, female, evenings
mentor_request | in search of a mentor in Helena
mentor_request | can you find me a mentr
mentor_request | I am not looking to be a mentor, I need one
mentor_request | necesito una mentora
mentor_request | busco mentor en Billings
mentor_request | quisiera un mentor que hable español
mentor_request | me gustaría tener un mentor
mentor_request | necesito a alguien que me guíe en mi trabajo nuevo
mentor_request | me pueden asignar un mentor
shadow_offer | someone can shadow me on Fridays
shadow_offer | I'm open to being shadowed
shadow_offer | happy to host a shadow at the clubhouse
shadow_offer | a new peer is welcome to tag along with me
shadow_offer | Anyone who wants can follow me on my shift
shadow_offer | I can take a newbie along on outreach with me
shadow_offer | folks can come sit in on my group
shadow_offer | i dont mind if someone shadows me
shadow_offer | I'd let a trainee follow me around the ER
shadow_offer | we can host shadows at our center
shadow_offer | our warmline would be glad to host someone new
shadow_offer | my unit can take visitors, one at a time
shadow_offer | new peers can come watch how I run group
shadow_offer | u can send someone to shaddow me weds
shadow_offer | I'd like to be a shadow host
shadow_offer | I'll host
shadow_offer | alguien puede acompañarme en mi turno
shadow_offer | pueden seguirme en el centro los martes
shadow_offer | recibo a un compañero nuevo en mi turno
shadow_offer | me pueden observar en la línea de apoyo
shadow_offer | con gusto recibo a alguien que quiera observar
shadow_request | I want to shadow someone
shadow_request | can i shadow somebody on the warmline
shadow_request | I'd like to follow a peer on their shift
shadow_request | looking to shadow at a hospital
shadow_request | looking for someone to shadow
shadow_request | hoping to tag along with an experienced peer
shadow_request | want to see what a day in the ER is like
shadow_request | sign me up to shadow
shadow_request | is there anyone I can shadow at the VA
shadow_request | Could I ride along with the mobile crisis team?
shadow_request | I need shadow hours for my certification
shadow_request | my boss wants me to shadow for 10 hours
shadow_request | would love to sit in with someone on the warmline
shadow_request | id love to observe a group
shadow_request | want to shadow but not mentor
shadow_request | quiero acompañar a alguien en su turno
shadow_request | me gustaría hacer shadowing
shadow_request | busco a quien seguir en el hospital
shadow_request | quisiera ver cómo trabajan en la línea de crisis
shadow_request | puedo acompañar a alguien en urgencias?
mentor_offer,shadow_offer | I can mentor and someone could shadow me too
mentor_request,shadow_request | I need a mentor and I'd like to shadow someone
mentor_offer,question | Can I be a mentor without certification?
mentor_offer,question | I'd like to mentor. How much time does it take?
mentor_request,question | I need a mentor. Also is there a cost?
question | what is job shadowing
question | How long does mentoring last?
question | do mentors get paid?
question | who runs this program?
question | When is the next training?
question | Is the mentoring confidential?
question | ¿cuánto dura la mentoría?
question | ¿Quién paga la gasolina?
opt_out | please take my number off your list
opt_out | quit texting me
opt_out | STOP!!!
opt_out | Stop please
opt_out | unsubscribe me
opt_out | no more messages
opt_out | I don't want these texts anymore
opt_out | don't text me again
opt_out | remove my name from the mailing list
opt_out | you have the wrong person, stop texting
opt_out | leave me alone
opt_out | opt me out please
opt_out | how do i get off this list
opt_out | i dont want to get these emails
opt_out | ya no quiero recibir mensajes
opt_out | no me manden más mensajes
opt_out | quítenme de su lista
opt_out | dejen de escribirme
opt_out | denme de baja
opt_out | ALTO
opt_in | UNSTOP
opt_in | you can text me again
opt_in | please put me back on the list
opt_in | pueden volver a escribirme
help | help
help | INFO
help | Ayuda por favor
referral | My friend Tasha would make a great mentor
referral | You should talk to my coworker Ben about mentoring
referral | my coworker wants to shadow someone, her number is 555-0133
referral | I know someone who would be perfect as a mentor
referral | mi compañera quiere ser mentora
service_seeker | my husband needs help with his drinking
service_seeker | where can I get treatment
service_seeker | I need help getting sober
service_seeker | can my daughter get a peer supporter? she is in rehab
service_seeker | necesito ayuda para dejar de tomar
spam | You have won a $500 gift card! Click here https://example.com/x to claim now
spam | Earn $5000 a week from home! Message her on WhatsApp
other | thank you!
other | ok
other | see you there
other | great newsletter
other | my mentor was wonderful to me when I started
other | can't mentor this year sorry
other | wrong number
other | gracias
other | no puedo ser mentora ahorita, disculpe
"""

GUESSED = """
mentor_offer | Mentor
mentor_offer | mentor!
mentor_offer | interested in mentoring
shadow_request | shadow
shadow_request | Shadow please
mentor_offer | me interesa la mentoría
"""

IN_CONTEXT = """
withdraw | records=mentor_offer | I need to step back
withdraw | records=mentor_offer | can't do this anymore, please take me off the mentor list
withdraw | records=mentor_request | I found a mentor, thanks
withdraw | records=shadow_request | please cancel my request
withdraw | records=mentor_offer | I'm not able to mentor right now
withdraw | records=shadow_offer | we cant host shadows anymore
withdraw | records=mentor_offer | ya no puedo ser mentora
update | records=mentor_offer | I can only do Mondays now
update | records=shadow_offer | cant do fridays anymore
update | records=mentor_request | my new number is 406-555-0123
update | records=mentor_offer | please email me instead of texting
question,update | records=shadow_request | can we move our shadow to Friday
shadow_request | records=mentor_offer | I also want to shadow someone
answer | asked=consent;records=mentor_offer | yes
answer | asked=consent;records=mentor_offer | no thanks
answer | asked=consent;records=mentor_offer | sure go ahead
answer | asked=consent;records=mentor_offer | sí, claro
answer | asked=consent;records=mentor_offer | 👍
answer | asked=name;records=mentor_offer | Its Tomasina
answer | asked=name;records=mentor_offer | me llamo Rigoberto
answer | asked=availability;records=mentor_offer | Tuesdays after 5
answer | asked=setting;records=shadow_offer | the jail
answer,mentor_offer | asked=role;options=mentor_offer,mentor_request | 1
answer,mentor_request | asked=role;options=mentor_offer,mentor_request | 2
answer,mentor_request | asked=role;options=mentor_offer,mentor_request | the second one
answer | asked=role | 1
answer,mentor_offer | asked=role | I want to be one
answer,mentor_request | asked=role | find a mentor
answer,shadow_offer | asked=role | someone would shadow me
answer,shadow_request | asked=role | I'd be the one following
opt_out | asked=consent;records=mentor_offer | STOP
opt_out | records=mentor_offer | stop texting me
question | asked=name | why do you need that?
other | asked=availability;records=mentor_offer | thanks!
"""


def _reading(text: str, context: Context | None = None) -> Reading:
    message = InboundMessage(channel="sms", sender="+14065550100", body=text)
    return read(hear(message, VOCABULARY), VOCABULARY, context or Context())


def _rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(part.strip() for part in line.split(" | ")) for line in table.strip().splitlines()]


def _context(said: str) -> Context:
    known = dict(part.split("=") for part in said.split(";"))
    return Context(
        asked=known.get("asked"),
        records=tuple(known["records"].split(",")) if "records" in known else (),  # type: ignore[arg-type]
        options=tuple(known["options"].split(",")) if "options" in known else (),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("acts", "text"), _rows(ALONE))
def test_a_text_alone_says_its_acts(acts: str, text: str) -> None:
    reading = _reading(text)
    assert (",".join(reading.acts), reading.urgent) == (",".join(sorted(acts.split(","))), None)


@pytest.mark.parametrize(("acts", "text"), _rows(GUESSED))
def test_a_guess_is_put_as_a_question(acts: str, text: str) -> None:
    reading = _reading(text)
    assert (reading.acts, reading.clarify) == ((acts,), True)


@pytest.mark.parametrize(("acts", "context", "text"), _rows(IN_CONTEXT))
def test_what_is_known_tells_what_is_meant(acts: str, context: str, text: str) -> None:
    assert _reading(text, _context(context)).acts == tuple(acts.split(","))
