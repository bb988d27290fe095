"""What HR and managers do to one vacancy: enter it, read its band, name its manager, override its flag."""

from collections.abc import Sequence
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import event_of, record, record_many
from recovery_college.careers.band_rule import (
    ask_the_rule,
    due_day,
    first_considered,
    is_breach,
    rule_of_today,
    stored_rules,
)
from recovery_college.careers.bands import Band, BandReading, BandSource, bands_in_words, in_order
from recovery_college.careers.consideration import posted_before_rule
from recovery_college.careers.considerations import (
    Refused,
    VacancyNotFound,
    bands_of,
    claim_version,
    live_consideration,
    supersede_live,
)
from recovery_college.careers.deputy_facts import is_their_manager, knows_team
from recovery_college.careers.intake import take_in
from recovery_college.careers.intake_known import managers_by_email
from recovery_college.careers.models import Team, Vacancy, VacancyBand
from recovery_college.careers.rules import PswFlag, VacancySource, VacancyStatus, status_on
from recovery_college.careers.team_models import TeamNamed
from recovery_college.careers.terms_facts import terms_now
from recovery_college.careers.vacancy_row import GivenVacancy
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.running_app import the_settings
from recovery_college.people.queries import address_of

NOT_AFC_WORDS = "not Agenda for Change"
_NOT_OUT_OF_THE_RULE = (
    "This is a possible PSW role, and after this change the rule would not ask about it. "
    "Only HR can make such a change: ask them, or record your decision."
)


_NOT_CONSIDERED = (
    "This is a possible PSW role, and nobody has considered it yet. Leave the day empty until the decision is "
    "recorded, or say below that the advert is out already."
)


def save_vacancy(
    actor: Actor,
    said: dict[str, Any],
    changing: UUID | None = None,
    version: int = 0,
    *,
    is_elsewhere: bool = False,
) -> tuple[UUID, Sequence[str]]:
    """Add one vacancy typed by hand, or change one, by the same way as an import; its id, and what to tell.

    `said` holds the columns of the import by name; `reference` and `title` are needed, and a change keeps the
    reference. HR, and recruiting managers for their own: a manager stays the one who is asked, and cannot take a
    possible PSW role out of the rule.

    Nothing is marked as advertised here before it was considered (V3): `is_elsewhere` says that the advert is out
    already, on a jobs site or a board, and lets it be recorded as advertised before considered.

    Raises Refused with what is wrong by box, VacancyChanged when somebody saved first.
    """
    if not may(actor, Permission.VACANCY_ENTER):
        raise VacancyNotFound
    is_own = not may(actor, Permission.VACANCY_EDIT)
    if is_own:
        said = {name: value for name, value in said.items() if name != "manager_email"}
    with transaction() as s:
        was_asked = was_out = False
        team_before, others = None, _teams_of_others(s, actor, said) if is_own else set()
        if changing is not None:
            vacancy = _to_change(s, actor, changing)
            claim_version(s, vacancy, version)
            said = {**said, "reference": vacancy.reference}
            was_asked, was_out = _is_asked(s, vacancy), _is_out(vacancy)
            team_before = vacancy.team_id
        else:
            _check_new(s, said["reference"], is_own)
        given = GivenVacancy(0, said["reference"], VacancySource.HAND, MappingProxyType(said))
        outcome = take_in(s, actor, [given], the_settings().employer_names)
        if outcome.refusals:
            first = outcome.refusals[0]
            raise Refused(first.reason, {first.column: first.reason})
        vacancy_id = s.scalar(select(Vacancy.id).where(Vacancy.reference == said["reference"]))
        if vacancy_id is None:
            raise Refused(
                "This employer's vacancies are not taken here",
                {"employer": "This employer's vacancies are not taken here. Check the name."},
            )
        vacancy = s.get_one(Vacancy, vacancy_id, populate_existing=True)
        if not (was_out or is_elsewhere) and _is_out(vacancy) and _lacks_answer(s, vacancy):
            raise Refused(_NOT_CONSIDERED, {"posted_on": _NOT_CONSIDERED})
        if not is_own:
            _confirm_team(s, actor, vacancy)
            return vacancy_id, outcome.warnings
        if was_asked and not _is_asked(s, vacancy):
            box = "posted_on" if vacancy.flag is PswFlag.YES else "band"
            raise Refused(_NOT_OUT_OF_THE_RULE, {box: _NOT_OUT_OF_THE_RULE})
        if changing is None:
            vacancy.manager_id = actor.person_id
            vacancy.manager_email = address_of(actor.person_id) if actor.person_id else ""
        if vacancy.team_id is not None and vacancy.team_id != team_before and vacancy.team_id in others:
            _name_team(s, actor, vacancy_id, vacancy.team_id)
        # What it looks like may be another manager's vacancy, so that is not told.
        return vacancy_id, ()


