"""Writing down for somebody, on their word, that they look for a post or have a break, and from when."""

from datetime import date
from uuid import UUID

from recovery_college.access.rules import Actor
from recovery_college.audit.services import record
from recovery_college.careers.consent_record_queries import availability_of
from recovery_college.careers.preference_services import NotACandidate, PreferenceChanged, row_of
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.people.queries import address_of

SUBJECT = "What the college wrote down for you"
WORDS = (
    "Hello,\n\nthe college wrote down for you that you {what}. If that is not right, you can change it on your page "
    "at any time. Nobody else may say it for you but the college, and what you agreed to share stays as it was.\n"
)


def set_availability(
    actor: Actor, person_id: UUID, *, looking: bool, earliest_start: date | None, version: int
) -> bool:
    """Write it down, tell the person, and say whether anything changed. No day leaves the day as it was.

    Only the college, and only for who let it know their name. Raises NotACandidate, PreferenceChanged.
    """
    with transaction() as s:
        row = row_of(s, person_id) if availability_of(actor, person_id) else None
        if row is None:
            raise NotACandidate
        start = earliest_start or row.earliest_start
        if (row.looking, row.earliest_start) == (looking, start):
            return False
        if row.version != version:
            raise PreferenceChanged
        row.looking, row.earliest_start = looking, start
        row.version, row.updated_at = row.version + 1, clock.now()
        to = address_of(person_id)
        if is_address(to):
            what = "look for a post" if looking else "have a break from looking for a post"
            queue_mail(s, to, SUBJECT, WORDS.format(what=what), "availability")
        record(s, actor, "wrote down availability", "candidate", person_id, looking=looking)
        return True
