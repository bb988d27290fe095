"""Roles, permissions, and the one table that grants them (trust.md section 1). Nothing else decides."""

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Role(StrEnum):
    """What a person may be. A person may hold several; a session wears exactly one."""

    STUDENT = "student"
    GRADUATE = "graduate"
    TUTOR = "tutor"
    IQA = "iqa"
    EQA = "eqa"
    MANAGER = "manager"
    HR = "hr"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"

    @property
    def label(self) -> str:
        """The role in words people use."""
        return _LABELS[self]


_LABELS = {
    Role.STUDENT: "Student",
    Role.GRADUATE: "Graduate",
    Role.TUTOR: "Tutor",
    Role.IQA: "Internal quality assurer",
    Role.EQA: "External quality assurer",
    Role.MANAGER: "Recruiting manager",
    Role.HR: "HR lead",
    Role.ADMIN: "College administrator",
    Role.AUDITOR: "Auditor",
    Role.SYSADMIN: "System administrator",
}


class Permission(StrEnum):
    """What a route needs. Each names a thing and what is done with it."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    QUALIFICATION_SEE = "qualification: see"
    QUALIFICATION_EDIT = "qualification: edit"
    COHORT_SEE = "cohort: see"
    COHORT_EDIT = "cohort: edit"
    COURSE_IMPORT = "courses: import"
    COURSE_EXPORT = "courses: export"
    STUDENT_SEE = "student: see"
    CONTACT_SEE = "student contact: see"
    PROFILE_EDIT = "student profile: change"
    ATTENDANCE_SEE = "attendance: see"
    REGISTER_EXPORT = "attendance: take out the register"
    STATE_SEE = "unit states: see"
    FEEDBACK_SEE = "decisions and feedback: see"
    DECISION_RECORD = "decision: record"
    EVIDENCE_SEE = "evidence: see"
    EVIDENCE_LIST = "evidence: see that there is some"
    EVIDENCE_HAND_IN = "own evidence: hand in"
    EVIDENCE_WRITE = "evidence: write about a student, answer their requests"
    DEADLINE_SET = "due dates: set, give more time"
    QUALITY_SEE = "quality assurance: see"
    VERDICT_RECORD = "quality assurance: record a verdict"
    OWN_FAIRNESS = "own appeals, prior learning and what helps"
    SUPPORT_SEE = "what helps: see"
    SUPPORT_DECIDE = "what helps: decide"
    APPEAL_SEE = "appeals: see"
    APPEAL_ARRANGE = "appeals: name who hears them"
    APPEAL_HEAR = "appeals: hear, where named"
    PRIOR_LEARNING_SEE = "prior learning: see"
    PRIOR_LEARNING_OPEN = "prior learning: open a claim"
    PRIOR_LEARNING_LIMIT = "prior learning: set the limit"
    CONCERN_SEE = "concerns: see, where named"
    CONCERN_RAISE = "concerns: raise"
    CONCERN_ARRANGE = "concerns: name who looks into them"
    COUNTERSIGN = "decision: countersign"
    STAFF_SEE = "staff records: see"
    STAFF_KEEP = "staff records: keep"
    DEVELOPMENT_ADD = "staff records: add professional development"
    CONFLICT_DECLARE = "conflict of interest: declare"
    CLAIM_SEE = "claim: see"
    CLAIM_PREPARE = "claim: register, prepare, reconcile"
    CLAIM_SIGN = "claim: sign"
    CLAIM_NOTE = "claim: note"
    ENGAGEMENT_SEE = "external quality assurance: see"
    ENGAGEMENT_OPEN = "external quality assurance: open an engagement"
    ENGAGEMENT_PICK = "external quality assurance: pick and report"
    PICK_ATTENDANCE_SEE = "external quality assurance: see the attendance of a pick"
    ENGAGEMENT_ANSWER = "external quality assurance: object and act"
    PACK_MAKE = "external quality assurance: make the pack"
    PACK_OPEN = "external quality assurance: take the pack away"
    EQA_ACTIONS_SEE = "external quality assurance: see actions"
    GRADUATION_SEE = "graduation: see"
    CERTIFICATE_ISSUE = "certificate: issue"
    CERTIFICATE_SEE = "certificate: see"
    CERTIFICATE_OPEN = "certificate: open the PDF"
    OWN_PROGRESS = "own progress"
    OWN_FUTURE = "own future"
    VACANCY_SEE = "vacancy: see"
    PSW_POSTS_SEE = "PSW posts: see"
    VACANCY_IMPORT = "vacancy: import"
    VACANCY_ENTER = "vacancy: enter and change"
    VACANCY_EDIT = "vacancy: edit all of it"
    VACANCY_EXPORT = "vacancy: export"
    FLAG_OVERRIDE = "possible PSW flag: override"
    CONSIDERATION_SEE = "consideration: see"
    CONSIDERATION_RECORD = "consideration: record"
    CONSIDERATION_RETURN = "consideration: return"
    CANDIDATE_SEE = "candidate: see, who said yes"
    CANDIDATE_INTRODUCE = "candidate: introduce"
    CANDIDATE_MATCH = "candidate: see who fits, who agreed to it"
    REASONS_KEEP = "consideration reasons: keep"
    ROLE_TEXT_EDIT = "role text for managers: edit"
    DEPUTY_NAME = "deputy: name"
    DUTIES_NAME = "who is told of late answers: name"
    TERMS_SET = "days and shares around vacancies: set"
    SECOND_READ = "second read: draw, read and settle"
    SECOND_READ_SEE = "second read: see"
    PIPELINE_SEE = "candidacies: see"
    CANDIDACY_MOVE = "candidacies: move on"
    CHECK_KEEP = "employment checks: keep"
    TEAM_SEE = "team preparation: see"
    TEAM_PREPARE = "team preparation: see to it"
    VISIT_ASK = "team preparation: ask somebody to visit"
    POST_SEE = "posts: see"
    POST_CHANGE = "posts: end"
    PAST_INVITE = "past graduates: write to once"
    POST_IMPORT = "posts: import"
    REPORT_CONSIDERATION = "report: consideration"
    REPORT_IMPACT = "report: impact"
    REPORT_TRAINING = "report: training"
    WHO_LOOKED = "audit: see who looked at one's own record"
    AUDIT_SEE = "audit: see"
    AUDIT_EXPORT = "audit: take out"
    AUDIT_SECURITY_SEE = "audit: see security events"
    PEOPLE_SEE = "people: see"
    MANAGER_INVITE = "people: invite a manager"
    COLLEGE_PERSON_INVITE = "people: invite a tutor or student"
    ROLES_CHANGE = "people: change any role"


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
