"""The words of a programme: the built-in languages with its own additions, sound, and at least those that it answers in."""

from __future__ import annotations

from collections.abc import Iterator

from notifier.programme import Programme
from notifier.templates import BUILT_IN
from parsers.errors import VocabularyError
from parsers.ready import verify
from parsers.vocabulary import ADDITION, Vocabulary, load


def vocabulary_of(programme: Programme) -> Vocabulary:
    """Read and check every file.

    Raises:
        VocabularyError: a file is malformed, or a language of `LANGUAGES` has no words.

    """
    words = load(programme.templates_dir)
    verify(words)
    for language in programme.languages:
        if language not in words.languages:
            raise VocabularyError(
                f"LANGUAGES: there is no vocabulary for {language!r}; put one into TEMPLATES_DIR as {language}/{ADDITION}, or leave it out"
            )
        if not any(_templates(programme, language)):
            raise VocabularyError(f"LANGUAGES: there are no templates for {language!r}; put them into TEMPLATES_DIR/{language}")
    return words


def told_of(programme: Programme) -> str:
    """Say in plain words what there is.

    Raises:
        VocabularyError: as above, or a language lacks templates, in whose place the first language's would go out.

    """
    words = vocabulary_of(programme)
    for language in programme.languages:
        lacking = sorted(set(_templates(programme, "en")) - set(_templates(programme, language)))
        if lacking:
            raise VocabularyError(
                f"{language!r} has no template {', '.join(lacking)}; put it into TEMPLATES_DIR/{language}, or another language's goes out"
            )
    added = [name for name in words.files if name.endswith(ADDITION)]
    return f"{', '.join(words.languages)} are understood, every entry is sound; own words: {', '.join(added) or 'none'}"


def _templates(programme: Programme, language: str) -> Iterator[str]:
    for root in filter(None, (BUILT_IN, programme.templates_dir)):
        yield from (path.name for path in sorted((root / language).glob("*.txt")))
