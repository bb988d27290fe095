"""The certificate of graduation: one page, tagged, its owner's only, and plainly the college's own (G2)."""

import unicodedata
from datetime import date
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recovery_college.graduation.documents import CertificateFacts, certificate_document, printable
from recovery_college.kernel.pdf import PdfMaker, PdfRefused, pdf_maker
from tests.factories.certificates import UNITS, certificate_facts, cohort_of_facts
from tests.memory import grown

LONG = ("Maximiliana Wolfeschlegelsteinhausen-Bergerdorff " * 5)[:200]
NAMES = [
    "Jo Bell",
    "Siân Ŵyn Llywelyn-Ffŷdd",
    "Zażółć Gęślą-Jaźń",
    "Tomos O’Sullivan-D'Arcy",
    LONG,
    "W" * 200,
]
RIGHT_TO_LEFT = ["محمد عبد الرحمن الخطيب", "שרה כהן־לוי"]


@pytest.fixture(scope="module")
def maker() -> PdfMaker:
    return pdf_maker()


def certificate(facts: CertificateFacts) -> bytes:
    return pdf_maker().render(certificate_document(facts))


def text_of(file: bytes) -> str:
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(file))
    return " ".join(text.split())


def elements(pdf: pikepdf.Pdf, kind: str) -> list[pikepdf.Object]:
    return [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == kind]


def test_it_says_who_graduated_from_where_and_how_to_check() -> None:
    text = text_of(certificate(certificate_facts()))
    for words in (
        "CERTIFICATE OF GRADUATION",
        "Katarzyna Wiśniewska",
        "Fenside Recovery College",
        "graduated on 27 March 2026, having completed the Peer Support Worker course.",
        "Boundaries, confidentiality and safeguarding 4 3",
        "Dr Amara Osei",
        "Lead tutor",
        "RC-000123",
        "Issued on 2 April 2026",
        "Check this certificate at college.fenside.example/",
        "accredited at Level 4 through",
        "This is the college’s own certificate.",
    ):
        assert words in text, words


def test_it_never_reads_like_the_awarding_organisation_s_certificate_g2() -> None:
    text = text_of(certificate(certificate_facts())).lower()
    for words in ("ofqual", "is awarded", "has been awarded", "regulated", "qualification certificate"):
        assert words not in text
    with pikepdf.open(BytesIO(certificate(certificate_facts()))) as pdf:
        assert len(pdf.pages[0].get_images()) == 1, "the QR code and no logo"


def test_its_structure_can_be_read_aloud() -> None:
    with pikepdf.open(BytesIO(certificate(certificate_facts()))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en-GB"
        assert str(pdf.docinfo["/Title"]) == "Certificate of graduation: Katarzyna Wiśniewska"
        with pdf.open_metadata() as xmp:
            assert xmp["pdfuaid:part"] == "1"
        assert len(elements(pdf, "/H1")) == 1
        (picture,) = elements(pdf, "/Figure")
        assert "RC-000123" in str(picture.Alt)
        assert all(len(link.K) for link in elements(pdf, "/Link"))
        cells = elements(pdf, "/TD")
        assert len(cells) == 3 * len(UNITS)
        assert all(len(cell.A.Headers) == 1 for cell in cells)
        links = {str(annotation.A.URI) for annotation in pdf.pages[0].Annots}
        assert links == {"https://college.fenside.example/verify/7Q2M-9XKD-4HTP-VB3C"}


@pytest.mark.parametrize("count", [0, 1, 6, 7, 12, 19, 20])
@pytest.mark.parametrize(
    "title", ["Recovery", "Understand the principles of peer support in practice", "a" * 200]
)
@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:8])
def test_any_name_and_up_to_twenty_units_keep_to_one_page(name: str, title: str, count: int) -> None:
    file = certificate(certificate_facts(certificate_name=name, units=((title, 4, 3),) * count))
    assert len(file) <= 25_000
    with pikepdf.open(BytesIO(file)) as pdf:
        assert len(pdf.pages) == 1
        assert len(elements(pdf, "/TR")) == (0 if not count else -(-count // _columns(pdf)) + 1)
    text = text_of(file)
    assert name.replace(" ", "") in text.replace(" ", "").replace("\ufffe", "").replace("-", "-")
    assert "Check this certificate at" in text


def _columns(pdf: pikepdf.Pdf) -> int:
    return len(elements(pdf, "/TH")) // 3


@pytest.mark.parametrize("name", RIGHT_TO_LEFT, ids=["arabic", "hebrew"])
def test_a_right_to_left_name_is_set_in_its_own_letters(name: str) -> None:
    document = certificate_document(certificate_facts(certificate_name=name))
    assert 'dir="rtl"' in document.body
    file = pdf_maker().render(document)
    assert len(file) <= 27_000
    with pikepdf.open(BytesIO(file)) as pdf:
        assert str(pdf.docinfo["/Title"]).endswith(name)
        fonts = {
            str(o.FontName) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/FontName" in o
        }
    assert any("Arabic" in font or "Hebrew" in font for font in fonts)


def test_long_words_from_the_settings_still_fit() -> None:
    facts = certificate_facts(
        college_name="The Recovery and Wellbeing College of the Northern Fens and Marshland",
        org_name="Cambridgeshire Fens and Marshland Partnership University NHS Foundation Trust",
        award_title="Graduate of the Peer Support Worker programme for children and young people",
        course_title="the Peer Support Worker course for children, young people, adults and older people "
        "in hospital wards and in the community",
        signatories=(("Professor Dame Alexandrina Featherstonehaugh-Cholmondeley", "Chair " * 14),) * 2,
        verify_url="https://certificates.recovery-college.northern-fens.nhs.example/verify/"
        + "7Q2M-9XKD-" * 4,
    )
    assert len(pypdfium2.PdfDocument(certificate(facts))) == 1


def test_words_that_cannot_fit_refuse_the_certificate_rather_than_cut_it() -> None:
    with pytest.raises(PdfRefused, match="does not fit"):
        certificate(certificate_facts(accredited_line="The course is accredited. " * 60))


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=HYPERLINK(1)", "A & B \"C\" 'D'", "{{ 7*7 }}"]
)
def test_a_name_is_words_never_code(name: str) -> None:
    document = certificate_document(certificate_facts(certificate_name=name))
    assert "<script" not in document.body
    assert name.replace(" ", "") in text_of(pdf_maker().render(document)).replace(" ", "").replace("’", "'")


