"""HTML mail is read through its structure."""

from __future__ import annotations

import pytest

from parsers.markup import lines_of_html
from tests.cost import cost
from tests.parsers.test_reply import flat, words

WROTE = "On Mon, Mar 2, 2026 at 8:15 AM Bulletin &lt;bulletin@example.org&gt; wrote:"
OUTLOOK = "<b>From:</b> Bulletin<br><b>Sent:</b> Monday<br><b>To:</b> Dana<br><b>Subject:</b> News"

OLD = '<blockquote class="gmail_quote" style="border-left:1px solid">Mentor?<blockquote>old</blockquote></blockquote>'
ATTRIBUTED = f'<div class="gmail_attr">{WROTE}<br></div>'
ASKED = '<blockquote class="gmail_quote">Mentor?</blockquote><div>Yes</div><blockquote class="gmail_quote">Host?</blockquote><div>No</div>'
NORMAL = "<p class=MsoNormal>I can host.</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>Dana Ruiz</p><p class=MsoNormal>Peer Lead</p>"
RULED = f"<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal>{OUTLOOK}</p></div><p class=MsoNormal>Be a mentor!</p>"
YAHOO = f'<div id="ydp1yahoo_quoted_2" class="ydp1yahoo_quoted"><div>{WROTE}</div>Be a mentor</div>'
IPHONE = '<div id="AppleMailSignature">Sent from my iPhone</div>'

MAILS = {
    "gmail": (f'<div>Count me in!<div><br></div>Dana</div><div class="gmail_quote">{ATTRIBUTED}{OLD}</div>', "Count me in! Dana"),
    "gmail, inline": (f'<div class="gmail_quote">{ATTRIBUTED}{ASKED}</div>', "Yes No"),
    "apple": (f'<div>I can.</div>{IPHONE}<div>{WROTE}</div><blockquote type="cite">Be</blockquote>', "I can."),
    "outlook desktop": (f"{NORMAL}{RULED}", "I can host."),
    "outlook web": (f'<div>Yes.</div><div id="Signature">Dana, Lead</div><hr><div id="divRplyFwdMsg">{OUTLOOK}</div>Be a mentor!', "Yes."),
    "outlook, language unknown": ('<div>Yes.</div><div id="divRplyFwdMsg"><b>Qaa:</b> x<br><b>Zbb:</b> y</div>Be a mentor!', "Yes."),
    "yahoo": (f"<div>I want to shadow.</div>{YAHOO}", "I want to shadow."),
    "thunderbird": (
        f'<p>Top.</p><div class="moz-cite-prefix">{WROTE}</div><blockquote type="cite">Be</blockquote><p>Bottom.',
        "Top. Bottom.",
    ),
    "proton": (f'<div>Yes</div><div class="protonmail_quote">{WROTE}<blockquote type="cite">Be</blockquote></div>', "Yes"),
    "hidden": ('<div style="display:none">preheader</div><p>Hello&nbsp;you &amp; all</p><script>x</script>', "Hello you & all"),
    "indented": ('<blockquote style="margin:0 0 0 40px;border:none">mine</blockquote>', "mine"),
    "typed in the signature": ('<div id="signature">I can mentor.</div>', "I can mentor."),
    "table and list": ("<ul><li>a</li><li>b</li></ul><table><tr><td>Mon</td><td>9-1</td></tr></table>", "a b Mon 9-1"),
}


@pytest.mark.parametrize("program", MAILS)
def test_own_words_by_structure(program: str) -> None:
    html, text = MAILS[program]
    assert flat(words("", html=html).text) == text


def test_plain_part_is_used_where_there_is_one() -> None:
    assert words("plain", html="<p>marked</p>").text == "plain"
    assert words("This email requires HTML.", html="<p>marked</p>").text == "marked"


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<blockquote>", "<div id=signature>", "<div class=gmail_quote>", "<ul><li>x", "<b>", "<br>", "<p>x", "<!-- ", "&amp;"],
)
def test_hostile_markup_costs_little(piece: str) -> None:
    assert cost(lambda: lines_of_html(piece * (400_000 // len(piece)))) < 3


def test_text_below_ten_thousand_spans_is_found() -> None:
    assert [line.text for line in lines_of_html("<b>" * 4_000 + "deep")] == ["deep"]
