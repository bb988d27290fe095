"""NHS Jobs XML (V6): the sample, its variants, and files that are broken or hostile."""

import io
import re
import tracemalloc
from dataclasses import replace
from datetime import date
from itertools import repeat
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recovery_college.careers.feed_rules import read_band
from recovery_college.careers.nhs_jobs import FeedError, FeedLimits, NhsJobsFeed, iter_nhs_jobs, read_nhs_jobs
from recovery_college.careers.nhs_jobs_row import (
    FeedProblem,
    NhsJobsVacancy,
    is_https_address,
    read_contract,
    read_feed_date,
)
from recovery_college.careers.rules import ContractKind
from recovery_college.careers.vacancy_row import feed_texts
from recovery_college.kernel.html_text import text_of_html

SAMPLE = Path(__file__).parents[1] / "data" / "nhs_jobs_sample.xml"


def vacancy(**texts: str) -> str:
    values = {"id": "X1", "reference": "R1", "title": "Support Worker", **texts}
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in values.items() if text != "-")
    return f"<vacancyDetails>{inner}</vacancyDetails>"


def feed(*parts: str, root: str = "nhsJobs") -> bytes:
    lines = ("<?xml version='1.0' encoding='UTF-8'?>", f"<{root}>", *parts, f"</{root}>")
    return "\n".join(lines).encode()


def only(found: NhsJobsFeed) -> NhsJobsVacancy:
    assert found.problems == ()
    assert len(found.rows) == 1
    return found.rows[0]


class Endless(io.RawIOBase):
    """A file made as it is read, so that only the reader's memory is measured."""

    def __init__(self, start: bytes, middle: bytes, times: int, end: bytes) -> None:
        self.pieces = iter((start, *repeat(middle, times), end))

    def read(self, size: int = -1) -> bytes:
        return next(self.pieces, b"")


def test_the_sample_is_read_whole() -> None:
    with SAMPLE.open("rb") as file:
        found = read_nhs_jobs(file)
    assert (found.problems, found.total_results, found.total_pages) == ((), 2, 1)
    assistant, administrator = found.rows
    assert assistant == NhsJobsVacancy(
        source_id="X9999-26-0001",
        reference="999-26-0001",
        title="Healthcare Assistant - Band 3",
        description="Example text only.",
        employer="Example NHS Foundation Trust",
        contract_text="Permanent",
        contract=ContractKind.PERMANENT,
        salary="£24,937.00 to £26,598.00 a year per annum, pro rata",
        closes_on=date(2026, 12, 4),
        posted_on=date(2026, 11, 20),
        url="https://www.jobs.nhs.uk/candidate/jobadvert/X9999-26-0001",
        locations=("Cambridge, CB1 1AA",),
        line=6,
    )
    assert administrator.contract is ContractKind.FIXED_TERM
    assert administrator.locations == ("Peterborough, PE1 1AA",)
    assert (administrator.closes_on, administrator.posted_on) == (date(2026, 12, 11), date(2026, 11, 21))


def test_the_other_root_namespaces_encodings_and_empty_results_are_read() -> None:
    assert only(read_nhs_jobs(feed(vacancy(), root="nhsSearch"))).source_id == "X1"
    spaced = feed(vacancy()).replace(b"<nhsJobs>", b"<nhsJobs xmlns='urn:x'>")
    assert only(read_nhs_jobs(spaced)).source_id == "X1"
    text = feed(vacancy(title="Gweithiwr Ślusarz ŵ")).decode()
    assert only(read_nhs_jobs(b"\xef\xbb\xbf" + text.encode())).title == "Gweithiwr Ślusarz ŵ"
    assert (
        only(read_nhs_jobs(text.replace("UTF-8", "UTF-16").encode("utf-16"))).title == "Gweithiwr Ślusarz ŵ"
    )
    latin = feed(vacancy(salary="£1")).decode().replace("UTF-8", "windows-1252").encode("cp1252")
    assert only(read_nhs_jobs(latin)).salary == "£1"
    empty = read_nhs_jobs(feed("<totalResults>0</totalResults><totalPages>0</totalPages>"))
    assert (empty.rows, empty.problems, empty.total_results, empty.total_pages) == ((), (), 0, 0)
    assert read_nhs_jobs(feed("<totalResults>many</totalResults>")).total_results is None


