"""HR's match list of one vacancy: who fits or nearly, of those who agreed to be introduced (P1, P2).

The same blocks that keep a team from seeing somebody keep them off this list, so that nobody is introduced by
mistake to whom they would rather not meet. Each profile handed out is recorded as a view.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, Role, may
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
from recovery_college.careers.matching_queries import blocked_from, pairs_for, people_for, suits_others
from recovery_college.careers.matching_rules import MatchKind, Wish, kind_of
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_queries import posts_as_facts
from recovery_college.careers.rules import status_on
from recovery_college.kernel import clock
from recovery_college.kernel.db import session

MOST_SHOWN = 50
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
    """The list, the pairs among it, and whether more fit who have not agreed to be introduced."""

    people: list[Candidate]
    pairs: list[tuple[CandidateProfile, CandidateProfile]]
    more_unseen: bool
    cut: bool


def candidates_for(actor: Actor, vacancy: Vacancy) -> MatchList | None:
    """Whoever fits or nearly fits and agreed to be introduced, and whoever said yes and agreed; HR and the college."""
    if not may(actor, Permission.CANDIDATE_MATCH):
        return None
    found, unseen, pairs = _found(actor, vacancy)
    by_id = {one.profile.person_id: one.profile for one in found}
    shown = found[:MOST_SHOWN]
    record_looks(actor, vacancy.id, [one.profile for one in shown])
    return MatchList(
        shown,
        [(by_id[one], by_id[other]) for one, other in pairs if one in by_id and other in by_id],
        unseen,
        len(found) > MOST_SHOWN,
    )


def candidate_for(actor: Actor, vacancy: Vacancy, person_id: UUID) -> Candidate | None:
    """One person: for the manager after their yes, for HR and the college when they agreed to be introduced."""
    if actor.role is Role.MANAGER:
        profile = profile_as_manager_sees(actor, person_id, vacancy.id)
        return Candidate(profile, (), True, False, True, True) if profile else None
    if not may(actor, Permission.CANDIDATE_MATCH):
        return None
    found = next(iter(_found(actor, vacancy, person_id)[0]), None)
    if found is not None:
        record_looks(actor, vacancy.id, [found.profile])
    return found


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


def _found(
    actor: Actor, vacancy: Vacancy, only: UUID | None = None
) -> tuple[list[Candidate], bool, list[tuple[UUID, UUID]]]:
    """Whoever is on the list (or one of them), whether more fit who are not, and the pairs who could share the post.

    Only who agreed to be introduced is read: that others fit is asked of the database, and their ids stay there.
    """
    today = clock.today()
    post = posts_as_facts([vacancy])[vacancy.id]
    if status_on(vacancy.status, vacancy.posted_on, vacancy.closes_on, today).is_over:
        return [], False, []
    missing = {one.person_id: one.missing for one in people_for(post, today, NAME_TO_INTRODUCE, only)}
    pairs = pairs_for(post, today)
    halves = {person_id for pair in pairs for person_id in pair}
    for one in halves:
        missing.setdefault(one, (Wish.HOURS,))
    yes, away = said_yes(vacancy.id), blocked_from(vacancy.id)
    wanted = ({*missing} | yes) - away - {vacancy.manager_id, actor.person_id}
    if only is not None:
        wanted &= {only}
    profiles = shown_profiles({one for one in wanted if one is not None}, ConsentPurpose.INTRODUCE)
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
        Candidate(
            one,
            missing.get(one.person_id, ()),
            one.person_id in yes,
            one.person_id in asked and one.person_id in yes,
            (one.person_id, IntroductionKind.SUGGESTED) in done,
            (one.person_id, IntroductionKind.INTRODUCED) in done,
            one.person_id in halves,
        )
        for one in profiles
    ]
    people.sort(key=lambda one: (not one.asked, not one.yes, len(one.missing), one.profile.name))
    # Who keeps away from this team counts here like who agreed to nothing, so that neither can be told apart.
    on_it = {one.profile.person_id for one in people}
    unseen = only is None and (not (halves | yes) <= on_it or suits_others(post, today, on_it))
    return people, unseen, pairs
