"""Saving what somebody would like of a post. Each is their own: nobody else ever does it for them."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.considerations import VacancyNotFound
from recovery_college.careers.deputy_facts import is_their_manager
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import (
    CandidatePreference,
    CandidateSite,
    CandidateStatement,
    VacancyPattern,
)
from recovery_college.careers.preference_rules import (
    LONGEST_STATEMENT,
    AlertFrequency,
    Day,
    TimeOfDay,
    Wishes,
    check_hours,
    mask_of,
)
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows, transaction


class NotACandidate(LookupError):
    """Only a student or graduate, for themselves."""


class PreferenceChanged(Exception):
    """It was saved in another window since the page was opened."""


class WishesRefused(ValueError):
    """What was asked cannot be; `errors` names the boxes."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


def candidate_row(s: Session, actor: Actor) -> CandidatePreference:
    """The actor's own row, locked for this transaction; made when there is none. Raises NotACandidate."""
    if actor.person_id is None or not may(actor, Permission.OWN_FUTURE):
        raise NotACandidate
    return row_of(s, actor.person_id)


def row_of(s: Session, person_id: UUID) -> CandidatePreference:
    """Somebody's row, locked for this transaction; made when there is none."""
    row = s.scalar(
        select(CandidatePreference)
        .where(CandidatePreference.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        row = CandidatePreference(person_id=person_id, version=0, updated_at=clock.now())
        s.add(row)
        s.flush()
    return row


def save_wishes(actor: Actor, wishes: Wishes, version: int) -> None:
    """Save hours, places, kinds of team, days and the rest, all at once.

    Raises WishesRefused by box, PreferenceChanged when another window was quicker, NotACandidate.
    """
    errors = check_hours(wishes.least_hours, wishes.most_hours)
    if errors:
        raise WishesRefused(errors)
    with transaction() as s:
        row = candidate_row(s, actor)
        if row.version != version:
            raise PreferenceChanged
        put_wishes(s, row, wishes)
        record(s, actor, "saved job wishes", "candidate", row.person_id)


def put_wishes(s: Session, row: CandidatePreference, wishes: Wishes) -> None:
    """Write wishes into a row and its places."""
    row.least_hours, row.most_hours = wishes.least_hours, wishes.most_hours
    row.areas = mask_of(wishes.areas, ServiceArea)
    row.settings = mask_of(wishes.settings, Setting)
    row.contracts = mask_of(wishes.contracts, ContractKind)
    row.days = mask_of(wishes.days, Day)
    row.times = mask_of(wishes.times, TimeOfDay)
    row.job_share = wishes.job_share
    row.earliest_start = wishes.earliest_start
    row.anywhere = not wishes.sites
    row.version += 1
    row.updated_at = clock.now()
    s.execute(delete(CandidateSite).where(CandidateSite.person_id == row.person_id))
    add_rows(
        s,
        CandidateSite,
        [
            {"person_id": row.person_id, "site": site, "ease": ease}
            for site, ease in sorted(wishes.sites.items())
        ],
    )


def save_statement(actor: Actor, text: str, version: int) -> None:
    """Save what employers may read. It is shown by consent and searched by nobody."""
    text = text.strip()
    if len(text) > LONGEST_STATEMENT:
        raise WishesRefused({"text": f"Use {LONGEST_STATEMENT:,} characters or fewer"})
    with transaction() as s:
        person_id = candidate_row(s, actor).person_id
        row = s.get(CandidateStatement, person_id, populate_existing=True)
        if row is None:
            row = CandidateStatement(person_id=person_id, version=0)
            s.add(row)
        if row.version != version:
            raise PreferenceChanged
        row.text, row.version, row.updated_at = text, row.version + 1, clock.now()
        record(s, actor, "saved statement for employers", "candidate", person_id)


def set_looking(actor: Actor, looking: bool) -> None:
    """Look for a post, or have a break from it: at once, and as often as one likes."""
    with transaction() as s:
        row = candidate_row(s, actor)
        if row.looking == looking:
            return
        row.looking, row.updated_at = looking, clock.now()
        record(s, actor, "looks for a post" if looking else "paused search", "candidate", row.person_id)


def set_alerts(actor: Actor, how_often: AlertFrequency) -> None:
    """Choose how often one is written to about new posts."""
    with transaction() as s:
        row = candidate_row(s, actor)
        if row.alerts is how_often:
            return
        row.alerts = how_often
        record(s, actor, "set job alerts", "candidate", row.person_id, often=how_often.value)


def save_pattern(
    actor: Actor, vacancy_id: UUID, days: list[Day], times: list[TimeOfDay], job_share: bool, version: int
) -> None:
    """Say on which days and times the work of a vacancy must be done, and whether two may share it (P6).

    Its own manager and HR may. Raises VacancyNotFound, PreferenceChanged.
    """
    with transaction() as s:
        vacancy = s.get(Vacancy, vacancy_id, with_for_update=True)
        own = vacancy is not None and is_their_manager(actor, vacancy, clock.today())
        if vacancy is None or not (may(actor, Permission.VACANCY_EDIT) or own):
            raise VacancyNotFound
        if not may(actor, Permission.VACANCY_ENTER):
            raise VacancyNotFound
        row = s.get(VacancyPattern, vacancy_id, populate_existing=True)
        if row is None:
            row = VacancyPattern(vacancy_id=vacancy_id, version=0)
            s.add(row)
        if row.version != version:
            raise PreferenceChanged
        row.days, row.times, row.job_share = mask_of(days, Day), mask_of(times, TimeOfDay), job_share
        row.version, row.updated_at = row.version + 1, clock.now()
        record(s, actor, "said days of vacancy", "vacancy", vacancy_id, job_share=job_share)
