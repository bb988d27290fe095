"""A student's own page: what is done first, the one next step, released words only (A7), attendance both ways."""

from datetime import timedelta

import pytest

from recovery_college.access.rules import Role
from recovery_college.assessment.progress_queries import own_start
from recovery_college.assessment.rules import Outcome, Verdict
from recovery_college.courses.models import Cohort, CohortTutor, Enrolment
from recovery_college.courses.rules import EnrolmentStatus, Mark
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.quality.resubmission_services import answer_for_more, ask_for_more
from tests.factories.courses import a_cohort, a_mark, a_session, an_enrolment
from tests.factories.evidence import a_due_date, an_evidence
from tests.factories.marking import MarkedCohort, a_decision, a_marked_cohort
from tests.factories.people import signed_in
from tests.factories.quality import assess, give_verdict
from tests.page_client import PageClient
from tests.statements import statements

PAGE = "/my-progress"


@pytest.fixture
def made(app: object) -> MarkedCohort:
    return a_marked_cohort(2)


def as_student(
    client: PageClient, made: MarkedCohort, student: int = 0, role: Role = Role.STUDENT
) -> PageClient:
    return client.wear(signed_in(role, person=made.people[student]))


@pytest.mark.parametrize("role", [Role.STUDENT, Role.GRADUATE])
def test_works(client: PageClient, made: MarkedCohort, role: Role) -> None:
    assert "Your course has 5 criteria." in as_student(client, made, role=role).get(PAGE).words
    assess(made, feedback="You wrote with care.")
    page = as_student(client, made, role=role).get(PAGE)
    assert "You have met 3 of 5 criteria." in page.words
    assert "All met. The college is checking it." in page.words
    assert "Unit PSW2, 1.1: Explain point 1 of part 1 of unit 2" in page.words
    assert "You wrote with care." in page.words
    assert "Your tutor is Jo Example." in page.words
    assert page.words.index("You have met") < page.words.index("Your next step")


def test_needs_sign_in(client: PageClient, app: object) -> None:
    assert client.get(PAGE).status == 303


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.STUDENT, Role.GRADUATE)])
def test_other_role_refused(client: PageClient, app: object, role: Role) -> None:
    assert client.wear(signed_in(role)).get(PAGE).status == 403


def test_drafts_leave_no_trace(client: PageClient, made: MarkedCohort) -> None:
    """A7: the page with drafts is the page without them, word for word."""
    a_decision(made, 0, 0, Outcome.NOT_YET_MET, feedback="Say more about boundaries.")
    before = as_student(client, made).get(PAGE).words
    a_decision(made, 0, 0, Outcome.MET, feedback="canary-draft", attempt=2, released=False)
    a_decision(made, 0, 1, Outcome.NOT_YET_MET, feedback="canary-draft", released=False)
    assert client.get(PAGE).words == before
    assert "canary" not in client.get(PAGE).text
    a_decision(made, 0, 2, Outcome.MET, feedback="now-released")
    assert client.get(PAGE).words != before


def test_a_return_leaves_no_trace(client: PageClient, made: MarkedCohort) -> None:
    assess(made)
    before = as_student(client, made).get(PAGE).words
    give_verdict(signed_in(Role.IQA), made, verdict=Verdict.RETURNED, action="canary-action")
    assert client.get(PAGE).words == before


def test_another_students_words_are_not_shown(client: PageClient, made: MarkedCohort) -> None:
    a_decision(made, 1, 0, Outcome.MET, feedback="canary-other")
    page = as_student(client, made).get(PAGE)
    assert "canary" not in page.text
    other = client.get(f"{PAGE}?course={made.enrolments[1]}")
    assert other.words == page.words


def test_not_yet_met_says_what_would_make_it_met(client: PageClient, made: MarkedCohort) -> None:
    a_decision(made, 0, 1, Outcome.NOT_YET_MET, feedback="Add one example of saying no.")
    page = as_student(client, made).get(PAGE)
    assert "Here is what would make it met: Add one example of saying no." in page.words
    assert "Not yet met, try again" in page.words
    assert "fail" not in page.words.casefold()
    assert "red" not in page.words.split()
    a_decision(made, 0, 1, Outcome.MET, feedback="There it is.", attempt=2)
    words = client.get(PAGE).words
    assert "Here is what would make it met" not in words
    assert words.index("There it is.") < words.index("Add one example of saying no.")


