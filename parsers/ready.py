"""A vocabulary is made ready before messages come: every pattern is checked, what else takes time is done while nothing else is to do."""

from __future__ import annotations

import functools

from parsers.errors import VocabularyError
from parsers.grammar import Grammar
from parsers.lexicon import check_mail, compile_mail
from parsers.name_words import known_names
from parsers.opinion import opinion
from parsers.patterns import classes_of, tables_of
from parsers.phrasebook import lexicon as phrases
from parsers.tokens import speller_of
from parsers.vocabulary import Vocabulary
from parsers.vocabulary.shape import patterns_in


@functools.cache  # once a process: it is the same words that every part is given
def verify(vocabulary: Vocabulary) -> None:
    """Put every pattern into a regular expression, so that a malformed one stops the start and not a message.

    Raises:
        VocabularyError: names the file, the table and the entry.

    """
    try:
        tables_of(vocabulary)
    except VocabularyError:
        _tell_place(vocabulary)
        raise
    check_mail(vocabulary)


def _tell_place(vocabulary: Vocabulary) -> None:
    """Raise for the entry that is wrong: a class of somebody's own stands within built-in patterns too, and is told of first."""
    grammar = Grammar(classes_of(vocabulary))
    for file, tables in reversed(vocabulary.files.items()):
        for table, name, number, line in patterns_in(tables):
            grammar.translate(line, where=f"{file}: [{table}] {name}, entry {number}")


def warm_up(vocabulary: Vocabulary) -> None:
    """Prepare what a message may need beside what `verify` made, so that none waits for it; a pattern waits for a text that needs it."""
    speller_of(vocabulary)
    phrases(vocabulary)
    known_names(vocabulary)
    compile_mail(vocabulary)
    opinion()
