"""Reading an engagement's pack: how its making stands, and everything that goes into it (A11).

What goes in is read through the external's eyes: the same queries as their pages, so a pack can hold nothing
that they could not have opened.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from recovery_college.access.rules import Role
from recovery_college.assessment.engagement_models import EqaPack, EqaPackEvidence
from recovery_college.assessment.engagement_queries import Opened, picked_evidence
from recovery_college.assessment.engagement_rules import EngagementState, LeaveAnswer
from recovery_college.assessment.evidence_models import Evidence
from recovery_college.assessment.evidence_queries import EvidenceItem, evidence_opened_to
from recovery_college.assessment.models import EqaEngagement
from recovery_college.courses.models import Cohort
from recovery_college.courses.queries import Place, places_in
from recovery_college.kernel.db import session
from recovery_college.quality.board_queries import Board, quality_board
from recovery_college.quality.coverage_queries import Dimension, camera
from recovery_college.quality.engagement_queries import (
    EngagementRow,
    PickRow,
    engagement_visible_to,
    picks_of,
)
from recovery_college.quality.improvement_queries import Meeting, meetings_known_to
from recovery_college.quality.plan_queries import StoredPlan, stored_plan
from recovery_college.quality.report_queries import ActionRow, actions_visible_to
from recovery_college.quality.staff_queries import StaffFile, staff_file, staff_members


@dataclass(frozen=True, slots=True)
class Eyes:
    """The external of an engagement, as the queries take an actor: whose eyes the pack is made with."""

    person_id: UUID

    @property
    def name(self) -> str:
        """Never shown: the paper names the external from the engagement."""
        return self.audit_id

    @property
    def role(self) -> Role:
        """The pack is read as its external reads, so that nothing more is in it."""
        return Role.EQA

    @property
    def roles(self) -> Collection[Role]:
        """No other role is worn, so none opens more."""
        return (Role.EQA,)

    @property
    def audit_id(self) -> str:
        """The opaque id of the person."""
        return str(self.person_id)


@dataclass(frozen=True, slots=True)
class PackRow:
    """One making of the pack. `holds`: there is a file. `closed`: something in it may be seen no more."""

    id: UUID
    engagement_id: UUID
    started_at: datetime
    total: int
    done: int
    finished_at: datetime | None
    holds: bool
    storage_key: str
    size: int
    trouble: str
    closed: bool

    @property
    def opens(self) -> bool:
        """Whether it can be taken away now."""
        return self.holds and not self.closed


def packs_of(engagement: EngagementRow) -> list[PackRow]:
    """The makings of an engagement's pack, the latest first. The caller has made sure of the engagement."""
    rows = session().scalars(
        select(EqaPack).where(EqaPack.engagement_id == engagement.id).order_by(EqaPack.started_at.desc())
    )
    return [_row(one, engagement.state, engagement.person_id) for one in rows.all()]


def pack_to_open(engagement: EngagementRow) -> PackRow | None:
    """The file that can be taken away: the newest whole one, while a newer is under way as well."""
    return next((one for one in packs_of(engagement) if one.opens), None)


def _row(pack: EqaPack, state: EngagementState, person_id: UUID) -> PackRow:
    holds = bool(pack.storage_key)
    closed = holds and (state is not EngagementState.OPEN or not still_opens(pack.id, person_id))
    return PackRow(
        pack.id, pack.engagement_id, pack.started_at, pack.total, pack.done, pack.finished_at, holds,
        pack.storage_key, pack.size, pack.trouble, closed,
    )  # fmt: skip


def packed_evidence(pack_id: UUID) -> list[UUID]:
    """The pieces of evidence that went into a pack."""
    statement = select(EqaPackEvidence.evidence_id).where(EqaPackEvidence.pack_id == pack_id)
    return list(session().scalars(statement))


def still_opens(pack_id: UUID, person_id: UUID) -> bool:
    """Whether every piece in the pack opens to the external still: none was taken back, no leave withdrawn."""
    packed = packed_evidence(pack_id)
    gone = select(exists().where(Evidence.id.in_(packed), Evidence.closed_at.is_not(None)))
    if session().scalar(gone):
        return False
    opened = picked_evidence(Eyes(person_id), evidence_ids=packed)
    return all(one in opened and opened[one].opens for one in packed)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence as the pack's paper lists it: no word of what it says, and the names of its files.

    `opens`: it is in the pack; else the student was asked, or not, and what they answered.
    """

    id: UUID
    number: int
    unit: str
    opens: bool
    kind: str = ""
    by_student: bool = True
    on: datetime | None = None
    criteria: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    closed_at: datetime | None = None
    answer: LeaveAnswer | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What the external picked of one student, with the folder it has in the pack."""

    place: Place
    folder: str
    picks: tuple[PickRow, ...]


