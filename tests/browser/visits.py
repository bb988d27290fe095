"""Every page a person can open, in each state worth looking at: who opens which address, and what is drawn.

A new template needs a line here (tests/browser/test_axe_pages.py says so). Names in braces are the demo's rows
(tests/browser/places.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

Sent = dict[str, str]


@dataclass(frozen=True)
class Visit:
    """One page: its template, who of the demo opens it ("" is nobody), where; `sent` fills in its form."""

    template: str
    who: str
    path: str
    sent: Sent | None = None
    status: int = 200
    endpoint: str = ""
    """The endpoint that `sent` goes to, where another than the page's own name is asked."""
    state: str = field(default="")
    form: str = "main form[method=post]"
    """The form that `sent` fills in, or a button of it that sends it elsewhere: the page's first form, unless said."""

    @property
    def label(self) -> str:
        """A short name for the test."""
        state = f"-{self.state}" if self.state else ""
        return f"{self.template.removesuffix('.html')}-{self.who or 'nobody'}{state}"


ROLES = (
    "admin", "tutor", "iqa", "eqa", "student", "graduate", "manager", "hr", "auditor", "sysadmin", "peer.tutor",
)  # fmt: skip
DRAFT = "/qualifications/{next_version}"
RUNNING, FINISHED = "/cohorts/{running}", "/cohorts/{finished}"
CLAIM = "/cohorts/{finished}/claim"
DEMO_VISIT, VISIT = "/engagements/{engagement}", "/engagements/{visit}"
DUE, UNREAD = "/vacancies/{due}", "/vacancies/{unread}"

