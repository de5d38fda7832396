"""The newsletter that a reply quotes."""

from __future__ import annotations

NEWSLETTER = """Peer Update, February
Dear peer supporters,
Thank you for all that you do. Here is what goes on this month, and how
you can help somebody who is new to the work find their feet.

MENTORS WANTED
If you have a year or more behind you and an hour a week to spare, please
think about mentoring a new peer supporter. You meet by phone, on Zoom or
over coffee, and talk about whatever comes up. Reply to this mail and say
which days suit you.

SHADOWING
Three of our newest colleagues would like to see the work before they start
on their own. Can somebody follow you for a shift at the drop-in centre, on
the warmline or in the emergency department? Tell us when and where.

TRAINING
The next ethics training is on Thursday, March 6, from 9 to 4 at the library
in Great Falls. Lunch is included. The suicide prevention course in Missoula
is full; there is a waiting list.

SUPERVISION
Group supervision is on the first Monday of each month at noon, by video.
Bring a situation that stayed with you; what is said there stays there.

REST
The spring retreat is from April 25 to 27 at the hot springs. Places are paid
for by the foundation; write to us before the end of March if you would like
to come, and say whether you need a ride.
"""
QUOTED = "".join(f"> {line}".rstrip() + "\n" for line in NEWSLETTER.splitlines())
