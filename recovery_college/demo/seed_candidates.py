"""Seeded wishes: what made-up students and graduates would like of a post, four in five agreeing to be counted."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from recovery_college.access.rules import Role
from recovery_college.careers.consent_models import CandidateConsent
from recovery_college.careers.consent_rules import ConsentField, ConsentPurpose
from recovery_college.careers.preference_models import CandidatePreference, CandidateSite
from recovery_college.careers.preference_rules import (
    AlertFrequency,
    Day,
    SiteEase,
    TimeOfDay,
    everything,
)
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.demo.rows import Rows
from recovery_college.demo.seed_vacancies import SITES
from recovery_college.people.models import Account, RoleGrant

HOURS = tuple(Decimal(text) for text in ("4", "7.5", "11.25", "15", "18.75", "22.5", "30", "37.5"))
WEEKDAYS = everything(Day) >> 2
"""Monday to Friday."""


def add_candidate(
    rows: Rows, person_id: UUID, email: str, role: Role, since: datetime, today: date, random: Random
) -> None:
    """Gather somebody's account, role, wishes, places and the consent to be counted."""
    rows.add(Account, person_id=person_id, email=email, password_hash=None, created_at=since, closed_at=None)
    rows.add(RoleGrant, person_id=person_id, role=role, granted_at=since, granted_by="seed", ended_at=None)
    least = random.choice(HOURS[:5])
    most = random.choice([hours for hours in HOURS if hours >= least])
    places = random.sample(SITES, random.choice((0, 1, 1, 2)))
    counted = random.random() < 0.8
    rows.link(
        CandidatePreference,
        {
            "person_id": person_id,
            "looking": random.random() < 0.7,
            "counted": counted,
            "least_hours": least,
            "most_hours": most,
            "areas": random.choice((0, random.randrange(1, everything(ServiceArea) + 1))),
            "settings": random.choice((0, 0, random.randrange(1, everything(Setting) + 1))),
            "contracts": random.choice((0, 1, random.randrange(1, everything(ContractKind) + 1))),
            "days": random.choice((0, WEEKDAYS, random.randrange(1, everything(Day) + 1))),
            "times": random.choice((0, 0, random.randrange(1, everything(TimeOfDay) + 1))),
            "job_share": random.random() < 0.4,
            "anywhere": not places,
            "earliest_start": None
            if random.random() < 0.8
            else today + timedelta(days=random.randrange(1, 200)),
            "alerts": AlertFrequency.NEVER,
            "version": 1,
            "updated_at": since,
        },
    )
    for place in places:
        ease = SiteEase.EASILY if random.random() < 0.7 else SiteEase.IF_NEED_BE
        rows.link(CandidateSite, {"person_id": person_id, "site": place, "ease": ease})
    if counted:
        rows.add(
            CandidateConsent,
            person_id=person_id,
            field=ConsentField.WISHES,
            purpose=ConsentPurpose.COUNT,
            number=1,
            given=True,
            at=since,
        )
