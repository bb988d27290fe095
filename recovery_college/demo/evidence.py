"""The demo's evidence and due dates: what waits for the tutor, what was asked, what a student sees of their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from recovery_college.access.rules import Role
from recovery_college.assessment.deadline_models import DueDate, DueDateCriterion, Extension, TimeRequest
from recovery_college.assessment.deadline_rules import AskedFor
from recovery_college.assessment.evidence_models import (
    Evidence,
    EvidenceCriterion,
    EvidenceDraft,
    EvidenceFile,
    EvidenceRequest,
    EvidenceWords,
)
from recovery_college.assessment.evidence_rules import AiUse, EvidenceKind
from recovery_college.demo.cohorts import WEEK, Course, MadeCohort, on
from recovery_college.demo.people import DemoActor
from recovery_college.demo.rows import Rows
from recovery_college.demo.running import Teachers
from recovery_college.demo.timeline import Timeline
from recovery_college.kernel.running_app import the_storage
from recovery_college.kernel.storage import new_key

NOTES = (
    b"Notes from the reading group\n\nI sat beside somebody who did not speak for a while. I told them that I know "
    b"such days, in one sentence, and then I asked what would help just now.\n"
)
"""What the file holds that the student handed in."""
WORDS = {
    "values": (
        "Mutuality means that I do not know better. In the café group I asked what has helped before, instead of "
        "telling what helped me. Hope was that we came back to it the week after."
    ),
    "sharing": (
        "I shared that I had been on a ward, and no more. My reason was to show that I am not shocked. I did not "
        "share my medicines: that would have been about me."
    ),
    "again": (
        "You asked me to put the two side by side. A befriender gives time and keeps their own story out of it. A "
        "peer supporter gives time and may bring some of it. I would choose the second when somebody feels alone "
        "with what they went through."
    ),
    "plan": "My plan for staying well at work: Tuesdays off, a walk before the shift, and I tell my supervisor.",
    "stigma": (
        "The leaflet says non-compliant. A man in our group read that about himself and stopped asking for "
        "anything but tablets. I would write: he would like to know more before he decides."
    ),
    "seen": (
        "In the role play you waited when the talk went quiet, named what you saw, and handed the talk back with a "
        "question. Two other students said that they felt listened to."
    ),
    "limits": (
        "I would not give advice on medicines. I would not keep a secret that puts somebody in danger. I would not "
        "meet somebody outside work. Each time I would say so, and say who can help instead."
    ),
    "draft": "I would start by asking what a good day looks like for them",
}


@dataclass(slots=True)
class _Desk:
    """Where evidence is written down: rows for now, and what the trail tells of them."""

    rows: Rows
    timeline: Timeline
    course: Course
    cohort: MadeCohort
    now: datetime

    def ids(self, unit: int, criteria: Iterable[int]) -> list[UUID]:
        """The criteria of a unit, both counted from 0."""
        return [self.course.units[unit][1][one] for one in criteria]

    def keep(
        self,
        place: int,
        unit: int,
        criteria: Iterable[int],
        kind: EvidenceKind,
        title: str,
        words: str,
        at: datetime,
        *,
        by: DemoActor | None = None,
        sensitive: bool = False,
        ai_note: str = "",
        confirmed: bool = True,
        file: tuple[str, bytes] | None = None,
    ) -> UUID:
        """Gather one piece of evidence; the student's own unless somebody of the staff wrote it."""
        at = min(at, self.now)
        student, enrolment = self.cohort.people[place], self.cohort.places[place]
        about = self.ids(unit, criteria)
        use = (AiUse.SOME if ai_note else AiUse.NONE) if by is None else None
        evidence = self.rows.add(
            Evidence, key=self.rows.new_id(), enrolment_id=enrolment, kind=kind, is_sensitive=sensitive,
            ai_use=use, made_by=by.person_id if by else student, handed_in_at=at,
            confirmed_at=at if confirmed else None, closed_at=None, closed_by=None,
        )  # fmt: skip
        self.rows.link(
            EvidenceWords,
            {"evidence_id": evidence, "title": title, "body": words, "link": "", "ai_note": ai_note},
        )
        for one in about:
            self.rows.link(EvidenceCriterion, {"evidence_id": evidence, "criterion_id": one})
        if file:
            self._file(evidence, *file)
        doer = by or _student(student)
        self.timeline.tell(
            at, doer, "wrote" if by else "handed in", "evidence", evidence,
            enrolment=str(enrolment), what=kind.value, criteria=len(about), files=int(bool(file)),
        )  # fmt: skip
        return evidence

    def _file(self, evidence: UUID, name: str, content: bytes) -> None:
        key = new_key("evidence", ".txt")
        the_storage().put(key, content)
        self.rows.add(
            EvidenceFile, evidence_id=evidence, name=name, media="text/plain; charset=utf-8",
            size=len(content), sha256=sha256(content).hexdigest(), storage_key=key,
        )  # fmt: skip

    def due(
        self, unit: int, criteria: Iterable[int], title: str, due_on: date, by: DemoActor, at: datetime
    ) -> UUID:
        """Gather one due date of the cohort."""
        due = self.rows.add(
            DueDate, cohort_id=self.cohort.id, unit_id=self.course.units[unit][0], title=title, due_on=due_on,
            version=1, set_by=by.audit_id, set_at=at, cancelled_at=None,
        )  # fmt: skip
        for one in self.ids(unit, criteria):
            self.rows.link(DueDateCriterion, {"due_date_id": due, "criterion_id": one})
        self.timeline.tell(
            at, by, "set due date", "due_date", due, cohort=str(self.cohort.id), due_on=due_on.isoformat()
        )
        return due


