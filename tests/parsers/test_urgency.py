"""Cries for help and complaints are found however they are put; idioms, stories and job words are let pass."""

from __future__ import annotations

import pytest

from parsers.urgency import screen
from parsers.vocabulary import load

VOCABULARY = load()

CRISIS = """
i dont have the strength to stay alive
my mentee is talking about suicide, shes alone at home
im gonna do it tonight i swear
theres a guy with a knife in the group room
ive been thinking of not being here anymore
my daughter took a bunch of her meds and is throwing up
i just got beat up by my boyfriend
im so high right now and i cant stop, im scared i might die
my sponsor killed himself last night and i want to follow him
bought enough fentanyl to do it
ya no le encuentro sentido a nada, me quiero ir de este mundo
me va a pegar cuando llegue
mi compañero no despierta, creo que es sobredosis
i really dont see the point anymore, think ill be gone soon
Sometimes I think everyone would just be relieved if I wasnt around
got my dads pistol out, just looking at it
he keeps saying hell shoot us both
my sponsee hung up after saying he was going to finish it
i keep thinking about driving into oncoming traffic
used fent tonight after 8 months clean, cant stop shaking, please someone
I picked up last night. Im so ashamed and dont want to go back out
a girl from our group just texted she swallowed a bunch of tylenol
hes been choking me and i dont know where to go
I am going to end things tonight
my mentee hasnt shown up, left a note saying sorry for everything
cant take it any more, i want out of this life
the urge to cut is so strong right now
my peer just od, narcan didnt work
she said she'd rather be dead than go back to jail
I've written my note
Nothing matters anymore, i just want to sleep and not wake up
i feel like hurting someone
i am scared my boyfriend will kill me
estoy en el puente
mi amiga se cortó las venas
mi hermano dice que se va a matar
no quiero seguir viviendo asi
tome pastillas y no se que hacer
mi ex está afuera con una pistola
volví a tomar y tengo mucho miedo, estoy sola
thinking about using tonight, im so scared of myself
Please pray for me, im in a dark place and dont want to live
i have nobody. ready to give up on life
I want to die
i just wanna die tbh
wish i was dead
i dont want to live anymore
I don\u2019t want to live like this, I'd rather be dead
im going to kill myself tonight
gonna kms
i feel like killing myself
I am thinking about suicide again
been having suicidal thoughts all week
feeling really suicidal rn
im suicidle and scared
thinking of ending my life
I'm ready to end it all
there's no point in living
whats the point of going on
nobody would miss me if i was gone
my kids would be better off without me
everyone would be happier if i was dead
i cant go on anymore
I can't keep living like this
I have a plan and the pills are in front of me
sitting here with a loaded gun
i have a gun in my mouth
I bought a rope
i wrote my goodbye letters
this is my last message. goodbye
goodbye everyone i love you, take care of my dog
tell my kids i love them
i wont be here tomorrow
I don't think I'll make it through the night
i took a whole bottle of tylenol
just swallowed all my meds
i took 40 xanax
took too many sleeping pills on purpose
I overdosed last night and nobody knows
my friend overdosed and is not breathing
he's turning blue what do i do
she is unresponsive, i gave her narcan
my roommate is od'ing
my son od'd again today
i relapsed last night and im terrified
I slipped and I'm scared I'll use again
i used today after 2 years, i hate myself and im so scared
im about to relapse please help
I drank last night, first time in a year, shaking and alone
scared im going to use tonight
sitting outside my dealers house
I've been cutting myself again
i cut my wrists
started self harming again last week
want to hurt myself so bad
I'm afraid I'm going to hurt myself
i might hurt myself tonight
my husband hit me again and i'm hiding in the bathroom
he said hes going to kill me
my ex is outside with a gun
my boyfriend choked me last night
im not safe at home
i am afraid of my husband
he is beating her right now
someone is trying to break down my door, hes pounding on the door
I was raped last night
im going to hurt him when he gets home
i want to kill my boss and i have a knife
the voices are telling me to hurt myself
hearing voices telling me to jump
my mentee says she wants to kill herself
my mentee sent me a goodbye text and isnt answering
a peer in my group said he has a plan to end his life
one of our members posted that she wants to die
my brother is suicidal, who do i call
she tried to hang herself this morning
my friend is threatening suicide
he has a gun and says he is done living
my client took a bunch of pills
She told me she doesn't want to wake up tomorrow
kid at the shelter says he's going to jump off the bridge
im on the bridge right now
I'm standing on the ledge
about to jump
going to step in front of a train
I can't stop thinking about death and dying
tired of living
im so tired of being alive
life isnt worth living
i have nothing left to live for
nothing to live for anymore
i wish i could go to sleep and never wake up
hope i dont wake up tomorrow
i should never have been born, wish i was never born
I hate my life and I want it to end
I want the pain to stop forever
make it stop please i cant live like this
lost the will to live
i've given up on life
im done with life
i dont see a future
i dont care if i live or die
i feel like a burden to everyone, theyd be better off without me
MENTOR i want to kill myself
STOP i wont be around after tonight
dont text me anymore ill be dead tomorrow
i dont want to exist
I dont wanna be here no more
i dont wanna be alive
unalive myself
gonna unalive tonight
kill my self
k1ll myself
i wana dye. i want to kill meself
thinking abt suiside
sucidal again
I think I'm having a mental health crisis
please help me im scared i'm going to do something stupid
I need help right now please i'm not safe
I don't feel safe with myself
i cant keep myself safe tonight
I don't trust myself tonight
call 911 he stopped breathing
need narcan now!!
theres a needle in my arm and i cant stop
bleeding out
slit my wrists
i drank bleach
driving off the bridge tonight
i might as well be dead
quiero morirme
me quiero matar
ya no quiero vivir
ya no puedo mas, quiero desaparecer
me quiero morir
estoy pensando en suicidarme
pienso en quitarme la vida
no le veo sentido a la vida
mi familia estaria mejor sin mi
me tomé todas mis pastillas
mi amigo se tomó un frasco de pastillas
mi hijo tuvo una sobredosis y no respira
recaí anoche y tengo miedo
volví a usar y no sé qué hacer
tengo miedo de volver a usar hoy
me corté los brazos otra vez
me estoy cortando de nuevo
mi esposo me pega
mi marido me golpeó anoche
me va a matar
tiene una pistola y dice que me va a matar
mi mentoreado dice que se quiere matar
una compañera dice que ya no quiere vivir
estoy cansada de vivir
no quiero despertar mañana
ojalá me muriera
preferiria estar muerto
seria mejor no estar aqui
este es mi último mensaje, adiós
cuiden a mis hijos
voy a acabar con mi vida
quiero acabar con todo
escucho voces que me dicen que me mate
auxilio por favor
ayúdenme por favor estoy en peligro
no aguanto mas, quiero morir
im so cansada, ya no quiero vivir
se quiere suicidar
intentó suicidarse anoche
me quiero aventar del puente
"""