@dataclass(frozen=True, slots=True)
class CohortPart:
    """What the pack tells of one cohort."""

    cohort: Cohort
    board: Board
    plan: StoredPlan | None
    coverage: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What the paper of the pack tells."""

    engagement: EngagementRow
    cohorts: tuple[CohortPart, ...]
    portfolios: tuple[Portfolio, ...]
    meetings: tuple[Meeting, ...]
    staff: tuple[StaffFile, ...]
    actions: tuple[ActionRow, ...]


def engagement_of(pack_id: UUID) -> EngagementRow | None:
    """The engagement a pack is made for, while its external may see it."""
    found = session().execute(
        select(EqaEngagement.id, EqaEngagement.person_id)
        .join(EqaPack, EqaPack.engagement_id == EqaEngagement.id)
        .where(EqaPack.id == pack_id)
    ).one_or_none()  # fmt: skip
    return engagement_visible_to(Eyes(found.person_id), found.id) if found else None


def portfolios_of(engagement: EngagementRow) -> tuple[Portfolio, ...]:
    """What is picked, by student."""
    places = {one.enrolment_id: one for one in places_in([one for one, _ in engagement.cohorts])}
    by_place: dict[UUID, list[PickRow]] = {}
    for pick in picks_of(engagement.id):
        by_place.setdefault(pick.enrolment_id, []).append(pick)
    taken: set[str] = set()
    made = []
    for enrolment_id, picks in by_place.items():
        if enrolment_id in places:
            place = places[enrolment_id]
            made.append(Portfolio(place, _folder(place, taken), tuple(picks)))
    return tuple(made)


def _folder(place: Place, taken: set[str]) -> str:
    """A folder's name without the student's: the reference, told apart where somebody is in two cohorts."""
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", place.student_ref or "").strip("-") or place.enrolment_id.hex[-8:]
    name = plain if plain not in taken else f"{plain}-{place.enrolment_id.hex[-8:]}"
    taken.add(name)
    return name


def facts_of(engagement: EngagementRow) -> PackFacts:
    """Everything the paper tells, through the external's eyes."""
    eyes = Eyes(engagement.person_id)
    parts = []
    for cohort_id, _ in engagement.cohorts:
        cohort = session().get_one(Cohort, cohort_id)
        board = quality_board(cohort)
        parts.append(CohortPart(cohort, board, stored_plan(cohort_id), camera(board)))
    staff = [staff_file(eyes, one.person_id) for one in staff_members(eyes)]
    earlier = [one for one in actions_visible_to(eyes) if one.engagement_id != engagement.id]
    return PackFacts(
        engagement, tuple(parts), portfolios_of(engagement), tuple(meetings_known_to(eyes)),
        tuple(one for one in staff if one is not None), tuple(earlier),
    )  # fmt: skip


def pieces_of(engagement: EngagementRow, portfolio: Portfolio, board: Board) -> list[Piece]:
    """The evidence of one student's picks, the earliest first; a piece about two units is listed once."""
    return [piece for piece, _ in opened_pieces(engagement, portfolio, board)]


def opened_pieces(
    engagement: EngagementRow, portfolio: Portfolio, board: Board
) -> list[tuple[Piece, EvidenceItem | None]]:
    """The same with what each that opens says."""
    eyes = Eyes(engagement.person_id)
    numbers = {one.id: one.number for unit in board.units for one in unit.criteria}
    found: dict[UUID, tuple[Opened, str]] = {}
    for pick in portfolio.picks:
        for opened in picked_evidence(eyes, pick_id=pick.id).values():
            found.setdefault(opened.evidence_id, (opened, pick.unit))
    items = {one.id: one for one in evidence_opened_to(eyes, list(found))}
    ids = sorted(found)  # an id tells when it was made
    made = []
    for count, evidence_id in enumerate(ids, 1):
        opened, unit = found[evidence_id]
        item = items.get(evidence_id)
        if item is None:
            piece = Piece(
                evidence_id, count, unit, opens=False, answer=opened.answer, asked=bool(opened.asked_at)
            )
        else:
            piece = Piece(
                evidence_id, count, unit, opens=True, kind=item.kind.value, by_student=item.by_student,
                on=item.handed_in_at,
                criteria=tuple(number for one, number in numbers.items() if one in item.criteria),
                names=() if item.closed_at else _names(portfolio.folder, count, item), closed_at=item.closed_at,
            )  # fmt: skip
        made.append((piece, item))
    return made


def _names(folder: str, number: int, item: EvidenceItem) -> tuple[str, ...]:
    """The names in the pack: the words first, then each file. Nothing a person typed but a file's ending."""
    names = [f"{folder}/{number:02}.txt"]
    for count, file in enumerate(item.files, 1):
        ending = re.search(r"\.[A-Za-z0-9]{1,5}$", file.name)
        names.append(f"{folder}/{number:02}-{count}{ending.group().lower() if ending else ''}")
    return tuple(names)
