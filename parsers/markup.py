"""HTML mail becomes lines whose depth of quotation comes from the structure, not only from the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsers.charsets import clean_body
from parsers.layout import MOST_LINES, Line, Mark, line_of

LONGEST_HTML = 400_000
MOST_NODES = 60_000
DEEPEST = 5_000  # the parser's time grows with the square of the depth
LONGEST_LINE = 20_000
_SKIPPED = frozenset({"head", "style", "script", "title", "template", "object", "svg", "select", "textarea", "-comment"})
_BLOCK = re.compile(
    r"address|article|aside|blockquote|body|center|d[dtl]|div|fieldset|footer|form|h[1-6r]|header|li|main|nav"
    r"|[ou]l|p|pre|section|table|tbody|tr"
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "ul", "ol", "table", "blockquote"})
_HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none|mso-hide\s{0,3}:\s{0,3}all", re.IGNORECASE)
_NO_MARGIN = re.compile(r"mso|margin(?:-top)?\s{0,3}:\s{0,3}0", re.IGNORECASE)
# Names that mail programs give to what they quote, in class or id, some behind a prefix of their own (x_, ydp1234).
_QUOTED = re.compile(
    r"yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|moz-forward-container|front-blockquote|mail-editor-reference-message"
    r"|outlook-mobile-reference|quoted_text|replyquote|mailquote|wordsection_quote|freebirdquote|aolmail_quote"
)
_INTRODUCTION = re.compile(
    r"divrplyfwdmsg|moz-cite-prefix|moz-email-headers|outlookmessageheader|protonmail_quote_header|gmail_attr|replyintro|wrote_by"
)
_SIGNATURE = re.compile(r"signature")
_RULED = re.compile(r"border-top\s{0,3}:\s{0,3}(?:solid\s|[\d.]{1,5}p[tx]\ssolid)|border-top-style\s{0,3}:\s{0,3}solid", re.IGNORECASE)
_INDENT = re.compile(r"border(?:-left)?\s{0,3}:\s{0,3}(?:none|0)", re.IGNORECASE)
_STYLES = re.compile(r"<style\b[^>]{0,300}>[^<]{0,200000}</style>", re.IGNORECASE)
_NESTING = re.compile(r"<(/?)(?!(?:br|p|li|td|tr|th|img|hr|meta|link|input|col|wbr|dd|dt|o:p)\b)[a-z]", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class _Place:
    depth: int = 0
    mark: Mark = ""
    verbatim: bool = False


@dataclass(slots=True)
class _Writer:
    lines: list[Line] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    def write(self, text: str) -> None:
        self.pending.append(text)

    def end_line(self, place: _Place, *, always: bool = False) -> None:
        text = clean_body("".join(self.pending))[:LONGEST_LINE].strip(" \n")
        self.pending.clear()
        if text or always:
            self._append(text, place)

    def blank(self, place: _Place) -> None:
        if self.lines and self.lines[-1].folded.strip():
            self._append("", place)

    def _append(self, text: str, place: _Place) -> None:
        for piece in text.split("\n"):
            line = line_of(piece)
            self.lines.append(line._replace(depth=line.depth + place.depth, mark=place.mark))


def lines_of_html(html: str) -> list[Line]:
    """The lines of an HTML mail; deep nesting costs no recursion."""
    body = LexborHTMLParser(_bounded(html)).body
    writer = _Writer()
    if body is None:
        return []
    stack: list[tuple[LexborNode, _Place, bool]] = [(body, _Place(), False)]
    nodes = 0
    while stack and nodes < MOST_NODES and len(writer.lines) < MOST_LINES:
        nodes += 1
        node, place, leaving = stack.pop()
        if leaving:
            _leave(node, place, writer)
        else:
            _enter(node, place, writer, stack)
    writer.end_line(_Place())
    return writer.lines


def _bounded(html: str) -> str:
    """The document without its styles, up to where it would nest deeper than any mail does."""
    html = _STYLES.sub("", html[: LONGEST_HTML * 4])[:LONGEST_HTML]
    depth = 0
    for tag in _NESTING.finditer(html):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > DEEPEST:
            return html[: tag.start()]
    return html


def _enter(node: LexborNode, place: _Place, writer: _Writer, stack: list[tuple[LexborNode, _Place, bool]]) -> None:
    tag = node.tag or ""
    if tag == "-text":
        text = node.text_content or ""
        writer.write(text if place.verbatim else _SPACE.sub(" ", text))
        return
    if tag == "br":
        writer.end_line(place, always=True)
        return
    attributes = node.attributes or {}
    if tag in _SKIPPED or "hidden" in attributes or _HIDDEN.search(attributes.get("style") or ""):
        return
    if _BLOCK.fullmatch(tag):
        writer.end_line(place)
    elif tag in ("td", "th"):
        writer.write(" ")
    inner = _inside(node, tag, attributes, place)
    if tag in _SPACED and not (tag == "p" and _is_tight(attributes)):
        writer.blank(place if place.depth < inner.depth else inner)
    stack.append((node, inner, True))
    children: list[LexborNode] = []
    child = node.child
    while child is not None and len(children) < MOST_NODES:
        children.append(child)
        child = child.next
    stack.extend((child, inner, False) for child in reversed(children))


def _leave(node: LexborNode, place: _Place, writer: _Writer) -> None:
    tag = node.tag or ""
    if _BLOCK.fullmatch(tag):
        writer.end_line(place)
    if tag in _SPACED and not (tag == "p" and _is_tight(node.attributes or {})):
        writer.blank(place)


def _inside(node: LexborNode, tag: str, attributes: dict[str, str | None], place: _Place) -> _Place:
    """What the element says of everything in it."""
    names = " ".join(attributes.get(name) or "" for name in ("class", "id", "data-marker", "data-smartmail")).lower()
    style = attributes.get("style") or ""
    if tag == "blockquote":
        return _in_blockquote(attributes.get("type") or "", names, style=style, place=place)
    if tag == "pre":
        return replace(place, verbatim=True)
    if place.depth or not (names.strip() or style):
        return place
    return _named(node, tag, names, style, place=place)


def _in_blockquote(kind: str, names: str, *, style: str, place: _Place) -> _Place:
    if _INDENT.search(style) and "gmail_quote" not in names and kind != "cite":
        return place  # no more than indented
    named = kind == "cite" or "quote" in names or place.mark == "original"
    return replace(place, depth=place.depth + 1, mark="original" if named else "")


def _named(node: LexborNode, tag: str, names: str, style: str, *, place: _Place) -> _Place:
    if (_INTRODUCTION.search(names) and "---" not in _start(node)) or (_RULED.search(style) and _start(node).count(":") >= 3):
        return replace(place, mark="attribution")
    if _QUOTED.search(names) or ("gmail_quote" in names and tag == "div" and _is_whole(node)):
        return replace(place, depth=place.depth + 1, mark="original")
    if _SIGNATURE.search(names) and place.mark != "signature" and _is_whole(node):
        return replace(place, mark="signature")
    return place


def _is_whole(node: LexborNode) -> bool:
    return node.css_first("blockquote") is None


def _start(node: LexborNode) -> str:
    """The first words in an element, without going through all of it."""
    text = ""
    stack = [node]
    for _ in range(80):
        if not stack or len(text) > 400:
            break
        current = stack.pop()
        if current.tag == "-text":
            text += current.text_content or ""
        if current is not node and current.next is not None:
            stack.append(current.next)
        if current.child is not None:
            stack.append(current.child)
    return text


def _is_tight(attributes: dict[str, str | None]) -> bool:
    return bool(_NO_MARGIN.search(f"{attributes.get('class') or ''} {attributes.get('style') or ''}"))