def test_missing_parts_that_are_not_needed_stay_empty() -> None:
    row = only(read_nhs_jobs(feed(vacancy(reference="-"))))
    assert (row.reference, row.employer, row.contract, row.contract_text) == ("X1", "", None, "")
    assert (row.closes_on, row.posted_on, row.url, row.locations) == (None, None, None, ())


def test_text_is_kept_as_text_and_nested_or_unknown_elements_do_no_harm() -> None:
    part = (
        "<vacancyDetails><id>X1</id><title>Support\n <b>Worker</b> &amp; <![CDATA[<script>]]></title>"
        "<other><deep>x</deep></other><locations>Ely<location>March</location><location>March</location>"
        "<locations>Wisbech</locations></locations></vacancyDetails>"
    )
    row = only(read_nhs_jobs(feed(part)))
    assert row.title == "Support Worker & <script>"
    assert row.locations == ("March", "Wisbech")
    assert only(read_nhs_jobs(feed(vacancy(locations="Ely, CB7")))).locations == ("Ely, CB7",)


@pytest.mark.parametrize(
    ("part", "element", "reason"),
    [
        (vacancy(id="-"), "id", "The vacancy has no id."),
        (vacancy(id="  "), "id", "The vacancy has no id."),
        (vacancy(title="-"), "title", "The vacancy has no title."),
        (vacancy(title="x" * 301), "title", "The text is longer than 300 characters."),
        (
            "<vacancyDetails><id>X1</id><id>X2</id><title>T</title></vacancyDetails>",
            "id",
            "The vacancy holds this element twice with different content.",
        ),
    ],
)
def test_a_faulty_vacancy_is_refused_with_its_line_and_the_rest_is_read(
    part: str, element: str, reason: str
) -> None:
    found = read_nhs_jobs(feed(vacancy(id="G1"), part, vacancy(id="G2")))
    assert [row.source_id for row in found.rows] == ["G1", "G2"]
    (problem,) = found.problems
    assert (problem.line, problem.element, problem.refused) == (4, element, True)
    assert problem.reason.startswith(reason)


@pytest.mark.parametrize(
    "address", ["http://a.example/", "javascript:alert(1)", "//a.example", "https://a b.example"]
)
def test_an_unsafe_address_is_dropped_with_a_remark_but_the_vacancy_stays(address: str) -> None:
    found = read_nhs_jobs(feed(vacancy(url=address)))
    assert found.rows[0].url is None
    (problem,) = found.problems
    assert (problem.element, problem.value, problem.refused) == ("url", address, False)


def test_the_same_id_twice_is_one_row_or_a_refusal() -> None:
    same = read_nhs_jobs(feed(vacancy(), vacancy()))
    assert (len(same.rows), same.problems) == (1, ())
    other = read_nhs_jobs(feed(vacancy(), vacancy(title="Another")))
    assert [row.title for row in other.rows] == ["Support Worker"]
    reason = "The same id stands on line 3 with different content."
    assert other.problems == (FeedProblem(4, "id", "X1", reason),)


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE nhsJobs [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><nhsJobs><totalPages>&c;</totalPages></nhsJobs>'
)
OUTSIDE = b'<!DOCTYPE nhsJobs SYSTEM "file:///etc/passwd"><nhsJobs/>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "This is a web page"),
        (b"\n <HTML><br></HTML>", "This is a web page"),
        (b"<!-- moved --><html><body/></html>", "This is a web page"),
        (b"reference,title\nR1,Nurse\n", "not an XML file"),
        (b"\x00\x01\x02\xff" * 100, "not an XML file"),
        (b"PK\x03\x04rest", "spreadsheet or a zip file"),
        (b"\x1f\x8b\x08\x00", "not an XML file"),
        (b"   \n ", "not an XML file"),
        (b"<?xml version='1.0'?>", "cut off at line 1"),
        (b"<rss><channel/></rss>", 'starts with "rss"'),
        (b"<vacancyDetails/>", 'starts with "vacancyDetails"'),
        (BOMB, "its own document type or entities"),
        (OUTSIDE, "its own document type or entities"),
        (b"<nhsJobs><title>&nbsp;</title></nhsJobs>", "an entity that XML does not know at line 1"),
        (b"<nhsJobs>\n<a></b></nhsJobs>", "not well-formed XML at line 2"),
        (b"<nhsJobs/>\n<nhsJobs/>", "not well-formed XML at line 2"),
        (b"<nhsJobs>\xff</nhsJobs>", "not well-formed XML at line 1"),
        (b"<?xml version='1.0' encoding='klingon'?><nhsJobs/>", "character encoding that cannot be read"),
        (b"<?xml version='1.0' encoding='utf-7'?><nhsJobs/>", "character encoding that cannot be read"),
        (b"<?xml version='1.0' encoding='hex'?><nhsJobs/>", "character encoding that cannot be read"),
        (b"<nhsJobs>" + b"<a>" * 100_000, "nests elements too deeply at line 1"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, message: str) -> None:
    with pytest.raises(FeedError, match=message) as error:
        read_nhs_jobs(content)
    assert str(error.value).endswith(".")


