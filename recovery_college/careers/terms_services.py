"""Setting the Trust's terms around vacancies: HR, with what was there before kept."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.considerations import Refused
from recovery_college.careers.terms_facts import terms_in, terms_now
from recovery_college.careers.terms_models import CareersTerms
from recovery_college.careers.terms_rules import Terms, check_terms
from recovery_college.kernel import clock
from recovery_college.kernel.db import session, transaction
from recovery_college.people.models import Person
from recovery_college.people.queries import name_of


class TermsChanged(Exception):
    """Somebody set the terms after the page was opened."""


@dataclass(frozen=True, slots=True)
class TermsRow:
    """One set of terms with who set it, and what it changed from the one before."""

    number: int
    terms: Terms
    by: str
    at: datetime


def terms_set(actor: Actor) -> list[TermsRow]:
    """The last sets of terms, newest first: a Trust sets them once, and seldom again."""
    if not may(actor, Permission.TERMS_SET):
        return []
    rows = session().execute(
        select(CareersTerms, Person)
        .join(Person, Person.id == CareersTerms.set_by)
        .order_by(CareersTerms.number.desc())
        .limit(50)
    )
    return [TermsRow(row.number, terms_in(row), name_of(who), row.set_at) for row, who in rows]


def set_terms(actor: Actor, terms: Terms, seen: int) -> None:
    """Set the terms from now on. What is due already keeps its day, and a drawn sample stays as it was drawn.

    `seen` is the number on the page, 0 for the defaults. The same terms again change nothing. Raises Refused with
    what is wrong by box, TermsChanged, and PermissionError for anybody but HR.
    """
    if not may(actor, Permission.TERMS_SET) or actor.person_id is None:
        raise PermissionError("only HR sets the terms")
    errors = check_terms(terms)
    if errors:
        raise Refused(next(iter(errors.values())), errors)
    with transaction() as s:
        was = terms_now(s)
        if was == terms:
            return
        last = s.scalar(select(func.max(CareersTerms.number))) or 0
        if last != seen:
            raise TermsChanged
        row = CareersTerms(number=last + 1, **asdict(terms), set_by=actor.person_id, set_at=clock.now())
        s.add(row)
        try:
            s.flush()
        except IntegrityError:
            raise TermsChanged from None
        before = asdict(was)
        record(
            s,
            actor,
            "set terms",
            "careers terms",
            last + 1,
            **{
                name: f"{before[name]} to {value}"
                for name, value in asdict(terms).items()
                if value != before[name]
            },
        )
