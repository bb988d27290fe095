"""Vacancies for tests, made by the same way in as everybody's: the import."""

import csv
import io
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.careers.considerations import record_consideration
from recovery_college.careers.models import Vacancy
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.imports.kind import run_import
from recovery_college.imports.rules import Report
from recovery_college.kernel.db import session
from recovery_college.people.models import Account
from recovery_college.people.signin import SignedIn
from tests.factories.people import CONSOLE, signed_in

NHS_JOBS_SAMPLE = Path(__file__).parents[1] / "data" / "nhs_jobs_sample.xml"
_number = count(1)


def import_rows(*rows: dict[str, Any], actor: Any = CONSOLE, **options: Any) -> Report:
    """Import vacancies given as dictionaries of the columns of the contract."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return import_text(out.getvalue(), actor=actor, **options)


def import_text(
    text: str | bytes, name: str = "vacancies.csv", actor: Any = CONSOLE, **options: Any
) -> Report:
    """Import a file's content."""
    content = text.encode() if isinstance(text, str) else text
    return run_import(VACANCIES, actor, content, name, **options)


def a_vacancy(manager: SignedIn | None = None, **columns: Any) -> Vacancy:
    """A vacancy of band 3 (unless said), due for its manager's answer when one is given."""
    reference = columns.pop("reference", f"REF-{next(_number):05}")
    row = {"reference": reference, "title": "Health Care Assistant", "band": "Band 3", **columns}
    if manager is not None:
        row["manager_email"] = email_of(manager)
    report = import_rows(row)
    assert report.ok, report.refused
    return vacancy_of(reference)


def vacancy_of(reference: str) -> Vacancy:
    """The vacancy as it is stored now."""
    session().expire_all()
    return session().execute(select(Vacancy).where(Vacancy.reference == reference)).scalar_one()


def email_of(who: SignedIn) -> str:
    """The address somebody signs in with."""
    statement = select(Account.email).where(Account.person_id == who.person_id)
    return session().execute(statement).scalars().first() or ""


def a_manager(name: str = "Morgan") -> SignedIn:
    """A recruiting manager, signed in."""
    return signed_in(Role.MANAGER, name=name)


def considered(
    vacancy: Vacancy, manager: SignedIn, answer: str = "psw post", reason: str = "", text: str = ""
) -> None:
    """Let the vacancy's manager answer."""
    record_consideration(
        manager, vacancy.id, answer, reason or None, text, vacancy_of(vacancy.reference).version
    )
