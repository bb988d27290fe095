"""The pack of an external engagement, made as its job makes it: the memory of 24 portfolios against that of 6.

A cohort of 24 students and 60 criteria, every one decided and with words; each student's units are all picked, and
each has handed in eight files of 2 MiB. What is measured is the most that this process holds while the job runs,
which the kernel keeps (VmHWM) and forgets on demand (clear_refs).
"""

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

STUDENTS, FEW = 24, 6
UNITS, CRITERIA = 6, 10
FILES, SIZE = 8, 2 * 2**20
MIB = 2**20


def rows() -> list[Comparison]:
    """Make a pack of one portfolio to warm up, then one of six and one of 24."""
    folder = Path(tempfile.mkdtemp(prefix="rc-bench-pack-"))
    try:
        app = create_app(settings_at(folder))
        upgrade_schema(app)
        with app.app_context():
            eqa = signed_in(Role.EQA, name="Eve")
            made = _cohort()
            _pack(eqa, made, 1)
            few, _, _ = _pack(eqa, made, FEW)
            many, seconds, size = _pack(eqa, made, STUDENTS)
            more = (STUDENTS - FEW) * FILES * SIZE / MIB
        what = f"a pack of {STUDENTS} portfolios ({size / MIB:.0f} MiB, {seconds:.1f} s) against one of {FEW}"
        return [
            count_at_most(
                8, "pack-memory", f"memory more, {what}, {more:.0f} MiB more of files", count=many - few,
                at_most=10, unit="MiB",
            ),
            count_at_most(
                8, "pack-peak", "the most memory above what the process held", count=many, at_most=64, unit="MiB"
            ),
        ]  # fmt: skip
    finally:
        shutil.rmtree(folder)


def _cohort() -> MarkedCohort:
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
                content=os.urandom(SIZE),
            )  # fmt: skip
    return made


def _pack(eqa: SignedIn, made: MarkedCohort, students: int) -> tuple[float, float, int]:
    """The most memory its making needs above what was held, in MiB; its seconds; the file's bytes."""
    visit = an_engagement(eqa.person_id, [made.cohort_id])
    for enrolment in made.enrolments[:students]:
        for unit in made.units:
            a_pick(visit, enrolment, unit, eqa.person_id, "All of it")
    pack_id = start_pack(eqa, visit)
    session().rollback()
    before, began = _forget_the_peak(), WALL()
    make_pack(pack_id)
    peak, seconds = _status("VmHWM"), WALL() - began
    pack = session().get_one(EqaPack, pack_id, populate_existing=True)
    assert pack.done == pack.total == students
    _check(pack.storage_key, pack_id, students)
    size = pack.size
    session().rollback()
    return peak - before, seconds, size


def _check(key: str, pack_id: UUID, students: int) -> None:
    """Whole: the paper, and each student's words and files."""
    path = current_app.extensions["settings"].data_dir / "files" / key
    with zipfile.ZipFile(path) as pack:
        assert len(pack.namelist()) == 1 + students * FILES * 2, pack_id


def _forget_the_peak() -> float:
    """MiB held now; the kernel begins to watch for the most anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024
