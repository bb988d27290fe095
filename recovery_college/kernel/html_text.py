"""What a web page says, as plain text: paragraphs and lists stay, every tag goes.

Pages escape the text like any other, so this is for reading and not for safety: what is left over shows as it stands.
"""

import re
from html import unescape
from html.parser import HTMLParser

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PARTS = (
    "article",
    "blockquote",
    "dd",
    "div",
    "dl",
    "dt",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
)
_PARAGRAPHS = frozenset((*_HEADINGS, *_PARTS))
_NOT_SAID = frozenset({"script", "style"})
_BLOCK = re.compile(r"<(?:br|div|h[1-6]|li|ol|p|pre|section|table|tr|ul)[\s/>]", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|section|small|span|strong|table|tbody|td|th|tr|u|ul|script"
    r"|style|iframe)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"&(?:nbsp|amp|lt|gt|quot|apos|pound|[lr]squo|[lr]dquo|[mn]dash|bull|hellip|#[0-9]{1,6});"
)
_BULLET = "• "


class _Reader(HTMLParser):
    def __init__(self, *, keeps_lines: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.space = r"[^\S\n]+" if keeps_lines else r"\s+"
        self.parts: list[str] = []
        self.unsaid = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NOT_SAID:
            self.unsaid += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n" + _BULLET)
        elif tag in ("ul", "ol"):
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in _PARAGRAPHS:
            self.parts.append("\n\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _NOT_SAID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _NOT_SAID:
            self.unsaid = max(0, self.unsaid - 1)
        elif tag in _PARAGRAPHS and tag != "li":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.unsaid:
            self.parts.append(re.sub(self.space, " ", data))


def text_of_html(text: str) -> str:
    """A text with HTML in it as plain text; a text without any as it is.

    Some services write the tags themselves as named characters ("&lt;p&gt;"), so what is tags once those are read
    is read again.
    """
    for _ in range(2):
        if _TAG.search(text):
            reader = _Reader(keeps_lines=not _BLOCK.search(text))
            reader.feed(text)
            reader.close()
            text = _tidy("".join(reader.parts))
        elif _ENTITY.search(text):
            text = unescape(text).replace("\xa0", " ")
    return text


def _tidy(text: str) -> str:
    """Single spaces, at most one empty line, and each bullet beside its words."""
    text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"•\s+", _BULLET, text)).strip()
