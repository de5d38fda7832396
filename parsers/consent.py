"""Yes or no, as an answer to a question that asked for one."""

from __future__ import annotations

from parsers.phrases import Text


def read_consent(text: Text) -> str | None:
    """Read the first yes or no; a refusal after "but" outweighs a polite yes before it."""
    first: str | None = None
    but = False
    for index in range(len(text.tokens)):
        but = but or text.at("times_glue.but", index) is not None
        yes, no = text.at("consent_words.yes", index), text.at("consent_words.no", index)
        if yes is None and no is None:
            continue
        said = "no" if no and (not yes or no.end > yes.end) else "yes"
        if first is None:
            first = said
        elif first == "yes" and but and text.at("consent_words.hard", index):
            return "no"
    return first
