"""The way back: a token in an address or a Message-ID is read, and proves whose answer it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.tokens import Token, in_address, in_message_id, message_id, reply_address, token
from tests.notifier.samples import JO, PROGRAMME, SAM

KEY = "id-0001"
MADE = token(PROGRAMME, KEY, SAM)


@pytest.mark.parametrize("key", ["id-0001", "a2b3c4d5e6f7g2h3", "quarantined-7-0", "capped-1-20260302-0"])
def test_what_was_written_is_read_again(key: str) -> None:
    """By either name that a mail of ours goes by, for the coordinator it went to and for no other."""
    made = token(PROGRAMME, key, SAM)
    read = in_address(PROGRAMME, reply_address(PROGRAMME, made))
    assert read is not None
    assert read == in_message_id(PROGRAMME, message_id(PROGRAMME, made))
    assert read.key == key
    assert read.is_of(SAM, PROGRAMME)
    assert not read.is_of(JO, PROGRAMME)


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title, str.swapcase])
def test_the_case_of_an_address_means_nothing(change: object) -> None:
    """Servers and mail programs write it as they like."""
    assert callable(change)
    for read in (
        in_address(PROGRAMME, change(reply_address(PROGRAMME, MADE))),
        in_message_id(PROGRAMME, change(message_id(PROGRAMME, MADE))),
    ):
        assert read is not None
        assert read.is_of(SAM, PROGRAMME)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "intake@example.org",
        "intake+@example.org",
        "intake+news@example.org",
        f"intake+{KEY}@example.org",
        f"intake+{MADE}",
        f"intake+{MADE}@example.com",
        f"intake+{MADE}@sub.example.org",
        f"intake+{MADE}x@example.org",
        f"intake+{MADE}.{MADE}@example.org",
        f"intake-{MADE}@example.org",
        f"other+{MADE}@example.org",
        f"{MADE}@example.org",
    ],
)
def test_what_is_no_token_in_an_address(address: str) -> None:
    assert in_address(PROGRAMME, address) is None


@pytest.mark.parametrize("name", ["", "<>", f"<{KEY}@example.org>", f"<{MADE}>", f"<{MADE}@example.com>", f"<x{MADE}x@example.org>"])
def test_what_is_no_token_in_a_message_id(name: str) -> None:
    assert in_message_id(PROGRAMME, name) is None


def test_a_programme_without_mail_has_no_tokens() -> None:
    without = replace(PROGRAMME, mail_address="")
    assert in_address(without, f"+{MADE}@") is None
    assert in_message_id(without, f"<{MADE}@>") is None


def test_an_intake_address_with_a_tag_of_its_own() -> None:
    programme = replace(PROGRAMME, mail_address="office+peers@example.org")
    read = in_address(programme, reply_address(programme, MADE))
    assert read is not None
    assert read.is_of(SAM, programme)
    assert in_address(programme, f"office+{MADE}@example.org") is None


def test_a_changed_token_proves_nothing() -> None:
    """Neither another key with the same seal, nor another seal, nor one of another secret, nor any where there is no secret."""
    key, _, seal = MADE.partition(".")
    assert Token(key, seal).is_of(SAM, PROGRAMME)
    turned = ("b" if seal[0] == "a" else "a") + seal[1:]
    for changed in (Token("id-0002", seal), Token(key, turned), Token(key, seal[::-1]), Token(key, "")):
        assert not changed.is_of(SAM, PROGRAMME)
    assert not Token(key, seal).is_of(SAM, replace(PROGRAMME, secret_key="another"))
    assert not Token(key, seal).is_of(SAM, replace(PROGRAMME, secret_key=""))


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    """Nothing raises, and nothing but what we made is proven."""
    for read in (in_address(PROGRAMME, f"intake+{text}@example.org"), in_message_id(PROGRAMME, text)):
        assert read is None or read.is_of(SAM, PROGRAMME) == (f"{read.key}.{read.seal}" == token(PROGRAMME, read.key, SAM))