PAGES = (
    *(Visit("reporting/home.html", who, "/") for who in ROLES),
    # Fairness.
    Visit("fairness/my_support.html", "student", "/what-helps-me"),
    Visit("fairness/my_support.html", "graduate", "/what-helps-me", state="nothing-yet"),
    Visit("fairness/my_support_ask.html", "student", "/what-helps-me/ask"),
    Visit("fairness/support_cohort.html", "tutor", f"{RUNNING}/what-helps"),
    Visit("fairness/support_cohort.html", "tutor", "/cohorts/{planned}/what-helps", state="nothing-yet"),
    Visit("fairness/support_list.html", "admin", "/what-helps"),
    Visit("fairness/support_show.html", "admin", "/what-helps/{support}"),
    Visit("fairness/my_appeals.html", "student", "/my-appeals"),
    Visit("fairness/my_appeal.html", "student", "/my-appeals/{own_appeal}"),
    Visit("fairness/my_appeal_new.html", "student", "/my-appeals/new/{own_decided}"),
    Visit("fairness/appeal_list.html", "iqa", "/appeals"),
    Visit("fairness/appeal_show.html", "admin", "/appeals/{own_appeal}"),
    Visit("fairness/appeal_show.html", "tutor", "/appeals/{upheld}", state="upheld"),
    Visit("fairness/appeal_finding.html", "iqa", "/appeals/{heard}/finding"),
    Visit("fairness/appeal_decision.html", "tutor", "/appeals/{upheld}/decision"),
    Visit("fairness/my_claims.html", "student", "/my-prior-learning"),
    Visit("fairness/claim_new.html", "student", "/my-prior-learning/new/{own_place}"),
    Visit("fairness/claim_list.html", "tutor", f"{RUNNING}/prior-learning"),
    Visit("fairness/claim_show.html", "tutor", "/prior-learning/{prior_claim}"),
    Visit("fairness/claim_limit.html", "admin", "/qualifications/{qualification}/prior-learning"),
    Visit("fairness/concern_list.html", "iqa", "/concerns"),
    Visit("fairness/concern_raise.html", "tutor", f"{RUNNING}/concern"),
    Visit("fairness/concern_show.html", "iqa", "/concerns/{concern}"),
    Visit("fairness/concern_people.html", "admin", "/concerns/{concern}/people"),
    Visit("fairness/my_concerns.html", "student", "/my-concerns"),
    Visit("fairness/my_concern.html", "graduate", "/my-concerns/{own_concern}"),
    Visit("fairness/my_appeal_further.html", "student", "/my-appeals/{own_appeal}/second-review"),
    # Assessment.
    Visit("assessment/marking.html", "tutor", f"{RUNNING}/marking"),
    Visit("assessment/marking.html", "iqa", f"{FINISHED}/marking"),
    Visit("assessment/marking.html", "tutor", "/cohorts/{planned}/marking", state="nothing-yet"),
    Visit("assessment/marking_student.html", "tutor", f"{RUNNING}/marking?student={{place}}"),
    Visit("assessment/marking_cell.html", "tutor", f"{RUNNING}/marking/{{cell}}"),
    Visit("assessment/marking_cell.html", "iqa", f"{RUNNING}/marking/{{cell}}"),
    Visit("assessment/marking_criterion.html", "tutor", f"{RUNNING}/marking?criterion={{banked}}"),
    Visit("assessment/bulk_met.html", "tutor", f"{RUNNING}/marking/bulk?criterion={{banked}}"),
    Visit("assessment/bulk_show.html", "tutor", f"{RUNNING}/marking/bulk/{{together}}"),
    Visit("assessment/comment_bank.html", "tutor", f"{RUNNING}/marking/comments/{{banked}}"),
    Visit("assessment/comment_edit.html", "tutor", f"{RUNNING}/marking/comments/{{comment}}"),
    Visit("assessment/marking_release.html", "tutor", f"{RUNNING}/marking/release"),
    Visit("assessment/marking_release.html", "tutor", "/cohorts/{planned}/marking/release", state="none"),
    Visit("quality/quality_cohort.html", "iqa", f"{RUNNING}/quality"),
    Visit("quality/quality_cohort.html", "eqa", f"{FINISHED}/quality"),
    Visit("quality/quality_cohort.html", "iqa", f"{RUNNING}/quality?show=returned", state="returned"),
    Visit("quality/quality_cohort.html", "iqa", "/cohorts/{planned}/quality", state="nothing-yet"),
    Visit("quality/quality_unit.html", "iqa", f"{RUNNING}/quality/{{place}}/{{unit}}"),
    Visit("quality/quality_unit.html", "iqa", f"{RUNNING}/quality/{{returned}}", state="returned"),
    Visit("quality/quality_unit.html", "iqa", f"{RUNNING}/quality/{{waiting}}", state="waiting"),
    Visit("quality/quality_unit.html", "auditor", f"{RUNNING}/quality/{{returned}}"),
    Visit("quality/quality_close.html", "iqa", f"{RUNNING}/quality/{{waiting_unit}}/close"),
    *(Visit("quality/quality_home.html", who, "/quality") for who in ("iqa", "tutor", "eqa", "auditor")),
    Visit("quality/plan_cohort.html", "iqa", f"{RUNNING}/quality/plan"),
    Visit("quality/plan_cohort.html", "auditor", f"{RUNNING}/quality/plan"),
    Visit("quality/plan_cohort.html", "iqa", "/cohorts/{planned}/quality/plan", state="none"),
    Visit("quality/quality_form.html", "iqa", f"{FINISHED}/quality/plan/draw", state="draw"),
    Visit("quality/quality_form.html", "iqa", f"{RUNNING}/quality/plan/add", state="add"),
    Visit("quality/quality_form.html", "iqa", f"{RUNNING}/quality/{{waiting}}/interim", state="interim"),
    Visit("quality/quality_form.html", "iqa", "/quality/standardisation/new", state="meeting"),
    Visit("quality/quality_form.html", "iqa", "/quality/staff/{assessor}/observation", state="observation"),
    Visit("quality/quality_form.html", "tutor", f"{RUNNING}/quality/more/{{cell}}", state="more"),
    Visit("quality/coverage_cohort.html", "iqa", f"{RUNNING}/quality/coverage"),
    Visit("quality/coverage_cohort.html", "eqa", f"{FINISHED}/quality/coverage"),
    Visit("quality/coverage_cohort.html", "iqa", "/cohorts/{planned}/quality/coverage", state="none"),
    *(Visit("quality/action_list.html", who, "/quality/actions") for who in ("iqa", "tutor", "auditor")),
    Visit("quality/action_list.html", "iqa", "/quality/actions?show=done", state="done"),
    Visit("quality/action_show.html", "iqa", "/quality/actions/{action}"),
    Visit("quality/standardisation_list.html", "iqa", "/quality/standardisation"),
    Visit("quality/standardisation_show.html", "tutor", "/quality/standardisation/{meeting}"),
    *(Visit("quality/more_list.html", who, "/quality/resubmissions") for who in ("iqa", "tutor")),
    *(Visit("quality/staff_list.html", who, "/quality/staff") for who in ("iqa", "tutor", "eqa")),
    Visit("quality/staff_show.html", "iqa", "/quality/staff/{assessor}"),
    Visit("quality/staff_show.html", "tutor", "/quality/staff/{assessor}"),
    Visit("quality/quality_form.html", "iqa", "/quality/staff/{assessor}/qualification"),
    Visit("quality/quality_form.html", "iqa", "/quality/staff/{assessor}/competence", state="competence"),
    Visit("quality/quality_form.html", "tutor", "/quality/staff/{assessor}/development", state="development"),
    Visit("quality/quality_form.html", "iqa", "/quality/staff/{settle}", state="settle"),
    Visit("quality/conflicts_cohort.html", "iqa", f"{RUNNING}/quality/conflicts"),
    Visit("quality/conflicts_cohort.html", "tutor", "/cohorts/{planned}/quality/conflicts", state="none"),
    Visit("quality/conflict_end.html", "iqa", f"{RUNNING}/quality/conflicts/{{conflict}}/end"),
    Visit("quality/countersign_cohort.html", "iqa", f"{RUNNING}/quality/countersign"),
    Visit("quality/countersign_cohort.html", "iqa", "/cohorts/{planned}/quality/countersign", state="none"),
    Visit("quality/quality_form.html", "iqa", f"{RUNNING}/quality/plan/{{planned_pick}}/aside", state="aside"),
    Visit("quality/quality_form.html", "iqa", f"{RUNNING}/quality/resubmissions/{{more_request}}", state="answer"),
    # External quality assurance.
    *(Visit("quality/engagement_list.html", who, "/engagements") for who in ("iqa", "admin", "eqa", "auditor")),
    Visit("quality/engagement_new.html", "iqa", "/engagements/new"),
    *(Visit("quality/engagement_show.html", who, VISIT, state="picked") for who in ("iqa", "eqa", "auditor")),
    Visit("quality/engagement_show.html", "eqa", DEMO_VISIT),
    *(Visit("quality/engagement_pack.html", who, f"{VISIT}/pack") for who in ("iqa", "admin", "eqa")),
    Visit("quality/engagement_days.html", "iqa", f"{DEMO_VISIT}/days"),
    Visit("quality/engagement_end.html", "iqa", f"{DEMO_VISIT}/end"),
    Visit("quality/engagement_sample.html", "eqa", f"{DEMO_VISIT}/cohorts/{{finished}}"),
    Visit("quality/engagement_sample.html", "eqa", f"{VISIT}/cohorts/{{running}}", state="picked"),
    Visit("quality/engagement_sample.html", "iqa", f"{VISIT}/cohorts/{{running}}"),
    *(Visit("quality/engagement_pick.html", who, f"{VISIT}/picks/{{private_pick}}") for who in ("iqa", "eqa")),
    Visit("quality/engagement_pick.html", "eqa", f"{VISIT}/picks/{{objected_pick}}", state="objected"),
    Visit("quality/engagement_pick.html", "auditor", f"{VISIT}/picks/{{objected_pick}}", state="objected"),
    Visit("quality/engagement_report_form.html", "eqa", f"{DEMO_VISIT}/report"),
    *(Visit("quality/engagement_report.html", who, f"{VISIT}/report") for who in ("iqa", "eqa")),
    *(Visit("quality/eqa_action_list.html", who, "/engagements/actions") for who in ("iqa", "eqa", "tutor")),
    *(Visit("quality/eqa_action_show.html", who, "/engagements/actions/{eqa_action}") for who in ("iqa", "eqa")),
    Visit("quality/my_leave.html", "student", "/my-progress/leave"),
    Visit("quality/my_leave.html", "graduate", "/my-progress/leave", state="none"),
    Visit("quality/my_leave_answer.html", "student", "/my-progress/leave/{leave}"),
    # Evidence and due dates.
    Visit("assessment/evidence_new.html", "student", "/my-progress/{own_place}/hand-in"),
    Visit("assessment/evidence_write.html", "tutor", f"{RUNNING}/students/{{own_place}}/evidence"),
    Visit("assessment/evidence_show.html", "student", "/evidence/{own_evidence}"),
    Visit("assessment/evidence_show.html", "student", "/evidence/{observed}", state="to-confirm"),
    Visit("assessment/evidence_show.html", "tutor", "/evidence/{own_evidence}"),
    Visit("assessment/evidence_show.html", "iqa", "/evidence/{asked_back}", state="asked-back"),
    Visit("assessment/evidence_take_back.html", "student", "/evidence/{own_waiting}/take-back"),
    Visit("assessment/evidence_take_back.html", "student", "/evidence/{own_evidence}/take-back", state="decided"),
    Visit("assessment/evidence_answer.html", "tutor", "/evidence/{asked_back}/answer"),
    Visit("assessment/evidence_list.html", "tutor", f"{RUNNING}/evidence?show=waiting"),
    Visit("assessment/evidence_list.html", "admin", f"{RUNNING}/evidence"),
    Visit("assessment/evidence_list.html", "tutor", "/cohorts/{planned}/evidence", state="none"),
    Visit("assessment/due_dates.html", "tutor", f"{RUNNING}/due-dates"),
    Visit("assessment/due_dates.html", "admin", "/cohorts/{planned}/due-dates", state="none"),
    Visit("assessment/due_date_show.html", "tutor", f"{RUNNING}/due-dates/{{due_date}}"),
    Visit("assessment/due_date_extend.html", "tutor", f"{RUNNING}/due-dates/{{due_date}}/more-time"),
    Visit("assessment/time_answer.html", "tutor", f"{RUNNING}/time-asked/{{more_time}}"),
    Visit("assessment/time_answer.html", "tutor", f"{RUNNING}/time-asked/{{pause}}", state="pause"),
    # Claims.
    *(Visit("claims/claims_list.html", who, "/claims") for who in ("admin", "tutor", "eqa")),
    Visit("claims/cohort_claim.html", "admin", CLAIM),
    Visit("claims/cohort_claim.html", "auditor", "/cohorts/{planned}/claim", state="nothing-yet"),
    Visit("claims/cohort_left.html", "tutor", f"{CLAIM}/left"),
    Visit("claims/cohort_left.html", "admin", f"{RUNNING}/claim/left", state="running"),
    Visit("claims/registrations.html", "admin", f"{CLAIM}/registrations"),
    Visit("claims/claim_prepare.html", "admin", f"{CLAIM}/prepare"),
    Visit("claims/claim_prepare.html", "admin", "/cohorts/{planned}/claim/prepare", state="nothing-yet"),
    *(Visit("claims/claim_show.html", who, f"{CLAIM}/{{to_sign}}") for who in ("iqa", "admin", "eqa")),
    Visit("claims/claim_show.html", "tutor", f"{CLAIM}/{{answered}}", state="answered"),
    Visit("claims/claim_set_aside.html", "admin", f"{CLAIM}/{{to_sign}}/set-aside"),
    Visit("claims/query_answer.html", "admin", f"{CLAIM}/{{answered}}/queries/{{queried}}"),
    Visit("claims/transcript.html", "tutor", "/students/{graduate_person}/transcript"),
    Visit("claims/transcript.html", "student", "/my-progress/units"),
    # Careers.
    *(Visit("careers/consideration_list.html", who, "/considerations") for who in ("manager", "hr", "auditor")),
    Visit("careers/consideration_list.html", "hr", "/considerations?state=overdue", state="filtered"),
    Visit("careers/consideration_show.html", "manager", f"{DUE}/consideration"),
    Visit("careers/consideration_show.html", "manager", "/vacancies/{decided}/consideration", state="decided"),
    Visit(
        "careers/consideration_show.html", "manager", "/vacancies/{decided}/consideration?change=1",
        state="again",
    ),
    Visit("careers/consideration_show.html", "manager", "/vacancies/{handed_back}/consideration", state="back"),
    Visit("careers/consideration_show.html", "hr", f"{DUE}/consideration"),
    Visit("careers/consideration_show.html", "manager", "/vacancies/{drafted}/consideration", state="draft"),
    Visit("careers/consideration_return.html", "hr", "/vacancies/{decided}/return"),
    Visit("careers/consideration_extend.html", "hr", f"{DUE}/extend"),
    Visit("careers/role_text_edit.html", "admin", "/considerations/role-text"),
    Visit("careers/reason_list.html", "hr", "/considerations/reasons"),
    *(Visit("careers/deputy_list.html", who, "/considerations/deputies") for who in ("manager", "hr")),
    Visit("careers/duty_list.html", "hr", "/considerations/duties"),
    *(
        Visit("careers/second_read_list.html", who, "/considerations/second-read")
        for who in ("manager", "hr", "auditor")
    ),
    Visit("careers/second_read_show.html", "hr", "/considerations/second-read/{read_settled}"),
    Visit("careers/second_read_show.html", "hr", "/considerations/second-read/{read_last}", state="last"),
    Visit("reporting/consideration_behind.html", "hr", "/reports/consideration/vacancies?figure=flagged"),
    Visit(
        "reporting/consideration_behind.html", "hr",
        "/reports/consideration/vacancies?figure=late&by=service_area&name=nobody", state="none",
    ),
    Visit("careers/open_post.html", "graduate", "/vacancies/{post}"),
    Visit("careers/open_posts.html", "student", "/vacancies"),
    Visit("careers/rule_show.html", "hr", "/vacancies/rule"),
    Visit("careers/rule_show.html", "manager", "/vacancies/rule"),
    Visit("careers/source_list.html", "hr", "/vacancies/sources"),
    Visit("careers/source_show.html", "hr", "/vacancies/sources/files/{system}"),
    Visit("imports/columns.html", "hr", "/vacancies/import/{other_file}/columns"),
    Visit("careers/feed_show.html", "hr", "/vacancies/sources/nhs-jobs/{feed}"),
    Visit("careers/feed_form.html", "hr", "/vacancies/sources/nhs-jobs/new", state="new"),
    Visit("careers/feed_form.html", "hr", "/vacancies/sources/nhs-jobs/{feed}/edit"),
    Visit("careers/rule_new.html", "hr", "/vacancies/rule/new"),
    Visit("careers/vacancy_band.html", "hr", f"{UNREAD}/band"),
    Visit("careers/vacancy_edit.html", "hr", f"{DUE}/edit"),
    Visit("careers/vacancy_flag.html", "hr", f"{DUE}/flag"),
    Visit("careers/vacancy_manager.html", "hr", "/vacancies/{nobody}/manager"),
    Visit("careers/vacancy_new.html", "hr", "/vacancies/new"),
    *(Visit("careers/vacancy_list.html", who, "/vacancies") for who in ("hr", "manager", "admin", "auditor")),
    Visit("careers/vacancy_list.html", "hr", "/vacancies?queue=nobody", state="nobody"),
    Visit("careers/vacancy_list.html", "hr", "/vacancies?queue=bands", state="bands"),
    Visit("careers/vacancy_list.html", "hr", "/vacancies?search=nothing-is-called-this", state="none"),
    *(
        Visit("careers/vacancy_show.html", "hr", f"/vacancies/{{{name}}}", state=name)
        for name in ("due", "decided", "handed_back", "unread", "nobody", "never", "post")
    ),
    Visit("careers/vacancy_show.html", "manager", "/vacancies/{decided}"),
    # Courses.
    *(Visit("courses/cohort_show.html", who, RUNNING) for who in ("tutor", "admin")),
    Visit("courses/cohort_show.html", "eqa", FINISHED),
    Visit("courses/cohort_show.html", "admin", "/cohorts/{planned}", state="planned"),
    Visit("courses/cohort_students.html", "tutor", f"{RUNNING}/students"),
    Visit("courses/cohort_timetable.html", "tutor", f"{RUNNING}/timetable"),
    *(Visit("courses/cohorts_list.html", who, "/cohorts") for who in ("tutor", "admin", "eqa")),
    Visit("courses/imports_start.html", "admin", "/courses/import"),
    Visit("courses/qualification_show.html", "tutor", "/qualifications/{qualification}"),
    Visit("courses/qualification_show.html", "admin", "/qualifications/{qualification}", state="with-students"),
    Visit("courses/qualification_show.html", "admin", DRAFT, state="draft"),
    Visit("courses/qualifications_list.html", "tutor", "/qualifications"),
    Visit("courses/qualifications_list.html", "admin", "/qualifications"),
    Visit("courses/unit_show.html", "admin", f"{DRAFT}/units/{{draft_unit}}"),
    Visit("courses/specification_form.html", "admin", "/qualifications/new", state="new"),
    Visit("courses/specification_form.html", "admin", f"{DRAFT}/criteria/{{draft_criterion}}/edit"),
    Visit("courses/specification_form.html", "admin", f"{DRAFT}/units/new", state="unit"),
    Visit("courses/part_remove.html", "admin", f"{DRAFT}/unit/{{draft_unit}}/remove"),
    Visit("courses/version_copy.html", "admin", "/qualifications/{qualification}/copy"),
    Visit("courses/version_supersede.html", "admin", "/qualifications/{qualification}/supersede"),
    Visit("courses/mapping_show.html", "admin", "/qualifications/{qualification}/mapping/{next_version}"),
    Visit("courses/cohort_form.html", "admin", "/cohorts/new", state="new"),
    Visit("courses/cohort_form.html", "admin", f"{RUNNING}/edit"),
    Visit("courses/place_units.html", "admin", f"{RUNNING}/students/{{place}}/units"),
    Visit("courses/student_invite.html", "admin", f"{RUNNING}/students/{{place}}/invite"),
    # Graduation.
    Visit("graduation/certificate_change.html", "admin", "/certificates/{serial}/revoke", state="revoke"),
    Visit("graduation/certificate_change.html", "admin", "/certificates/{serial}/reissue", state="reissue"),
    Visit("graduation/certificate_show.html", "admin", "/certificates/{serial}"),
    Visit("graduation/certificate_show.html", "admin", "/certificates/{old_serial}", state="superseded"),
    Visit("graduation/certificates_batch.html", "admin", "/cohorts/{batch}"),
    *(Visit("graduation/certificates_list.html", who, "/certificates") for who in ("admin", "auditor")),
    Visit("graduation/certificates_list.html", "auditor", "/certificates?serial=none", state="none"),
    Visit("graduation/cohort_graduation.html", "admin", f"{FINISHED}/graduation"),
    Visit("graduation/cohort_graduation.html", "tutor", f"{RUNNING}/graduation"),
    Visit("graduation/my_checking.html", "graduate", "/my-future/{own_serial}/checking"),
    Visit("careers/my_future.html", "graduate", "/my-future"),
    Visit("careers/my_future.html", "student", "/my-future", state="in-training"),
    Visit("careers/my_wishes.html", "graduate", "/my-future/wishes"),
    Visit("careers/my_statement.html", "graduate", "/my-future/statement"),
    Visit("careers/my_sharing.html", "graduate", "/my-future/sharing"),
    Visit("careers/my_preview.html", "graduate", "/my-future/preview"),
    Visit("careers/my_preview.html", "student", "/my-future/preview", state="nothing-shared"),
    Visit("careers/my_blocks.html", "graduate", "/my-future/not-to"),
    Visit("careers/my_alerts.html", "graduate", "/my-future/alerts"),
    Visit("careers/my_jobs.html", "graduate", "/my-future/jobs"),
    Visit("careers/my_job.html", "graduate", "/my-future/jobs/{said_yes}"),
    Visit("careers/my_job.html", "student", "/my-future/jobs/{said_yes}", state="unanswered"),
    Visit("careers/my_job_closed.html", "graduate", "/my-future/jobs/{said_yes_closed}"),
    Visit("careers/candidate_list.html", "manager", "/vacancies/{said_yes}/candidates"),
    Visit("careers/candidate_list.html", "hr", "/vacancies/{said_yes}/candidates"),
    Visit("careers/candidate_list.html", "hr", "/vacancies/{shared}/candidates", state="pairs"),
    Visit("careers/candidate_show.html", "manager", "/vacancies/{said_yes}/candidates/{candidate}"),
    Visit("careers/candidate_show.html", "hr", "/vacancies/{said_yes}/candidates/{candidate}"),
    Visit("careers/vacancy_days.html", "manager", "/vacancies/{shared}/days"),
    Visit("reporting/report_hours.html", "hr", "/reports/hours"),
    Visit("graduation/my_progress.html", "student", "/my-progress"),
    Visit("graduation/my_progress.html", "graduate", "/my-progress"),
    Visit("graduation/student_show.html", "tutor", "/students/{student}"),
    Visit("graduation/student_edit.html", "admin", "/students/{student}/edit"),
    Visit("assessment/place_pause.html", "tutor", f"{RUNNING}/students/{{place}}/pause"),
    Visit("assessment/place_pause.html", "tutor", f"{RUNNING}/students/{{paused}}/pause", state="back"),
    Visit("graduation/my_record.html", "student", "/my-progress/record"),
    Visit("graduation/student_show.html", "admin", "/students/{graduate_person}", state="graduate"),
    Visit("graduation/verify.html", "", "/verify"),
    Visit("graduation/verify.html", "", "/verify?code=7K2M", status=422, state="half-a-code"),
    Visit("graduation/verify_code.html", "", "/verify/{code}"),
    Visit("graduation/verify_code.html", "", "/verify/{old_code}", state="superseded"),
    Visit("graduation/verify_unknown.html", "", "/verify/0000-0000-0000-0000", status=404),
    # Imports, in each of the rooms that have them.
    Visit("imports/template.html", "admin", "/courses/import/students"),
    Visit("imports/template.html", "hr", "/vacancies/import/vacancies"),
    Visit("imports/upload.html", "admin", "/courses/import/students/upload"),
    Visit("imports/upload.html", "hr", "/vacancies/import/vacancies/upload"),
    Visit("imports/check.html", "hr", "/vacancies/import/{good_file}", state="good"),
    Visit("imports/check.html", "hr", "/vacancies/import/{bad_file}", state="bad"),
    Visit("imports/done.html", "hr", "/vacancies/import/{done_file}/done"),
    # Pages for everybody.
    *(Visit(f"pages/{name}.html", "", f"/{name}") for name in ("accessibility", "cookies", "help", "privacy")),
    # People.
    Visit("people/account.html", "tutor", "/account"),
    Visit("people/account.html", "peer.tutor", "/account"),
    Visit("people/account_messages.html", "graduate", "/account/messages"),
    Visit("people/account_messages.html", "hr", "/account/messages", state="none"),
    Visit("people/account_password.html", "tutor", "/account/password"),
    Visit("people/account_role.html", "peer.tutor", "/account/role"),
    Visit("people/link_over.html", "", "/welcome/nothing-like-this", status=404),
    Visit("people/outbox.html", "sysadmin", "/people/outbox"),
    Visit("people/people_list.html", "sysadmin", "/people"),
    Visit("people/people_list.html", "sysadmin", "/people?search=nobody-is-called-this", state="none"),
    *(Visit("people/person_invite.html", who, "/people/invite") for who in ("sysadmin", "admin", "hr")),
    Visit("people/person_show.html", "sysadmin", "/people/{account}"),
    Visit("people/sign_in.html", "", "/sign-in"),
    Visit("people/signed_out.html", "", "/signed-out"),
    Visit("people/welcome.html", "", "/welcome/{token}"),
    # Privacy and reports.
    *(Visit("privacy/who_looked.html", who, "/privacy/who-looked") for who in ("student", "graduate")),
    *(Visit("reporting/training_report.html", who, "/reports/training") for who in ("auditor", "hr", "tutor")),
    Visit("privacy/audit_check.html", "auditor", "/audit/check"),
    Visit("privacy/audit_trail.html", "auditor", "/audit"),
    Visit("privacy/audit_trail.html", "auditor", "/audit?action=nothing-like-this", state="none"),
    *(
        Visit("reporting/consideration_report.html", who, "/reports/consideration")
        for who in ("hr", "manager", "auditor")
    ),
    *(Visit("reporting/report_impact.html", who, "/reports/impact") for who in ("admin", "auditor")),
)  # fmt: skip