def test_who_used_up_the_tries_is_told_whom_to_talk_to(client: PageClient, made: MarkedCohort) -> None:
    """A5: one resubmission is planned, and only quality assurance may agree to one more."""
    say_more, iqa = "Say more about boundaries.", signed_in(Role.IQA)
    a_due_date(made.cohort_id, made.criteria[0], clock.today() + timedelta(days=5), title="Account")
    for attempt in (1, 2):
        a_decision(made, 0, 0, Outcome.NOT_YET_MET, feedback=say_more, attempt=attempt)
    page = as_student(client, made).get(PAGE)
    step = page.words.split("Your path")[0]
    assert "you have used the tries the course plans for it" in step
    assert f"This is what your tutor wrote: {say_more}" in step
    assert "Your tutor is Jo Example. You can also talk to someone else" in step
    assert "Hand in “Account”" not in page.words
    assert "/my-appeals" in page.links
    assert "Not yet met, talk to your tutor" in page.words
    hand_in = client.get(f"/my-progress/{made.enrolments[0]}/hand-in").words
    assert "(not yet met, and no other try is planned: talk about it first)" in hand_in
    for criterion in made.criteria[1:]:
        an_evidence(made.enrolments[0], [criterion])

    cell = (made.cohort_id, made.enrolments[0], made.criteria[0])
    asked = ask_for_more(made.tutor, *cell, "canary-why")
    page = client.get(PAGE)
    assert "Not yet met, one more try is asked for" in page.words
    assert "canary" not in page.text
    answer_for_more(iqa, made.cohort_id, asked, agreed=False)
    assert "talk to your tutor" in client.get(PAGE).words
    assert "try again" not in client.get(PAGE).words
    asked = ask_for_more(made.tutor, *cell, "Now there is a new example")
    answer_for_more(iqa, made.cohort_id, asked, agreed=True)
    words = client.get(PAGE).words
    assert "Hand in “Account”" in words
    assert "Not yet met, try again" in words


def test_everything_said_stays_readable(client: PageClient, made: MarkedCohort) -> None:
    for attempt in range(1, 9):
        a_decision(made, 0, 0, Outcome.NOT_YET_MET, feedback=f"word-{attempt}-end", attempt=attempt)
    page = as_student(client, made).get(PAGE)
    assert all(f"word-{attempt}-end" in page.words for attempt in range(1, 9))
    assert "What they said before (5)" in page.words


def test_attendance_is_named_both_ways(client: PageClient, made: MarkedCohort) -> None:
    cohort = session().get_one(Cohort, made.cohort_id)
    enrolment = session().get_one(Enrolment, made.enrolments[0])
    today = clock.today()
    for week in range(-4, 4):
        a_session(cohort, today + timedelta(weeks=week, days=1))
    page = as_student(client, made, 1).get(PAGE)
    assert "So far you came to 0 of 4 sessions (0%)" in page.words
    for week in range(-4, -1):
        a_mark(enrolment, today + timedelta(weeks=week, days=1), Mark.PRESENT)
    page = as_student(client, made).get(PAGE)
    assert "So far you came to 3 of 4 sessions (75%)" in page.words
    assert "3 of them is 37.5% of the whole course" in page.words
    assert (
        "Come to at least 7 of the 8 sessions of the whole course (80%). So far you came to 3." in page.words
    )


def test_not_enrolled(client: PageClient, app: object) -> None:
    page = client.wear(signed_in(Role.STUDENT)).get(PAGE)
    assert page.status == 200
    assert "You are not on a course yet" in page.words


def test_before_the_start(client: PageClient, app: object) -> None:
    student = signed_in(Role.STUDENT)
    cohort = a_cohort(starts_on=clock.today() + timedelta(days=9))
    person = session().get_one(Enrolment, an_enrolment(cohort).id).person
    page = client.wear(signed_in(Role.STUDENT, person=person)).get(PAGE)
    assert "Your course begins on" in page.words
    assert "Come to the first session" in page.words
    assert "0 of" not in page.words.split("Your path")[0]
    assert client.wear(student).get(PAGE).status == 200


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (EnrolmentStatus.PAUSED, "Your place is paused"),
        (EnrolmentStatus.WITHDRAWN, "What you have met stays yours"),
    ],
)
def test_who_rests_or_left_is_asked_nothing(
    client: PageClient, app: object, status: EnrolmentStatus, words: str
) -> None:
    enrolment = an_enrolment(a_cohort(), status=status, ended_on=clock.today())
    person = session().get_one(Enrolment, enrolment.id).person
    page = client.wear(signed_in(Role.STUDENT, person=person)).get(PAGE)
    assert words in page.words
    assert "When it is too much just now" not in page.words
    assert ("On the way to graduating" in page.words) is (status is EnrolmentStatus.PAUSED)


