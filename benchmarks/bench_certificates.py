"""Bar 1: certificates by our maker against the way WeasyPrint's front page shows, same page, same fonts."""

import base64
import io
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date

import segno
import weasyprint

from benchmarks.harness import WALL, Comparison, count_at_most, interleaved, times_faster
from recovery_college.graduation.documents import CertificateFacts, certificate_document
from recovery_college.kernel.paths import static_folder, templates_folder
from recovery_college.kernel.pdf import BATCH, PdfDocument, PdfMaker, pdf_maker

_UNITS = (
    ("Understanding peer support and recovery", 4, 3),
    ("Using lived experience safely in practice", 4, 4),
    ("Communication and active listening", 4, 3),
    ("Boundaries, confidentiality and safeguarding", 4, 3),
    ("Personal recovery and wellbeing planning", 4, 4),
    ("Working in a multidisciplinary team", 4, 3),
)


def graduate(number: int) -> CertificateFacts:
    """Return the facts of one made-up graduate."""
    return CertificateFacts(
        certificate_name=f"Katarzyna Wiśniewska-{chr(65 + number % 26)}{number}",
        college_name="Fenside Recovery College",
        org_name="Fenside Mental Health NHS Foundation Trust",
        award_title="Peer Support Worker graduate",
        course_title="the Peer Support Worker course",
        accredited_line="The course is accredited at Level 4 through a DEMO awarding organisation.",
        units=_UNITS,
        graduated_on=date(2026, 3, 27),
        issued_on=date(2026, 4, 2),
        serial=f"RC-{number:06d}",
        verify_url=f"https://college.fenside.example/verify/{number:06d}-9XKD-4HTP-VB3C",
        signatories=(("Dr Amara Osei", "Head of the college"), ("Rhys Llywelyn", "Lead tutor")),
        site="Wisbech",
    )


@dataclass(frozen=True)
class Naive:
    """The plain way: everything in one HTML string, fonts by @font-face, the QR as a data: address."""

    css: str

    @classmethod
    def with_our_styles(cls) -> "Naive":
        """Return it with the product's own style sheets and fonts, read from files by WeasyPrint."""
        folder = templates_folder() / "documents"
        css = (folder / "fonts.css").read_text("utf-8") + (folder / "certificate.css").read_text("utf-8")
        return cls(css.replace("asset:fonts/", f"{(static_folder() / 'fonts').as_uri()}/"))

    def render(self, facts: CertificateFacts) -> bytes:
        """Return the PDF of the same certificate."""
        document = certificate_document(facts)
        (name,) = document.assets
        picture = io.BytesIO()
        segno.make_qr(facts.verify_url, error="m").save(picture, kind="png", scale=6, border=0)
        data = f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"
        body = document.body.replace(f"asset:{name}", data)
        html = (
            f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{document.title}</title>'
            f"<style>{self.css}</style></head><body><article>{body}</article></body></html>"
        )
        file: bytes = weasyprint.HTML(string=html).write_pdf(pdf_variant="pdf/ua-1")
        return file


def _documents(size: int) -> list[PdfDocument]:
    return [certificate_document(graduate(number)) for number in range(size)]


def _render_batches(count: int) -> int:
    """Render so many batches, in whatever process this is; return the bytes made."""
    return sum(len(file) for _ in range(count) for file in pdf_maker().render_each(_documents(BATCH)))


def _workers_row(batches: int = 4) -> Comparison:
    """Measure one worker process against two for the same batches: the best of nine on the wall."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as one, ProcessPoolExecutor(2, context) as two:

        def by_one() -> None:
            list(one.map(_render_batches, [1] * batches))

        def by_two() -> None:
            list(two.map(_render_batches, [1] * batches))

        alone, together = interleaved([by_one, by_two], rounds=9, clock=WALL, warm_up=2, of=min)
    files = batches * BATCH
    return times_faster(
        1,
        "certificates-two-workers",
        "certificates by 2 workers",
        ours=together / files,
        other=alone / files,
        at_least=1.7,
        each="by one, each",
    )


def rows() -> list[Comparison]:
    """Measure bar 1 and return its lines."""
    maker, naive = PdfMaker(), Naive.with_our_styles()

    def naively() -> None:
        naive.render(graduate(1))

    def one_by_one() -> None:
        maker.render(certificate_document(graduate(1)))

    def a_batch() -> None:
        list(maker.render_each(_documents(BATCH)))

    naive_one, ours_one, ours_batch = interleaved([naively, one_by_one, a_batch], rounds=15, warm_up=2)
    each = "a certificate"
    return [
        times_faster(
            1,
            "certificate-single",
            "a tagged certificate against naive",
            ours=ours_one,
            other=naive_one,
            at_least=1.8,
            each=each,
        ),
        times_faster(
            1,
            "certificate-batch",
            f"{BATCH} laid out together, saved one by one",
            ours=ours_batch / BATCH,
            other=naive_one,
            at_least=1.9,
            each=each,
        ),
        _workers_row(),
        count_at_most(
            2,
            "certificate-bytes",
            "a certificate's file, unsigned",
            count=len(maker.render(certificate_document(graduate(1)))) / 1000,
            at_most=25,
            unit="kB",
        ),
    ]
