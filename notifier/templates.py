"""Finds a message's template by language, fills it in, and lays it out."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from notifier.segments import fold

logger = logging.getLogger(__name__)

BUILT_IN = Path(__file__).parent / "templates"
BLANK_LINES = re.compile(r"\n{3,}")
BREAK = Markup("<br>")
KEPT = 64  # of what each macro gives
NAMES = {str}


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines that are shown alike: a paragraph, a list or a quotation."""

    kind: str
    lines: list[str]

    @property
    def html(self) -> Markup:
        """Its lines as HTML, one below the other."""
        return BREAK.join(self.lines)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail's words: its subject, its plain text and its HTML."""

    subject: str
    body: str
    html: str


class Templates:
    """A programme's own templates win over the built-in ones; its first language stands in where another lacks one."""

    def __init__(self, languages: tuple[str, ...], own: Path | None = None) -> None:
        self._default = languages[0]
        self._environments = {language: _environment(language, self._default, own) for language in languages}
        self._built_in = {language: _environment(language, self._default, None) for language in languages} if own else self._environments

    def text(self, name: str, language: str, /, **values: object) -> str:
        """A text message, in one line of GSM-7 where its words allow that."""
        return " ".join(fold(self._render(f"{name}.sms.txt", language, values)).split())

    def mail(self, name: str, language: str, /, **values: object) -> Mail:
        """A mail; the first line of its template is the subject."""
        subject, body = self._letter(name, language, values)
        return Mail(subject, body, self._html(subject, body, language))

    def page(self, name: str, language: str, /, **values: object) -> Mail:
        """A mail whose HTML is a page of its own, and not its text laid out."""
        subject, body = self._letter(name, language, values)
        spoken = language if language in self._environments else self._default
        return Mail(subject, body, self._render(f"{name}.html", spoken, {"title": subject, "language": spoken, **values}))

    def spoken(self, name: str, language: str, /, **values: object) -> str:
        return self._render(f"{name}.txt", language, values).strip()

    def _letter(self, name: str, language: str, values: dict[str, object]) -> tuple[str, str]:
        subject, _, body = self._render(f"{name}.email.txt", language, values).strip().partition("\n")
        return " ".join(subject.split()), BLANK_LINES.sub("\n\n", body).strip() + "\n"

    def _html(self, title: str, body: str, language: str) -> str:
        spoken = language if language in self._environments else self._default
        return self._render("layout.html", spoken, {"title": title, "blocks": list(blocks(body)), "language": spoken})

    def _render(self, filename: str, language: str, values: dict[str, object]) -> str:
        """Fill a template in. One of the programme's own that is broken or empty is passed over: our words are better than none."""
        spoken = language if language in self._environments else self._default
        why = "Empty"
        try:
            filled = _template(self._environments[spoken], filename).render(values)
            if filled.strip() or self._built_in is self._environments:
                return filled
        except Exception as error:
            if self._built_in is self._environments:
                raise
            why = type(error).__name__
        logger.error("own template %s/%s is broken, the built-in one goes: %s", spoken, filename, why)
        return _template(self._built_in[spoken], filename).render(values)


@functools.cache  # it keeps the templates that it compiled
def _environment(language: str, default: str, own: Path | None) -> Environment:
    roots = [root for root in (own, BUILT_IN) if root]
    folders = [root / code for code in (language, default, "en") for root in roots] + roots
    loader: BaseLoader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    # Texts are plain; only the layout, which is HTML, escapes what it is given.
    escape = select_autoescape(enabled_extensions=("html",), default=False)
    # A file that is changed counts from the next start on, as the vocabulary's do: to look at five of them for each text takes time.
    environment = Environment(loader=loader, undefined=StrictUndefined, autoescape=escape, auto_reload=False)  # noqa: S701 - the layout escapes
    environment.filters["grid"] = grid
    environment.filters["in_words"] = in_words
    environment.filters["one_line"] = one_line
    environment.globals |= {"words": Macros(environment, "words.txt"), "say": Macros(environment, "digest.txt")}
    return environment


@functools.cache
def _template(environment: Environment, filename: str) -> Template:
    """A template whose globals are a plain dictionary: those that Jinja links to its own take as long as many a template itself."""
    template = environment.get_template(filename)
    template.globals = dict(template.globals)
    return template


class Macros:
    """The macros of a file of words, as plain strings, for every template; each is looked for once.

    A template that imports them takes what they give for markup where it is HTML itself, and looks for their file each time.
    """

    def __init__(self, environment: Environment, filename: str) -> None:
        self._environment = environment
        self._filename = filename

    def __getattr__(self, name: str) -> Callable[..., str]:
        macro = getattr(self._environment.get_template(self._filename).module, name)

        @functools.lru_cache(KEPT)
        def kept(*given: object) -> str:
            return str(macro(*given))

        def words(*given: object) -> str:
            # Names alone: moments are equal that are other days elsewhere, and lists cannot be looked up.
            return kept(*given) if set(map(type, given)) <= NAMES else str(macro(*given))

        setattr(self, name, words)
        return words


LONGEST_PIECE = 80


def one_line(text: object) -> str:
    """What somebody wrote, as a piece of one line: no line breaks, nothing invisible that turns the order of letters, nothing endless."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())
    return plain if len(plain) <= LONGEST_PIECE else f"{plain[: LONGEST_PIECE - 1]}…"


def blocks(body: str) -> Iterator[Block]:
    """Cut a plain text into what its HTML shows as paragraphs, lists and quotations."""
    for chunk in body.strip().split("\n\n"):
        lines = chunk.splitlines()
        if chunk.startswith(">") and all(line.startswith(">") for line in lines):
            yield Block("quote", [line[1:].strip() for line in lines])
        elif chunk.startswith("- ") and all(line.startswith("- ") for line in lines):
            yield Block("list", [line[2:] for line in lines])
        elif lines:
            yield Block("paragraph", lines)


def in_words(names: Iterable[str], words: Mapping[str, str]) -> list[str]:
    """What a language calls each of these; what it has no word for keeps its name."""
    return [words.get(name, name) for name in names]


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = ("morning", "afternoon", "evening", "overnight")
SLOTS = [(day, [(f"{day}:{part}", part) for part in PARTS]) for day in DAYS]


def grid(slots: Iterable[str]) -> list[tuple[list[str], list[str]]]:
    """Put a weekly grid's `day:part` slots together: days with the same parts in one row, in the week's order."""
    said = set(slots)
    rows: dict[tuple[str, ...], list[str]] = {}
    for day, parts in SLOTS:
        if mine := tuple([part for slot, part in parts if slot in said]):
            rows.setdefault(mine, []).append(day)
    return [(days, [*parts]) for parts, days in rows.items()]