def _check_new(s: Session, reference: str, is_own: bool) -> None:
    """Refuse a reference that is taken: two vacancies would be one to every import."""
    if s.scalar(select(Vacancy.id).where(Vacancy.reference == reference)) is None:
        return
    text = "There is a vacancy with this reference already. " + (
        "If it is not in your list, ask HR." if is_own else "Find it in the list and change it there."
    )
    raise Refused(text, {"reference": text})


def _name_team(s: Session, actor: Actor, vacancy_id: UUID, team_id: UUID) -> None:
    """Note that a manager named a team that others recruit for."""
    s.merge(TeamNamed(vacancy_id=vacancy_id, team_id=team_id, named_by=actor.person_id, named_at=clock.now()))
    s.flush()


def _teams_of_others(s: Session, actor: Actor, said: dict[str, Any]) -> set[UUID]:
    """Teams of the given name that a manager does not know: whether they recruit for them is for HR to say."""
    name = str(said.get("team") or "").strip().casefold()
    if not name:
        return set()
    unknown = s.execute(select(Team.id, Team.name).where(~knows_team(actor, clock.today())))
    return {team_id for team_id, called in unknown if called.casefold() == name}


def _confirm_team(s: Session, actor: Actor, vacancy: Vacancy) -> None:
    """HR saved the vacancy with its team, so its manager does recruit for it."""
    named = s.get(TeamNamed, vacancy.id)
    if named is not None:
        s.delete(named)
        record(s, actor, "confirmed team of vacancy", "vacancy", vacancy.id, team=str(vacancy.team_id or ""))


def _is_out(vacancy: Vacancy) -> bool:
    """Whether the advert is out today, as far as is known here."""
    now = status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, clock.today())
    return now is VacancyStatus.ADVERTISED


def _lacks_answer(s: Session, vacancy: Vacancy) -> bool:
    """Whether the rule asks about this vacancy and no answer stands."""
    live = live_consideration(s, vacancy.id)
    return _is_asked(s, vacancy) and (live is None or live.returned_at is not None)


def _to_change(s: Session, actor: Actor, vacancy_id: UUID) -> Vacancy:
    """The vacancy to change: any for HR, one's own for a recruiting manager."""
    vacancy = s.get(Vacancy, vacancy_id)
    if vacancy is None or not (
        may(actor, Permission.VACANCY_EDIT) or is_their_manager(actor, vacancy, clock.today())
    ):
        raise VacancyNotFound
    return vacancy


def _is_asked(s: Session, vacancy: Vacancy) -> bool:
    """Whether the rule asks for an answer about this vacancy, now or by and by."""
    rule = stored_rules(s).get(vacancy.rule_version or 0)
    go_live_on = rule.go_live_on if rule else None
    return vacancy.flag is PswFlag.YES and not posted_before_rule(vacancy.posted_on, go_live_on)


def read_band(actor: Actor, vacancy_id: UUID, bands: Sequence[Band], version: int) -> PswFlag:
    """Record the band a person read, or with no bands that the post is outside Agenda for Change (V1).

    A band that differs from the one an answer rests on supersedes the answer and asks again. Only HR.
    """
    with transaction() as s:
        vacancy = _for_hr(s, actor, vacancy_id, Permission.VACANCY_EDIT)
        claim_version(s, vacancy, version)
        today = clock.today()
        chosen = in_order(bands)
        source = BandSource.PERSON if chosen else BandSource.NOT_AGENDA_FOR_CHANGE
        before, was_known = bands_of(s, vacancy.id), vacancy.band_source is not BandSource.UNREADABLE
        stored = rule_of_today(stored_rules(s), today)
        words = bands_in_words(chosen) or NOT_AFC_WORDS
        ask_the_rule(vacancy, BandReading(chosen, True, source, words), stored, today)
        vacancy.band_source, vacancy.band_text = source, words
        s.execute(delete(VacancyBand).where(VacancyBand.vacancy_id == vacancy.id))
        if chosen:
            s.execute(insert(VacancyBand), [{"vacancy_id": vacancy.id, "band": band} for band in chosen])
        if before != chosen or not was_known:
            _ask_again(s, vacancy)
        record(
            s,
            actor,
            "read band",
            "vacancy",
            vacancy.id,
            bands=";".join(band.value for band in chosen),
            possible_psw_role=vacancy.flag.value,
        )
        return vacancy.flag


