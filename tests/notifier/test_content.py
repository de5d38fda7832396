"""A mail written byte by byte reads, to the standard library, as what was composed."""

from __future__ import annotations

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.senders.content import content
from tests.notifier.samples import NOW, draft

FROM = "Peer Support <intake@example.org>"
WORDS = st.text(st.characters(codec="utf-8"), max_size=400) | st.text("aé .=\n\r\t-", max_size=400)
ONE_LINE = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")) | st.just(" "), max_size=200)


def _read(raw: bytes) -> EmailMessage:
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    read = BytesParser(policy=policy.default).parsebytes(raw)
    assert [part.defects for part in read.walk()] == [[] for _ in read.walk()]
    return read


def _part(read: EmailMessage, kind: str) -> str:
    part = read.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def _lines(words: str) -> list[str]:
    """Without the line end at the end, which every part has."""
    lines = re.split(r"\r\n|\r|\n", words)
    return lines if lines[-1] else lines[:-1]


@given(WORDS, WORDS)
def test_text_and_html_arrive_to_the_letter(text: str, html: str) -> None:
    """Whatever signs they hold, at the ends of lines too; line ends become the mail's own."""
    read = _read(content(draft(body=text, html=html), FROM, now=NOW))
    assert _lines(_part(read, "plain")) == _lines(text)
    assert _lines(_part(read, "html")) == _lines(html)


@given(ONE_LINE)
def test_a_subject_arrives_to_the_letter(subject: str) -> None:
    """Spaces in a row may become one where a line is folded."""
    read = _read(content(draft(subject=subject), FROM, now=NOW))
    assert str(read["Subject"]).split() == subject.split()
    assert (read["From"], read["To"], read["Message-ID"]) == (FROM, "casey@example.org", "<id-0001@example.org>")


@given(st.binary(max_size=2000))
def test_an_attachment_arrives_to_the_byte(data: bytes) -> None:
    """Beside the text and the HTML, under its name."""
    sent = draft(attachment_name="records-2026-03-02.csv", attachment=data)
    read = _read(content(sent, FROM, now=NOW))
    (attached,) = read.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("records-2026-03-02.csv", "text/csv")
    assert attached.get_payload(decode=True) == data
    assert _lines(_part(read, "plain")) == ["Thank you."]


def test_a_mail_of_ours_that_is_quoted_ends_nothing() -> None:
    """Not even one that holds the very line by which this one's parts are told apart."""
    quoted = "> --=_id-0001_a\n--=_id-0001_a\n--=_id-0001_a--\nstill here\n"
    read = _read(content(draft(body=quoted), FROM, now=NOW))
    assert _lines(_part(read, "plain")) == _lines(quoted)
    assert _lines(_part(read, "html")) == ["<p>Thank you.</p>"]


@pytest.mark.parametrize("field", ["subject", "reply_to", "message_id"])
def test_nothing_becomes_a_header_of_its_own(field: str) -> None:
    """A line break in a header is refused."""
    with pytest.raises(ValueError, match="linefeed"):
        content(draft(**{field: "Hello\r\nBcc: everybody@example.org"}), FROM, now=NOW)