def test_a_file_cut_anywhere_gives_no_rows() -> None:
    whole = SAMPLE.read_bytes().rstrip()
    for end in range(1, len(whole), 7):
        with pytest.raises(FeedError):
            read_nhs_jobs(whole[:end])


def test_rows_taken_as_they_come_would_be_kept_of_a_file_that_is_cut() -> None:
    """The known-bad twin: an importer that does not wait for the end of the file."""
    taken: list[NhsJobsVacancy | FeedProblem] = []
    with pytest.raises(FeedError, match="cut off"):
        taken.extend(iter_nhs_jobs(SAMPLE.read_bytes().rstrip()[:-20]))
    assert len(taken) == 1


@given(st.binary(max_size=200), st.integers(0, 1900))
def test_damaged_files_are_read_or_refused_and_never_crash(noise: bytes, at: int) -> None:
    whole = SAMPLE.read_bytes()
    try:
        found = read_nhs_jobs(whole[:at] + noise + whole[at:])
    except FeedError:
        return
    assert len(found.rows) + len({problem.line for problem in found.problems if problem.refused}) <= 3


def test_a_million_elements_and_other_floods_are_refused() -> None:
    with pytest.raises(FeedError, match="more than 400,000 elements"):
        read_nhs_jobs(b"<nhsJobs>" + b"<a/>" * 1_000_000 + b"</nhsJobs>")
    with pytest.raises(FeedError, match="more than 400,000 elements"):
        read_nhs_jobs(b"<nhsJobs><vacancyDetails>" + b"<a/>" * 1_000_000 + b"</vacancyDetails></nhsJobs>")
    with pytest.raises(FeedError, match="more than 20,000 vacancies"):
        read_nhs_jobs(b"<nhsJobs>" + b"<vacancyDetails/>" * 20_001 + b"</nhsJobs>")
    with pytest.raises(FeedError, match="larger than 20 MB"):
        read_nhs_jobs(Endless(b"<nhsJobs>", b" " * 65_536, 400, b"</nhsJobs>"))
    with pytest.raises(FeedError, match="larger than 1 MB"):
        read_nhs_jobs(b"<nhsJobs a='" + b"x" * 2_000_000 + b"'/>", FeedLimits(most_bytes=1_048_576))


