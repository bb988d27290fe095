"""HR's match list of one vacancy: who fits or nearly, of those who agreed to be introduced (P1, P2).

The same blocks that keep a team from seeing somebody keep them off this list, so that nobody is introduced by
mistake to whom they would rather not meet. Each profile handed out is recorded as a view.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, Role, may
from recovery_college.careers.candidate_facts import gives
from recovery_college.careers.consent_models import CandidateIntroduction, VacancyApplication
from recovery_college.careers.consent_queries import (
    NAME_TO_INTRODUCE,
    profile_as_manager_sees,
    record_looks,
    said_yes,
    shown_profiles,
)
from recovery_college.careers.consent_rules import (
    ApplicationWay,
    CandidateProfile,
    ConsentPurpose,
    IntroductionKind,
)
from recovery_college.careers.matching_rules import MatchKind, Wish, kind_of, match
from recovery_college.careers.models import Vacancy
from recovery_college.careers.people_match_queries import (
    NAME,
    blocked_from,
    people_for,
    sharing_of,
    suits_others,
)
from recovery_college.careers.preference_queries import posts_as_facts, wishes_of
from recovery_college.careers.rules import status_on
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import Person
from recovery_college.people.rules import display_name

A_PAGE = 50
MOST_ASKED = 5_000
"""Ids named in one statement."""
_GAP = {
    Wish.HOURS: "would need other hours",
    Wish.PLACE: "would need another place",
    Wish.SERVICE: "looks for another service",
    Wish.SETTING: "looks for another setting",
    Wish.CONTRACT: "looks for another kind of contract",
    Wish.DAYS: "would need other days agreed",
    Wish.TIMES: "would need other times of day agreed",
    Wish.START: "could only start later",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the list: what they share, what is missing, what they said and asked."""

    profile: CandidateProfile
    missing: tuple[Wish, ...]
    yes: bool
    asked: bool
    suggested: bool
    introduced: bool
    as_share: bool = False

    @property
    def kind(self) -> MatchKind:
        """Fits, or nearly."""
        return kind_of(len(self.missing))

    @property
    def can_be_introduced(self) -> bool:
        """Whether there is something left to do: suggest it, or tell the manager of a yes."""
        return not self.introduced if self.yes else not self.suggested