def test_a_name_cannot_load_or_attach_anything() -> None:
    name = '"><a rel="attachment" href="file:///etc/passwd">x</a><img src="http://127.0.0.1:9/x">'
    with pikepdf.open(BytesIO(certificate(certificate_facts(certificate_name=name)))) as pdf:
        assert not pdf.attachments
        assert len(pdf.pages[0].get_images()) == 1


def test_no_certificate_of_a_cohort_holds_anything_of_another(maker: PdfMaker) -> None:
    cohort = cohort_of_facts(20)
    files = list(maker.render_each([certificate_document(facts) for facts in cohort]))
    pictures = set()
    for facts, file in zip(cohort, files, strict=True):
        text = text_of(file)
        assert facts.certificate_name in text
        with pikepdf.open(BytesIO(file)) as pdf:
            assert str(pdf.docinfo["/Title"]).endswith(facts.certificate_name)
            images = [
                o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Image"
            ]
            assert len(images) == 1
            pictures.add(bytes(images[0].read_bytes()))
            everything = b"".join(_plain(o) for o in pdf.objects)
        for other in cohort:
            if other is not facts:
                assert other.certificate_name not in text
                assert other.serial.encode() not in everything
                assert other.verify_url.encode() not in everything
    assert len(pictures) == len(cohort)


def _plain(item: pikepdf.Object) -> bytes:
    return bytes(item.unparse()) + (bytes(item.read_bytes()) if isinstance(item, pikepdf.Stream) else b"")


def test_the_known_bad_twin_one_file_of_all_pages_holds_every_name(maker: PdfMaker) -> None:
    """What the test above would catch: the batch saved as one file."""
    documents = [certificate_document(facts) for facts in cohort_of_facts(2)]
    maker._fetcher.own = {name: content for one in documents for name, content in one.assets.items()}
    together = maker._lay_out(documents).write_pdf(pdf_variant="pdf/ua-1")
    assert "Graduate Aa" in text_of(together)
    assert "Graduate Ba" in text_of(together)


def test_the_same_facts_give_the_same_bytes_alone_or_in_a_cohort(maker: PdfMaker) -> None:
    cohort = cohort_of_facts(5)
    together = list(maker.render_each([certificate_document(facts) for facts in cohort]))
    assert [certificate(facts) for facts in cohort] == together


def test_the_date_is_written_in_english_whatever_the_place() -> None:
    assert "1 December 2025" in certificate_document(certificate_facts(issued_on=date(2025, 12, 1))).body


@given(st.text())
def test_a_printable_name_is_one_line_without_controls(text: str) -> None:
    shown = printable(text)
    assert shown == printable(shown)
    assert all(unicodedata.category(c)[0] != "C" or c in "\u200c\u200d" for c in shown)
    assert shown == " ".join(shown.split())


def test_joiners_that_spell_a_name_stay_and_direction_overrides_go() -> None:
    assert printable("علی\u200cرضا") == "علی\u200cرضا"
    assert printable("Jo\u202eBell\x00\n Smith") == "JoBell Smith"


@settings(max_examples=25, deadline=None)
@given(
    st.text(
        st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZŵŷłśćżêâ'’- "),
        min_size=1,
        max_size=200,
    ),
    st.lists(st.text(st.sampled_from("abcdefgWM mnop,-"), min_size=1, max_size=120), max_size=20),
)
def test_whatever_the_words_one_page_is_enough(name: str, titles: list[str]) -> None:
    facts = certificate_facts(certificate_name=f"A{name}", units=tuple((title, 4, 3) for title in titles))
    assert len(pypdfium2.PdfDocument(certificate(facts))) == 1


@pytest.mark.trust
def test_memory_stays_flat_over_10_000_certificates() -> None:
    """Full ones, each with a name and a code of its own, in batches as they are issued."""
    facts, made = cohort_of_facts(10_000), 0

    def batch() -> None:
        nonlocal made
        some = [certificate_document(one) for one in facts[made % 10_000 :][:16]]
        made += 16
        assert all(file.startswith(b"%PDF") for file in pdf_maker().render_each(some))

    assert grown(batch, 625, warm_up=20) < 10
