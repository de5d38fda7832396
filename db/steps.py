"""The steps between a message's coming in and all that it brings about, at each of which a process may be killed and nothing lost."""

from __future__ import annotations

from typing import Literal

Step = Literal[
    # A mail's way from its folder to another.
    "mails fetched",
    "attempts marked",
    "mails flagged",
    "mails moved",
    # A text's way in, by the webhook.
    "form taken",
    "before answering",
    # What the webhook missed.
    "missed text listed",
    "missed texts listed",
    # Through the door, whatever it came by.
    "before reading",
    "message stored",
    "acts done",
    "answers queued",
    "before the commit",
    "after the commit",
    # Once more through the door, from among those that were kept aside.
    "retry handled",
    "retry committed",
    # The way out.
    "message claimed",
    "send begun",
    "before connecting",
    "before the final dot",
    "after the final dot",
    "before the request",
    "provider answered",
    "send settled",
    # What may have gone.
    "doubt looked for",
    "doubt settled",
    # What time brings about.
    "reminders queued",
    "reminders committed",
    "words deleted",
    "deletion committed",
    "digest queued",
    "digest committed",
    "trouble told",
    "trouble committed",
]


def reached(step: Step) -> None:
    """Does nothing. The crash matrix in the tests starts a process in which it kills; call it as `steps.reached(…)`, so that it can."""
