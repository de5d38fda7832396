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
opt_out | tell your bot to stop texting me
opt_out | get your computer to stop texting me
opt_out | take me off the schedule and the texts
opt_out | take me off their list and yours
opt_out | unsubscribe my number
opt_out | unsubscribe my email please
opt_out | leave me alone when i say stop
opt_out | no me manden otro mensaje
opt_out | le dije a su compañera que ya no me escriba
opt_out | no me escriban hasta nunca
opt_out | keep my name out of your lists
opt_out | if you stop sending these I would be glad
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
service_seeker | Where can I get treatment?
other | mi mentora no contesta hoy, gracias de todos modos
service_seeker | who do i call to get into rehab
question,service_seeker | my wife needs inpatient, do you guys take medicaid?
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
mentor_offer | Hey this is Ray, been doing peer work 7 years, can take someone under my wing
mentor_offer | I'm in for mentoring! Wed nights
mentor_offer | would be honored to mentor someone who is deaf
mentor_offer | you can add me to the mentors, 1 person max
mentor_offer | I saw u need mentors. I can do it, tuesdays
mentor_offer | Have 15 years of experience to share with somebody just starting out
mentor_offer | Id like to help a new peer find their footing. Ana
mentor_offer | happy to talk w new folks who want guidance
mentor_request | Any chance of getting a mentor who is a veteran?
mentor_request | would like to be paired up with a mentor
mentor_request | my supervisor suggested i get a mentor
mentor_request | please find me a mentor
mentor_request | A mentor would be great for me
mentor_request | yes id like a mentor please
shadow_offer | sure they can ride with me
shadow_offer | Someone is welcome to spend a day with me at the clinic
shadow_offer | I've got room for one shadow at the detox
shadow_offer | would be glad to have somebody along on my rounds
shadow_offer | you can send folks to watch me run the wellness group
shadow_offer | I can bring a new person with me on street outreach thursdays
shadow_offer | Our team would love to have a shadow
shadow_offer | open to someone observing me
shadow_request | Can I come see what you all do at the clubhouse
shadow_request | id like to spend a day with a peer at the ER
shadow_request | Would love the chance to observe somebody working the warmline
shadow_request | where do i sign up to shadow
shadow_request | I was told to shadow someone for 8 hours
shadow_request | looking for a place to shadow
shadow_request | Hoping i could go out with an outreach team once
shadow_request | learn better by watching so id like to shadow
mentor_offer,shadow_request | happy to mentor but id also like to shadow at the jail
question | Do I have to be certified?
question | what are the requirements
question | is this still going on?
question | Can you send me the flyer again
question | I'd like to know more about job shadowing
other | Loved it
other | good morning everyone
other | I mentored for years and it was the best thing I ever did
other | I shadowed Ken last month, he was great
other | ok sounds good see you then
other | My coworker is a mentor and loves it
other | sorry wrong person
other | not interested in mentoring right now
opt_out | Please stop sending me stuff
opt_out | i want off this list
opt_out | No longer wish to receive these
opt_out | delete my number please
opt_out | not interested, stop texting
opt_out | take this number off your texts
opt_out | I quit peer work, pls remove me from your contacts
opt_out | quiero que me borren de la lista
opt_out | por favor no me escriban más
referral | My sister is a peer in Butte and wants a mentor
referral | Talk to Hector at the VA, he'd make a great host
referral | my intern needs a mentor, can I give you her email?
referral | I'd like to nominate my colleague Faye as a mentor
service_seeker | my brother is using again and needs treatment where do we go
service_seeker | I just got out of jail and need a sponsor and housing
service_seeker | how can i get a peer for my mom she has depression
mentor_offer | quisiera ofrecerme de mentor para alguien que empieza
mentor_offer | cuenten conmigo como mentora, tengo 10 años de experiencia
mentor_request | ando buscando mentor, soy nuevo
mentor_request | Quiero una mentora por favor
mentor_request | hay alguien que me pueda orientar? soy nueva
shadow_offer | un compañero puede venir a mi grupo a observarme
shadow_offer | pueden acompañarme en la clínica los lunes
shadow_request | quiero ver un turno en la línea de apoyo
shadow_request | me gustaría ir con alguien a la calle
shadow_request | Necesito horas de observación
opt_out | basta de mensajes
question | ¿Tengo que estar certificado?
mentor_request | i need a mental for my new job
mentor_offer | I'd like to be a mentor comma but only by phone period
shadow_request | I wanna shaddow sumone at da hospital
mentor_offer | i luv to be mentr 2 a new peer
shadow_request | interested in shadowing someone on the crisis unit
mentor_offer | My boss said it's fine so I can mentor starting March
mentor_offer | if you need more mentors im available
mentor_request | I never had a mentor and would like one
shadow_offer | i can have 1 or 2 people shadow me a month
mentor_offer | I can be someone's mentor
mentor_offer,shadow_offer | Yes to both: mentoring and being shadowed
mentor_offer | i was mentored and now i want to mentor
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
