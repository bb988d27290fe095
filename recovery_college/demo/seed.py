"""`seed`: a large made-up college by bulk insert, for benchmarks and trials; the same seed, the same college."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Role
from recovery_college.audit.services import record
from recovery_college.careers.models import Directorate, PswRule, Team
from recovery_college.careers.rules import RULE_V1, ServiceArea, Setting
from recovery_college.courses.models import Enrolment, Qualification
from recovery_college.courses.specification import Specification
from recovery_college.demo.cohorts import add_qualification, add_sites, on
from recovery_college.demo.earlier import MadeTeam
from recovery_college.demo.names import made_up_name
from recovery_college.demo.rows import Rows
from recovery_college.demo.seed_cohorts import SeedStaff, add_seed_cohorts
from recovery_college.demo.seed_vacancies import add_seed_vacancies
from recovery_college.demo.specification import DEMO_SPECIFICATION
from recovery_college.graduation.models import Graduation
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.people.models import Account, Person, RoleGrant

VERSION = "SEED"
SITES = ("Northmere (made up)", "Southmere (made up)")
ENOUGH = 20_000
"""Rows gathered before they are written, so that memory does not grow with the college."""


class SeedRefused(Exception):
    """The college cannot be seeded; the text says why."""


@dataclass(frozen=True, slots=True)
class Size:
    """What is asked for: students are those of one cohort."""

    cohorts: int
    students: int
    vacancies: int
    seed: int


def seed_college(actor: Actor, size: Size, progress: Callable[[int], None] | None = None) -> int:
    """Fill the database, in one transaction; return the number of rows written.

    Of the cohorts the newest is running and half marked, the one before is finished, verified and not yet
    certificated, the others graduated before this system. Raises SeedRefused where real people have a place
    or a graduation, and where there is a seeded college already.
    """
    with transaction() as s:
        _check(s)
        seeding = _Seeding(s, size, progress)
        written = seeding.run()
        record(
            s, actor, "seeded college", "college", "seed",
            cohorts=size.cohorts, students=size.cohorts * size.students, vacancies=size.vacancies,
            seed=size.seed, rows=written,
        )  # fmt: skip
        return written


def _check(s: Session) -> None:
    real = Person.is_made_up.is_(False)
    enrolled = select(Enrolment.id).join(Person, Enrolment.person_id == Person.id).where(real).limit(1)
    graduated = select(Graduation.id).join(Person, Graduation.person_id == Person.id).where(real).limit(1)
    if s.scalar(enrolled) or s.scalar(graduated):
        raise SeedRefused(
            "There are real students or graduates here, and a made-up college would stand among them. Seed an "
            "empty database: set RC_DATA_DIR to a new folder and run `recovery-college init` there first."
        )
    if s.scalar(select(Qualification.id).where(Qualification.version == VERSION)):
        raise SeedRefused(
            "This database holds a seeded college already. To have another, set RC_DATA_DIR to a new folder and "
            "run `recovery-college init` there first."
        )


class _Seeding:
    """One seeding. Nothing in it asks the clock but for the day it is done on."""

    def __init__(self, s: Session, size: Size, progress: Callable[[int], None] | None) -> None:
        self.s = s
        self.size = size
        self.progress = progress
        self.today = clock.today()
        self.since = on(date(self.today.year - 1, 1, 1), 0)
        self.random = Random(size.seed)  # noqa: S311 the same seed makes the same college
        self.rows = Rows(self.random, self.since)

    def run(self) -> int:
        """Gather and write everything."""
        size, rows = self.size, self.rows
        if size.cohorts:
            spec = DEMO_SPECIFICATION
            course = add_qualification(rows, Specification(spec.title, VERSION, spec.groups, spec.min_credit))
            sites = tuple(add_sites(rows, SITES).values())
            staff = SeedStaff(
                tuple(self._somebody("tutor", n, Role.TUTOR) for n in range(max(2, size.cohorts // 10))),
                self._somebody("iqa", 0, Role.IQA),
            )
            self._write_all()
            for _ in add_seed_cohorts(rows, course, sites, staff, size, self.today, self.random):
                self._write()
        if size.vacancies:
            managers = [
                (f"manager{n}@seed.example", self._somebody("manager", n, Role.MANAGER))
                for n in range(max(2, size.vacancies // 100))
            ]
            teams = self._teams(max(3, min(200, size.vacancies // 25)))
            self._write_all()
            go_live_on = self._go_live()
            for _ in add_seed_vacancies(
                rows, teams, managers, go_live_on, size.vacancies, self.today, self.random
            ):
                self._write()
        self._write_all()
        return rows.written

    def _write(self) -> None:
        if self.rows.waiting >= ENOUGH:
            self._write_all()

    def _write_all(self) -> None:
        self.rows.write(self.s)
        if self.progress:
            self.progress(self.rows.written)

    def _somebody(self, kind: str, number: int, role: Role) -> UUID:
        """Somebody of the staff with an account and a role. Give them a password with `set-password`."""
        given, family = made_up_name(self.random)
        email = f"{kind}{number}@seed.example"
        person_id = self.rows.add(
            Person, student_ref=None, given_name=given, family_name=family, preferred_name="", pronouns="",
            certificate_name="", email=email, date_of_birth=None, uln="", created_at=self.since,
            is_made_up=True,
        )  # fmt: skip
        self.rows.add(
            Account,
            person_id=person_id,
            email=email,
            password_hash=None,
            created_at=self.since,
            closed_at=None,
        )
        self.rows.add(
            RoleGrant, person_id=person_id, role=role, granted_at=self.since, granted_by="seed", ended_at=None
        )
        return person_id

    def _teams(self, count: int) -> list[MadeTeam]:
        areas = list(ServiceArea)
        directorates = [self.rows.add(Directorate, name=f"Directorate {n} (made up)") for n in range(1, 4)]
        made = []
        for number in range(count):
            area, setting = areas[number % 3], list(Setting)[number % 2]
            name = f"Team {number + 1} (made up)"
            team_id = self.rows.add(
                Team, name=name, directorate_id=directorates[number % 3], service_area=area, setting=setting
            )
            made.append(MadeTeam(team_id, directorates[number % 3], name, area, setting))
        return made

    def _go_live(self) -> date:
        """The rule's go-live day; a year ago where nobody has set one."""
        stored = self.s.scalar(select(PswRule.go_live_on).where(PswRule.version == RULE_V1.version))
        if stored is not None:
            return stored
        day = self.today - timedelta(days=365)
        self.s.execute(
            update(PswRule).where(PswRule.version == RULE_V1.version).values(go_live_on=day),
            execution_options={"synchronize_session": False},
        )
        return day
