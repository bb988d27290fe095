"""The pack of an external engagement of 24 portfolios, made as its job makes it: what it holds in memory.

Two cohorts of 24 students and 60 criteria, every one decided with words, every unit picked: in one each student has
eight files of 1 KiB, in the other eight of 2 MiB. What is measured is the most that this process holds while the job
runs, which the kernel keeps (VmHWM) and forgets on demand (clear_refs), and what it holds afterwards.
"""

import gc
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from uuid import UUID

from flask import current_app

from benchmarks.harness import WALL, Comparison, count_at_most
from benchmarks.large import settings_at
from recovery_college.access.rules import Role
from recovery_college.app import create_app
from recovery_college.assessment.engagement_models import EqaPack
from recovery_college.assessment.models import Decision
from recovery_college.assessment.rules import Outcome
from recovery_college.kernel import clock
from recovery_college.kernel.db import add_rows, session, transaction
from recovery_college.kernel.schema import upgrade_schema
from recovery_college.people.signin import SignedIn
from recovery_college.quality.pack_services import make_pack, start_pack
from tests.factories.engagements import a_pick, an_engagement
from tests.factories.evidence import an_evidence
from tests.factories.marking import MarkedCohort, a_marked_cohort
from tests.factories.people import signed_in

STUDENTS = 24
UNITS, CRITERIA = 6, 10
FILES, THIN, FULL = 8, 2**10, 2 * 2**20
AGAIN = 3
MIB = 2**20


def rows() -> list[Comparison]:
    """Make packs of the thin cohort, then of the full one, then of both again."""
    folder = Path(tempfile.mkdtemp(prefix="rc-bench-pack-"))
    try:
        app = create_app(settings_at(folder))
        upgrade_schema(app)
        with app.app_context():
            eqa = signed_in(Role.EQA, name="Eve")
            thin, full = _cohort(THIN), _cohort(FULL)
            first, *_ = _pack(eqa, thin)
            _pack(eqa, thin)
            small, *_ = _pack(eqa, thin)
            large, seconds, size = _pack(eqa, full)
            gc.collect()
            before = _status("VmRSS")
            for _ in range(AGAIN):
                _pack(eqa, full)
            gc.collect()
            grown = _status("VmRSS") - before
        what = f"{STUDENTS} portfolios with {size / MIB:.0f} MiB of files ({seconds:.1f} s), against files of 1 KiB"
        return [
            count_at_most(8, "pack-files", f"memory more: {what}", count=large - small, at_most=10, unit="MiB"),
            count_at_most(
                8, "pack-again", f"memory kept after {AGAIN} packs more", count=grown, at_most=10, unit="MiB"
            ),
            count_at_most(
                8, "pack-first", "the first pack of a process, its renderer loaded", count=first, at_most=160,
                unit="MiB",
            ),
        ]  # fmt: skip
    finally:
        shutil.rmtree(folder)


def _cohort(size: int) -> MarkedCohort:
    made = a_marked_cohort(STUDENTS, units=((CRITERIA // 2, CRITERIA // 2),) * UNITS)
    now = clock.now()
    with transaction() as s:
        add_rows(
            s,
            Decision,
            [
                {
                    "enrolment_id": enrolment, "criterion_id": criterion, "attempt": 1, "revision": 1,
                    "outcome": Outcome.MET, "feedback": "Clear, kind, and said in your own words. " * 4,
                    "decided_on": clock.today(), "decided_by": made.tutor.person_id, "recorded_at": now,
                    "released_at": now, "released_by": made.tutor.person_id,
                }
                for enrolment in made.enrolments
                for criterion in made.criteria
            ],
        )  # fmt: skip
    for enrolment in made.enrolments:
        for number in range(FILES):
            about = made.criteria[number * 7 : number * 7 + 4]
            an_evidence(
                enrolment, about, body="What I did and learned. " * 100, file_name=f"{number}.pdf",
                content=os.urandom(size),
            )  # fmt: skip
    return made


def _pack(eqa: SignedIn, made: MarkedCohort) -> tuple[float, float, int]:
    """The most memory its making needs above what was held, in MiB; its seconds; the file's bytes."""
    visit = an_engagement(eqa.person_id, [made.cohort_id])
    for enrolment in made.enrolments:
        for unit in made.units:
            a_pick(visit, enrolment, unit, eqa.person_id, "All of it")
    pack_id = start_pack(eqa, visit)
    session().rollback()
    before, began = _forget_the_peak(), WALL()
    make_pack(pack_id)
    peak, seconds = _status("VmHWM"), WALL() - began
    pack = session().get_one(EqaPack, pack_id, populate_existing=True)
    assert pack.done == pack.total == STUDENTS
    _check(pack.storage_key, pack_id)
    size = pack.size
    session().rollback()
    return peak - before, seconds, size


def _check(key: str, pack_id: UUID) -> None:
    """Whole: the paper, and each student's words and files."""
    path = current_app.extensions["settings"].data_dir / "files" / key
    with zipfile.ZipFile(path) as pack:
        assert len(pack.namelist()) == 1 + STUDENTS * FILES * 2, pack_id


def _forget_the_peak() -> float:
    """MiB held now; the kernel begins to watch for the most anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024
