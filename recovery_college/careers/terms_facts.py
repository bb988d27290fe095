"""The terms in force, for everything that counts by them."""

from dataclasses import fields, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.careers.terms_models import CareersTerms
from recovery_college.careers.terms_rules import DEFAULT, Terms
from recovery_college.kernel.db import session
from recovery_college.kernel.running_app import the_settings


def terms_now(s: Session | None = None) -> Terms:
    """What the Trust set last; until then the defaults, and of redeployment what the service was set up with."""
    newest = select(CareersTerms).order_by(CareersTerms.number.desc()).limit(1)
    row = (s or session()).scalar(newest)
    if row is None:
        return replace(DEFAULT, redeployment_first=the_settings().redeployment_first)
    return terms_in(row)


def terms_in(row: CareersTerms) -> Terms:
    """The terms of a row."""
    return Terms(**{one.name: getattr(row, one.name) for one in fields(Terms)})
