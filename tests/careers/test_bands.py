"""Reading bands (V1): the texts seen in the field, what must never give a band, and ranges both ways."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recovery_college.careers.bands import MAX_TEXT, Band, BandSource, bands_in_words, in_order, read_bands

BANDS = list(Band)


def values(band_text: str | None, title: str | None = "") -> str:
    return ";".join(band.value for band in read_bands(band_text, title).bands)


@pytest.mark.parametrize(
    ("text", "bands"),
    [
        ("Band 3", "3"),
        ("NHS AfC: Band 3", "3"),
        ("AfC Band 4", "4"),
        ("Agenda for Change Band 2", "2"),
        ("Agenda for Change: 2", "2"),
        ("band 8a", "8a"),
        ("Band 8A", "8a"),
        ("BAND 9", "9"),
        ("Band: 3", "3"),
        ("Band (3)", "3"),
        ("Band3", "3"),
        ("Band 03", "3"),
        ("Band\u00a03", "3"),
        ("  Band   3  ", "3"),
        ("Band three", "3"),
        ("Band 2/3", "2;3"),
        ("2/3", "2;3"),
        ("Band 2 / Band 3", "2;3"),
        ("Band 2 & 3", "2;3"),
        ("Band 2 or 4", "2;4"),
        ("Bands 2, 3 and 4", "2;3;4"),
        ("Bands 3-4", "3;4"),
        ("Bands 3\u20135", "3;4;5"),
        ("Bands 3 \u2014 5", "3;4;5"),
        ("Bands 3 to 5", "3;4;5"),
        ("Band 3 to Band 4", "3;4"),
        ("Band 4 to 2", "2;3;4"),
        ("Band 4 (Annex 21)", "4"),
        ("Annex 21 Band 4", "4"),
        ("Band 4 - Annex 21 (75%)", "4"),
        ("3", "3"),
        ("3.0", "3"),
        ("8a-8c", "8a;8b;8c"),
        ("Band 8a/b", "8a;8b"),
        ("Band 8 - Range B", "8b"),
        ("Band 7 to 8a", "7;8a"),
        ("Band 8", "8a;8b;8c;8d"),
        ("8", "8a;8b;8c;8d"),
        ("Bands 7-8", "7;8a;8b;8c;8d"),
        ("Band 3 - £24,937.00 to £26,598.00", "3"),
        ("Band 3 - 37.5 hours a week", "3"),
        ("Band 3 - 2 days a week", "3"),
        ("Band 3 (4 posts)", "3"),
        ("Band 3 - 4,500 pounds golden hello", "3"),
        ("Band 5, progressing to Band 6", "5;6"),
        ("Band 2 progressing to Band 4", "2;3;4"),
        ("Band 2 up to 4", "2;3;4"),
        ("between bands 1 and 5", "1;2;3;4;5"),
        ("2;3", "2;3"),
        ("Band 5; Band 3", "3;5"),
        ("Band 5 + 3", "3;5"),
        ("Band 5; 37.5 hours", "5"),
        ("03", "3"),
        ("3.00", "3"),
        ("Band 8 A", "8a"),
        ("AFC03", "3"),
        ("AfC 3", "3"),
        ("AFC8A", "8a"),
        ("B3", "3"),
        ("b8a", "8a"),
        ("XN03", "3"),
        ("XR04", "4"),
        ("NHS|XR02|", "2"),
        ("NHS|XN03|Non Review Body Band 3", "3"),
        ("NHS|XR08|Review Body Band 8 - Range A", "8a"),
        ("Band IV", "4"),
        ("BAND III", "3"),
        ("AfC Band: II", "2"),
        ("Bands II-IV", "2;3;4"),
        ("Band III / Band IV", "3;4"),
        ("Band IX", "9"),
    ],
)
def test_band_field_texts_are_read(text: str, bands: str) -> None:
    reading = read_bands(text)
    assert (values(text), reading.known, reading.source) == (bands, True, BandSource.BAND_FIELD)
    assert reading.text == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "VSM",
        "Very Senior Manager",
        "Non AfC",
        "non-AfC",
        "Not Agenda for Change",
        "Consultant",
        "NHS Medical & Dental: Consultant",
        "Medical and Dental",
        "Specialty Doctor",
        "Speciality doctor",
        "Associate Specialist",
        "Salaried GP",
        "NHS M&D: Trust Grade Doctor",
    ],
)
def test_pay_outside_agenda_for_change_is_known_to_have_no_band(text: str) -> None:
    reading = read_bands(text, "Director of Nursing")
    assert (reading.bands, reading.known, reading.source) == ((), True, BandSource.NOT_AGENDA_FOR_CHANGE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "   ",
        "Band",
        "Band 0",
        "Band 12",
        "Band 33",
        "Band 10",
        "0",
        "10",
        "-3",
        "2.5",
        "Band 2.5",
        "Band 3b",
        "Band 8e",
        "Band 8a-8e",
        "Band 9a",
        "Band 2-12",
        "Band 3 to 12",
        "Band 3 and 12",
        "Band 3+",
        "Band 5 or above",
        "up to Band 6",
        "below Band 5",
        "Band 3-1234",
        "B3-1234",
        "B3/1234",
        "B33",
        "B3 7",
        "BB3",
        "N3",
        "AFC03-1234",
        "AFC033",
        "AFC2026",
        "XN08",
        "XN12",
        "XN3",
        "XN03-1234",
        "XN031",
        "AXN03",
        "NHS|XN03|Non Review Body Band 5",
        "XN03 XN04",
        "III",
        "Band X",
        "Band IIII",
        "Band IV-1234",
        "Grade III",
        "999-26-0001",
        "£24,937.00 to £26,598.00 a year per annum, pro rata",
        "24937",
        "3,937",
        "2026-04-03",
        "03/04/2026",
        "03/04",
        "3/4/26",
        "CB1 1AA",
        "B3 1AA",
        "Annex 21",
        "Depends on experience",
        "Grade 3",
        "Husband 3",
        "Broadband 4",
        "Band \u00bd",
        "Band 3\u00b2",
        "37.5",
        "VSM, was Band 4",
        "\x00",
    ],
)
def test_what_is_not_plainly_a_band_is_unreadable(text: str | None) -> None:
    reading = read_bands(text)
    assert (reading.bands, reading.known, reading.source) == ((), False, BandSource.UNREADABLE)


@pytest.mark.parametrize(
    ("title", "bands"),
    [
        ("Healthcare Assistant - Band 3", "3"),
        ("Band 2/3 Support Worker", "2;3"),
        ("Bands 2, 3 and 4 support workers", "2;3;4"),
        ("Nurse (Band 5 to 6)", "5;6"),
        ("Health Care Assistant Band 3 / 12 month fixed term", "3"),
        ("Support Worker, Band 3, 2 posts, Ward 4", "3"),
        ("Psychologist Band 8a/b", "8a;8b"),
    ],
)
def test_an_explicit_band_in_the_title_is_read_when_the_field_is_silent(title: str, bands: str) -> None:
    for field in ("", None, "see advert", "B3-1234"):
        reading = read_bands(field, title)
        assert (values(field, title), reading.source) == (bands, BandSource.TITLE)
        assert reading.text == title


def test_the_band_field_goes_before_the_title() -> None:
    assert values("Band 6", "Team leader, formerly Band 4") == "6"


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("VSM", "Band 3 Healthcare Assistant"),
        ("Consultant", "Band 3 Healthcare Assistant"),
        ("Band 12", "Band 6 nurse"),
        ("", "Band 5 - 2 Wards Team"),
        ("", "Band 3 and Band 12"),
    ],
)
def test_a_contradiction_is_asked_of_a_person(field: str, title: str) -> None:
    assert read_bands(field, title).source is BandSource.UNREADABLE


@given(
    st.sampled_from(BANDS), st.sampled_from(BANDS), st.sampled_from(["-", " - ", "–", " to ", " to Band "])
)
def test_a_range_holds_every_band_between_its_ends(low: Band, high: Band, joiner: str) -> None:
    expected = tuple(
        BANDS[min(BANDS.index(low), BANDS.index(high)) : max(BANDS.index(low), BANDS.index(high)) + 1]
    )
    for prefix in ("Bands ", "NHS AfC: Band ", "band "):
        assert read_bands(f"{prefix}{low}{joiner}{high}").bands == expected
    assert read_bands("", f"Worker (Bands {low}{joiner}{high})").bands == expected


@given(st.sets(st.sampled_from(BANDS), min_size=1))
def test_bands_in_words_read_back_as_the_same_bands(bands: set[Band]) -> None:
    words = bands_in_words(in_order(bands))
    assert read_bands(words).bands == in_order(bands)
    assert read_bands("", f"{words} support workers").bands == in_order(bands)
    assert bands_in_words(()) == ""


references = st.one_of(
    st.from_regex(r"[A-Z]{1,3}[0-9]{1,4}-[0-9]{2,5}(-[A-Z0-9]{1,4})?", fullmatch=True),
    st.from_regex(r"[0-9]{3}-[0-9]{2,7}(-[A-Z]{1,3})?", fullmatch=True),
    st.from_regex(r"C?[0-9]{4}-[0-9]{2}-[0-9]{4}", fullmatch=True),
    st.from_regex(r"(B|AFC|X[NR]0)[1-9][-/ ]?[0-9]{3,6}([A-Z]{1,3})?", fullmatch=True),
    st.from_regex(r"(B|AFC|XN)[1-9][-/_.][A-Z0-9]{2,6}", fullmatch=True),
)
postcodes = st.from_regex(r"[A-Z]{1,2}[1-9][0-9]? ?[1-9][A-Z]{2}", fullmatch=True)
salaries = st.one_of(
    st.integers(10_000, 150_000).map(lambda pounds: f"£{pounds:,}.00 to £{pounds + 2500:,}.00 a year"),
    st.integers(10_000, 150_000).map(str),
    st.integers(1_000, 9_999).map(lambda pounds: f"{pounds:,}"),
    st.decimals(8, 60, places=2).map(lambda hourly: f"£{hourly} an hour"),
)
dates = st.dates().map(lambda day: day.isoformat()) | st.dates().map(lambda day: f"{day:%d/%m/%Y}")


@given(st.one_of(references, postcodes, salaries, dates), st.sampled_from(["", "Nurse, ", "Ref "]))
def test_references_postcodes_salaries_and_dates_never_give_a_band(text: str, before: str) -> None:
    assert not read_bands(before + text).known
    assert not read_bands("", before + text).known
    assert values("Band 6", text) == "6"
    assert values("", f"{text} Band 6") == "6"


@given(st.text(max_size=60) | st.text(alphabet="bB3-1248a /.,£to", max_size=40))
def test_a_title_without_the_word_band_never_gives_one(title: str) -> None:
    assume("band" not in title.casefold())
    assert not read_bands("", title).known


@given(
    st.text(max_size=80) | st.text(alphabet="bandBANDS 0123456789abcd-/&to,.()", max_size=60),
    st.text(max_size=40),
)
def test_any_text_gets_an_answer_that_makes_sense(field: str, title: str) -> None:
    reading = read_bands(field, title)
    assert reading.bands == in_order(reading.bands)
    assert reading.known is (reading.source is not BandSource.UNREADABLE)
    if reading.source in (BandSource.BAND_FIELD, BandSource.TITLE):
        assert reading.bands
    else:
        assert not reading.bands


@pytest.mark.parametrize(
    "text", ["Band 3/" * 50_000, "1-" * 100_000, "band " * 100_000, "Bands 3, " * 60_000]
)
def test_very_long_text_is_answered_and_kept_short(text: str) -> None:
    reading = read_bands(text, text)
    assert len(reading.text) <= MAX_TEXT
