"""Graduates with wishes and consents, and posts that are open to them, by the services people use."""

from collections.abc import Collection
from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID

from recovery_college.access.rules import Role
from recovery_college.careers.consent_rules import (
    COUNTED,
    FIELD_OF,
    POSSIBLE,
    CandidateProfile,
    Consent,
    ConsentField,
)
from recovery_college.careers.consent_services import save_consents
from recovery_college.careers.models import Vacancy
from recovery_college.careers.preference_models import CandidatePreference, VacancyPattern
from recovery_college.careers.preference_rules import Day, TimeOfDay, Wishes, mask_of
from recovery_college.careers.preference_services import save_wishes
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.signin import SignedIn
from tests.factories.careers import a_vacancy, considered, vacancy_of
from tests.factories.people import signed_in


def a_candidate(
    name: str = "Greta",
    wishes: Wishes | None = None,
    consents: Collection[Consent] = (COUNTED,),
    role: Role = Role.GRADUATE,
) -> SignedIn:
    """Somebody who looks for a post, counted unless said otherwise."""
    who = signed_in(role, name=name)
    save_wishes(who, wishes or Wishes(), 0)
    save_consents(who, consents)
    return who


def shows_all(who: SignedIn) -> SignedIn:
    """Let this candidate give every consent there is."""
    save_consents(who, POSSIBLE)
    return who


def an_open_post(manager: SignedIn, **columns: Any) -> Vacancy:
    """A post advertised now that its manager opened to peer support workers."""
    today = clock.today()
    columns.setdefault("posted_on", (today - timedelta(days=2)).isoformat())
    columns.setdefault("closes_on", (today + timedelta(days=20)).isoformat())
    vacancy = a_vacancy(manager, **columns)
    considered(vacancy, manager)
    return vacancy_of(vacancy.reference)


def a_pattern(
    vacancy_id: UUID, days: Collection[Day] = (), times: Collection[TimeOfDay] = (), job_share: bool = False
) -> None:
    """Say on which days a vacancy is worked."""
    with transaction() as s:
        s.merge(
            VacancyPattern(
                vacancy_id=vacancy_id,
                days=mask_of(days, Day),
                times=mask_of(times, TimeOfDay),
                job_share=job_share,
                version=1,
                updated_at=clock.now(),
            )
        )


def version_of(who: SignedIn) -> int:
    """The version of somebody's wishes as stored."""
    session().expire_all()
    return session().get_one(CandidatePreference, who.person_id).version


def fields_shown(profile: CandidateProfile) -> frozenset[ConsentField]:
    """The consents a profile rests on: what holds it to the consents given."""
    return frozenset(
        FIELD_OF[one.name]
        for one in fields(profile)
        if one.name in FIELD_OF and getattr(profile, one.name) is not None
    )