def _student(person_id: UUID) -> DemoActor:
    return DemoActor(person_id, "", Role.STUDENT)


def add_evidence(
    rows: Rows,
    timeline: Timeline,
    course: Course,
    cohort: MadeCohort,
    teachers: Teachers,
    today: date,
    now: datetime,
) -> None:
    """Gather what the running cohort handed in. Its decisions (demo/running.py) come after what they are about."""
    desk, tutor = _Desk(rows, timeline, course, cohort, now), teachers.tutor
    start = cohort.plan.starts_on

    def ago(days: int, hour: int = 10) -> datetime:
        return on(today - timedelta(days=days), hour)

    account, role_play = EvidenceKind.REFLECTIVE_ACCOUNT, EvidenceKind.OBSERVATION
    # The student who signs in: decided, personal and not yet met, waiting, to confirm; and a draft.
    desk.keep(
        0,
        0,
        range(8),
        account,
        "My values and where they pull apart",
        WORDS["values"],
        on(start + WEEK * 2, 12),
    )
    desk.keep(
        0, 1, range(5), account, "What I would share, and how I stay well", WORDS["sharing"] + " " + WORDS["plan"],
        ago(5), sensitive=True,
        file=("Notes from the reading group.txt", NOTES),
    )  # fmt: skip
    desk.keep(
        0, 1, (6, 7), EvidenceKind.ASSIGNMENT, "Words that shut a door", WORDS["stigma"], ago(1, 14),
        ai_note="Copilot, to check my spelling",
    )  # fmt: skip
    desk.keep(
        0, 1, (2,), role_play, "Role play in week 5", WORDS["seen"], ago(4, 15), by=tutor, confirmed=False
    )
    rows.link(
        EvidenceDraft,
        {
            "id": rows.new_id(),
            "enrolment_id": cohort.places[0],
            "written_by": cohort.people[0],
            "fields": {
                "title": "Ending a talk well",
                "kind": EvidenceKind.REFLECTIVE_ACCOUNT.value,
                "body": WORDS["draft"],
                "criteria": [str(one) for one in desk.ids(2, (0,))],
            },
            "version": 1,
            "saved_at": min(ago(0, 8), now),
        },
    )
    # The others: seven pieces wait, the oldest for four days; three of them answer a "not yet met", one of these
    # without a try left: one more is asked for (demo/quality.py).
    desk.keep(
        1, 1, (2, 3), account, "A talk that became too much", WORDS["sharing"], ago(4, 9), sensitive=True
    )
    desk.keep(2, 2, (3,), EvidenceKind.PRESENTATION, "Slides on listening", WORDS["values"], ago(2, 11))
    desk.keep(5, 0, (6,), account, "The limits of the role, again", WORDS["again"], ago(2, 16))
    desk.keep(6, 0, (6,), account, "What I would not do", WORDS["limits"], ago(1, 20))
    desk.keep(9, 1, (5, 6), EvidenceKind.PRODUCT, "A leaflet about our group", WORDS["plan"], ago(1, 9))
    desk.keep(10, 1, (6,), account, "Side by side", WORDS["again"], ago(1, 12))
    asked = desk.keep(
        10, 0, range(8), account, "My own story", WORDS["sharing"], on(start + WEEK * 2, 15), sensitive=True
    )
    rows.add(
        EvidenceRequest, evidence_id=asked, asked_at=min(ago(1, 18), now), answer=None, words="",
        answered_at=None, answered_by=None,
    )  # fmt: skip
    timeline.tell(
        ago(1, 18), _student(cohort.people[10]), "asked back", "evidence", asked,
        enrolment=str(cohort.places[10]),
    )  # fmt: skip
    _add_dates(desk, teachers, today)


