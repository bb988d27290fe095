"""Made-up certificates."""

from dataclasses import replace
from datetime import date
from typing import Any

from recovery_college.graduation.documents import CertificateFacts

UNITS = (
    ("Understanding peer support and recovery", 4, 3),
    ("Using lived experience safely in practice", 4, 4),
    ("Communication and active listening", 4, 3),
    ("Boundaries, confidentiality and safeguarding", 4, 3),
    ("Personal recovery and wellbeing planning", 4, 4),
    ("Working in a multidisciplinary team", 4, 3),
)

_FACTS = CertificateFacts(
    certificate_name="Katarzyna Wiśniewska",
    college_name="Fenside Recovery College",
    org_name="Fenside Mental Health NHS Foundation Trust",
    award_title="Peer Support Worker graduate",
    course_title="the Peer Support Worker course",
    accredited_line="The course is accredited at Level 4 through a DEMO awarding organisation.",
    units=UNITS,
    graduated_on=date(2026, 3, 27),
    issued_on=date(2026, 4, 2),
    serial="RC-000123",
    verify_url="https://college.fenside.example/verify/7Q2M-9XKD-4HTP-VB3C",
    signatories=(("Dr Amara Osei", "Head of the college"), ("Rhys Llywelyn", "Lead tutor")),
    site="Wisbech",
)


def certificate_facts(**changes: Any) -> CertificateFacts:
    """Return the facts of one certificate with these fields changed."""
    return replace(_FACTS, **changes)


def cohort_of_facts(size: int) -> list[CertificateFacts]:
    """Return a cohort's certificates, each with a name, serial and address of its own."""
    return [
        certificate_facts(
            certificate_name=f"Graduate {chr(65 + n % 26)}{chr(97 + n // 26 % 26)} O’Neill",
            serial=f"RC-{n:06d}",
            verify_url=f"https://college.fenside.example/verify/{n:04d}-9XKD-4HTP-VB3C",
        )
        for n in range(size)
    ]
