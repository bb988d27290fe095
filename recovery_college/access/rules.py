"""The one table that grants roles their permissions (both are named in `permissions.py`; trust.md section 1)."""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from recovery_college.access.permissions import Permission as Permission
from recovery_college.access.permissions import Role as Role

P = Permission
ANONYMOUS: frozenset[Permission] = frozenset({P.PUBLIC})
_EVERYONE = {P.PUBLIC, P.SIGNED_IN}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.STUDENT: frozenset(
        {
            *_EVERYONE,
            P.POST_SEE,
            P.OWN_PROGRESS,
            P.OWN_FAIRNESS,
            P.OWN_FUTURE,
            P.CERTIFICATE_OPEN,
            P.PSW_POSTS_SEE,
            P.QUALIFICATION_SEE,
            P.EVIDENCE_SEE,
            P.EVIDENCE_HAND_IN,
            P.WHO_LOOKED,
        }
    ),
    Role.GRADUATE: frozenset(
        {
            *_EVERYONE,
            P.POST_SEE,
            P.OWN_PROGRESS,
            P.OWN_FAIRNESS,
            P.OWN_FUTURE,
            P.CERTIFICATE_OPEN,
            P.PSW_POSTS_SEE,
            P.QUALIFICATION_SEE,
            P.EVIDENCE_SEE,
            P.WHO_LOOKED,
        }
    ),
    Role.TUTOR: frozenset(
        {
            *_EVERYONE,
            P.QUALIFICATION_SEE,
            P.COHORT_SEE,
            P.STUDENT_SEE,
            P.CONTACT_SEE,
            P.ATTENDANCE_SEE,
            P.REGISTER_EXPORT,
            P.STATE_SEE,
            P.FEEDBACK_SEE,
            P.DECISION_RECORD,
            P.SUPPORT_SEE,
            P.APPEAL_SEE,
            P.APPEAL_HEAR,
            P.PRIOR_LEARNING_SEE,
            P.PRIOR_LEARNING_OPEN,
            P.CONCERN_SEE,
            P.CONCERN_RAISE,
            P.EVIDENCE_SEE,
            P.EVIDENCE_LIST,
            P.EVIDENCE_WRITE,
            P.DEADLINE_SET,
            P.QUALITY_SEE,
            P.COUNTERSIGN,
            P.STAFF_SEE,
            P.DEVELOPMENT_ADD,
            P.CONFLICT_DECLARE,
            P.GRADUATION_SEE,
            P.CERTIFICATE_SEE,
            P.CERTIFICATE_OPEN,
            P.CLAIM_SEE,
            P.CLAIM_SIGN,
            P.REPORT_TRAINING,
            P.EQA_ACTIONS_SEE,
        }
    ),
    Role.IQA: frozenset(
        {
            *_EVERYONE,
            P.QUALIFICATION_SEE,
            P.COHORT_SEE,
            P.STUDENT_SEE,
            P.ATTENDANCE_SEE,
            P.STATE_SEE,
            P.FEEDBACK_SEE,
            P.EVIDENCE_SEE,
            P.EVIDENCE_LIST,
            P.QUALITY_SEE,
            P.VERDICT_RECORD,
            P.APPEAL_SEE,
            P.APPEAL_HEAR,
            P.PRIOR_LEARNING_SEE,
            P.CONCERN_SEE,
            P.CONCERN_RAISE,
            P.COUNTERSIGN,
            P.STAFF_SEE,
            P.STAFF_KEEP,
            P.DEVELOPMENT_ADD,
            P.CONFLICT_DECLARE,
            P.GRADUATION_SEE,
            P.CLAIM_SEE,
            P.CLAIM_SIGN,
            P.REPORT_TRAINING,
            P.ENGAGEMENT_SEE,
            P.ENGAGEMENT_OPEN,
            P.ENGAGEMENT_ANSWER,
            P.PACK_MAKE,
            P.PACK_OPEN,
            P.EQA_ACTIONS_SEE,
        }
    ),
    Role.EQA: frozenset(
        {
            *_EVERYONE,
            P.QUALIFICATION_SEE,
            P.COHORT_SEE,
            P.STATE_SEE,
            P.QUALITY_SEE,
            P.STAFF_SEE,
            P.CLAIM_SEE,
            P.CLAIM_NOTE,
            P.EVIDENCE_SEE,
            P.ENGAGEMENT_SEE,
            P.ENGAGEMENT_PICK,
            P.PICK_ATTENDANCE_SEE,
            P.CERTIFICATE_SEE,
            P.CERTIFICATE_OPEN,
            P.PACK_MAKE,
            P.PACK_OPEN,
            P.EQA_ACTIONS_SEE,
        }
    ),
    Role.MANAGER: frozenset(
        {
            *_EVERYONE,
            P.TEAM_SEE,
            P.TEAM_PREPARE,
            P.POST_SEE,
            P.POST_CHANGE,
            P.VACANCY_SEE,
            P.PSW_POSTS_SEE,
            P.VACANCY_ENTER,
            P.VACANCY_EXPORT,
            P.CONSIDERATION_SEE,
            P.CONSIDERATION_RECORD,
            P.CANDIDATE_SEE,
            P.DEPUTY_NAME,
            P.SECOND_READ_SEE,
            P.PIPELINE_SEE,
            P.CANDIDACY_MOVE,
            P.REPORT_CONSIDERATION,
        }
    ),
    Role.HR: frozenset(
        {
            *_EVERYONE,
            P.CHECK_KEEP,
            P.TEAM_SEE,
            P.TEAM_PREPARE,
            P.VISIT_ASK,
            P.POST_SEE,
            P.POST_CHANGE,
            P.VACANCY_SEE,
            P.PSW_POSTS_SEE,
            P.VACANCY_IMPORT,
            P.VACANCY_ENTER,
            P.VACANCY_EDIT,
            P.VACANCY_EXPORT,
            P.FLAG_OVERRIDE,
            P.CONSIDERATION_SEE,
            P.CONSIDERATION_RETURN,
            P.CANDIDATE_SEE,
            P.CANDIDATE_MATCH,
            P.CONSENT_SEE,
            P.REASONS_KEEP,
            P.DEPUTY_NAME,
            P.DUTIES_NAME,
            P.TERMS_SET,
            P.SECOND_READ,
            P.SECOND_READ_SEE,
            P.PIPELINE_SEE,
            P.CANDIDACY_MOVE,
            P.CANDIDATE_INTRODUCE,
            P.REPORT_CONSIDERATION,
            P.REPORT_IMPACT,
            P.REPORT_TRAINING,
            P.MANAGER_INVITE,
            P.POST_IMPORT,
        }
    ),
    Role.ADMIN: frozenset(
        {
            *_EVERYONE,
            P.TEAM_SEE,
            P.POST_SEE,
            P.POST_CHANGE,
            P.PAST_INVITE,
            P.QUALIFICATION_SEE,
            P.QUALIFICATION_EDIT,
            P.COHORT_SEE,
            P.COHORT_EDIT,
            P.COURSE_IMPORT,
            P.COURSE_EXPORT,
            P.STUDENT_SEE,
            P.CONTACT_SEE,
            P.PROFILE_EDIT,
            P.ATTENDANCE_SEE,
            P.REGISTER_EXPORT,
            P.STATE_SEE,
            P.SUPPORT_SEE,
            P.SUPPORT_DECIDE,
            P.APPEAL_SEE,
            P.APPEAL_ARRANGE,
            P.APPEAL_HEAR,
            P.PRIOR_LEARNING_SEE,
            P.PRIOR_LEARNING_LIMIT,
            P.CONCERN_SEE,
            P.CONCERN_RAISE,
            P.CONCERN_ARRANGE,
            P.EVIDENCE_LIST,
            P.DEADLINE_SET,
            P.QUALITY_SEE,
            P.STAFF_SEE,
            P.STAFF_KEEP,
            P.CONFLICT_DECLARE,
            P.GRADUATION_SEE,
            P.CERTIFICATE_ISSUE,
            P.CERTIFICATE_SEE,
            P.CERTIFICATE_OPEN,
            P.VACANCY_SEE,
            P.PSW_POSTS_SEE,
            P.ROLE_TEXT_EDIT,
            P.POST_IMPORT,
            P.CANDIDATE_SEE,
            P.CANDIDATE_MATCH,
            P.CONSENT_SEE,
            P.AVAILABILITY_SET,
            P.REPORT_CONSIDERATION,
            P.REPORT_IMPACT,
            P.REPORT_TRAINING,
            P.AUDIT_SEE,
            P.AUDIT_EXPORT,
            P.COLLEGE_PERSON_INVITE,
            P.CLAIM_SEE,
            P.CLAIM_PREPARE,
            P.ENGAGEMENT_SEE,
            P.ENGAGEMENT_OPEN,
            P.ENGAGEMENT_ANSWER,
            P.PACK_MAKE,
            P.EQA_ACTIONS_SEE,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            *_EVERYONE,
            P.QUALIFICATION_SEE,
            P.QUALITY_SEE,
            P.STAFF_SEE,
            P.CERTIFICATE_SEE,
            P.CERTIFICATE_OPEN,
            P.VACANCY_SEE,
            P.CONSENT_SEE,
            P.PSW_POSTS_SEE,
            P.CONSIDERATION_SEE,
            P.SECOND_READ_SEE,
            P.REPORT_CONSIDERATION,
            P.REPORT_IMPACT,
            P.REPORT_TRAINING,
            P.AUDIT_SEE,
            P.CLAIM_SEE,
            P.AUDIT_EXPORT,
            P.ENGAGEMENT_SEE,
            P.EQA_ACTIONS_SEE,
        }
    ),
    Role.SYSADMIN: frozenset({*_EVERYONE, P.PEOPLE_SEE, P.ROLES_CHANGE, P.AUDIT_SECURITY_SEE}),
}


class Actor(Protocol):
    """Who is doing this: a signed-in person wearing one role, or the console."""

    @property
    def person_id(self) -> UUID | None:
        """The person, or None for the console."""

    @property
    def name(self) -> str:
        """The name shown to the person themselves."""

    @property
    def role(self) -> Role:
        """The one role worn."""

    @property
    def roles(self) -> Collection[Role]:
        """Every role the person holds."""

    @property
    def audit_id(self) -> str:
        """The opaque id written in the audit trail."""


def may(actor: Actor | None, permission: Permission) -> bool:
    """Whether the role this actor wears (or nobody's) is granted `permission`."""
    granted = ANONYMOUS if actor is None else GRANTS[actor.role]
    return permission in granted