def test_a_flood_of_elements_is_given_up_early_and_costs_no_memory() -> None:
    """Bounded by what is read, not by a clock: after the limit nothing more is taken from the file."""
    file = Endless(b"<nhsJobs>", b"<a/>" * 1_000, 100, b"</nhsJobs>")
    tracemalloc.start()
    with pytest.raises(FeedError, match="more than 40,000 elements"):
        read_nhs_jobs(file, FeedLimits(most_elements=40_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert len(list(file.pieces)) >= 58  # of 102: what was not needed was not read


def test_memory_stays_flat_however_long_the_file() -> None:
    part = b"".join(vacancy(id=f"X{number}", description="x" * 900).encode() for number in range(50))
    roomy = FeedLimits(most_bytes=10**9, most_elements=10**9, most_vacancies=10**9)
    peaks = []
    for times in (10, 100):
        tracemalloc.start()
        count = sum(1 for _ in iter_nhs_jobs(Endless(b"<nhsJobs>", part, times, b"</nhsJobs>"), roomy))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert count == 50 * times
    assert peaks[1] < peaks[0] * 1.2 + 50_000
    assert peaks[1] < 2_000_000


def test_too_many_locations_are_named_and_the_vacancy_stays() -> None:
    places = "".join(f"<location>Place {number}</location>" for number in range(5))
    part = vacancy().replace("</vacancyDetails>", f"<locations>{places}</locations></vacancyDetails>")
    found = read_nhs_jobs(feed(part), FeedLimits(most_locations=4))
    assert found.rows[0].locations == ("Place 0", "Place 1", "Place 2", "Place 3")
    assert [(problem.value, problem.refused) for problem in found.problems] == [("Place 4", False)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", None),
        ("2026-12-04", date(2026, 12, 4)),
        ("2026-12-04T00:00:00", date(2026, 12, 4)),
        ("2026-07-25T10:00:00Z", date(2026, 7, 25)),
        ("2026-07-25T22:59:59Z", date(2026, 7, 25)),
        ("2026-07-25T23:00:00Z", date(2026, 7, 26)),  # British Summer Time: already the next day
        ("2026-12-25T23:30:00Z", date(2026, 12, 25)),
        ("2026-03-28T23:59:59Z", date(2026, 3, 28)),  # the night the clocks go forward
        ("2026-10-24T23:30:00Z", date(2026, 10, 25)),  # the night they go back
        ("2026-07-25T23:30:00.5+01:00", date(2026, 7, 25)),
        ("2028-02-29", date(2028, 2, 29)),
        ("2026-12-04T00:00:00.0000000", date(2026, 12, 4)),
        ("2026-12-04 23:59", date(2026, 12, 4)),
        ("04/12/2026 23:59:00", date(2026, 12, 4)),
        ("4 December 2026", date(2026, 12, 4)),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_dates_are_read_as_days_in_england(text: str, day: date | None) -> None:
    assert read_feed_date(text) == day


@pytest.mark.parametrize(
    "text",
    ["31/02/2026", "2026-02-30", "20261204", "2026-W49-5", "12/31/2026", "soon",
     "2026-12-04T25:00:00", "2027-02-29", "9999-12-31T23:59:59Z", "２０２６-12-04"],
)  # fmt: skip
def test_other_dates_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="The date is not a day like 2026-12-04"):
        read_feed_date(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Permanent", "permanent"),
        ("Fixed-Term", "fixed-term"),
        ("Fixed term contract", "fixed-term"),
        ("BANK", "bank"),
        ("Apprenticeship", "apprenticeship"),
        ("Locum", None),
        ("", None),
    ],
)
def test_contracts_are_read(text: str, kind: str | None) -> None:
    assert read_contract(text) == kind


def test_addresses_that_may_be_linked() -> None:
    assert is_https_address("https://www.jobs.nhs.uk/candidate/jobadvert/X1?a=b#c")
    for unsafe in (
        "https://",
        "https://u:p@a.example",
        "https://a.example:99999/",
        "HTTPS//a",
        "https://a\n.example",
    ):
        assert not is_https_address(unsafe)


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20), max_size=5)
)
def test_any_titles_come_back_as_they_went_in(titles: list[str]) -> None:
    parts = [vacancy(id=f"X{number}", title=f"T {title}") for number, title in enumerate(titles)]
    rows = read_nhs_jobs(feed(*parts)).rows
    assert [row.title for row in rows] == [" ".join(f"T {title}".split()) for title in titles]
    assert all(row.same_content(replace(row, line=99)) for row in rows)


@pytest.mark.parametrize(("element", "column"), [("closeDate", "closes_on"), ("postDate", "posted_on")])
def test_a_date_that_cannot_be_read_never_loses_the_vacancy(element: str, column: str) -> None:
    found = read_nhs_jobs(feed(vacancy(id="G1", **{element: "31/02/2026"})))
    (row,) = found.rows
    assert getattr(row, column) is None
    (problem,) = found.problems
    assert (problem.element, problem.value, problem.refused) == (element, "31/02/2026", False)
    assert problem.reason.endswith("The vacancy is read without it.")
    # Of what cannot be read it says nothing, so a date known from before is kept; one that is not there is "none".
    assert column not in feed_texts(row)
    assert feed_texts(read_nhs_jobs(feed(vacancy(id="G1", **{element: "-"}))).rows[0])[column] == ""


