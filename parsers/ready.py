"""A vocabulary is made ready before messages come: every pattern is checked, then compiled while there is nothing else to do."""

from __future__ import annotations

import functools

from parsers.lexicon import check_mail, compile_mail
from parsers.name_words import known_names
from parsers.patterns import compile_all, grammar_of, patterns_of
from parsers.phrasebook import lexicon as phrases
from parsers.tokens import speller_of
from parsers.vocabulary import PATTERNS, Vocabulary
from parsers.vocabulary.shape import patterns_in


@functools.cache  # once a process: it is the same words that every part is given
def verify(vocabulary: Vocabulary) -> None:
    """Put every pattern into a regular expression, so that a malformed one stops the start and not a message.

    Raises:
        VocabularyError: names the file, the table and the entry.

    """
    grammar = grammar_of(vocabulary)
    for file, tables in reversed(vocabulary.files.items()):  # a class of somebody's own stands within built-in patterns too
        for table, name, number, line in patterns_in(tables):
            grammar.translate(line, where=f"{file}: [{table}] {name}, entry {number}")
    check_mail(vocabulary)
    for table in PATTERNS:
        patterns_of(vocabulary, table)
    grammar_of.cache_clear()  # what it has translated is in the tables by now, and takes much room


def warm_up(vocabulary: Vocabulary) -> None:
    """Compile whatever a message may need, so that none of them waits for it."""
    speller_of(vocabulary)
    phrases(vocabulary)
    known_names(vocabulary)
    compile_mail(vocabulary)
    for table in PATTERNS:
        compile_all(patterns_of(vocabulary, table))