STALE: Sent = {"version": "999999"}
NOTHING: Sent = {}
ANSWERED: Sent = {**STALE, "answer": "psw post"}
MANAGER: Sent = {**STALE, "email": "manager@demo.example"}
# Every form that can be refused, refused: as sent with nothing filled in, unless something is said.
REFUSED = (
    Visit("fairness/my_support_ask.html", "student", "/what-helps-me/ask", NOTHING, 422),
    Visit(
        "fairness/support_show.html", "admin", "/what-helps/{support}", NOTHING, 422, "fairness.support_answer"
    ),
    Visit("fairness/appeal_show.html", "admin", "/appeals/{new_appeal}", NOTHING, 422, "fairness.appeal_name"),
    Visit("fairness/appeal_finding.html", "iqa", "/appeals/{heard}/finding", NOTHING, 422),
    Visit("fairness/appeal_decision.html", "tutor", "/appeals/{upheld}/decision", NOTHING, 422),
    Visit(
        "fairness/claim_new.html", "student", "/my-prior-learning/new/{own_place}", NOTHING, 422,
        "fairness.my_claim_new",
    ),
    Visit("fairness/claim_new.html", "tutor", f"{RUNNING}/prior-learning/{{own_place}}/new", NOTHING, 422),
    Visit("fairness/claim_show.html", "tutor", "/prior-learning/{prior_claim}", NOTHING, 422, "fairness.claim_close"),
    Visit("fairness/claim_limit.html", "admin", "/qualifications/{qualification}/prior-learning", NOTHING, 422),
    Visit("fairness/concern_raise.html", "tutor", f"{RUNNING}/concern", NOTHING, 422),
    Visit("fairness/concern_show.html", "iqa", "/concerns/{concern}", NOTHING, 422, "fairness.concern_entry"),
    Visit("fairness/concern_people.html", "admin", "/concerns/{concern}/people", NOTHING, 422),
    Visit("claims/registrations.html", "admin", f"{CLAIM}/registrations", NOTHING, 422),
    Visit("claims/claim_prepare.html", "admin", f"{CLAIM}/prepare", NOTHING, 422),
    Visit("claims/claim_set_aside.html", "admin", f"{CLAIM}/{{to_sign}}/set-aside", NOTHING, 422),
    Visit("claims/query_answer.html", "admin", f"{CLAIM}/{{answered}}/queries/{{queried}}", NOTHING, 422),
    Visit("claims/claim_show.html", "eqa", f"{CLAIM}/{{to_sign}}", NOTHING, 422, "claims.claim_note"),
    Visit(
        "imports/upload.html", "admin", "/claims/import/rac-reply/upload", NOTHING, 422, "claims.import_upload"
    ),
    Visit(
        "assessment/marking_cell.html", "tutor", f"{RUNNING}/marking/{{cell}}", NOTHING, 422,
        "assessment.decision_record",
    ),
    Visit("assessment/marking_release.html", "tutor", f"{RUNNING}/marking/release", NOTHING, 422),
    Visit("assessment/bulk_met.html", "tutor", f"{RUNNING}/marking/bulk?criterion={{banked}}", NOTHING, 422),
    Visit("assessment/comment_bank.html", "tutor", f"{RUNNING}/marking/comments/{{banked}}", NOTHING, 422),
    Visit("assessment/comment_edit.html", "tutor", f"{RUNNING}/marking/comments/{{comment}}", NOTHING, 422),
    Visit(
        "quality/quality_unit.html", "iqa", f"{RUNNING}/quality/{{waiting}}", NOTHING, 422,
        "quality.verdict_record",
    ),
    Visit("quality/quality_form.html", "iqa", "/quality/staff/{assessor}/qualification", NOTHING, 422,
        "quality.staff_qualification"),
    Visit("quality/quality_form.html", "iqa", "/quality/staff/{assessor}/development", NOTHING, 422,
        "quality.staff_development", "development"),
    Visit("quality/quality_form.html", "iqa", "/quality/staff/{settle}", NOTHING, 422,
        "quality.staff_settle", "settle"),
    Visit("quality/quality_form.html", "iqa", f"{FINISHED}/quality/plan/draw", NOTHING, 422,
        "quality.plan_draw", "draw"),
    Visit("quality/quality_form.html", "iqa", f"{RUNNING}/quality/{{waiting}}/interim", NOTHING, 422,
        "quality.interim_check", "interim"),
    Visit("quality/quality_form.html", "iqa", "/quality/standardisation/new", NOTHING, 422,
        "quality.standardisation_new", "meeting"),
    Visit("quality/quality_form.html", "iqa", "/quality/staff/{assessor}/observation", NOTHING, 422,
        "quality.observation_new", "observation"),
    Visit("quality/action_show.html", "iqa", "/quality/actions/{action}", NOTHING, 422),
    Visit("quality/conflicts_cohort.html", "iqa", f"{RUNNING}/quality/conflicts", NOTHING, 422),
    Visit("quality/countersign_cohort.html", "iqa", f"{RUNNING}/quality/countersign", NOTHING, 422),
    *(
        Visit("quality/quality_form.html", who, path, NOTHING, 422, f"quality.{name}", name.replace("_", "-"))
        for who, name, path in (
            ("iqa", "plan_add", f"{RUNNING}/quality/plan/add"),
            ("iqa", "plan_aside", f"{RUNNING}/quality/plan/{{planned_pick}}/aside"),
            ("iqa", "staff_competence", "/quality/staff/{assessor}/competence"),
            ("tutor", "more_ask", f"{RUNNING}/quality/more/{{cell}}"),
            ("iqa", "more_answer", f"{RUNNING}/quality/resubmissions/{{more_request}}"),
        )
    ),
    Visit("quality/engagement_new.html", "iqa", "/engagements/new", NOTHING, 422),
    Visit(
        "quality/engagement_new.html", "iqa", "/engagements/new",
        {
            "email": "not an address", "purpose": "Visit", "cohorts": "{running}",
            "opens_on-day": "31", "opens_on-month": "2", "opens_on-year": "{year}", "ends_on-day": "1",
        },
        422, state="everything-wrong",
    ),
    Visit(
        "quality/engagement_invited.html", "iqa", "/engagements/new",
        {
            "email": "external.{width}@demo.example", "name": "Exa Ternal", "purpose": "Visit",
            "cohorts": "{finished}",
            "opens_on-day": "{day}", "opens_on-month": "{month}", "opens_on-year": "{year}",
            "ends_on-day": "{day}", "ends_on-month": "{month}", "ends_on-year": "{year}",
        },
        200, "quality.engagement_new",
    ),
    Visit("quality/engagement_days.html", "iqa", f"{DEMO_VISIT}/days", NOTHING, 422),
    Visit("errors/409.html", "iqa", f"{DEMO_VISIT}/end", {"seen": "999999"}, 409, "quality.engagement_end"),
    Visit(
        "quality/engagement_sample.html", "eqa", f"{DEMO_VISIT}/cohorts/{{finished}}", NOTHING, 422,
        "quality.engagement_pick",
    ),
    Visit(
        "quality/engagement_pick.html", "iqa", f"{VISIT}/picks/{{private_pick}}", NOTHING, 422,
        "quality.engagement_object",
    ),
    Visit(
        "quality/engagement_pick.html", "eqa", f"{VISIT}/picks/{{objected_pick}}", NOTHING, 422,
        "quality.engagement_answer",
    ),
    Visit(
        "quality/engagement_report_form.html", "eqa", f"{DEMO_VISIT}/report", NOTHING, 422,
        "quality.engagement_action_add", "action", "main [value=add]",
    ),
    Visit(
        "quality/engagement_report_form.html", "eqa", f"{DEMO_VISIT}/report", {"deed": "send"}, 422,
        "quality.engagement_report_save",
    ),
    Visit("quality/eqa_action_show.html", "iqa", "/engagements/actions/{eqa_action}", NOTHING, 422,
        "quality.eqa_action_note"),
    Visit("quality/my_leave_answer.html", "student", "/my-progress/leave/{leave}", NOTHING, 422),
    Visit("careers/my_wishes.html", "graduate", "/my-future/wishes", {"least_hours": "many"}, 422),
    Visit("careers/my_statement.html", "graduate", "/my-future/statement", {"text": "x" * 2001}, 422),
    Visit("careers/my_sharing.html", "graduate", "/my-future/sharing", {"manager": "email"}, 422),
    Visit("careers/my_blocks.html", "graduate", "/my-future/not-to", NOTHING, 422),
    Visit("careers/my_alerts.html", "graduate", "/my-future/alerts", {"often": "hourly"}, 422),
    Visit("careers/vacancy_days.html", "manager", "/vacancies/{shared}/days", {"days": "Someday"}, 422),
    Visit("careers/consideration_return.html", "hr", "/vacancies/{decided}/return", NOTHING, 422),
    Visit("graduation/student_edit.html", "admin", "/students/{student}/edit",
          {"given_name": "", "uln": "9434765919"}, 422),
    Visit("assessment/place_pause.html", "tutor", f"{RUNNING}/students/{{place}}/pause", {"day-year": "26"}, 422),
    Visit("graduation/my_record.html", "student", "/my-progress/record", {"pronouns": "x" * 61}, 422),
    Visit("assessment/evidence_new.html", "student", "/my-progress/{own_place}/hand-in", NOTHING, 422),
    Visit("assessment/evidence_write.html", "tutor", f"{RUNNING}/students/{{own_place}}/evidence", NOTHING, 422),
    Visit("assessment/evidence_answer.html", "tutor", "/evidence/{asked_back}/answer", NOTHING, 422),
    Visit("assessment/due_dates.html", "tutor", f"{RUNNING}/due-dates", NOTHING, 422),
    Visit("assessment/due_date_show.html", "tutor", f"{RUNNING}/due-dates/{{due_date}}", NOTHING, 422),
    Visit("assessment/due_date_extend.html", "tutor", f"{RUNNING}/due-dates/{{due_date}}/more-time", NOTHING, 422),
    Visit("assessment/time_answer.html", "tutor", f"{RUNNING}/time-asked/{{more_time}}", NOTHING, 422),
    Visit(
        "careers/consideration_show.html", "manager", f"{DUE}/consideration", NOTHING, 422,
        "careers.consideration_record",
    ),
    Visit(
        "careers/consideration_show.html", "manager", f"{DUE}/consideration",
        {"answer": "not a psw role"}, 422, "careers.consideration_record", "no-reason",
    ),
    Visit(
        "careers/rule_show.html", "hr", "/vacancies/rule",
        {"go_live_on-day": "31", "go_live_on-month": "2", "go_live_on-year": "2026"}, 422,
        "careers.rule_go_live", form="form[novalidate]",
    ),
    Visit("careers/rule_new.html", "hr", "/vacancies/rule/new", NOTHING, 422),
    Visit(
        "imports/columns.html", "hr", "/vacancies/import/{other_file}/columns", {"c_title": ""}, 422,
        "careers.import_columns",
    ),
    Visit(
        "careers/feed_form.html", "hr", "/vacancies/sources/nhs-jobs/new",
        {"name": "", "distance": "5", "address": "https://elsewhere.example/"}, 422, "careers.feed_new", "new",
    ),
    Visit(
        "careers/feed_form.html", "hr", "/vacancies/sources/nhs-jobs/{feed}/edit", {"name": ""}, 422,
        "careers.feed_edit",
    ),
    Visit(
        "careers/rule_new.html", "hr", "/vacancies/rule/new",
        {"exclusions": "clerk", "valid_from-day": "1", "valid_from-month": "4", "valid_from-year": "2090",
         "why": "The board agreed it"}, 200, state="preview",
    ),
    Visit("careers/vacancy_band.html", "hr", f"{UNREAD}/band", NOTHING, 422),
    Visit("careers/vacancy_edit.html", "hr", f"{DUE}/edit", NOTHING, 422),
    Visit("careers/vacancy_flag.html", "hr", f"{DUE}/flag", NOTHING, 422),
    Visit("careers/vacancy_manager.html", "hr", f"{DUE}/manager", NOTHING, 422),
    Visit("careers/vacancy_new.html", "hr", "/vacancies/new", NOTHING, 422),
    Visit(
        "careers/vacancy_new.html", "hr", "/vacancies/new",
        {"reference": "X", "title": "Y", "weekly_hours": "many", "closes_on-day": "40", "url": "ftp://x"},
        422, state="everything-wrong",
    ),
    Visit("courses/student_invite.html", "admin", f"{RUNNING}/students/{{unreachable}}/invite", NOTHING, 422),
    Visit("courses/cohort_form.html", "admin", "/cohorts/new", NOTHING, 422, "courses.cohort_new", "new"),
    Visit("courses/cohort_form.html", "admin", f"{RUNNING}/edit", NOTHING, 422, "courses.cohort_edit"),
    Visit("courses/place_units.html", "admin", f"{RUNNING}/students/{{place}}/units", NOTHING, 422),
    *(
        Visit(
            "courses/specification_form.html", "admin", path, NOTHING, 422, f"courses.{name}",
            name.replace("_", "-"),
        )
        for name, path in (
            ("qualification_new", "/qualifications/new"),
            ("qualification_edit", f"{DRAFT}/edit"),
            ("group_new", f"{DRAFT}/groups/new"),
            ("group_edit", f"{DRAFT}/groups/{{draft_options}}/edit"),
            ("unit_edit", f"{DRAFT}/units/{{draft_unit}}/edit"),
            ("outcome_new", f"{DRAFT}/units/{{draft_unit}}/outcomes/new"),
            ("outcome_edit", f"{DRAFT}/outcomes/{{draft_outcome}}/edit"),
            ("criterion_new", f"{DRAFT}/outcomes/{{draft_outcome}}/criteria/new"),
            ("criterion_edit", f"{DRAFT}/criteria/{{draft_criterion}}/edit"),
        )
    ),
    Visit(
        "courses/specification_form.html", "admin", f"{DRAFT}/units/new",
        {"code": "DEMO-1", "title": "", "level": "9", "credit": "0"}, 422, "courses.unit_new", "unit-new",
    ),
    Visit("courses/version_copy.html", "admin", "/qualifications/{qualification}/copy", NOTHING, 422),
    Visit("courses/version_supersede.html", "admin", "/qualifications/{qualification}/supersede", NOTHING, 422),
    Visit("graduation/certificate_change.html", "admin", "/certificates/{serial}/revoke", NOTHING, 422),
    Visit("graduation/verify_code.html", "", "/verify/{code}", NOTHING, 422),
    Visit("graduation/verify_code.html", "", "/verify/{code}", {"name": "Somebody Else"}, state="other-name"),
    Visit(
        "imports/upload.html", "admin", "/courses/import/students/upload", NOTHING, 422, "courses.import_upload"
    ),
    Visit(
        "imports/upload.html", "hr", "/vacancies/import/vacancies/upload", NOTHING, 422,
        "careers.import_upload",
    ),
    Visit(
        "imports/upload.html", "tutor", "/marking/import/decisions/upload", NOTHING, 422,
        "assessment.import_upload",
    ),
    Visit("people/account_password.html", "tutor", "/account/password", NOTHING, 422),
    Visit("people/account_role.html", "peer.tutor", "/account/role", NOTHING, 422),
    Visit("people/person_invite.html", "hr", "/people/invite", NOTHING, 422),
    Visit("people/sign_in.html", "", "/sign-in", NOTHING, 422, "people.sign_in_page"),
    Visit(
        "people/sign_in.html", "", "/sign-in", {"email": "who@demo.example", "password": "wrong"}, 422,
        "people.sign_in_page", "wrong",
    ),
    Visit("people/welcome.html", "", "/welcome/{token}", {"password": "short"}, 422),
    # Somebody else was quicker.
    Visit(
        "assessment/marking_stale.html", "tutor", f"{RUNNING}/marking/{{cell}}",
        {"seen": "1", "outcome": "met", "feedback": "Mine"}, 409, "assessment.decision_record", "stale",
    ),
    Visit(
        "errors/409.html", "manager", f"{DUE}/consideration", ANSWERED, 409, "careers.consideration_record"
    ),
    Visit("errors/409.html", "hr", f"{DUE}/manager", MANAGER, 409, "careers.vacancy_manager"),
    Visit(
        "errors/409.html", "iqa", f"{RUNNING}/quality/{{waiting_unit}}/close", {"seen": "of yesterday"}, 409,
        "quality.quality_close",
    ),
    # Refused before any form is looked at.
    Visit("errors/400.html", "hr", f"{DUE}/manager", {"csrf_token": "of yesterday"}, 400, "careers.vacancy_manager"),
    Visit("errors/403.html", "auditor", f"{DUE}/flag", status=403),
    Visit("errors/404.html", "tutor", "/vacancies/nothing-here", status=404),
    Visit("errors/404.html", "", "/nothing-here", status=404),
)  # fmt: skip

