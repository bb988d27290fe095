"""The certificate of graduation as a page to print, frame and check (domain G2).

It is the college's own paper. It never looks or reads like the awarding organisation's certificate.
"""

import functools
import io
import math
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import jinja2
import segno

from recovery_college.graduation.rules import MONTHS
from recovery_college.kernel.paths import templates_folder
from recovery_college.kernel.pdf import PdfDocument

LANGUAGE = "en-GB"

_LINE_WIDTH = 660.0
"""Points a line of the main text has."""
_NAME_SIZES = (46, 40, 34, 29, 25, 21, 18, 15)
_NAME_HEIGHT = 62.0
"""Points the name may take in height: one line at the largest size, four at the smallest."""
_UNIT_LAYOUTS = ((1, 9.0), (2, 8.5), (2, 7.5), (2, 6.5), (2, 5.5), (2, 4.5), (2, 4.0))
"""Columns and size in points, from the most legible to the densest."""
_UNIT_WIDTHS = {1: 300.0, 2: 250.0}
"""Points a unit's title has in one and in two columns."""
_UNIT_HEIGHTS = 128.0
"""Points all units have in height."""
_QR_SCALE = 6
"""Pixels a module: enough for viewers that smooth pictures."""
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class CertificateFacts:
    """Everything printed on a certificate, frozen at issue.

    `units` are (title, level, credit); `signatories` are (name, role). `accredited_line` is the college's
    sentence on its awarding organisation, from the settings, or None. `verify_url` is absolute.
    """

    certificate_name: str
    college_name: str
    org_name: str
    award_title: str
    course_title: str
    accredited_line: str | None
    units: tuple[tuple[str, int, int], ...]
    graduated_on: date
    issued_on: date
    serial: str
    verify_url: str
    signatories: tuple[tuple[str, str], tuple[str, str]]
    site: str


def certificate_document(facts: CertificateFacts) -> PdfDocument:
    """Return the one-page document of a graduate's certificate. The same facts give the same document."""
    name = printable(facts.certificate_name)
    columns, unit_size = _unit_layout(facts.units, _UNIT_HEIGHTS - _extra_height(facts))
    qr = f"qr-{facts.serial}.png"
    body = _template("certificate.html").render(
        facts=facts,
        name=name,
        name_size=_name_size(name),
        direction=_direction(name),
        graduated_on=_long_date(facts.graduated_on),
        issued_on=_long_date(facts.issued_on),
        unit_columns=columns,
        unit_rows=[facts.units[n : n + columns] for n in range(0, len(facts.units), columns)],
        unit_size=unit_size,
        verify_address=facts.verify_url.partition("://")[2] or facts.verify_url,
        qr=qr,
    )
    return PdfDocument(
        title=f"Certificate of graduation: {name}",
        lang=LANGUAGE,
        body=body,
        stylesheet="certificate.css",
        created_at=datetime.combine(facts.issued_on, time(), UTC),
        author=printable(facts.college_name),
        subject=f"Certificate {facts.serial}",
        pages=1,
        assets={qr: qr_picture(facts.verify_url)},
    )


def printable(text: str) -> str:
    """Return the text on one line, composed (NFC), without control and direction-override characters.

    Joiners stay: Persian and Indic names are spelt with them.
    """
    kept = (
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or character in _JOINERS or unicodedata.category(character)[0] != "C"
    )
    return " ".join("".join(kept).split())


def qr_picture(address: str) -> bytes:
    """Return a QR code of the address as a PNG without its quiet zone, which the white page gives.

    The mask is fixed: trying all eight costs five times as much and any of them reads. A picture, not a
    drawing: two hundred vector squares cost WeasyPrint seven milliseconds, and printers nothing less.
    """
    picture = io.BytesIO()
    segno.make_qr(address, error="m", mask=3).save(picture, kind="png", scale=_QR_SCALE, border=0)
    return picture.getvalue()


@functools.cache
def _template(name: str) -> jinja2.Template:
    """Return a document's template, from an environment of its own: no globals of the web pages reach it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_folder() / "documents"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _long_date(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _direction(text: str) -> str:
    """Return the direction of the first letter that has one."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def _ems(text: str) -> float:
    """Return about how wide a text is, in ems, erring to the wide side."""
    return sum(1.0 if c in "WMmw@%—" else 0.74 if c.isupper() or not c.isascii() else 0.52 for c in text)


def _lines(text: str, size: float, width: float) -> int:
    return max(1, math.ceil(_ems(text) * size / width))


def _name_size(name: str) -> int:
    """Return the largest size, in points, at which the name keeps to its place."""
    for size in _NAME_SIZES:
        if _lines(name, size, _LINE_WIDTH) * size * 1.2 <= _NAME_HEIGHT:
            return size
    return 13


def _extra_height(facts: CertificateFacts) -> float:
    """Return the points that long titles take beyond the one line each that the design gives them.

    The serif is about a seventh narrower than `_ems` reckons.
    """
    sentence = f"graduated on 30 September 2026, having completed {facts.course_title}."
    texts = [(facts.college_name, 21.0), (f"{facts.org_name} · {facts.site}", 9.0)]
    texts += [(facts.award_title, 17.0), (sentence, 14.0)]
    return sum((_lines(text, size * 0.85, _LINE_WIDTH) - 1) * size * 1.3 for text, size in texts)


def _unit_layout(units: tuple[tuple[str, int, int], ...], height: float) -> tuple[int, float]:
    """Return columns and size, in points, at which all units keep to their place of that height."""
    for columns, size in _UNIT_LAYOUTS:
        lines = [_lines(title, size, _UNIT_WIDTHS[columns]) for title, *_ in units]
        rows = [max(lines[n : n + columns]) for n in range(0, len(lines), columns)]
        if sum(rows) * size * 1.3 + (len(rows) + 4) * size * 0.45 <= height:
            return columns, size
    return _UNIT_LAYOUTS[-1]
