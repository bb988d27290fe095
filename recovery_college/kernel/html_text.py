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
_SEPARATE = _PARAGRAPHS | {"br", "td", "th"}
_OTHERS = ("a", "b", "em", "font", "i", "iframe", "img", "small", "span", "strong", "tbody", "thead", "u")
_BLOCK = re.compile(rf"<(?:br|{'|'.join(sorted(_PARAGRAPHS))})[\s/>]", re.IGNORECASE)
_TAG = re.compile(
    rf"</?(?:{'|'.join(sorted((*_SEPARATE, *_NOT_SAID, *_OTHERS)))})(?:\s[^<>]*)?/?>", re.IGNORECASE
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


def tag_kept(name: str, *, ends: bool = False) -> str:
    """An element of a file as the tag that `text_of_html` reads; nothing where it makes no difference to the text."""
    tag = name.lower()
    return f"<{'/' if ends else ''}{tag}>" if tag in _SEPARATE or tag in _NOT_SAID else ""


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
