"""Registering students with the awarding organisation before anything is claimed for them (A12, A4)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.claim_models import AoRegistration
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import event_of, record_many
from recovery_college.claims.claim_services import ClaimRefused, NoSuchClaim, StaleClaim
from recovery_college.claims.registration_queries import Registered, registrations_of
from recovery_college.claims.rules import digest_of, identity_problems
from recovery_college.courses.queries import places_in
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction


def registration_stamp(found: Registered) -> str:
    """What the page showed of one student, to notice that the record changed meanwhile."""
    return digest_of([found.record.certificate_name, found.record.date_of_birth, found.record.uln])[:16]


def register_students(
    actor: Actor, cohort_id: UUID, chosen: Collection[UUID], registered_on: date, seen: dict[UUID, str]
) -> int:
    """Record that students are registered with the awarding organisation, exactly as their record says now.

    `chosen`: enrolments. `seen`: what the page showed of each. Who is registered like that already stays as
    they are, so a form sent twice registers once. How many are new. Raises NoSuchClaim, ClaimRefused, StaleClaim.
    """
    with transaction() as s:
        cohort = cohort_known_to(actor, cohort_id)
        if cohort is None or actor.person_id is None or not may(actor, Permission.CLAIM_PREPARE):
            raise NoSuchClaim
        names = {place.enrolment_id: place.name for place in places_in([cohort_id])}
        if not chosen or not set(chosen) <= names.keys():
            raise ClaimRefused("Tick the students who are registered", "students")
        if registered_on > clock.today():
            raise ClaimRefused("The date is in the future. Enter today or an earlier date", "registered_on")
        found = registrations_of(chosen)
        events = []
        for enrolment_id in sorted(chosen, key=lambda one: (names[one], str(one))):
            one = found[enrolment_id]
            if registration_stamp(one) != seen.get(enrolment_id):
                raise StaleClaim
            problems = identity_problems(one.record)
            if problems:
                raise ClaimRefused(f"{names[enrolment_id]}: {problems[0].text}", "students")
            if one.record.sent == one.registered:
                continue
            row = AoRegistration(
                enrolment_id=enrolment_id, certificate_name=one.record.sent.certificate_name,
                date_of_birth=one.record.date_of_birth, uln=one.record.sent.uln, registered_on=registered_on,
                recorded_by=actor.person_id, recorded_at=clock.now(),
            )  # fmt: skip
            s.add(row)
            s.flush()
            again = one.registered is not None
            events.append(
                event_of(
                    actor, "registered student", "enrolment", enrolment_id,
                    on=registered_on.isoformat(), again=again,
                )
            )  # fmt: skip
        record_many(s, events)
        return len(events)