# Forms that are a button and nothing else: nobody can fill them in wrongly.
BUTTONS = {
    "careers.my_looking", "careers.my_sharing_stop", "careers.my_block_end", "careers.my_job_answer",
    "careers.candidate_introduce",
    "careers.rule_withdraw", "careers.feed_fetch",
    "people.sign_out_now", "graduation.certificates_issue", "careers.vacancy_link_managers",
    "careers.consideration_confirm", "courses.import_check", "careers.import_check", "assessment.import_check",
    "claims.import_check", "claims.claim_sign", "quality.engagement_pack_start",
    "people.person_show", "assessment.bulk_undo",
    "fairness.my_support_take_back", "fairness.my_claim_take_back", "fairness.my_appeal_take_back",
    "fairness.concern_person_end",
    # No word is owed in an appeal.
    "fairness.my_appeal_new", "fairness.my_appeal_further",
    # Nobody of the demo who signs in is in that state; tests/fairness sends them.
    "fairness.appeal_told", "fairness.my_concern",
    "assessment.evidence_take_back", "assessment.evidence_confirm", "assessment.time_ask", "assessment.pause_ask",
    "assessment.reminders_choose",
    "quality.conflict_end", "quality.engagement_ask",
    "courses.part_move", "courses.part_remove", "courses.unit_renumber",
    # Ticks only; any choice is right.
    "graduation.my_checking",
}  # fmt: skip
