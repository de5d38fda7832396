"""Mails that somebody passes on: who wrote them and what, as mail programs put it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.forwarded import forwarded
from parsers.mail import read_mail
from parsers.message import InboundMessage
from parsers.reply import own_words
from parsers.vocabulary import load

VOCABULARY = load()
WORDS = "I would like to be a mentor, Tuesdays after 5."
ANA = "ana@example.net"
FORWARDS = {
    "Gmail": """See below

---------- Forwarded message ---------
From: Ana Ruiz <ana@example.net>
Date: Mon, Mar 2, 2026 at 9:02 AM
Subject: Helping
To: Sam <sam@example.org>


{words}

Ana""",
    "Gmail with the name in bold": """---------- Forwarded message ---------
From: *Ana Ruiz* <ana@example.net>
Date: Mon, Mar 2, 2026 at 9:02 AM
Subject: Helping
To: <sam@example.org>

{words}""",
    "Gmail in Spanish": """---------- Forwarded message ---------
De: Ana Ruiz <ana@example.net>
Date: lun, 2 mar 2026 a las 9:02
Subject: Helping
To: Sam <sam@example.org>

{words}""",
    "Outlook on a desk": """FYI

From: Ana Ruiz <ana@example.net>
Sent: Monday, March 2, 2026 9:02 AM
To: Sam <sam@example.org>
Subject: Helping

{words}""",
    "Outlook on the web": """________________________________
From: Ana Ruiz <ana@example.net>
Sent: Monday, March 2, 2026 9:02:11 AM
To: Sam <sam@example.org>
Subject: Helping

{words}""",
    "Outlook in Spanish": """________________________________
De: Ana Ruiz <ana@example.net>
Enviado: lunes, 2 de marzo de 2026 9:02
Para: Sam <sam@example.org>
Asunto: Helping

{words}""",
    "Outlook with an address in brackets": """-----Original Message-----
From: Ana Ruiz [mailto:ana@example.net]
Sent: Monday, March 2, 2026 9:02 AM
To: Sam
Subject: Helping

{words}""",
    "Apple Mail": """Begin forwarded message:

From: Ana Ruiz <ana@example.net>
Subject: Helping
Date: March 2, 2026 at 9:02:11 AM MST
To: sam@example.org

{words}""",
    "Apple Mail with marks": """Begin forwarded message:

> From: Ana Ruiz <ana@example.net>
> Subject: Helping
> Date: March 2, 2026 at 9:02:11 AM MST
> To: sam@example.org
>
> {words}""",
    "an iPhone": """Sent from my iPhone

Begin forwarded message:

> From: Ana Ruiz <ana@example.net>
> Date: March 2, 2026 at 9:02:11 AM MST
> To: sam@example.org
> Subject: Helping
>
> \ufeff{words}""",
    "an iPhone in Spanish": """Enviado desde mi iPhone

Inicio del mensaje reenviado:

> De: Ana Ruiz <ana@example.net>
> Fecha: 2 de marzo de 2026, 9:02:11 MST
> Para: sam@example.org
> Asunto: Helping
>
> {words}""",
    "Thunderbird": """

-------- Forwarded Message --------
Subject: \tHelping
Date: \tMon, 2 Mar 2026 09:02:11 -0700
From: \tAna Ruiz <ana@example.net>
To: \tsam@example.org



{words}""",
    "Thunderbird in Spanish": """

-------- Mensaje reenviado --------
Asunto: \tHelping
Fecha: \tMon, 2 Mar 2026 09:02:11 -0700
De: \tAna Ruiz <ana@example.net>
Para: \tsam@example.org


{words}""",
    "Yahoo": """   ----- Forwarded Message -----
From: Ana Ruiz <ana@example.net>
To: Sam <sam@example.org>
Sent: Monday, March 2, 2026 at 09:02:11 AM MST
Subject: Helping

{words}""",
}
HTML = {
    "Gmail": """<div dir="ltr"><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>
From: <strong dir="auto">Ana Ruiz</strong> <span>&lt;<a href="mailto:ana@example.net">ana@example.net</a>&gt;</span><br>
Date: Mon, Mar 2, 2026<br>Subject: Helping<br>To: &lt;sam@example.org&gt;<br></div><br><br><div>{words}</div></div></div>""",
    "Outlook": """<html><body><div>FYI</div><hr><div id="divRplyFwdMsg"><b>From:</b> Ana Ruiz &lt;ana@example.net&gt;<br>
<b>Sent:</b> Monday, March 2, 2026 9:02 AM<br><b>To:</b> Sam<br><b>Subject:</b> Helping</div><div><br></div><p>{words}</p></body></html>""",
    "Apple Mail": """<html><body><div>Begin forwarded message:</div><blockquote type="cite">
<div><b>From: </b>Ana Ruiz &lt;ana@example.net&gt;</div>
<div><b>Subject: </b>Helping</div><div><b>Date: </b>March 2, 2026</div><div><b>To: </b>sam@example.org</div><br><div>{words}</div>
</blockquote></body></html>""",
}


def mail(body: str, *, subject: str = "Fwd: Helping", kind: str = "plain") -> InboundMessage:
    head = f"From: Sam <sam@example.org>\nTo: intake@example.org\nSubject: {subject}\nContent-Type: text/{kind}; charset=utf-8"
    return read_mail(f"{head}\n\n{body}\n".encode(), VOCABULARY)


@pytest.mark.parametrize("program", FORWARDS)
def test_plain_forwards(program: str) -> None:
    """The writer, the subject and the words are the volunteer's, in every program's form."""
    _is_anas(mail(FORWARDS[program].format(words=WORDS)))


@pytest.mark.parametrize("program", HTML)
def test_html_alone(program: str) -> None:
    """Where there is no plain part, the HTML is read."""
    _is_anas(mail(HTML[program].format(words=WORDS), kind="html"))


def _is_anas(message: InboundMessage) -> None:
    assert own_words(message, VOCABULARY).forwarded
    found = forwarded(message, VOCABULARY)
    assert found is not None
    assert (found.sender, found.sender_name, found.subject) == (ANA, "Ana Ruiz", "Helping")
    assert WORDS in found.body
    assert "sam@example.org" not in found.body
    assert (found.html, found.message_id, found.references) == ("", "", ())


def test_a_forward_of_a_forward() -> None:
    """The topmost mail is the one that was passed on; whom it passes on in turn stands in its body."""
    inner = FORWARDS["Gmail"].format(words=WORDS)
    outer = FORWARDS["Outlook on a desk"].replace("Ana Ruiz <ana@example.net>", "Pat <pat@example.net>").format(words=inner)
    found = forwarded(mail(outer), VOCABULARY)
    assert found is not None
    assert found.sender == "pat@example.net"
    assert ANA in found.body


@pytest.mark.parametrize(
    "body",
    [
        "",
        "No headers at all, only words.",
        "From: Ana Ruiz\nSubject: Helping\n\nno address",
        "From: ana@example.net\n\none header alone is a sentence",
        "From now on: ana@example.net helps us.\nSubject to change.",
    ],
)
def test_what_is_no_forward(body: str) -> None:
    """Without headers that name a writer there is nobody to whom the words could belong."""
    assert forwarded(mail(body), VOCABULARY) is None


@given(st.text(alphabet="From: Subject>ana@example.net\n \t<>*_[]-é", max_size=300))
def test_nothing_raises(body: str) -> None:
    """Whatever is pasted."""
    found = forwarded(mail(body), VOCABULARY)
    assert found is None or "@" in found.sender
