"""What a person may be, and what a route may need: the words of access. Who is granted what stands in the rules."""

from enum import StrEnum


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
    CONSENT_SEE = "consents of candidates: see"
    AVAILABILITY_SET = "availability of a candidate: write down"
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
