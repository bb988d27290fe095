"""The PDF maker: tagged, the same every time, closed to files and networks, nothing overlooked."""

import logging
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import weasyprint

from recovery_college.kernel.paths import static_folder
from recovery_college.kernel.pdf import APT_LINE, PdfDocument, PdfMaker, PdfRefused

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
MADE_AT = datetime(2026, 4, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> PdfMaker:
    """A maker with the shipped fonts and a style sheet of the test's own."""
    folder = tmp_path_factory.mktemp("documents")
    for name in ("fonts.css", "base.css"):
        (folder / name).write_text((Path("templates/documents") / name).read_text("utf-8"), "utf-8")
    (folder / "plain.css").write_text(
        "@page { size: A5 } body { font-family: Sans } article { break-before: page }", "utf-8"
    )
    (folder / "mistyped.css").write_text("body { colour: red }", "utf-8")
    return PdfMaker(stylesheets=folder)


def document(body: str = "<h1>Hello</h1><p>Words</p>", **changes: object) -> PdfDocument:
    fields = {"title": "A title", "lang": "en-GB", "stylesheet": "plain.css", "created_at": MADE_AT}
    return PdfDocument(body=body, **{**fields, **changes})  # type: ignore[arg-type]


def text_of(file: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(file))


def test_it_is_tagged_and_says_its_title_language_and_standard(maker: PdfMaker) -> None:
    file = maker.render(document(title="Étude <b>", author="The college", subject="RC-1"))
    with pikepdf.open(BytesIO(file)) as pdf:
        root = pdf.Root
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert str(root.Lang) == "en-GB"
        assert root.StructTreeRoot.K[0].S == "/Document"
        assert [str(kid.S) for kid in root.StructTreeRoot.K[0].K[0].K] == ["/H1", "/P"]
        assert str(pdf.docinfo["/Title"]) == "Étude <b>"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20260402000000+00'00"
        with pdf.open_metadata() as xmp:
            assert xmp["pdfuaid:part"] == "1"
            assert xmp["dc:title"] == "Étude <b>"
        assert all(page.Tabs == "/S" for page in pdf.pages)


def test_all_text_is_marked_and_every_font_embedded(maker: PdfMaker) -> None:
    with pikepdf.open(BytesIO(maker.render(document()))) as pdf:
        marked = 0
        for operands, operator in pikepdf.parse_content_stream(pdf.pages[0]):
            del operands
            marked += {"BDC": 1, "BMC": 1, "EMC": -1}.get(str(operator), 0)
            assert str(operator) != "Tj" or marked
        fonts = [
            o
            for o in pdf.objects
            if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_the_same_document_gives_the_same_bytes_in_any_company_and_any_maker(maker: PdfMaker) -> None:
    table = "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>"
    documents = [document(f"<p>Number {n}</p>{table}", title=f"Title {n}") for n in range(18)]
    together = list(maker.render_each(documents))
    assert together == list(maker.render_each(documents))
    assert together[7] == maker.render(documents[7])
    other = PdfMaker(stylesheets=maker._stylesheets)
    assert other.render(documents[17]) == together[17]


def test_each_file_of_a_batch_holds_its_own_pages_and_metadata_only(maker: PdfMaker) -> None:
    long = "<p>again</p>" * 60
    documents = [
        document("<p>first-one</p>", title="One"),
        document(f"<p>second-one</p>{long}", title="Two"),
        document("<p>third-one</p>", title="Three", lang="cy"),
        document("<p>fourth-one</p>", title="Four", lang="cy"),
    ]
    files = list(maker.render_each(documents))
    for n, word in enumerate(["first", "second", "third", "fourth"]):
        assert f"{word}-one" in text_of(files[n])
        assert not any(
            f"{other}-one" in text_of(files[n])
            for other in ["first", "second", "third", "fourth"]
            if other != word
        )
        with pikepdf.open(BytesIO(files[n])) as pdf:
            assert str(pdf.docinfo["/Title"]) == documents[n].title
            assert str(pdf.Root.Lang) == documents[n].lang
            assert (len(pdf.pages) > 1) is (n == 1)


def test_lists_headings_and_tables_are_what_they_are(maker: PdfMaker) -> None:
    body = (
        "<h2>Two</h2><ul><li>one<br>more</li></ul><ol><li>first</li></ol><table><tr><th>a</th></tr></table>"
    )
    file = maker.render(document(body))
    with pikepdf.open(BytesIO(file)) as pdf:
        kinds = [str(kid.S) for kid in pdf.Root.StructTreeRoot.K[0].K[0].K]
        assert kinds == ["/H2", "/L", "/L", "/Table"]
        assert str(pdf.Root.Outlines.First.Title) == "Two"
    assert {"1.", "•", "first", "more"} <= set(text_of(file).split())


def test_our_element_styles_stand_in_for_weasyprint_s(maker: PdfMaker) -> None:
    """The hook is private: this says so if an upgrade renames it."""
    assert weasyprint.HTML(string="x")._ua_stylesheets()
    assert maker._html(string="x")._ua_stylesheets() == [maker._read_stylesheet("base.css")]


ESCAPES = [
    '<a rel="attachment" href="file:///etc/passwd">x</a>',
    '<img alt="x" src="http://127.0.0.1:9/x.png">',
    '<img alt="x" src="https://example.org/x.png">',
    '<img alt="x" src="file:///etc/passwd">',
    '<img alt="x" src="data:image/png;base64,iVBORw0KGgo=">',
    '<img alt="x" src="asset:../../../../etc/passwd">',
    '<img alt="x" src="asset:fonts/../../LICENSE">',
    '<img alt="x" src="relative.png">',
    '<p style="background: url(file:///etc/passwd)">x</p>',
    '<link rel="stylesheet" href="file:///etc/passwd">',
    '<style>@import url("http://127.0.0.1:9/x.css");</style>',
    '<link rel="attachment" href="file:///etc/passwd">',
    '<object data="file:///etc/passwd">x</object>',
    f'{SVG}<title>x</title><image href="file:///etc/passwd" width="9" height="9"/></svg>',
]


@pytest.mark.parametrize("body", ESCAPES)
def test_nothing_is_fetched_from_outside_and_the_document_is_refused(maker: PdfMaker, body: str) -> None:
    with pytest.raises(PdfRefused):
        maker.render(document(body))
    assert maker.render(document())


def test_the_default_fetcher_would_have_put_the_file_inside() -> None:
    """The known-bad twin: without our fetcher the first escape above works."""
    file = weasyprint.HTML(string=ESCAPES[0]).write_pdf()
    with pikepdf.open(BytesIO(file)) as pdf:
        inside = [
            bytes(o.read_bytes())
            for o in pdf.objects
            if isinstance(o, pikepdf.Stream) and o.get("/Type") == "/EmbeddedFile"
        ]
    assert any(b"root:" in content for content in inside)


def test_two_documents_may_not_share_a_name_for_two_pictures(maker: PdfMaker) -> None:
    body = '<img alt="x" src="asset:x.png">'
    with pytest.raises(PdfRefused, match="different pictures"):
        list(
            maker.render_each(
                [document(body, assets={"x.png": b"1"}), document(body, assets={"x.png": b"2"})]
            )
        )


def test_a_picture_of_one_document_is_gone_for_the_next(maker: PdfMaker) -> None:
    body = '<img alt="x" src="asset:x.svg">'
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'
    assert maker.render(document(body, assets={"x.svg": drawing}))
    with pytest.raises(PdfRefused, match="may not load"):
        maker.render(document(body))


@pytest.mark.parametrize(
    ("faulty", "says"),
    [
        ({"body": '<img src="asset:x.svg">'}, "alt"),
        ({"body": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'}, "title"),
        ({"lang": ""}, "language"),
        ({"title": " "}, "title"),
        ({"stylesheet": "mistyped.css"}, "colour"),
        ({"body": "<p>again</p>" * 80, "pages": 1}, "does not fit"),
        ({"body": "<p>王小明</p>"}, "王"),
    ],
)
def test_what_weasyprint_would_only_log_refuses_the_document(
    maker: PdfMaker, faulty: dict[str, object], says: str
) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'
    with pytest.raises(PdfRefused, match=says):
        maker.render(document(**{"assets": {"x.svg": drawing}, **faulty}))  # type: ignore[arg-type]


@pytest.fixture
def deaf_logger() -> Iterator[None]:
    """Alembic's logging set-up disables loggers it does not know."""
    logger = logging.getLogger("weasyprint")
    logger.disabled = True
    logger.setLevel(logging.CRITICAL)
    yield
    logger.disabled = False
    logger.setLevel(logging.NOTSET)


@pytest.mark.usefixtures("deaf_logger")
def test_faults_are_heard_though_logging_was_set_up_to_drop_them(maker: PdfMaker) -> None:
    with pytest.raises(PdfRefused, match="alt"):
        maker.render(
            document(
                '<img src="asset:x.svg">',
                assets={"x.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'},
            )
        )


def test_switched_off_logging_refuses_rather_than_hopes(maker: PdfMaker) -> None:
    logging.disable(logging.CRITICAL)
    try:
        with pytest.raises(PdfRefused, match="Logging is switched off"):
            maker.render(document())
    finally:
        logging.disable(logging.NOTSET)


def test_only_our_fonts_are_used_whatever_the_machine_has(maker: PdfMaker) -> None:
    file = maker.render(document('<p style="font-family: DejaVu Serif, serif">Words</p>'))
    with pikepdf.open(BytesIO(file)) as pdf:
        names = {
            str(o.FontName) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/FontName" in o
        }
    assert names
    assert not any("DejaVu" in name or "Liberation" in name for name in names)


def test_without_its_fonts_no_document_is_made(tmp_path: Path) -> None:
    with pytest.raises(PdfRefused, match="may not load"):
        PdfMaker(fonts=tmp_path)


def test_weasyprint_alone_would_have_taken_another_font(caplog: pytest.LogCaptureFixture) -> None:
    """The known-bad twin: the font is missing, that is logged, and the paper comes out in whatever there is."""
    style = (
        "<style>@font-face { font-family: Ours; src: url(file:///none.ttf) } p { font-family: Ours }</style>"
    )
    file = weasyprint.HTML(string=f"<html lang=en><title>x</title>{style}<p>Words</p>").write_pdf()
    assert "Words" in text_of(file)
    assert "cannot be loaded" in caplog.text


def test_without_pango_the_import_waits_and_the_error_names_the_command() -> None:
    code = (
        "import sys, types\n"
        "import recovery_college.kernel.pdf as pdf\n"
        "assert 'weasyprint' not in sys.modules\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'weasyprint': raise OSError('cannot load library libpango')\n"
        "sys.meta_path.insert(0, Absent())\n"
        "try: pdf.PdfMaker()\n"
        "except pdf.PdfUnavailable as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert APT_LINE in done.stdout


def test_the_fonts_are_few_and_licensed() -> None:
    folder = static_folder() / "fonts"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3_000_000
    notices = Path("THIRD-PARTY-NOTICES.md").read_text("utf-8")
    assert all(path.name in notices for path in folder.glob("*.?tf"))


def _grown(maker: PdfMaker, renders: int) -> float:
    """MiB of peak memory that so many renders add after a warm-up."""

    def batch(first: int) -> None:
        for _ in maker.render_each([document(f"<h1>{first + n}</h1><p>Words</p>") for n in range(16)]):
            pass

    for first in range(0, 160, 16):
        batch(first)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for first in range(0, renders, 16):
        batch(first)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def test_memory_stays_flat_over_200_renders(maker: PdfMaker) -> None:
    assert _grown(maker, 200) < 8, "an unshared FontConfiguration would add 46"


@pytest.mark.trust
def test_memory_stays_flat_over_10_000_renders(maker: PdfMaker) -> None:
    assert _grown(maker, 10_000) < 10
