"""Whether the server that took a mail in vouches for the address in its From (RFC 8601), judged so that doubt means no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from parsers.authserv import MICROSOFT, Checked, Result, checked, is_trusted
from parsers.message import InboundMessage

RESULTS = "authentication-results"
MOST_RESULTS = 20
# What the servers that write several such headers put between them; every other header is older than theirs.
_BETWEEN = re.compile(r"x-|arc-|(?:received-spf|dkim-filter|dmarc-filter)$")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
# Beside these a signature of From's own domain still proves it; beside any other result of DMARC nothing does.
_NO_POLICY = ("none", "bestguesspass", "temperror", "permerror")


class Verdict(Enum):
    """What the headers say of a mail's sender."""

    PASS = "pass"  # noqa: S105 - the word that servers use
    FROM = "from"  # From is missing, or names several addresses, or can be read in several ways
    ABSENT = "absent"  # no server said anything
    UNTRUSTED = "untrusted"  # the topmost header is of a server that is not trusted
    ODD = "odd"  # something in them cannot be read, or contradicts itself
    FAILED = "failed"  # nothing vouches for From's domain


def authenticated(message: InboundMessage, trusted: Sequence[str]) -> bool:
    """Whether the address in From is proven to be the sender's."""
    return verdict(message, trusted) is Verdict.PASS


def verdict(message: InboundMessage, trusted: Sequence[str]) -> Verdict:
    domain = message.froms[0].rpartition("@")[2] if len(message.froms) == 1 else ""
    if not _DOMAIN.fullmatch(domain):
        return Verdict.FROM
    if not message.authentication:
        return Verdict.ABSENT
    run = _run(message.authentication, trusted)
    if run is None:
        return Verdict.ODD
    return _judge(run, domain) if run else Verdict.UNTRUSTED


def topmost(lines: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The topmost Authentication-Results of a mail's headers, up to the first header that came before them."""
    names = [name for name, _ in lines]
    if RESULTS not in names:
        return ()
    values: list[str] = []
    for name, value in lines[names.index(RESULTS) :]:
        if name == RESULTS:
            values.append(value)
        elif not _BETWEEN.match(name):
            break
    return tuple(values[: MOST_RESULTS + 1])


def stranger(lines: Sequence[tuple[str, str]], trusted: Sequence[str]) -> str:
    """The server that vouches in a mail's headers and is not trusted, as the setting would name it; "" where there is none."""
    read = next(map(checked, topmost(lines)), None)
    return "" if read is None or is_trusted(read.authserv_id, trusted) else read.authserv_id or MICROSOFT


def _run(values: Sequence[str], trusted: Sequence[str]) -> list[Checked] | None:
    """The headers of the trusted server at the top; None where one that may be of the run cannot be read."""
    if len(values) > MOST_RESULTS:
        return None
    run: list[Checked] = []
    for value in values:
        read = checked(value)
        if read is None:
            return None
        if not is_trusted(read.authserv_id, trusted):
            break
        run.append(read)
    return run


def _judge(run: Sequence[Checked], domain: str) -> Verdict:
    policies = [result for read in run for result in read.results if result.method == "dmarc"]
    # Whoever adds a second opinion of DMARC below the server's own hopes that it is believed.
    if len({result.result for result in policies}) > 1 or any(len(read.of("dmarc")) > 1 for read in run):
        return Verdict.ODD
    if policies and policies[0].result not in ("pass", *_NO_POLICY):
        return Verdict.FAILED
    policy, signatures = _counting(run)
    if _contradict(signatures):
        return Verdict.ODD
    if policy is not None and policy.result == "pass":
        return Verdict.PASS if _about(policy, domain) else Verdict.FAILED
    return Verdict.PASS if any(_signs(signature, domain) for signature in signatures) else Verdict.FAILED


def _counting(run: Sequence[Checked]) -> tuple[Result | None, list[Result]]:
    """The results that count: of each server the first header that says anything of DKIM or DMARC, and of each method the first of all.

    What stands below them may be what the sender wrote, if the server took nothing out.
    """
    policy: Result | None = None
    signatures: list[Result] = []
    heard: set[str] = set()
    for read in run:
        said = read.of("dkim"), read.of("dmarc")
        if not any(said) or read.authserv_id in heard:
            continue
        heard.add(read.authserv_id)
        signatures = signatures or said[0]
        policy = policy or next(iter(said[1]), None)
    return policy, signatures


def _contradict(signatures: Sequence[Result]) -> bool:
    """Whether one and the same signature is said to be good and not to be."""
    return len(set(signatures)) > len({signature.properties for signature in signatures})


def _about(policy: Result, domain: str) -> bool:
    """Whether it is From's domain that DMARC passed; some servers write the address in place of the domain, some nothing."""
    said = policy.get("header.from")
    return said is None or _domain_in(said) == domain


def _signs(signature: Result, domain: str) -> bool:
    if signature.result != "pass":
        return False
    signer, identity = signature.get("header.d"), signature.get("header.i")
    if signer is not None and identity is not None and not _within(_domain_in(identity), _domain_in(signer)):
        return False
    said = _domain_in(signer if signer is not None else identity or "")
    return bool(_DOMAIN.fullmatch(said)) and (_within(said, domain) or _within(domain, said))


def _domain_in(said: str) -> str:
    return said.removeprefix("<").removesuffix(">").rpartition("@")[2].lower()


def _within(inner: str, outer: str) -> bool:
    return inner == outer or inner.endswith(f".{outer}")
