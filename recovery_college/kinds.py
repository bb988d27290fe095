"""Every kind of table that comes in or goes out, by its name: the `KIND` of `import` and `export`.

A room adds a kind with one line here.
"""

from collections.abc import Mapping

from recovery_college.access.rules import Permission
from recovery_college.assessment.exports import EXPORTS as ASSESSMENT_EXPORTS
from recovery_college.assessment.imports import DECISIONS
from recovery_college.careers.exports import EXPORTS as CAREERS_EXPORTS
from recovery_college.careers.manager_imports import MANAGERS
from recovery_college.careers.post_imports import POSTS
from recovery_college.careers.vacancy_import import VACANCIES
from recovery_college.claims.exports import RAC
from recovery_college.claims.reply_imports import RAC_REPLY
from recovery_college.courses.exports import EXPORTS as COURSE_EXPORTS
from recovery_college.courses.imports import KINDS as COURSE_KINDS
from recovery_college.graduation import exports as graduation
from recovery_college.graduation.graduate_imports import GRADUATES
from recovery_college.imports.kind import ExportKind, ImportKind

IMPORTS: Mapping[str, ImportKind] = {
    kind.name: kind for kind in (*COURSE_KINDS, DECISIONS, RAC_REPLY, GRADUATES, POSTS, MANAGERS, VACANCIES)
}

_OUT = Permission.COURSE_EXPORT

EXPORTS: Mapping[str, ExportKind] = {
    kind.name: kind
    for kind in (
        *COURSE_EXPORTS.values(),
        *ASSESSMENT_EXPORTS,
        RAC,
        *CAREERS_EXPORTS.values(),
        ExportKind(
            "eligibility", "Eligibility", graduation.ELIGIBILITY_COLUMNS, graduation.eligibility_rows, _OUT
        ),
        ExportKind("graduates", "Graduates", graduation.GRADUATE_COLUMNS, graduation.graduate_rows, _OUT),
        ExportKind(
            "certificates", "Certificates", graduation.CERTIFICATE_COLUMNS, graduation.certificate_rows, _OUT
        ),
    )
}
