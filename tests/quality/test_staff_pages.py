"""The pages of staff records, conflicts of interest and countersignatures."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from recovery_college.access.rules import Role
from recovery_college.assessment.models import Decision
from recovery_college.assessment.staff_models import StaffRecord
from recovery_college.audit.models import AuditEvent
from recovery_college.kernel import clock
from recovery_college.kernel.db import db, session
from recovery_college.people.signin import SignedIn
from tests.factories.marking import MarkedCohort, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import assess, give_verdict
from tests.factories.staff import a_qualification, in_training
from tests.page_client import PageClient
from tests.statements import statements


@pytest.fixture
def made(app: object) -> MarkedCohort:
    cohort = a_marked_cohort()
    in_training(cohort.tutor.person_id)
    assess(cohort)
    return cohort


@pytest.fixture
def iqa(app: object) -> SignedIn:
    who = signed_in(Role.IQA, name="Ira")
    a_qualification(who.person_id)
    return who


def record_of(who: SignedIn) -> str:
    return f"/quality/staff/{who.person_id}"


def test_a_tutor_sees_and_adds_to_their_own_record_alone(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    client.wear(made.tutor)
    assert "Working towards it" in client.get("/quality/staff").words
    assert "Ira Example" not in client.get("/quality/staff").words
    assert client.get(record_of(iqa)).status == 404
    own = record_of(made.tutor)
    refused = client.send(f"{own}/development", {"hours": "lots", "what": ""})
    assert refused.status == 422
    assert "Hours must be a number" in refused.words
    assert "lots" in refused.text
    day = clock.today() - timedelta(days=1)
    sent = {
        "done_on-day": str(day.day), "done_on-month": str(day.month), "done_on-year": str(day.year),
        "hours": "2.5", "what": "A day about feedback",
    }  # fmt: skip
    for _ in range(2):  # sent twice is once
        assert client.send(f"{own}/development", sent).status == 303
    page = client.get(own)
    assert page.words.count("A day about feedback") == 1
    assert "2.5 hours in the last 12 months" in page.words
    assert client.send(f"{own}/development", {**sent, "hours": "17.5"}).status == 303
    assert "20 hours in the last 12 months" in client.get(own).words
    assert "2E" not in client.get("/quality/staff").words  # not in the text: a token may hold it
    assert client.get(f"{own}/qualification").status == 403


def test_a_quality_assurer_keeps_others_records_and_a_look_is_recorded(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    client.wear(iqa)
    path = record_of(made.tutor)
    assert client.send(f"{path}/qualification", {"title": "", "kind": ""}).status == 422
    assert client.send(f"{path}/qualification", {"title": "Diploma", "kind": "teaching"}).status == 303
    looks = select(func.count()).where(
        AuditEvent.action == "viewed", AuditEvent.subject_kind == "staff record"
    )
    before = session().scalar(looks) or 0
    assert "Diploma" in client.get(path).words
    assert session().scalar(looks) == before + 1
    own = client.send(f"{record_of(iqa)}/qualification", {"title": "Mine", "kind": "teaching"})
    assert own.status == 422
    assert "Nobody records their own" in own.words


def test_a_record_saved_meanwhile_is_not_overwritten(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    client.wear(iqa)
    path = f"{record_of(made.tutor)}/competence"
    form = {"competence": "Ten years", "may_verify": "yes", "version": "0"}
    assert client.send(path, form).status == 303
    stale = client.send(path, {**form, "competence": "Twelve years"})
    assert stale.status == 409
    assert "Ten years" in stale.words
    assert "Twelve years" in stale.words
    assert session().scalar(select(StaffRecord.competence)) == "Ten years"


def test_countersigning_by_page(client: PageClient, made: MarkedCohort, iqa: SignedIn) -> None:
    path = f"/cohorts/{made.cohort_id}/quality/countersign"
    client.wear(iqa)
    assert "3 decisions to countersign" in client.get("/").words
    nothing = client.send(path, {})
    assert nothing.status == 422
    assert "Tick at least one decision" in nothing.words
    ids = [one.get("value") for one in client.get(path).tree.iter("input") if one.get("name") == "decision"]
    typed = client.send(path, {"decision": ids, "note": "x" * 2001})
    assert typed.status == 422
    assert "x" * 2001 in typed.text
    assert client.send(path, {"decision": ids, "note": "Say which session it was."}).status == 303
    assert "No decision waits" in client.get(path).words
    unit = f"/cohorts/{made.cohort_id}/quality/{made.enrolments[0]}/{made.units[0]}"
    page = client.get(unit)
    assert "Countersigned by Ira Example: Say which session it was." in page.words
    assert "Evidence confirmed as valid" not in page.words  # imported rows confirm nothing
    with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
        connection.execute(text("UPDATE countersignature SET note = 'Another word'"))
    own = client.wear(made.tutor).get(
        f"/cohorts/{made.cohort_id}/quality/{made.enrolments[0]}/{made.units[0]}"
    )
    assert "Countersigned by Ira Example" in own.words


def test_the_grid_marks_what_waits_for_a_countersignature(client: PageClient, made: MarkedCohort) -> None:
    """In the grid, in the sheet, and in the answer to a save; a draft that was taken back is told as such."""
    client.wear(made.tutor)
    page = client.get(made.path)
    assert page.text.count(", met, waits for countersignature") == 3
    assert '<use href="#rc-unsigned"/>' in page.text
    token = client.get(made.cell(0, 3)).hidden("csrf_token")
    answer = client.post(
        made.cell(0, 3),
        data={"csrf_token": token, "outcome": "met", "seen": "0"},
        headers={"Accept": "application/json"},
    )
    assert "draft, waits for countersignature" in str(answer.response.json)
    undone = {"deed": "undo", "seen": str(session().scalars(select(func.max(Decision.id))).one())}
    assert client.send(made.cell(0, 3), undone).status == 303
    path = f"/cohorts/{made.cohort_id}/quality/{made.enrolments[0]}/{made.units[1]}"
    words = client.wear(signed_in(Role.IQA, name="Ida")).get(path).words
    assert "(draft, taken back: it counts for nothing)" in words
    assert "Evidence confirmed as valid, authentic, current, sufficient and reliable." in words


def test_a_conflict_is_declared_by_page_and_seen_by_nobody_else(
    client: PageClient, made: MarkedCohort, iqa: SignedIn
) -> None:
    path = f"/cohorts/{made.cohort_id}/quality/conflicts"
    client.wear(made.tutor)
    assert "You have declared none" in client.get(path).words
    assert client.send(path, {"person": "", "other": "", "reason": ""}).status == 422
    sent = {"person": str(made.tutor.person_id), "other": str(made.people[0].id), "reason": "Cousins"}
    assert client.send(path, sent).status == 303
    assert "Cousins" in client.get(path).words
    other = signed_in(Role.TUTOR, name="Kit")
    assert client.wear(other).get(path).status == 404
    assert "Cousins" in client.wear(iqa).get(path).words


@pytest.mark.parametrize("path", ["/quality/staff", "/quality", "/quality/actions"])
def test_more_rows_need_no_more_queries(
    client: PageClient, made: MarkedCohort, iqa: SignedIn, path: str
) -> None:
    def queries() -> int:
        with statements() as asked:
            client.wear(iqa).get(path)
        return len(asked)

    def more() -> None:
        other = a_marked_cohort()
        assess(other)
        give_verdict(signed_in(Role.IQA), other)

    more()
    queries()
    before = queries()
    more()
    more()
    assert queries() == before