def assign_manager(actor: Actor, vacancy_id: UUID, address: str, version: int) -> None:
    """Say who is asked about a vacancy: the address of somebody who is a recruiting manager. Only HR."""
    address = address.strip().casefold()
    with transaction() as s:
        vacancy = _for_hr(s, actor, vacancy_id, Permission.VACANCY_EDIT)
        person_id = managers_by_email(s, [address]).get(address)
        if person_id is None:
            text = "Nobody who signs in with this address is a recruiting manager yet. Invite them first."
            raise Refused(text, {"email": text})
        claim_version(s, vacancy, version)
        vacancy.manager_id = person_id
        vacancy.manager_email = address
        record(s, actor, "assigned manager", "vacancy", vacancy.id, manager=str(person_id))


def link_waiting_managers(s: Session, actor: Actor) -> int:
    """Give vacancies to managers who can sign in by now, by the address the vacancy came with; how many.

    In the caller's transaction: for whoever makes managers' accounts, and for HR's "nobody to ask" queue.
    """
    waiting = list(
        s.scalars(select(Vacancy).where(Vacancy.manager_id.is_(None), Vacancy.manager_email != ""))
    )
    managers = managers_by_email(s, {vacancy.manager_email for vacancy in waiting})
    events = []
    for vacancy in waiting:
        person_id = managers.get(vacancy.manager_email.casefold())
        if person_id is not None:
            vacancy.manager_id = person_id
            vacancy.version += 1
            vacancy.updated_at = clock.now()
            events.append(event_of(actor, "assigned manager", "vacancy", vacancy.id, manager=str(person_id)))
    record_many(s, events)
    return len(events)


def link_managers(actor: Actor) -> int:
    """Look again whether vacancies without a manager have one by now. Only HR."""
    if not may(actor, Permission.VACANCY_EDIT):
        raise VacancyNotFound
    with transaction() as s:
        return link_waiting_managers(s, actor)


def override_flag(actor: Actor, vacancy_id: UUID, flag: PswFlag, reason: str, version: int) -> None:
    """Set the flag against the rule, with a reason that stays beside it. Only HR; a manager cannot clear it."""
    reason = reason.strip()
    if flag is PswFlag.UNKNOWN:
        raise Refused("Choose yes or no", {"flag": "Choose whether this is a possible PSW role."})
    if not reason:
        raise Refused("Write the reason", {"reason": "Write why the rule's answer is not right here."})
    with transaction() as s:
        vacancy = _for_hr(s, actor, vacancy_id, Permission.FLAG_OVERRIDE)
        if vacancy.flag is PswFlag.UNKNOWN:
            raise Refused("The band is not known yet. Read the band first.")
        claim_version(s, vacancy, version)
        was = vacancy.flag
        vacancy.flag, vacancy.flag_overridden = flag, reason[:300]
        if flag is not was:
            yes = flag is PswFlag.YES
            vacancy.flagged_on = clock.today() if yes else None
            vacancy.consideration_due_on = _due_now(s, vacancy) if yes else None
            _settle_breach(s, vacancy)
        record(s, actor, "overrode flag", "vacancy", vacancy.id, was=was.value, possible_psw_role=flag.value)


def _for_hr(s: Session, actor: Actor, vacancy_id: UUID, permission: Permission) -> Vacancy:
    vacancy = s.get(Vacancy, vacancy_id) if may(actor, permission) else None
    if vacancy is None:
        raise VacancyNotFound
    return vacancy


def _ask_again(s: Session, vacancy: Vacancy) -> None:
    """After a change of band: the old answer no longer counts, and there are all the days for a new one."""
    if supersede_live(s, vacancy.id, "The band changed"):
        vacancy.still_right_asked = False
        if vacancy.flag is PswFlag.YES:
            vacancy.consideration_due_on = _due_now(s, vacancy)
    _settle_breach(s, vacancy)


def _due_now(s: Session, vacancy: Vacancy) -> date | None:
    """The last day for an answer that is asked for today."""
    rule = stored_rules(s).get(vacancy.rule_version or 0)
    days = rule.days if rule else terms_now(s).days_to_consider
    return due_day(vacancy.posted_on, rule.go_live_on if rule else None, clock.today(), days)


def _settle_breach(s: Session, vacancy: Vacancy) -> None:
    today = clock.today()
    rule = stored_rules(s).get(vacancy.rule_version or 0)
    was = vacancy.advertised_before_considered and vacancy.flag is PswFlag.YES
    vacancy.advertised_before_considered = was or is_breach(
        vacancy.flag,
        status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, today),
        vacancy.posted_on,
        rule.go_live_on if rule else None,
        first_considered(s, [vacancy.id]).get(vacancy.id),
        today,
        arrived_advertised=True,
    )