SAFEGUARDING = """
my host made fun of a trans client
my mentor brought me to a bar
the peer i shadow smokes weed in the van
my mentee is stalking my instagram
mentor wants me to lie on my timesheet
mi mentor me grita
My mentor insists on driving me home and puts his hand on my leg
my mentor asked if he could stay at my place
I think my mentor was drinking before our meeting
my mentee keeps asking for rides and cash
the host told the whole staff about my diagnosis
my mentor keeps commenting on my body
My shadow took pictures of clients
my mentor wont take no for an answer about going to dinner
the lady yall matched me with is trying to sell me essential oils
my mentor told me i should stop my suboxone
mentor gave me his old pills
mi mentor quiere que nos veamos solos en su casa
mi mentora habla de mis problemas con otras personas
My mentor got angry and called me names
I no longer feel safe meeting with my mentee
my mentor keeps asking me for money
My mentor asked me to send him pictures
the mentor you gave me hit on me
my mentor touched me and i didnt like it
My mentee shows up at my house uninvited
my host made sexual comments the whole shift
the guy you paired me with keeps calling me at 3am
The woman you matched me with showed up drunk
my mentor shared my story with everyone at work
my mentor told other people what I said in confidence
my mentor crossed a line with me
I'm uncomfortable with how my mentor talks to me
my shadow was high when he came to my shift
my mentee says he is in love with me
my mentor yelled at me in front of clients
my mentor wants to meet at a hotel
my mentor invited me to his apartment alone
the peer im shadowing is sleeping with a client
my host told a client to stop taking her meds
my mentor offered me pills
mentor you matched me with tried to kiss me
my mentee won't stop texting me all night
i want to report my mentor
I need to make a complaint about a host
my mentor keeps making racist jokes
my mentor is pressuring me to go to his church
my mentor called me a slur
my mentee borrowed money and wont pay me back
I dont feel safe with my mentor
my mentor makes me uncomfortable
my mentor is being inappropriate
my mentee followed me home
the person I've been shadowing laughs at clients behind their backs
he keeps flirting with me, my mentor i mean
my mentor grabbed my arm and screamed at me
my mentor sent me nudes
my host keeps putting his hand on my back
my mentor asked me out on a date
my mentee threatened me
my mentor posted about me on facebook
mi mentor me pidió dinero prestado
mi mentora les contó a todos lo que le dije en confianza
mi mentor me manda mensajes a las 2 am
mi mentor me tocó y no me gustó
me siento incomoda con mi mentor
mi mentor me invitó a su casa a solas
el mentor que me asignaron llegó borracho
mi mentoreado no respeta mis límites
mi anfitrión me gritó enfrente de los clientes
mi mentor me hace comentarios sexuales inapropiados
quiero reportar a mi mentora
mi mentor se me insinuó
"""

