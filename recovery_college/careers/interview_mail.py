"""An interview in people's calendars: a file to take along, and an invitation by mail when it is planned or changes.

The same UID and a SEQUENCE that grows (RFC 5545, 5546), so that calendars move the entry they have. The mail says
when, where and a reference: other people may see it, so neither a name nor the words of the post are in it.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.careers.candidacy_calendar import interview_calendar
from recovery_college.careers.candidacy_models import Candidacy, Interview
from recovery_college.careers.candidate_facts import leads_the_candidate
from recovery_college.careers.models import Vacancy
from recovery_college.kernel import clock
from recovery_college.kernel.mail import is_address, queue_mail
from recovery_college.kernel.running_app import the_settings
from recovery_college.kernel.wording import moment
from recovery_college.people.queries import address_of

PURPOSE = "interview"


def calendar_of(meeting: Interview, reference: str, attendee: str = "") -> str:
    """The interview as a calendar object: to keep, or with an attendee as an invitation to them."""
    settings = the_settings()
    host = settings.public_base_url.split("//")[-1].split("/")[0].split(":")[0]
    return interview_calendar(
        uid=f"interview-{meeting.candidacy_id}@{host}",
        sequence=meeting.sequence,
        changed_at=meeting.changed_at,
        starts_at=meeting.starts_at,
        minutes=meeting.minutes,
        reference=reference,
        place=meeting.place,
        organisation=settings.org_name,
        cancelled=meeting.cancelled_at is not None,
        organiser=settings.mail_from or settings.contact_email or f"no-reply@{host}",
        attendee=attendee,
    )


def send_invitations(s: Session, row: Candidacy, meeting: Interview) -> bool:
    """Queue the interview as it is now for the candidate and the manager; whether the candidate can be written to.

    The manager is left out where the candidate declared that they lead them: they know nothing of the candidacy.
    """
    vacancy = s.get_one(Vacancy, row.vacancy_id)
    to = address_of(row.person_id)
    reached = is_address(to)
    if reached:
        _write(s, to, vacancy, meeting, to_candidate=True)
    led = select(Candidacy.id).where(Candidacy.id == row.id, leads_the_candidate(vacancy.manager_id))
    if s.scalar(led) is None:
        theirs = (address_of(vacancy.manager_id) if vacancy.manager_id else "") or vacancy.manager_email
        if is_address(theirs) and theirs != to:
            _write(s, theirs, vacancy, meeting, to_candidate=False)
    return reached


def cancel_interview(s: Session, row: Candidacy) -> str:
    """Call off an interview that is still to come and tell both, in the caller's transaction.

    When it was to be, in words; empty if there was none.
    """
    found = s.get(Interview, row.id)
    if found is None or found.cancelled_at is not None or found.starts_at <= clock.now():
        return ""
    found.sequence += 1
    found.cancelled_at = found.changed_at = clock.now()
    s.flush()
    send_invitations(s, row, found)
    return meeting_words(found)


def meeting_words(meeting: Interview) -> str:
    """The day and time of a meeting, as a letter says it."""
    return moment(meeting.starts_at)


def _write(s: Session, to: str, vacancy: Vacancy, meeting: Interview, *, to_candidate: bool) -> None:
    settings = the_settings()
    when = f"{meeting_words(meeting)}, {meeting.minutes} minutes\n{meeting.place}\n"
    base = settings.public_base_url
    if meeting.cancelled_at is not None:
        subject = f"Called off: interview ({vacancy.reference})"
        words = f"this interview is called off:\n\n{when}\nYour calendar takes it out with this message.\n"
    else:
        changed = meeting.sequence > 0
        subject = f"{'Changed: interview' if changed else 'Interview'} ({vacancy.reference})"
        words = f"an interview is {'changed. It is now' if changed else 'planned'}:\n\n{when}\n"
        words += "The invitation for your calendar is in this message.\n"
    if to_candidate:
        words += (
            "Your page of jobs you said yes to shows it too. There you can say what would help on the day:\n"
        )
        words += f"{base}/my-future/candidacies\n"
    else:
        words += f"Who it is with stands on the board:\n{base}/pipeline?vacancy={vacancy.id}\n"
    body = f"Hello,\n\n{words}\n{settings.org_name}\n"
    queue_mail(s, to, subject, body, PURPOSE, calendar_of(meeting, vacancy.reference, to))