@dataclass(frozen=True, slots=True)
class MatchList:
    """A page of the list, the pairs among all of it, and whether more fit who have not agreed to be introduced."""

    people: list[Candidate]
    pairs: list[tuple[CandidateProfile, CandidateProfile]]
    more_unseen: bool
    count: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; 1 where nobody is on the list."""
        return max(1, -(-self.count // A_PAGE))


def candidates_for(actor: Actor, vacancy: Vacancy, page: int = 1) -> MatchList | None:
    """Whoever fits or nearly fits and agreed to be introduced, and whoever said yes and agreed; HR and the college.

    Of the others than those on the page only the name is read, to put them in order. A page beyond the last is the
    last; pairs are named on the first.
    """
    if not may(actor, Permission.CANDIDATE_MATCH):
        return None
    found = _found(actor, vacancy)
    last = max(1, -(-len(found.people) // A_PAGE))
    page = min(max(page, 1), last)
    on_page = found.people[(page - 1) * A_PAGE : page * A_PAGE]
    on_it = {one.person_id for one in found.people}
    pairs = [pair for pair in found.pairs if on_it.issuperset(pair)] if page == 1 else []
    people = _profiles(on_page, {one for pair in pairs for one in pair})
    record_looks(actor, vacancy.id, people.values())
    return MatchList(
        [_candidate(one, people[one.person_id]) for one in on_page if one.person_id in people],
        [(people[one], people[other]) for one, other in pairs if one in people and other in people],
        found.more_unseen,
        len(found.people),
        page,
    )


def candidate_for(actor: Actor, vacancy: Vacancy, person_id: UUID) -> Candidate | None:
    """One person: for the manager after their yes, for HR and the college when they agreed to be introduced."""
    if actor.role is Role.MANAGER:
        profile = profile_as_manager_sees(actor, person_id, vacancy.id)
        return Candidate(profile, (), True, False, True, True) if profile else None
    if not may(actor, Permission.CANDIDATE_MATCH):
        return None
    found = _found(actor, vacancy, person_id).people
    people = _profiles(found)
    record_looks(actor, vacancy.id, people.values())
    return next((_candidate(one, people[one.person_id]) for one in found if one.person_id in people), None)


def said_in_words(found: Candidate) -> list[str]:
    """What this person said and asked, and what is missing, in sentences."""
    told = ["Said yes to this vacancy" if found.yes else "Has not been asked, or has not answered yet"]
    if found.asked:
        told.append("Asks to be introduced")
    if found.missing or found.as_share:
        told.append(how_it_fits(found))
    return told


def how_it_fits(found: Candidate) -> str:
    """How the vacancy suits somebody, in a few words."""
    if found.as_share:
        return "As half of a job share"
    return "Fits" if found.kind is MatchKind.FITS else gap_words(found.missing)


def gap_words(missing: tuple[Wish, ...]) -> str:
    """What is missing, in words; empty where nothing is."""
    words = " and ".join(_GAP[wish] for wish in missing)
    return f"{words[:1].upper()}{words[1:]}"


@dataclass(frozen=True, slots=True)
class _Listed:
    """A place on the list: all it takes to put somebody in order."""

    person_id: UUID
    name: str
    missing: tuple[Wish, ...]
    yes: bool
    asked: bool
    suggested: bool
    introduced: bool
    as_share: bool


@dataclass(frozen=True, slots=True)
class _Found:
    people: list[_Listed]
    more_unseen: bool
    pairs: list[tuple[UUID, UUID]]


def _profiles(listed: list[_Listed], others: Collection[UUID] = ()) -> dict[UUID, CandidateProfile]:
    wanted = {one.person_id for one in listed} | {*others}
    return {one.person_id: one for one in shown_profiles(wanted, ConsentPurpose.INTRODUCE)}


def _candidate(one: _Listed, profile: CandidateProfile) -> Candidate:
    return Candidate(profile, one.missing, one.yes, one.asked, one.suggested, one.introduced, one.as_share)


def _found(actor: Actor, vacancy: Vacancy, only: UUID | None = None) -> _Found:
    """Whoever is on the list (or one of them), whether more fit who are not, and the pairs who could share the post.

    Only who agreed to be introduced is read: that others fit is asked of the database, and their ids stay there.
    """
    today = clock.today()
    post = posts_as_facts([vacancy])[vacancy.id]
    if status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, today).is_over:
        return _Found([], False, [])
    near = {one.person_id: one for one in people_for(post, today, NAME_TO_INTRODUCE, only)}
    kept = blocked_from(vacancy.id) | {vacancy.manager_id, actor.person_id}
    shared = sharing_of(post, today, NAME_TO_INTRODUCE, kept)
    pairs, halves = shared.pairs, shared.halves
    yes = said_yes(vacancy.id)
    others = (halves | yes) - near.keys() if only is None else ((halves | yes) & {only}) - near.keys()
    named = {person_id: one.name for person_id, one in near.items()} | _names_to_introduce(others)
    missing = {person_id: one.missing for person_id, one in near.items()}
    missing |= dict.fromkeys(named.keys() & halves - near.keys(), (Wish.HOURS,))
    for person_id, wishes in wishes_of(list(named.keys() - missing.keys())).items():
        missing[person_id] = match(wishes, post, today).missing
    asked = set(
        session().scalars(
            select(VacancyApplication.person_id).where(
                VacancyApplication.vacancy_id == vacancy.id,
                VacancyApplication.way == ApplicationWay.INTRODUCTION,
            )
        )
    )
    done = {
        (person_id, kind)
        for person_id, kind in session().execute(
            select(CandidateIntroduction.person_id, CandidateIntroduction.kind).where(
                CandidateIntroduction.vacancy_id == vacancy.id
            )
        )
    }
    people = [
        _Listed(
            one,
            name,
            missing.get(one, ()),
            one in yes,
            one in asked and one in yes,
            (one, IntroductionKind.SUGGESTED) in done,
            (one, IntroductionKind.INTRODUCED) in done,
            one in halves,
        )
        for one, name in named.items()
        if one not in kept
    ]
    people.sort(key=lambda one: (not one.asked, not one.yes, len(one.missing), one.name, str(one.person_id)))
    # Who keeps away from this team counts here like who agreed to nothing, so that neither can be told apart.
    on_it = {one.person_id for one in people}
    unseen = only is None and (not (halves | yes) <= on_it or suits_others(post, today, on_it))
    return _Found(people, unseen, pairs)


def _names_to_introduce(person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those among these people who agreed to be introduced by name."""
    named: dict[UUID, str] = {}
    wanted = sorted(person_ids)
    for start in range(0, len(wanted), MOST_ASKED):
        some = Person.id.in_(wanted[start : start + MOST_ASKED])
        rows = session().execute(select(Person.id, *NAME).where(some, gives(Person.id, NAME_TO_INTRODUCE)))
        named |= {person_id: display_name(*name) for person_id, *name in rows}
    return named