NONE = """
I need to talk to someone about the crisis training
my mentor killed it at the conference
I'm dying for a mentor
when I was 20 I overdosed; 15 years later I'm a peer and I want to host
kids are driving me crazy lol can we do 8pm
my shadow will be late today
can my mentee and I meet at my house?
I'm dead tired after overnights, mornings are out
can someone shadow me on the suicide hotline
this newsletter is to die for
My dog died so I need to take a break from mentoring
my mom passed away, need to pause
surgery killed my schedule, back in may
we lost a client to overdose last month, I could use a mentor to process it
I work with people who self harm
my mentor's car broke down so we met on zoom
my mentor asked for my availability
my host asked for my number so she could text me directions
can you stop by my house to drop off flyers
I use they/them pronouns
going to a wedding, won't be around this weekend
ending my shift at 5
I can hurt for money in winter so a stipend helps lol
the shelter is on 5th and Bridge st
I cut wood on saturdays
quiero ayudar a personas con pensamientos suicidas
mi turno termina a las 5
dying to meet my mentee
I'm dead lol that was funny
this heat is killing me
my back is killing me today, can we reschedule
you guys kill me haha
I'd kill for a day off
my boss is going to kill me if I miss this shift
the wait is killing me
phone died sorry
my phone is about to die, text me later
killing time before group
I work on the crisis unit
crisis line volunteer, 3 yrs
suicide prevention trainer here, happy to mentor
I run the suicide loss group on Mondays
i do overdose prevention outreach
certified in QPR suicide prevention
can mentor someone on mobile crisis
I lost my sister to suicide in 2015 and want to give back
my brother died by suicide 6 years ago, i'd like to mentor
I lost my best friend to an overdose
I survived an overdose in 2012 and now i help others
I attempted suicide twenty years ago. Today I lead a team and would love to mentor
used to cut when I was a teenager, now I run a youth group
ten years ago I wanted to die. Now I want to mentor
I've been where they are, I was suicidal once, years ago
I relapsed in 2018 but have been clean since, can mentor
5 years clean after relapse, want to help
I'm not suicidal, just need a mentor
no I'm not in crisis, just asking
If someone is in crisis call 988
what do i do if my mentee is suicidal?
how do you handle it when a peer relapses?
should I call 911 if someone overdoses at the drop-in?
is there training on suicide risk?
do you teach narcan?
narcan kits available at our center
skilled in de-escalation
cut my hours at work
i cut hair on weekends
cutting back on shifts in june
hit me up when you have someone
I'd like to take a shot at mentoring
shoot me a text
deadline is Friday
he killed it at the training
my feet are killing me after that shift
i died laughing at the newsletter
i could kill for some coffee
love it to death
scared to death of public speaking lol
bored to death on nights, can someone shadow me
I want to end my mentoring match when the six months are up
end of shift works best
the group ends at 8
can't do this Tuesday
i cant do mornings anymore
i can't do this anymore on tuesdays, weds ok?
I won't be here next week, on vacation
I won't be around until Monday
not going to be here tomorrow, have a dentist appointment
I don't want to be here on Friday, can we move it
tired of the commute
I'm so tired today, long shift
I hate mondays
life is good
I want to live closer to Billings
i used zoom last time
I use a wheelchair
used to work at the ER
i drank too much coffee
slipped on the ice, cant make it
slipped my mind sorry
picked up an extra shift
i need to pick up my kids at 3
my wife will kill me if I say yes to one more thing
I'm hooked on this newsletter
I work with domestic violence survivors
Our agency serves people leaving violent homes
sexual assault advocate, 8 years
hospital had a bomb cyclone outage lol
the gun range is next to our office
I shot you an email
hosting at the warmline, callers can be suicidal so be ready
peers on our unit may be suicidal, shadows should know that
We see a lot of overdoses at the shelter
folks come in after overdoses, a shadow should be ready for that
i work in relapse prevention
I run a harm reduction van
our team does crisis stabilization
988 counselor, overnights
suicide attempt survivor and peer specialist, ready to mentor
been through hell and back and want to give back
I want to help people who feel like giving up
want to learn how to talk with someone about suicide
my mentor helped me when I was suicidal 10 years ago
I'd like a mentor who has lived experience with suicide attempts
my focus is self harm and eating disorders
interested in mentoring young people who self-harm
I can't stop thinking about how great that training was
no way out of the parking lot lol
Jumping in to say I can host
I'm jumping on a call
let's kill two birds with one stone
the training was a killer
that joke slayed me
I'd die for a chance to shadow the ER
end the week with a shadow shift
better off doing zoom
i'd be better off with evenings
rather be texted
my car died, can't make it
the battery died
me muero de hambre
me muero de risa
me muero por empezar
muero de ganas de ser mentora
este calor me mata
el trafico me esta matando
perdí a mi hermano por suicidio y quiero ayudar
trabajo en la línea de crisis
soy de la unidad de crisis
doy clases de prevención de suicidio
hace diez años quise morir, hoy soy mentora
sobreviví a una sobredosis y quiero ser mentor
prevención de recaídas es mi tema
me corto el pelo los sabados
se me cortó la llamada
matando el tiempo
mi mentora es muy respetuosa
mi mentor me ayuda mucho
my mentor is great, very respectful
My mentor taught me about boundaries
my mentee and I talked about boundaries
my mentor always calls when she says she will
my mentor calls me every Tuesday
my mentee texts me on Fridays, works great
met with my mentor today at the coffee shop, it was great
my mentor met me at the library
my mentor asked me how I was doing
my mentor asked great questions
my mentor asked to move our call to Thursday
my host showed me around the unit
my host gave me good feedback
my mentor moved away, can I get a new one
my mentor and I meet at her office
my shadow came on time and did great
I'd like a mentor who respects boundaries
need advice on boundaries with clients
I'm uncomfortable driving at night, can my mentor meet on zoom
nervous about being a mentor
not comfortable with video, phone only
I don't feel ready to be a mentor
is there a harassment policy for hosts?
what if my mentee crosses a boundary?
my mentor has been such a help
my mentor lent me a book on recovery
my mentee got a job!
my mentor never called me back
I haven't heard from my mentor in two weeks
my mentor canceled on me
can my mentor come to my work?
my mentee wants to meet twice a month
"""


