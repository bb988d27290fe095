"""What can be imported into courses, in the order a new college needs it."""

from recovery_college.courses.imports.attendance import ATTENDANCE
from recovery_college.courses.imports.cohorts import COHORTS
from recovery_college.courses.imports.enrolments import ENROLMENTS
from recovery_college.courses.imports.qualification import QUALIFICATION
from recovery_college.courses.imports.sessions import SESSIONS
from recovery_college.courses.imports.students import STUDENTS
from recovery_college.imports.kind import ImportKind

KINDS: tuple[ImportKind, ...] = (QUALIFICATION, COHORTS, SESSIONS, STUDENTS, ENROLMENTS, ATTENDANCE)
