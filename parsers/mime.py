"""The bytes of a mail are taken apart into headers and leaves in one pass, however deep or broken they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.charsets import decode, decode_transfer

MOST_HEADERS = 400
MOST_PARTS = 2_000
LONGEST_HEADER = 20_000
_PARAMETER = re.compile(r";\s{0,20}([\w*-]{1,40})\s{0,5}=\s{0,5}(?:\"([^\"]{0,400})\"|([^;\s\"]{0,400}))")
_BOUNDARY = re.compile(rb"--(?<![^\n]--)([^\r\n]{1,400})\r?$", re.MULTILINE)  # at a line's start, though found by its dashes
_HEADER = re.compile(rb"([!-9;-~]{1,80})[ \t]{0,5}:(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Headers:
    """The header lines of a mail or a part, in order, names in lower case."""

    lines: tuple[tuple[str, str], ...]
    _first: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_first", dict(reversed(self.lines)))

    def get(self, name: str) -> str:
        return self._first.get(name, "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.lines if key == name]

    def names(self) -> frozenset[str]:
        return frozenset(self._first)

    def content_type(self) -> str:
        return self.get("content-type").partition(";")[0].strip().lower()

    def parameter(self, name: str, *, of: str = "content-type") -> str:
        for found in _PARAMETER.finditer(self.get(of)):
            if found[1].lower().partition("*")[0] == name:
                return found[2] or found[3] or ""
        return ""


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the mail: what holds text, a picture, a returned mail."""

    headers: Headers
    data: bytes

    def text(self) -> str:
        encoding = self.headers.get("content-transfer-encoding").strip().lower()
        return decode(decode_transfer(self.data, encoding), self.headers.parameter("charset").strip().lower())


def split_mail(raw: bytes) -> tuple[Headers, tuple[Part, ...]]:
    """Headers and leaves; a multipart with no part in it is a leaf itself."""
    headers, data = _split_headers(raw.lstrip(b"\r\n"))
    if not headers.content_type().startswith("multipart/"):
        return headers, (Part(headers, data),)
    parts = tuple(_leaves(data, headers))
    return headers, parts or (Part(headers, data),)


def _leaves(data: bytes, headers: Headers) -> Iterator[Part]:
    """One pass over the lines with the boundaries that are open, so that depth costs neither recursion nor rescans."""
    closed_by: set[bytes] = set()
    _open(closed_by, headers)
    starts: list[tuple[int, int]] = []
    for cut in _BOUNDARY.finditer(data):
        # A boundary ends whatever part is open, as one of an outer multipart may do in a truncated mail.
        if (boundary := cut[1].rstrip()) in closed_by:
            starts.append((cut.end(), cut.start()))
            _open(closed_by, _split_headers(data[cut.end() + 1 : cut.end() + 3_000])[0])
        elif boundary.endswith(b"--") and boundary[:-2] in closed_by:
            starts.append((-1, cut.start()))
        if len(starts) > MOST_PARTS:
            break
    ends = [*(start for _, start in starts), len(data)][1:]
    for (begin, _), end in zip(starts, ends, strict=False):
        if begin >= 0:
            part, body = _split_headers(data[begin + 1 : end])
            if not part.content_type().startswith("multipart/"):
                yield Part(part, body)


def _open(boundaries: set[bytes], headers: Headers) -> None:
    if headers.content_type().startswith("multipart/") and (boundary := headers.parameter("boundary")):
        boundaries.add(boundary.encode("utf-8", "surrogateescape").rstrip())


def _split_headers(raw: bytes) -> tuple[Headers, bytes]:
    lines: list[list[bytes]] = []
    position = 0
    while position < len(raw):
        end = raw.find(b"\n", position)
        end = len(raw) if end < 0 else end + 1
        line = raw[position:end].rstrip(b"\r\n")
        if line[:1] in (b" ", b"\t") and line.strip() and lines:
            lines[-1].append(b" " + line.strip())
        elif _HEADER.match(line):
            if len(lines) < MOST_HEADERS:
                lines.append([line])
        elif not line.strip():
            position = end
            break
        # A line that is no header ends the headers, but for the first one of a mail out of an mbox file.
        elif lines or not line.startswith((b"From ", b">From ")):
            break
        position = end
    return Headers(tuple(_header(b"".join(line)) for line in lines)), raw[position:]


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line[:LONGEST_HEADER].partition(b":")
    named = name.decode("ascii", "replace").lower()
    # Servers that take forged verdicts out know them by name: one with a blank in front of its colon keeps it, and is none.
    return named if named.startswith("authentication-results") else named.strip(), decode(value.strip(), "utf-8")