def _rows(table: str) -> list[str]:
    return [line for line in table.strip().splitlines() if line]


@pytest.mark.parametrize("text", _rows(CRISIS))
def test_a_cry_for_help_is_found(text: str) -> None:
    assert screen(text, VOCABULARY) == "crisis"


@pytest.mark.parametrize("text", _rows(SAFEGUARDING))
def test_a_complaint_of_conduct_is_found(text: str) -> None:
    assert screen(text, VOCABULARY) == "safeguarding"


@pytest.mark.parametrize("text", _rows(NONE))
def test_a_look_alike_is_let_pass(text: str) -> None:
    assert screen(text, VOCABULARY) is None


def test_curly_and_straight_apostrophes_say_the_same() -> None:
    assert screen("I don\u2019t want to be here", VOCABULARY) == screen("I don't want to be here", VOCABULARY) == "crisis"


def test_words_are_whole() -> None:
    assert screen("highly skilled and killdeer watcher", VOCABULARY) is None


def test_danger_outranks_conduct() -> None:
    assert screen("my mentor keeps touching me and i want to kill myself", VOCABULARY) == "crisis"


def test_a_hostile_text_is_screened_in_no_time() -> None:
    assert screen("not " * 6_000 + "kill " * 2_000, VOCABULARY) is None