def test_nothing_is_due_for_who_left(client: PageClient, made: MarkedCohort) -> None:
    a_due_date(made.cohort_id, made.criteria[0], clock.today() + timedelta(days=5), title="Account")
    assert "What is due" in as_student(client, made).get(PAGE).words
    with transaction() as s:
        place = s.get_one(Enrolment, made.enrolments[0])
        place.status, place.ended_on = EnrolmentStatus.WITHDRAWN, clock.today()
    page = client.get(PAGE)
    assert "You have left this course" in page.words
    assert not [words for words in ("What is due", "0 of 5 criteria", "Account") if words in page.words]


def test_several_courses(client: PageClient, made: MarkedCohort) -> None:
    other = an_enrolment(
        a_cohort(starts_on=clock.today() - timedelta(days=1)),
        made.people[0],
        status=EnrolmentStatus.COMPLETED,
    )
    page = as_student(client, made).get(PAGE)
    assert "Cohort" in page.words
    link = f"{PAGE}?course={other.id}"
    assert link in page.links
    assert "Peer support training" in client.get(link).words.split("Your next step")[0]
    assert client.get(f"{PAGE}?course=nonsense").words == page.words


def test_everything_done(client: PageClient, made: MarkedCohort) -> None:
    for unit in (0, 1):
        assess(made, unit=unit)
        give_verdict(signed_in(Role.IQA), made, unit=unit)
    page = as_student(client, made).get(PAGE)
    assert "You have met 5 of 5 criteria." in page.words
    assert "Enjoy the rest of the course" in page.words
    assert "Done and checked by the college" in page.words


def test_what_was_handed_in_and_what_is_due(client: PageClient, made: MarkedCohort) -> None:
    a_due_date(made.cohort_id, made.criteria[0], clock.today() + timedelta(days=5), title="Account")
    an_evidence(made.enrolments[0], made.criteria[1:2], title="Role play notes")
    page = as_student(client, made).get(PAGE)
    assert "Hand in “Account” for Unit PSW1 by" in page.words
    assert "Role play notes" in page.words
    assert "being looked at" in page.words
    assert f"/my-progress/{made.enrolments[0]}/hand-in?criterion={made.criteria[0]}" in page.links
    assert client.get(f"/my-progress/{made.enrolments[0]}/hand-in?criterion={made.criteria[0]}").status == 200
    an_evidence(made.enrolments[0], made.criteria[:1])
    assert "Hand in “Account”" not in client.get(PAGE).words


def test_a_graduate_sees_it_without_the_buttons(client: PageClient, made: MarkedCohort) -> None:
    a_due_date(made.cohort_id, made.criteria[0])
    page = as_student(client, made, role=Role.GRADUATE).get(PAGE)
    assert not [link for link in page.links if "hand-in" in link]
    assert "I need more time" not in page.words


def test_all_handed_in_is_a_rest(client: PageClient, made: MarkedCohort) -> None:
    an_evidence(made.enrolments[0], made.criteria)
    page = as_student(client, made).get(PAGE)
    assert "Your work is being looked at" in page.words
    assert "5 being looked at" not in page.words
    assert "3 being looked at" in page.words


def test_at_most_twelve_queries(client: PageClient, made: MarkedCohort) -> None:
    assess(made)
    for criterion in made.criteria[3:]:
        a_due_date(made.cohort_id, criterion)
        an_evidence(made.enrolments[0], [criterion], file_name="a.pdf")
    with transaction() as s:
        s.add(CohortTutor(cohort_id=made.cohort_id, person_id=made.people[1].id))
    for attempt in (1, 2):  # with the tries used up, which is a question more
        a_decision(made, 0, 3, Outcome.NOT_YET_MET, attempt=attempt)
    as_student(client, made).get(PAGE)
    with statements("SELECT") as asked:
        page = client.get(PAGE)
    assert "you have used the tries" in page.words
    assert 0 < len(asked) <= 12


def test_my_next_step_for_the_home_page(made: MarkedCohort) -> None:
    start = own_start(made.people[0].id)
    assert start is not None
    assert start.step.heading == "Unit PSW1, 1.1: Explain point 1 of part 1 of unit 1"
    assert own_start(made.tutor.person_id) is None
