"""Tagged PDF from HTML: the only module that knows WeasyPrint.

Documents are laid out up to sixteen together and saved one by one, which is cheaper than one at a time, and
leaves nothing of one person in another's file. The same document gives the same bytes, in whatever company it
is laid out. Whatever WeasyPrint would only log (a missing picture, `alt`, `lang`, a mistyped style) refuses
the document.
"""

import functools
import gc
import logging
import os
import shutil
import tempfile
import threading
import traceback
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from markupsafe import escape

from recovery_college.kernel.paths import static_folder, templates_folder
from recovery_college.kernel.pdf_watch import Bound, PaperStopped, watched

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

log = structlog.get_logger(__name__)

BATCH = 16
"""Documents laid out together. More gains under 1 % and holds more memory."""

SHORT = Bound(seconds=20, mebibytes=512)
"""A batch whose pages are counted beforehand takes half a second; ten more on a machine that has just started."""
LONG = Bound(seconds=600, mebibytes=2048)
"""A paper of any length, such as the pack of a whole cohort."""

APT_LINE = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"

_ANCHOR = "pdf-document-"
_SVG = "{http://www.w3.org/2000/svg}"
_CONTENT_TYPES = {
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_NO_SYSTEM_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><cachedir>{cache}</cachedir></fontconfig>
"""


class PdfRefused(Exception):
    """A document asks for something it may not have, or would come out incomplete. Nothing was written."""


class CharactersMissing(PdfRefused):
    """No font here has these characters. Who prints what people typed may put something in their place."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"No font here has these characters: {' '.join(characters)}")
        self.characters = characters


class PdfStopped(PdfRefused):
    """A document took too long or too much memory, and was stopped. Nothing was written."""


class PdfUnavailable(RuntimeError):
    """Pango is not on this machine, so no PDF can be made. The message names the command that mends it."""


@dataclass(frozen=True)
class PdfDocument:
    """One document to print.

    `body` is finished HTML: whoever made it has escaped people's words. `stylesheet` is a file's name in
    templates/documents. `assets` are this document's own pictures, by the name in `src="asset:NAME"`. A
    document of more than `pages` pages is refused (None: any number). `created_at` is written into the file,
    so it must come with the document, not from a clock here: the same document then gives the same bytes.
    """

    title: str
    lang: str
    body: str
    stylesheet: str
    created_at: datetime
    author: str = ""
    subject: str = ""
    pages: int | None = None
    assets: Mapping[str, bytes] = field(default_factory=dict)


class _Listener(logging.Handler):
    """Keeps what WeasyPrint says in this thread, so that it can be made fatal."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the sentence; records of other threads are theirs."""
        if record.thread == self._thread:
            self.said.append(record.getMessage())


@functools.cache
def _engine() -> Any:
    """Import WeasyPrint when the first document is made, so that every other command runs without Pango."""
    try:
        import weasyprint  # noqa: PLC0415  (without Pango this import fails, and only PDFs need it)
        import weasyprint.text.fonts  # noqa: PLC0415
        import weasyprint.urls  # noqa: PLC0415
    except OSError as error:
        raise PdfUnavailable(
            f"The PDF library cannot find Pango on this machine. Run: {APT_LINE}  ({error})"
        ) from error
    gc.collect()
    gc.freeze()
    return weasyprint


def read_library() -> None:
    """Read the library before anybody asks for a paper: a third of a second. Without Pango there is nothing to read.

    Not the maker: its fonts are in a folder of its own, which goes when its process ends, so each process has one.
    """
    with suppress(PdfUnavailable):
        _engine()


@contextmanager
def _nothing_overlooked() -> Iterator[None]:
    """Turn refused addresses, everything WeasyPrint logs from warning up, and its own bugs into PdfRefused.

    A document that breaks the library is that document's trouble: the next one of a batch is still made.
    """
    logger = logging.getLogger("weasyprint")
    # Alembic's fileConfig disables loggers it does not know; a deaf logger would let faults through.
    logger.disabled = False
    logger.setLevel(min(logger.level or logging.WARNING, logging.WARNING))
    if not logger.isEnabledFor(logging.WARNING):
        raise PdfRefused("Logging is switched off, so faults in a document would go unseen.")
    listener = _Listener()
    logger.addHandler(listener)
    try:
        yield
    except _engine().urls.FatalURLFetchingError as error:
        raise PdfRefused(str(error)) from error
    except (PdfRefused, PaperStopped):
        raise
    except Exception as error:
        kind = type(error).__name__
        log.error("pdf_broke_off", kind=kind, where=traceback.format_tb(error.__traceback__))
        raise PdfRefused(f"The PDF library broke off ({kind})") from error
    finally:
        logger.removeHandler(listener)
    if listener.said:
        raise PdfRefused("; ".join(dict.fromkeys(listener.said)))


def _fetcher_class() -> Any:
    """Return the class of our fetcher; its parent exists only once WeasyPrint is imported."""
    urls = _engine().urls

    class AssetFetcher(urls.URLFetcher):  # type: ignore[name-defined]
        """Answers `asset:NAME` for the names it was given. No file, no network, no data: address."""

        def __init__(self, fixed: Mapping[str, bytes]) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
            self._fixed = fixed
            self.own: dict[str, bytes] = {}

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            """Return the asset, or stop the whole render."""
            scheme, _, name = url.partition(":")
            content = self.own.get(name, self._fixed.get(name)) if scheme == "asset" else None
            if content is None:
                raise urls.FatalURLFetchingError(f"A document may not load {url!r}")
            kind = _CONTENT_TYPES.get(Path(name).suffix, "application/octet-stream")
            return urls.URLFetcherResponse(url, content, {"Content-Type": kind})

    return AssetFetcher


def _page_class(base: Any) -> Any:
    """Return an HTML class whose elements look as the sheet `base` says, not as WeasyPrint's own sheet.

    The hook is WeasyPrint's private one; base.css says why, and the dependency is pinned below 71.
    """

    class Page(_engine().HTML):  # type: ignore[misc]
        """An HTML page without the styles of forms, footnotes and margin boxes that no document has."""

        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
            return [base]

    return Page


class PdfMaker:
    """Makes PDF/UA-1 files; fonts are loaded and style sheets parsed once in its life.

    Only the fonts in `fonts` exist for it: the machine's own are not looked at, so a file is the same
    everywhere. One thread at a time; a second one waits.
    """

    def __init__(self, stylesheets: Path | None = None, fonts: Path | None = None) -> None:
        self._stylesheets = stylesheets or templates_folder() / "documents"
        folder = fonts or static_folder() / "fonts"
        files = [path for path in sorted(folder.iterdir()) if path.suffix in (".otf", ".ttf")]
        self._lock = threading.Lock()
        self._fetcher = _fetcher_class()({f"fonts/{path.name}": path.read_bytes() for path in files})
        cache = Path(tempfile.mkdtemp(prefix="pdf-fonts-"))
        weakref.finalize(self, shutil.rmtree, cache, ignore_errors=True)
        self._fonts = _own_fonts_only(cache)
        self._parsed: dict[str, Any] = {}
        self._read_stylesheet("fonts.css")
        self._html = _page_class(self._read_stylesheet("base.css"))

    def render_each(self, documents: Sequence[PdfDocument]) -> Iterator[bytes]:
        """Yield one PDF for each document, in order. Raises PdfRefused at the batch that holds a bad one."""
        for _, alike in groupby(documents, key=lambda document: (document.stylesheet, document.lang)):
            waiting = list(alike)
            for start in range(0, len(waiting), BATCH):
                yield from self._render_batch(waiting[start : start + BATCH])

    def render(self, document: PdfDocument) -> bytes:
        """Return one document's PDF."""
        return next(self.render_each([document]))

    def render_readable(self, document: PdfDocument) -> bytes:
        """Return the PDF of what people typed: a character that no font here has becomes a question mark."""
        try:
            return self.render(document)
        except CharactersMissing as missing:
            plain = document.body.translate({ord(one): "?" for one in missing.characters})
            return self.render(replace(document, body=plain))

    def _read_stylesheet(self, name: str) -> Any:
        if name not in self._parsed:
            with _nothing_overlooked():
                self._parsed[name] = _engine().CSS(
                    string=(self._stylesheets / name).read_text("utf-8"),
                    url_fetcher=self._fetcher,
                    font_config=self._fonts,
                )
        return self._parsed[name]

    def _render_batch(self, documents: Sequence[PdfDocument]) -> list[bytes]:
        """Lay the documents out as one, then save each one's pages with its own title, language and dates."""
        bound = LONG if any(document.pages is None for document in documents) else SHORT
        with self._lock:
            self._fetcher.own = _assets_of(documents)
            try:
                with _nothing_overlooked():
                    return watched(bound, lambda: self._lay_out_and_save(documents))
            except PaperStopped as stopped:
                # What was stopped may have left its fonts half read: the next paper begins with a new maker.
                pdf_maker.cache_clear()
                raise PdfStopped(f"The paper was stopped, because {stopped}") from None
            finally:
                self._fetcher.own = {}

    def _lay_out_and_save(self, documents: Sequence[PdfDocument]) -> list[bytes]:
        laid_out = self._lay_out(documents)
        pages = _pages_of_each(laid_out, documents)
        return [
            self._save(laid_out.copy(own), document) for own, document in zip(pages, documents, strict=True)
        ]

    def _lay_out(self, documents: Sequence[PdfDocument]) -> Any:
        html = self._html(string=_page_of(documents), url_fetcher=self._fetcher)
        _check_pictures(html.etree_element)
        laid_out = html.render(
            font_config=self._fonts,
            stylesheets=[self._parsed["fonts.css"], self._read_stylesheet(documents[0].stylesheet)],
            pdf_variant="pdf/ua-1",
            cache={},
        )
        if laid_out.metadata.attachments:
            raise PdfRefused("A document may not attach files")
        return laid_out

    def _save(self, copy: Any, document: PdfDocument) -> bytes:
        copy.metadata = _engine().document.DocumentMetadata(
            title=document.title,
            lang=document.lang,
            authors=[document.author] if document.author else [],
            description=document.subject or None,
            generator="Recovery College",
            created=document.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        )
        file: bytes = copy.write_pdf(pdf_variant="pdf/ua-1")
        missing = sorted({chr(point) for font in copy.fonts.values() for point in font.missing})
        if missing:
            raise CharactersMissing("".join(missing))
        return file


@functools.cache
def pdf_maker() -> PdfMaker:
    """Return this process's maker: the first call costs about half a second."""
    return PdfMaker()


def _own_fonts_only(folder: Path) -> Any:
    """Return a font configuration that knows none of the machine's fonts."""
    config = folder / "fonts.conf"
    config.write_text(_NO_SYSTEM_FONTS.format(cache=folder), "utf-8")
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(config)
    try:
        return _engine().text.fonts.FontConfiguration()
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before


def _assets_of(documents: Sequence[PdfDocument]) -> dict[str, bytes]:
    """Return the pictures of a batch; one name for two pictures would show one person's in another's file."""
    found: dict[str, bytes] = {}
    for document in documents:
        for name, content in document.assets.items():
            if found.setdefault(name, content) != content:
                raise PdfRefused(f"Two documents use the name {name!r} for different pictures")
    return found


def _page_of(documents: Sequence[PdfDocument]) -> str:
    """Return one HTML page of a batch, an `<article>` for each document."""
    for document in documents:
        if not document.lang.strip() or not document.title.strip():
            raise PdfRefused("A document needs its language and a title")
    articles = "".join(
        f'<article id="{_ANCHOR}{number}">{document.body}</article>'
        for number, document in enumerate(documents)
    )
    return (
        f'<!DOCTYPE html><html lang="{escape(documents[0].lang)}"><head><meta charset="utf-8">'
        f"<title>{escape(documents[0].title)}</title></head><body>{articles}</body></html>"
    )


def _check_pictures(root: "Element") -> None:
    """Refuse a drawing without `<title>`, which WeasyPrint would tag as a figure that says nothing."""
    for drawing in root.iter(f"{_SVG}svg"):
        if not (drawing.findtext(f"{_SVG}title") or "").strip():
            raise PdfRefused("A drawing has no <title> to say what it shows")


def _pages_of_each(laid_out: Any, documents: Sequence[PdfDocument]) -> list[list[Any]]:
    """Return each document's pages, found by the anchor its article left."""
    starts: dict[int, int] = {}
    for number, page in enumerate(laid_out.pages):
        # Our anchors go once read, or a file would tell its place in the batch.
        for anchor in [name for name in page.anchors if name.startswith(_ANCHOR)]:
            starts.setdefault(int(anchor.removeprefix(_ANCHOR)), number)
            del page.anchors[anchor]
    bounds = [starts.get(number, -1) for number in range(len(documents))] + [len(laid_out.pages)]
    if bounds[0] != 0 or sorted(set(bounds)) != bounds:
        raise PdfRefused("Each document must start on a page of its own")
    each = [laid_out.pages[bounds[n] : bounds[n + 1]] for n in range(len(documents))]
    for document, pages in zip(documents, each, strict=True):
        if document.pages is not None and len(pages) > document.pages:
            raise PdfRefused(f"{document.title!r} does not fit on {document.pages} page(s)")
    return each