def add_finished_evidence(
    rows: Rows, timeline: Timeline, course: Course, cohort: MadeCohort, now: datetime
) -> UUID:
    """Gather what is kept of two students of the finished cohort. Returns the piece marked as private."""
    desk, start = _Desk(rows, timeline, course, cohort, now), cohort.plan.starts_on
    account = EvidenceKind.REFLECTIVE_ACCOUNT
    desk.keep(
        1, 0, range(8), account, "What the role is, and is not", WORDS["values"], on(start + WEEK, 12),
        file=("Notes from the reading group.txt", NOTES),
    )  # fmt: skip
    desk.keep(5, 0, range(8), account, "Giving time", WORDS["again"], on(start + WEEK, 15))
    return desk.keep(
        1,
        1,
        range(5),
        account,
        "What I would share",
        WORDS["sharing"],
        on(start + WEEK * 2, 10),
        sensitive=True,
    )


def _add_dates(desk: _Desk, teachers: Teachers, today: date) -> None:
    """Dates of the course; one student has more time, one asks for it, one asks for a pause."""
    rows, cohort, tutor, start = desk.rows, desk.cohort, teachers.tutor, desk.cohort.plan.starts_on
    set_at = on(start - timedelta(days=3), 11)
    desk.due(0, (), "Portfolio of the first unit", start + WEEK * 4, tutor, set_at)
    account = desk.due(1, (6, 7), "Reflective account", today + timedelta(days=9), tutor, set_at)
    desk.due(2, (), "Case study", today + timedelta(days=30), tutor, set_at)
    given_at = on(today - timedelta(days=2), 12)
    until = today + timedelta(days=23)
    rows.add(
        Extension, due_date_id=account, enrolment_id=cohort.places[8], until_on=until,
        granted_by=tutor.person_id, granted_at=given_at,
    )  # fmt: skip
    desk.timeline.tell(
        given_at, tutor, "gave more time", "due_date", account, enrolment=str(cohort.places[8]),
        until=until.isoformat(),
    )  # fmt: skip
    for place, what, due in ((7, AskedFor.MORE_TIME, account), (4, AskedFor.PAUSE, None)):
        at = on(today - timedelta(days=1), 19)
        request = rows.add(
            TimeRequest, enrolment_id=cohort.places[place], asked_for=what, due_date_id=due,
            asked_at=min(at, desk.now), answer=None, words="", answered_at=None, answered_by=None,
        )  # fmt: skip
        desk.timeline.tell(
            at, _student(cohort.people[place]), "asked for time", "time_request", request,
            asked_for=what.value, enrolment=str(cohort.places[place]),
        )  # fmt: skip