def test_a_page_in_the_code_of_windows_that_says_utf8_is_read() -> None:
    said = '<?xml version="1.0" encoding="UTF-8"?><nhsJobs><totalPages>1</totalPages><totalResults>1</totalResults>'
    page = (
        said + "<vacancyDetails><id>X1</id><title>Carer’s “friend” – café</title></vacancyDetails></nhsJobs>"
    )
    got = read_band("3", lambda number: page.encode("cp1252"))
    assert [row.title for row in got.rows] == ["Carer’s “friend” – café"]
    assert got.is_whole
    broken = page.encode("cp1252").replace(b"caf", b"\x81\x8d")  # no letters in any of the two
    with pytest.raises(FeedError, match="or save the file as UTF-8"):
        read_nhs_jobs(broken)
    assert "character code" in read_band("3", lambda number: broken).why_not_whole


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<p>One</p><p>Two &amp; three</p>", "One\n\nTwo & three"),
        (
            "Do:<ul><li>Listen</li><li><p>Walk <b>along</b></p></li></ul>Apply",
            "Do:\n\n• Listen\n• Walk along\n\nApply",
        ),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;", "One\n\nTwo"),
        ("A&nbsp;day &pound;5", "A day £5"),
        ("<strong>First</strong> line\nSecond line", "First line\nSecond line"),
        ("<p>Hello</p><script>alert(1)</script><style>p{}</style><p onclick=x>You</p>", "Hello\n\nYou"),
        ("Under 5 < 6 and R&D, B&B", "Under 5 < 6 and R&D, B&B"),
        ("Plain\n\ntext stays", "Plain\n\ntext stays"),
        ("", ""),
    ],
)
def test_a_description_in_html_is_plain_text_with_its_paragraphs_and_lists(text: str, plain: str) -> None:
    assert text_of_html(text) == plain
    assert text_of_html(plain) == plain
    row = only(read_nhs_jobs(feed(vacancy(description=text)))) if text else None
    assert row is None or row.description == plain


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("<p>One</p><p>Two <b>bold</b> &amp; three</p>", "One\n\nTwo bold & three"),
        ("Do:<ul><li>Listen</li><li>Walk</li></ul>Apply", "Do:\n\n• Listen\n• Walk\n\nApply"),
        ("<DIV>One<br/>Two</DIV><x:quote xmlns:x='urn:x'>as it is</x:quote>", "One\nTwo\n\nas it is"),
        ("<blockquote>One</blockquote><script>two()</script><dl><dt>Pay</dt><dd>Band 3</dd></dl>",
         "One\n\nPay\n\nBand 3"),
    ],
)  # fmt: skip
def test_a_description_of_elements_keeps_its_paragraphs_and_lists(markup: str, plain: str) -> None:
    whole = vacancy(description="@").replace("@", markup)
    assert only(read_nhs_jobs(feed(whole))).description == plain


def test_a_vacancy_with_an_endless_advert_is_read_with_its_beginning_and_a_remark() -> None:
    found = read_nhs_jobs(feed(vacancy(description="x" * 200_000)))
    assert len(found.rows[0].description) == 50_000
    assert [(one.element, one.refused) for one in found.problems] == [("description", False)]
    assert "read with its beginning" in found.problems[0].sentence


def test_tags_are_no_part_of_the_length_of_a_description() -> None:
    whole = vacancy(description="@").replace("@", "<p>x</p>" * 20_000)
    row = only(read_nhs_jobs(feed(whole)))
    assert row.description.count("x") == 20_000
    assert len(feed_texts(row)["description"]) == 50_000


@given(st.text(max_size=40) | st.text(alphabet="<>/pbliu &;ampg!- x\n", max_size=60))
def test_no_tag_is_left_of_any_description(text: str) -> None:
    left = text_of_html(text_of_html(text))
    assert not re.search(r"</?(?:p|li|ul|b)>", left) or "&" in text
