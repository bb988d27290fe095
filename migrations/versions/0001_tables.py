"""The tables of the first release.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_event',
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=80), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('subject_kind', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.String(length=80), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit_event'))
    )
    op.create_index('ix_audit_event_action', 'audit_event', ['action', 'seq'], unique=False)
    op.create_index('ix_audit_event_actor', 'audit_event', ['actor', 'seq'], unique=False)
    op.create_index('ix_audit_event_subject', 'audit_event', ['subject_kind', 'subject_id', 'seq'], unique=False)
    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_audit_head_only_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('audit_key',
    sa.Column('subject_id', sa.String(length=80), nullable=False),
    sa.Column('key', sa.LargeBinary(length=32), nullable=False),
    sa.PrimaryKeyConstraint('subject_id', name=op.f('pk_audit_key'))
    )
    op.create_table('consideration_reason',
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('words', sa.String(length=200), nullable=False),
    sa.Column('needs_text', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_on', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_consideration_reason'))
    )
    op.create_table('directorate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_directorate')),
    sa.UniqueConstraint('name', name=op.f('uq_directorate_name'))
    )
    op.create_table('import_upload',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('storage_key', sa.String(length=200), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('uploaded_by', sa.String(length=80), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('report', sa.JSON(), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_upload'))
    )
    op.create_index(op.f('ix_import_upload_uploaded_by'), 'import_upload', ['uploaded_by'], unique=False)
    op.create_table('outgoing_mail',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recipient', sa.String(length=320), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('purpose', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('last_problem', sa.String(length=60), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'sent', 'failed')", name=op.f('ck_outgoing_mail_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing_mail'))
    )
    op.create_index('ix_outgoing_mail_waiting', 'outgoing_mail', ['state', 'next_try_at'], unique=False)
    op.create_table('person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('student_ref', sa.String(length=40), nullable=True),
    sa.Column('given_name', sa.String(length=200), nullable=False),
    sa.Column('family_name', sa.String(length=200), nullable=False),
    sa.Column('preferred_name', sa.String(length=200), nullable=False),
    sa.Column('certificate_name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('date_of_birth', sa.Date(), nullable=True),
    sa.Column('uln', sa.String(length=10), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_made_up', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('student_ref', name=op.f('uq_person_student_ref'))
    )
    op.create_table('psw_rule',
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('bands', sa.JSON(), nullable=False),
    sa.Column('exclusions', sa.JSON(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('go_live_on', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_psw_rule'))
    )
    op.create_table('qualification',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('accreditation', sa.String(length=40), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('min_credit', sa.Integer(), nullable=True),
    sa.Column('resubmissions', sa.Integer(), nullable=False),
    sa.CheckConstraint("accreditation IN ('regulated', 'centre-devised', 'not accredited')", name=op.f('ck_qualification_accreditation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qualification')),
    sa.UniqueConstraint('title', 'version', name=op.f('uq_qualification_title_version'))
    )
    op.create_table('reported_figure',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('measure', sa.String(length=120), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reported_figure')),
    sa.UniqueConstraint('measure', 'as_of', 'source', name=op.f('uq_reported_figure_measure_as_of_source'))
    )
    op.create_table('serial_counter',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_serial_counter_only_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_serial_counter'))
    )
    op.create_table('site',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site')),
    sa.UniqueConstraint('name', name=op.f('uq_site_name'))
    )
    op.create_table('wrong_try',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wrong_try'))
    )
    op.create_index(op.f('ix_wrong_try_at'), 'wrong_try', ['at'], unique=False)
    op.create_index('ix_wrong_try_key', 'wrong_try', ['key', 'at'], unique=False)
    op.create_table('account',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_account_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('email', name=op.f('uq_account_email'))
    )
    op.create_index(op.f('ix_account_person_id'), 'account', ['person_id'], unique=False)
    op.create_table('cohort',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('ref', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('qualification_id', sa.Uuid(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('min_attendance', sa.Integer(), nullable=False),
    sa.Column('holds_decisions', sa.Boolean(), nullable=False),
    sa.CheckConstraint('capacity >= 0', name=op.f('ck_cohort_capacity')),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('ck_cohort_dates')),
    sa.CheckConstraint('min_attendance BETWEEN 0 AND 100', name=op.f('ck_cohort_min_attendance')),
    sa.ForeignKeyConstraint(['qualification_id'], ['qualification.id'], name=op.f('fk_cohort_qualification_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_cohort_site_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cohort')),
    sa.UniqueConstraint('ref', name=op.f('uq_cohort_ref'))
    )
    op.create_index(op.f('ix_cohort_qualification_id'), 'cohort', ['qualification_id'], unique=False)
    op.create_index(op.f('ix_cohort_site_id'), 'cohort', ['site_id'], unique=False)
    op.create_index(op.f('ix_cohort_starts_on'), 'cohort', ['starts_on'], unique=False)
    op.create_table('eqa_engagement',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('created_by', sa.String(length=80), nullable=False),
    sa.CheckConstraint('ends_on >= opens_on', name=op.f('ck_eqa_engagement_dates')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_eqa_engagement_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_eqa_engagement'))
    )
    op.create_index(op.f('ix_eqa_engagement_person_id'), 'eqa_engagement', ['person_id'], unique=False)
    op.create_table('role_grant',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('granted_by', sa.String(length=80), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role IN ('student', 'graduate', 'tutor', 'iqa', 'eqa', 'manager', 'hr', 'admin', 'auditor', 'sysadmin')", name=op.f('ck_role_grant_role')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_role_grant_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant'))
    )
    op.create_index('uq_role_grant_live', 'role_grant', ['person_id', 'role'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('team',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('directorate_id', sa.Uuid(), nullable=True),
    sa.Column('service_area', sa.String(length=40), nullable=True),
    sa.Column('setting', sa.String(length=40), nullable=True),
    sa.CheckConstraint("service_area IN ('young people', 'adult', 'older people')", name=op.f('ck_team_service_area')),
    sa.CheckConstraint("setting IN ('ward', 'community')", name=op.f('ck_team_setting')),
    sa.ForeignKeyConstraint(['directorate_id'], ['directorate.id'], name=op.f('fk_team_directorate_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('name', name=op.f('uq_team_name'))
    )
    op.create_index(op.f('ix_team_directorate_id'), 'team', ['directorate_id'], unique=False)
    op.create_table('unit_group',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('qualification_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('is_mandatory', sa.Boolean(), nullable=False),
    sa.Column('min_credit', sa.Integer(), nullable=True),
    sa.Column('min_units', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['qualification_id'], ['qualification.id'], name=op.f('fk_unit_group_qualification_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_group')),
    sa.UniqueConstraint('qualification_id', 'name', name=op.f('uq_unit_group_qualification_id_name'))
    )
    op.create_table('certificate_batch',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('cohort_id', sa.Uuid(), nullable=False),
    sa.Column('started_by', sa.String(length=80), nullable=False),
    sa.Column('started_role', sa.String(length=20), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refused', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_certificate_batch_cohort_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate_batch'))
    )
    op.create_index(op.f('ix_certificate_batch_cohort_id'), 'certificate_batch', ['cohort_id'], unique=False)
    op.create_table('cohort_tutor',
    sa.Column('cohort_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_cohort_tutor_cohort_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_cohort_tutor_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('cohort_id', 'person_id', name=op.f('pk_cohort_tutor'))
    )
    op.create_index(op.f('ix_cohort_tutor_person_id'), 'cohort_tutor', ['person_id'], unique=False)
    op.create_table('course_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('cohort_id', sa.Uuid(), nullable=False),
    sa.Column('session_on', sa.Date(), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_course_session_cohort_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_course_session_site_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_course_session')),
    sa.UniqueConstraint('cohort_id', 'session_on', 'starts', name=op.f('uq_course_session_cohort_id_session_on_starts'))
    )
    op.create_table('enrolment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('cohort_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('enrolled_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.CheckConstraint("status IN ('enrolled', 'paused', 'withdrawn', 'completed')", name=op.f('ck_enrolment_status')),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_enrolment_cohort_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_enrolment_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolment')),
    sa.UniqueConstraint('cohort_id', 'person_id', name=op.f('uq_enrolment_cohort_id_person_id'))
    )
    op.create_index(op.f('ix_enrolment_person_id'), 'enrolment', ['person_id'], unique=False)
    op.create_table('eqa_engagement_cohort',
    sa.Column('engagement_id', sa.Uuid(), nullable=False),
    sa.Column('cohort_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_eqa_engagement_cohort_cohort_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['engagement_id'], ['eqa_engagement.id'], name=op.f('fk_eqa_engagement_cohort_engagement_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('engagement_id', 'cohort_id', name=op.f('pk_eqa_engagement_cohort'))
    )
    op.create_table('one_time_link',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_one_time_link_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_one_time_link'))
    )
    op.create_index(op.f('ix_one_time_link_account_id'), 'one_time_link', ['account_id'], unique=False)
    op.create_table('post',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('team_id', sa.Uuid(), nullable=False),
    sa.Column('band', sa.String(length=40), nullable=False),
    sa.Column('weekly_hours', sa.Numeric(precision=4, scale=2), nullable=False),
    sa.Column('contract', sa.String(length=40), nullable=False),
    sa.Column('funding', sa.String(length=40), nullable=False),
    sa.Column('is_job_share', sa.Boolean(), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.Column('leaving_kind', sa.String(length=80), nullable=False),
    sa.CheckConstraint("band IN ('1', '2', '3', '4', '5', '6', '7', '8a', '8b', '8c', '8d', '9')", name=op.f('ck_post_band')),
    sa.CheckConstraint("contract IN ('permanent', 'fixed-term', 'bank', 'apprenticeship')", name=op.f('ck_post_contract')),
    sa.CheckConstraint("funding IN ('substantive', 'fixed-term')", name=op.f('ck_post_funding')),
    sa.CheckConstraint('left_on >= started_on', name=op.f('ck_post_dates')),
    sa.CheckConstraint('weekly_hours > 0 AND weekly_hours <= 60', name=op.f('ck_post_weekly_hours')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_post_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_post_team_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post'))
    )
    op.create_index(op.f('ix_post_person_id'), 'post', ['person_id'], unique=False)
    op.create_index(op.f('ix_post_started_on'), 'post', ['started_on'], unique=False)
    op.create_index(op.f('ix_post_team_id'), 'post', ['team_id'], unique=False)
    op.create_table('sign_in_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role IN ('student', 'graduate', 'tutor', 'iqa', 'eqa', 'manager', 'hr', 'admin', 'auditor', 'sysadmin')", name=op.f('ck_sign_in_session_role')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_sign_in_session_account_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_session_token_hash'))
    )
    op.create_index(op.f('ix_sign_in_session_account_id'), 'sign_in_session', ['account_id'], unique=False)
    op.create_table('unit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('qualification_id', sa.Uuid(), nullable=False),
    sa.Column('group_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('credit', sa.Integer(), nullable=False),
    sa.Column('glh', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('credit >= 0', name=op.f('ck_unit_credit')),
    sa.CheckConstraint('level BETWEEN 0 AND 8', name=op.f('ck_unit_level')),
    sa.ForeignKeyConstraint(['group_id'], ['unit_group.id'], name=op.f('fk_unit_group_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['qualification_id'], ['qualification.id'], name=op.f('fk_unit_qualification_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit')),
    sa.UniqueConstraint('qualification_id', 'code', name=op.f('uq_unit_qualification_id_code'))
    )
    op.create_index(op.f('ix_unit_group_id'), 'unit', ['group_id'], unique=False)
    op.create_table('vacancy',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=80), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('source_id', sa.String(length=80), nullable=True),
    sa.Column('employer', sa.String(length=200), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('band_text', sa.String(length=300), nullable=False),
    sa.Column('band_source', sa.String(length=40), nullable=False),
    sa.Column('weekly_hours', sa.Numeric(precision=4, scale=2), nullable=True),
    sa.Column('service_area', sa.String(length=40), nullable=True),
    sa.Column('setting', sa.String(length=40), nullable=True),
    sa.Column('site', sa.String(length=200), nullable=False),
    sa.Column('team_id', sa.Uuid(), nullable=True),
    sa.Column('directorate_id', sa.Uuid(), nullable=True),
    sa.Column('contract', sa.String(length=40), nullable=True),
    sa.Column('salary', sa.String(length=300), nullable=False),
    sa.Column('posted_on', sa.Date(), nullable=True),
    sa.Column('closes_on', sa.Date(), nullable=True),
    sa.Column('manager_email', sa.String(length=254), nullable=False),
    sa.Column('manager_id', sa.Uuid(), nullable=True),
    sa.Column('url', sa.String(length=1000), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('flag', sa.String(length=40), nullable=False),
    sa.Column('flag_overridden', sa.String(length=300), nullable=False),
    sa.Column('rule_version', sa.Integer(), nullable=True),
    sa.Column('why', sa.String(length=300), nullable=False),
    sa.Column('flagged_on', sa.Date(), nullable=True),
    sa.Column('consideration_due_on', sa.Date(), nullable=True),
    sa.Column('advertised_before_considered', sa.Boolean(), nullable=False),
    sa.Column('still_right_asked', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("band_source IN ('band field', 'title', 'band queried', 'a person', 'not Agenda for Change', 'unreadable')", name=op.f('ck_vacancy_band_source')),
    sa.CheckConstraint("contract IN ('permanent', 'fixed-term', 'bank', 'apprenticeship')", name=op.f('ck_vacancy_contract')),
    sa.CheckConstraint("flag IN ('yes', 'no', 'unknown')", name=op.f('ck_vacancy_flag')),
    sa.CheckConstraint("service_area IN ('young people', 'adult', 'older people')", name=op.f('ck_vacancy_service_area')),
    sa.CheckConstraint("setting IN ('ward', 'community')", name=op.f('ck_vacancy_setting')),
    sa.CheckConstraint("source IN ('by hand', 'table', 'NHS Jobs')", name=op.f('ck_vacancy_source')),
    sa.CheckConstraint("status IN ('draft', 'advertised', 'closed', 'withdrawn')", name=op.f('ck_vacancy_status')),
    sa.CheckConstraint('closes_on >= posted_on', name=op.f('ck_vacancy_dates')),
    sa.CheckConstraint('weekly_hours > 0 AND weekly_hours <= 60', name=op.f('ck_vacancy_weekly_hours')),
    sa.ForeignKeyConstraint(['directorate_id'], ['directorate.id'], name=op.f('fk_vacancy_directorate_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['manager_id'], ['person.id'], name=op.f('fk_vacancy_manager_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['rule_version'], ['psw_rule.version'], name=op.f('fk_vacancy_rule_version'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_vacancy_team_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vacancy')),
    sa.UniqueConstraint('reference', name=op.f('uq_vacancy_reference')),
    sa.UniqueConstraint('source', 'source_id', name=op.f('uq_vacancy_source_source_id'))
    )
    op.create_index(op.f('ix_vacancy_directorate_id'), 'vacancy', ['directorate_id'], unique=False)
    op.create_index('ix_vacancy_due', 'vacancy', ['flag', 'consideration_due_on'], unique=False)
    op.create_index('ix_vacancy_manager', 'vacancy', ['manager_id', 'flag', 'status'], unique=False)
    op.create_index('ix_vacancy_posted_on', 'vacancy', ['posted_on', 'id'], unique=False)
    op.create_index(op.f('ix_vacancy_team_id'), 'vacancy', ['team_id'], unique=False)
    op.create_table('attendance',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('session_on', sa.Date(), nullable=False),
    sa.Column('mark', sa.String(length=40), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("mark IN ('present', 'late', 'apology', 'absent', 'cancelled')", name=op.f('ck_attendance_mark')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_attendance_enrolment_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance')),
    sa.UniqueConstraint('enrolment_id', 'session_on', name=op.f('uq_attendance_enrolment_id_session_on'))
    )
    op.create_index('ix_attendance_session_on', 'attendance', ['session_on'], unique=False)
    op.create_table('consideration',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('answer', sa.String(length=40), nullable=False),
    sa.Column('reason_code', sa.String(length=40), nullable=True),
    sa.Column('reason_text', sa.String(length=1000), nullable=False),
    sa.Column('snapshot', sa.JSON(), nullable=False),
    sa.Column('rule_version', sa.Integer(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('decided_by', sa.Uuid(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('superseded_why', sa.String(length=300), nullable=False),
    sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('returned_why', sa.String(length=1000), nullable=False),
    sa.CheckConstraint("answer IN ('psw post', 'open to both', 'not a psw role')", name=op.f('ck_consideration_answer')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_consideration_decided_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['reason_code'], ['consideration_reason.code'], name=op.f('fk_consideration_reason_code'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['rule_version'], ['psw_rule.version'], name=op.f('fk_consideration_rule_version'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_consideration_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consideration'))
    )
    op.create_index(op.f('ix_consideration_decided_by'), 'consideration', ['decided_by'], unique=False)
    op.create_index('ix_consideration_vacancy', 'consideration', ['vacancy_id', 'decided_at'], unique=False)
    op.create_index('uq_consideration_live', 'consideration', ['vacancy_id'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
    op.create_table('enrolment_pause',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_enrolment_pause_enrolment_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolment_pause'))
    )
    op.create_index(op.f('ix_enrolment_pause_enrolment_id'), 'enrolment_pause', ['enrolment_id'], unique=False)
    op.create_table('enrolment_unit',
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_enrolment_unit_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_enrolment_unit_unit_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('enrolment_id', 'unit_id', name=op.f('pk_enrolment_unit'))
    )
    op.create_index(op.f('ix_enrolment_unit_unit_id'), 'enrolment_unit', ['unit_id'], unique=False)
    op.create_table('graduation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=True),
    sa.Column('cohort_ref', sa.String(length=40), nullable=False),
    sa.Column('graduated_on', sa.Date(), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('source_note', sa.String(length=300), nullable=False),
    sa.CheckConstraint("source IN ('this system', 'before this system')", name=op.f('ck_graduation_source')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_graduation_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_graduation_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_graduation')),
    sa.UniqueConstraint('enrolment_id', name=op.f('uq_graduation_enrolment_id'))
    )
    op.create_index(op.f('ix_graduation_graduated_on'), 'graduation', ['graduated_on'], unique=False)
    op.create_index(op.f('ix_graduation_person_id'), 'graduation', ['person_id'], unique=False)
    op.create_table('iqa_verdict',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('verdict', sa.String(length=40), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('act_by_on', sa.Date(), nullable=True),
    sa.Column('verified_by', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("verdict IN ('confirmed', 'returned', 'sample closed')", name=op.f('ck_iqa_verdict_verdict')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_iqa_verdict_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_iqa_verdict_unit_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['verified_by'], ['person.id'], name=op.f('fk_iqa_verdict_verified_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_iqa_verdict'))
    )
    op.create_index('ix_iqa_verdict_enrolment', 'iqa_verdict', ['enrolment_id', 'unit_id', 'recorded_at'], unique=False)
    op.create_index(op.f('ix_iqa_verdict_unit_id'), 'iqa_verdict', ['unit_id'], unique=False)
    op.create_index(op.f('ix_iqa_verdict_verified_by'), 'iqa_verdict', ['verified_by'], unique=False)
    op.create_table('learning_outcome',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_learning_outcome_unit_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_learning_outcome')),
    sa.UniqueConstraint('unit_id', 'number', name=op.f('uq_learning_outcome_unit_id_number'))
    )
    op.create_table('vacancy_band',
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('band', sa.String(length=40), nullable=False),
    sa.CheckConstraint("band IN ('1', '2', '3', '4', '5', '6', '7', '8a', '8b', '8c', '8d', '9')", name=op.f('ck_vacancy_band_band')),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_vacancy_band_vacancy_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('vacancy_id', 'band', name=op.f('pk_vacancy_band'))
    )
    op.create_index('ix_vacancy_band_band', 'vacancy_band', ['band', 'vacancy_id'], unique=False)
    op.create_table('assessment_criterion',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('outcome_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['outcome_id'], ['learning_outcome.id'], name=op.f('fk_assessment_criterion_outcome_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_assessment_criterion_unit_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment_criterion')),
    sa.UniqueConstraint('unit_id', 'number', name=op.f('uq_assessment_criterion_unit_id_number'))
    )
    op.create_index(op.f('ix_assessment_criterion_outcome_id'), 'assessment_criterion', ['outcome_id'], unique=False)
    op.create_table('certificate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('graduation_id', sa.Uuid(), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('serial', sa.String(length=20), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('state_reason', sa.String(length=300), nullable=False),
    sa.Column('design', sa.Integer(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('issued_by', sa.String(length=80), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('name_shown', sa.Boolean(), nullable=False),
    sa.Column('checking_off', sa.Boolean(), nullable=False),
    sa.CheckConstraint("state IN ('valid', 'superseded', 'revoked')", name=op.f('ck_certificate_state')),
    sa.CheckConstraint('number >= 1', name=op.f('ck_certificate_number')),
    sa.ForeignKeyConstraint(['batch_id'], ['certificate_batch.id'], name=op.f('fk_certificate_batch_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['graduation_id'], ['graduation.id'], name=op.f('fk_certificate_graduation_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('code', name=op.f('uq_certificate_code')),
    sa.UniqueConstraint('number', name=op.f('uq_certificate_number')),
    sa.UniqueConstraint('serial', name=op.f('uq_certificate_serial'))
    )
    op.create_index(op.f('ix_certificate_batch_id'), 'certificate', ['batch_id'], unique=False)
    op.create_index(op.f('ix_certificate_graduation_id'), 'certificate', ['graduation_id'], unique=False)
    op.create_index('uq_certificate_live', 'certificate', ['graduation_id'], unique=True, sqlite_where=sa.text("state = 'valid'"), postgresql_where=sa.text("state = 'valid'"))
    op.create_table('certificate_pdf',
    sa.Column('certificate_id', sa.Uuid(), nullable=False),
    sa.Column('pdf', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['certificate_id'], ['certificate.id'], name=op.f('fk_certificate_pdf_certificate_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('certificate_id', name=op.f('pk_certificate_pdf'))
    )
    op.create_table('decision',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('enrolment_id', sa.Uuid(), nullable=False),
    sa.Column('criterion_id', sa.Uuid(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=40), nullable=False),
    sa.Column('feedback', sa.Text(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('decided_by', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_by', sa.Uuid(), nullable=True),
    sa.Column('is_imported', sa.Boolean(), nullable=False),
    sa.CheckConstraint("outcome IN ('met', 'not yet met')", name=op.f('ck_decision_outcome')),
    sa.CheckConstraint('(released_at IS NULL) = (released_by IS NULL)', name=op.f('ck_decision_release')),
    sa.CheckConstraint('attempt >= 1 AND revision >= 1', name=op.f('ck_decision_counts')),
    sa.ForeignKeyConstraint(['criterion_id'], ['assessment_criterion.id'], name=op.f('fk_decision_criterion_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_decision_decided_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_decision_enrolment_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['released_by'], ['person.id'], name=op.f('fk_decision_released_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    sa.UniqueConstraint('enrolment_id', 'criterion_id', 'attempt', 'revision', name=op.f('uq_decision_enrolment_id_criterion_id_attempt_revision'))
    )
    op.create_index('ix_decision_decided_by', 'decision', ['decided_by'], unique=False)
    op.create_table('iqa_verdict_criterion',
    sa.Column('verdict_id', sa.Uuid(), nullable=False),
    sa.Column('criterion_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['criterion_id'], ['assessment_criterion.id'], name=op.f('fk_iqa_verdict_criterion_criterion_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['verdict_id'], ['iqa_verdict.id'], name=op.f('fk_iqa_verdict_criterion_verdict_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('verdict_id', 'criterion_id', name=op.f('pk_iqa_verdict_criterion'))
    )


def downgrade() -> None:
    op.drop_table('iqa_verdict_criterion')
    op.drop_index('ix_decision_decided_by', table_name='decision')
    op.drop_table('decision')
    op.drop_table('certificate_pdf')
    op.drop_index('uq_certificate_live', table_name='certificate', sqlite_where=sa.text("state = 'valid'"), postgresql_where=sa.text("state = 'valid'"))
    op.drop_index(op.f('ix_certificate_graduation_id'), table_name='certificate')
    op.drop_index(op.f('ix_certificate_batch_id'), table_name='certificate')
    op.drop_table('certificate')
    op.drop_index(op.f('ix_assessment_criterion_outcome_id'), table_name='assessment_criterion')
    op.drop_table('assessment_criterion')
    op.drop_index('ix_vacancy_band_band', table_name='vacancy_band')
    op.drop_table('vacancy_band')
    op.drop_table('learning_outcome')
    op.drop_index(op.f('ix_iqa_verdict_verified_by'), table_name='iqa_verdict')
    op.drop_index(op.f('ix_iqa_verdict_unit_id'), table_name='iqa_verdict')
    op.drop_index('ix_iqa_verdict_enrolment', table_name='iqa_verdict')
    op.drop_table('iqa_verdict')
    op.drop_index(op.f('ix_graduation_person_id'), table_name='graduation')
    op.drop_index(op.f('ix_graduation_graduated_on'), table_name='graduation')
    op.drop_table('graduation')
    op.drop_index(op.f('ix_enrolment_unit_unit_id'), table_name='enrolment_unit')
    op.drop_table('enrolment_unit')
    op.drop_index(op.f('ix_enrolment_pause_enrolment_id'), table_name='enrolment_pause')
    op.drop_table('enrolment_pause')
    op.drop_index('uq_consideration_live', table_name='consideration', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
    op.drop_index('ix_consideration_vacancy', table_name='consideration')
    op.drop_index(op.f('ix_consideration_decided_by'), table_name='consideration')
    op.drop_table('consideration')
    op.drop_index('ix_attendance_session_on', table_name='attendance')
    op.drop_table('attendance')
    op.drop_index(op.f('ix_vacancy_team_id'), table_name='vacancy')
    op.drop_index('ix_vacancy_posted_on', table_name='vacancy')
    op.drop_index('ix_vacancy_manager', table_name='vacancy')
    op.drop_index('ix_vacancy_due', table_name='vacancy')
    op.drop_index(op.f('ix_vacancy_directorate_id'), table_name='vacancy')
    op.drop_table('vacancy')
    op.drop_index(op.f('ix_unit_group_id'), table_name='unit')
    op.drop_table('unit')
    op.drop_index(op.f('ix_sign_in_session_account_id'), table_name='sign_in_session')
    op.drop_table('sign_in_session')
    op.drop_index(op.f('ix_post_team_id'), table_name='post')
    op.drop_index(op.f('ix_post_started_on'), table_name='post')
    op.drop_index(op.f('ix_post_person_id'), table_name='post')
    op.drop_table('post')
    op.drop_index(op.f('ix_one_time_link_account_id'), table_name='one_time_link')
    op.drop_table('one_time_link')
    op.drop_table('eqa_engagement_cohort')
    op.drop_index(op.f('ix_enrolment_person_id'), table_name='enrolment')
    op.drop_table('enrolment')
    op.drop_table('course_session')
    op.drop_index(op.f('ix_cohort_tutor_person_id'), table_name='cohort_tutor')
    op.drop_table('cohort_tutor')
    op.drop_index(op.f('ix_certificate_batch_cohort_id'), table_name='certificate_batch')
    op.drop_table('certificate_batch')
    op.drop_table('unit_group')
    op.drop_index(op.f('ix_team_directorate_id'), table_name='team')
    op.drop_table('team')
    op.drop_index('uq_role_grant_live', table_name='role_grant', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_table('role_grant')
    op.drop_index(op.f('ix_eqa_engagement_person_id'), table_name='eqa_engagement')
    op.drop_table('eqa_engagement')
    op.drop_index(op.f('ix_cohort_starts_on'), table_name='cohort')
    op.drop_index(op.f('ix_cohort_site_id'), table_name='cohort')
    op.drop_index(op.f('ix_cohort_qualification_id'), table_name='cohort')
    op.drop_table('cohort')
    op.drop_index(op.f('ix_account_person_id'), table_name='account')
    op.drop_table('account')
    op.drop_index('ix_wrong_try_key', table_name='wrong_try')
    op.drop_index(op.f('ix_wrong_try_at'), table_name='wrong_try')
    op.drop_table('wrong_try')
    op.drop_table('site')
    op.drop_table('serial_counter')
    op.drop_table('reported_figure')
    op.drop_table('qualification')
    op.drop_table('psw_rule')
    op.drop_table('person')
    op.drop_index('ix_outgoing_mail_waiting', table_name='outgoing_mail')
    op.drop_table('outgoing_mail')
    op.drop_index(op.f('ix_import_upload_uploaded_by'), table_name='import_upload')
    op.drop_table('import_upload')
    op.drop_table('directorate')
    op.drop_table('consideration_reason')
    op.drop_table('audit_key')
    op.drop_table('audit_head')
    op.drop_index('ix_audit_event_subject', table_name='audit_event')
    op.drop_index('ix_audit_event_actor', table_name='audit_event')
    op.drop_index('ix_audit_event_action', table_name='audit_event')
    op.drop_table('audit_event')
