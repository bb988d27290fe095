"""Candidacies, offers, checks, the preparation of teams, and the one letter to past graduates (P3, P4, P6).

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Only ever added to.
FIXED = ("candidacy_event", "candidacy_note")
GROWS = "What happened to a candidacy is kept; add to it"
KEPT = "A candidacy stays as it began"
NO_YES = "A candidacy needs the person''s standing yes to this vacancy"
OWN = "Nobody handles their own candidacy, or that of somebody they lead"
FUNDS = "More than is funded, or more people than the vacancy takes"

ANSWER = (
    "SELECT a.answer FROM vacancy_answer a WHERE a.person_id = NEW.person_id AND a.vacancy_id = NEW.vacancy_id "
    "ORDER BY a.number DESC LIMIT 1"
)
SAID_NO = f"COALESCE(({ANSWER}), 'no') <> 'yes'"
MOVED = (
    "NEW.id IS DISTINCT FROM OLD.id OR NEW.vacancy_id IS DISTINCT FROM OLD.vacancy_id "
    "OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.number IS DISTINCT FROM OLD.number"
)


def handled_by(who: str) -> str:
    """Whether somebody handles a candidacy that is their own, or of somebody who declared them as line manager."""
    return (
        f"SELECT 1 FROM candidacy c WHERE c.id = NEW.candidacy_id AND (c.person_id = NEW.{who} OR EXISTS ("
        "SELECT 1 FROM declared_line_manager d JOIN account t ON t.email = d.email "
        f"WHERE d.person_id = c.person_id AND t.person_id = NEW.{who}))"
    )


# The candidate's own deeds are to be interested, to apply and to withdraw.
OWN_DEEDS = "NEW.kind = 'opened' OR (NEW.kind = 'moved' AND NEW.became IN ('interested', 'applied', 'withdrew'))"
HANDLED: dict[str, str] = {
    "candidacy_event": f"NOT ({OWN_DEEDS}) AND EXISTS ({handled_by('by_id')})",
    "candidacy_note": f"EXISTS ({handled_by('by_id')})",
    "employment_check": f"EXISTS ({handled_by('by_id')})",
}


def over_funding(post: str, hours: str, vacancy: str) -> str:
    """Whether a post more would exceed what is funded, or the number of people (P6). A post that ended is free."""
    taken = (
        "FROM post_origin o JOIN post p ON p.id = o.post_id "
        f"WHERE o.vacancy_id = {vacancy} AND o.post_id <> {post} AND p.left_on IS NULL"
    )
    funded = (
        f"SELECT COALESCE((SELECT h.funded_hours FROM vacancy_hiring h WHERE h.vacancy_id = {vacancy}), "
        f"(SELECT v.weekly_hours FROM vacancy v WHERE v.id = {vacancy}), 0)"
    )
    places = (
        f"SELECT COALESCE((SELECT h.places FROM vacancy_hiring h WHERE h.vacancy_id = {vacancy}), "
        f"(SELECT CASE WHEN r.job_share THEN 2 ELSE 1 END FROM vacancy_pattern r WHERE r.vacancy_id = {vacancy}), 1)"
    )
    return (
        f"((SELECT COALESCE(SUM(p.weekly_hours), 0) {taken}) + ({hours}) > ({funded}) + 0.001 "
        f"OR (SELECT COUNT(*) {taken}) + 1 > ({places}))"
    )


STARTED = over_funding(
    "NEW.post_id", "SELECT n.weekly_hours FROM post n WHERE n.id = NEW.post_id", "NEW.vacancy_id"
)
ORIGIN = "(SELECT f.vacancy_id FROM post_origin f WHERE f.post_id = NEW.id)"
MORE_HOURS = (
    "NEW.left_on IS NULL AND EXISTS (SELECT 1 FROM post_origin f WHERE f.post_id = NEW.id) AND "
    + over_funding("NEW.id", "NEW.weekly_hours", ORIGIN)
)


def upgrade() -> None:
    op.create_table('declared_line_manager',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_declared_line_manager_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_declared_line_manager'))
    )
    op.create_index(op.f('ix_declared_line_manager_email'), 'declared_line_manager', ['email'], unique=False)
    op.create_table('past_invitation',
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_by', sa.String(length=80), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('most_hours', sa.Numeric(precision=4, scale=2), nullable=True),
    sa.Column('places', sa.String(length=300), nullable=False),
    sa.Column('may_contact', sa.Boolean(), nullable=True),
    sa.CheckConstraint('answered_at IS NOT NULL OR may_contact IS NULL', name=op.f('ck_past_invitation_answered')),
    sa.CheckConstraint('most_hours > 0 AND most_hours <= 60', name=op.f('ck_past_invitation_most_hours')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_past_invitation_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_past_invitation')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_past_invitation_token_hash'))
    )
    op.create_table('team_preparation',
    sa.Column('team_id', sa.Uuid(), nullable=False),
    sa.Column('step', sa.String(length=40), nullable=False),
    sa.Column('owner', sa.String(length=120), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('named', sa.String(length=120), nullable=False),
    sa.Column('impossible_why', sa.String(length=300), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("step IN ('awareness training', 'visit by a peer support worker', 'line supervisor', 'peer supervisor', 'more than one peer')", name=op.f('ck_team_preparation_step')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_preparation_team_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('team_id', 'step', name=op.f('pk_team_preparation'))
    )
    op.create_table('team_visit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('team_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('visit_on', sa.Date(), nullable=True),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agreed', sa.Boolean(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('agreed IS NULL OR answered_at IS NOT NULL', name=op.f('ck_team_visit_answered')),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_team_visit_asked_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_team_visit_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_visit_team_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_visit'))
    )
    op.create_index(op.f('ix_team_visit_asked_by'), 'team_visit', ['asked_by'], unique=False)
    op.create_index(op.f('ix_team_visit_person_id'), 'team_visit', ['person_id'], unique=False)
    op.create_index('uq_team_visit_open', 'team_visit', ['team_id', 'person_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('candidacy',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=40), nullable=False),
    sa.Column('stage_on', sa.Date(), nullable=False),
    sa.Column('wants_interview', sa.Boolean(), nullable=False),
    sa.Column('meets_criteria', sa.Boolean(), nullable=True),
    sa.Column('next_step', sa.String(length=200), nullable=False),
    sa.Column('next_step_on', sa.Date(), nullable=True),
    sa.Column('end_reason', sa.String(length=40), nullable=True),
    sa.Column('end_text', sa.String(length=500), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(stage = 'not progressing') = (end_reason IS NOT NULL)", name=op.f('ck_candidacy_reason')),
    sa.CheckConstraint("end_reason IN ('another person was chosen', 'the essential criteria are not met yet', 'the hours or days do not fit', 'we could not reach them', 'the post is no longer there', 'the checks could not be cleared', 'another reason')", name=op.f('ck_candidacy_end_reason')),
    sa.CheckConstraint("stage IN ('interested', 'applied', 'shortlisted', 'interview', 'conditional offer', 'checks', 'start agreed', 'in post', 'withdrew', 'not progressing')", name=op.f('ck_candidacy_stage')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_candidacy_person_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_candidacy_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidacy')),
    sa.UniqueConstraint('vacancy_id', 'number', name=op.f('uq_candidacy_vacancy_id_number')),
    sa.UniqueConstraint('vacancy_id', 'person_id', name=op.f('uq_candidacy_vacancy_id_person_id'))
    )
    op.create_index(op.f('ix_candidacy_person_id'), 'candidacy', ['person_id'], unique=False)
    op.create_index('ix_candidacy_stage', 'candidacy', ['stage', 'stage_on'], unique=False)
    op.create_table('vacancy_hiring',
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('anonymous', sa.Boolean(), nullable=False),
    sa.Column('funded_hours', sa.Numeric(precision=5, scale=2), nullable=True),
    sa.Column('places', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('funded_hours > 0 AND funded_hours <= 600', name=op.f('ck_vacancy_hiring_funded_hours')),
    sa.CheckConstraint('places BETWEEN 1 AND 20', name=op.f('ck_vacancy_hiring_places')),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_vacancy_hiring_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('vacancy_id', name=op.f('pk_vacancy_hiring'))
    )
    op.create_table('candidacy_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('candidacy_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('was', sa.String(length=200), nullable=False),
    sa.Column('became', sa.String(length=200), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('opened', 'moved', 'next step', 'interview', 'message', 'offer', 'check', 'start')", name=op.f('ck_candidacy_event_kind')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_candidacy_event_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['candidacy_id'], ['candidacy.id'], name=op.f('fk_candidacy_event_candidacy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidacy_event'))
    )
    op.create_index('ix_candidacy_event', 'candidacy_event', ['candidacy_id', 'at'], unique=False)
    op.create_index(op.f('ix_candidacy_event_by_id'), 'candidacy_event', ['by_id'], unique=False)
    op.create_table('candidacy_note',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('candidacy_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_candidacy_note_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['candidacy_id'], ['candidacy.id'], name=op.f('fk_candidacy_note_candidacy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidacy_note'))
    )
    op.create_index('ix_candidacy_note', 'candidacy_note', ['candidacy_id', 'at'], unique=False)
    op.create_index(op.f('ix_candidacy_note_by_id'), 'candidacy_note', ['by_id'], unique=False)
    op.create_table('employment_check',
    sa.Column('candidacy_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('state_on', sa.Date(), nullable=False),
    sa.Column('chase_on', sa.Date(), nullable=True),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('identity', 'right to work', 'registration and qualifications', 'employment history and references', 'criminal record', 'work health')", name=op.f('ck_employment_check_kind')),
    sa.CheckConstraint("state IN ('not started', 'asked for', 'being looked at', 'to talk about', 'clear')", name=op.f('ck_employment_check_state')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_employment_check_by_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['candidacy_id'], ['candidacy.id'], name=op.f('fk_employment_check_candidacy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('candidacy_id', 'kind', name=op.f('pk_employment_check'))
    )
    op.create_index(op.f('ix_employment_check_by_id'), 'employment_check', ['by_id'], unique=False)
    op.create_index('ix_employment_check_chase', 'employment_check', ['state', 'chase_on'], unique=False)
    op.create_table('interview',
    sa.Column('candidacy_id', sa.Uuid(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=300), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('minutes BETWEEN 5 AND 480', name=op.f('ck_interview_minutes')),
    sa.CheckConstraint('sequence >= 0', name=op.f('ck_interview_sequence')),
    sa.ForeignKeyConstraint(['candidacy_id'], ['candidacy.id'], name=op.f('fk_interview_candidacy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('candidacy_id', name=op.f('pk_interview'))
    )
    op.create_table('interview_help',
    sa.Column('candidacy_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.String(length=1000), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['candidacy_id'], ['candidacy.id'], name=op.f('fk_interview_help_candidacy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('candidacy_id', name=op.f('pk_interview_help'))
    )
    op.create_table('offer',
    sa.Column('candidacy_id', sa.Uuid(), nullable=False),
    sa.Column('weekly_hours', sa.Numeric(precision=4, scale=2), nullable=False),
    sa.Column('band', sa.String(length=40), nullable=False),
    sa.Column('contract', sa.String(length=40), nullable=False),
    sa.Column('funding', sa.String(length=40), nullable=False),
    sa.Column('offered_on', sa.Date(), nullable=False),
    sa.Column('start_on', sa.Date(), nullable=True),
    sa.Column('training_due_on', sa.Date(), nullable=True),
    sa.CheckConstraint("band IN ('1', '2', '3', '4', '5', '6', '7', '8a', '8b', '8c', '8d', '9')", name=op.f('ck_offer_band')),
    sa.CheckConstraint("contract IN ('permanent', 'fixed-term', 'bank', 'apprenticeship')", name=op.f('ck_offer_contract')),
    sa.CheckConstraint("funding IN ('substantive', 'fixed-term')", name=op.f('ck_offer_funding')),
    sa.CheckConstraint('weekly_hours > 0 AND weekly_hours <= 60', name=op.f('ck_offer_weekly_hours')),
    sa.ForeignKeyConstraint(['candidacy_id'], ['candidacy.id'], name=op.f('fk_offer_candidacy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('candidacy_id', name=op.f('pk_offer'))
    )
    op.create_table('post_origin',
    sa.Column('post_id', sa.Uuid(), nullable=False),
    sa.Column('candidacy_id', sa.Uuid(), nullable=False),
    sa.Column('vacancy_id', sa.Uuid(), nullable=False),
    sa.Column('line_supervisor', sa.String(length=120), nullable=False),
    sa.Column('peer_supervisor', sa.String(length=120), nullable=False),
    sa.Column('training_due_on', sa.Date(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['candidacy_id'], ['candidacy.id'], name=op.f('fk_post_origin_candidacy_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_post_origin_post_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vacancy_id'], ['vacancy.id'], name=op.f('fk_post_origin_vacancy_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_post_origin')),
    sa.UniqueConstraint('candidacy_id', name=op.f('uq_post_origin_candidacy_id'))
    )
    op.create_index(op.f('ix_post_origin_vacancy_id'), 'post_origin', ['vacancy_id'], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def guard_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    for table in FIXED:
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table}", GROWS)
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", GROWS)
        same = f"EXISTS (SELECT 1 FROM {table} t WHERE t.id = NEW.id)"
        refuse(f"{table}_no_replace", f"BEFORE INSERT ON {table} WHEN {same}", GROWS)
    refuse("candidacy_no_delete", "BEFORE DELETE ON candidacy", KEPT)
    moved = MOVED.replace("IS DISTINCT FROM", "IS NOT")
    refuse("candidacy_no_update", f"BEFORE UPDATE ON candidacy WHEN {moved}", KEPT)
    same = (
        "EXISTS (SELECT 1 FROM candidacy t WHERE t.id = NEW.id OR (t.vacancy_id = NEW.vacancy_id "
        "AND (t.person_id = NEW.person_id OR t.number = NEW.number)))"
    )
    refuse("candidacy_no_replace", f"BEFORE INSERT ON candidacy WHEN {same}", KEPT)
    refuse("candidacy_yes", f"BEFORE INSERT ON candidacy WHEN {SAID_NO}", NO_YES)
    for table, handled in HANDLED.items():
        refuse(f"{table}_own", f"BEFORE INSERT ON {table} WHEN {handled}", OWN)
    refuse("employment_check_own_update", f"BEFORE UPDATE ON employment_check WHEN {HANDLED['employment_check']}", OWN)
    refuse("post_origin_funded", f"BEFORE INSERT ON post_origin WHEN {STARTED}", FUNDS)
    refuse(
        "post_origin_no_replace",
        "BEFORE INSERT ON post_origin WHEN EXISTS (SELECT 1 FROM post_origin t "
        "WHERE t.post_id = NEW.post_id OR t.candidacy_id = NEW.candidacy_id)",
        KEPT,
    )
    refuse("post_origin_no_update", "BEFORE UPDATE ON post_origin", KEPT)
    refuse("post_origin_no_delete", "BEFORE DELETE ON post_origin", KEPT)
    refuse("post_funded", f"BEFORE UPDATE OF weekly_hours, left_on ON post WHEN {MORE_HOURS}", FUNDS)


FUNCTIONS = (
    "candidacy_grows", "candidacy_kept", "candidacy_yes", "candidacy_event_own", "candidacy_note_own",
    "employment_check_own", "post_origin_funded", "post_funded",
)


def guard_postgresql() -> None:
    def function(name: str, body: str) -> None:
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")

    def refusal(text: str) -> str:
        return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation';"

    function("candidacy_grows", refusal(GROWS))
    function("candidacy_kept", refusal(KEPT))
    function("candidacy_yes", f"IF {SAID_NO} THEN {refusal(NO_YES)} END IF; RETURN NEW;")
    for table in FIXED:
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION candidacy_grows()")
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION candidacy_grows()"
        )
    for table in ("candidacy", "post_origin"):
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION candidacy_kept()")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION candidacy_kept()"
        )
    op.execute(
        f"CREATE TRIGGER candidacy_no_update BEFORE UPDATE ON candidacy FOR EACH ROW WHEN ({MOVED}) "
        "EXECUTE FUNCTION candidacy_kept()"
    )
    op.execute(
        "CREATE TRIGGER post_origin_no_update BEFORE UPDATE ON post_origin FOR EACH ROW "
        "EXECUTE FUNCTION candidacy_kept()"
    )
    op.execute(
        "CREATE TRIGGER candidacy_yes BEFORE INSERT ON candidacy FOR EACH ROW EXECUTE FUNCTION candidacy_yes()"
    )
    for table, handled in HANDLED.items():
        function(f"{table}_own", f"IF {handled} THEN {refusal(OWN)} END IF; RETURN NEW;")
        events = "INSERT OR UPDATE" if table == "employment_check" else "INSERT"
        op.execute(
            f"CREATE TRIGGER {table}_own BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_own()"
        )
    # Two who start people at once: the second waits for the first, and then counts the first's post as well.
    lock = "PERFORM 1 FROM vacancy v WHERE v.id = {vacancy} FOR UPDATE; "
    function(
        "post_origin_funded",
        lock.format(vacancy="NEW.vacancy_id") + f"IF {STARTED} THEN {refusal(FUNDS)} END IF; RETURN NEW;",
    )
    function(
        "post_funded", lock.format(vacancy=ORIGIN) + f"IF {MORE_HOURS} THEN {refusal(FUNDS)} END IF; RETURN NEW;"
    )
    op.execute(
        "CREATE TRIGGER post_origin_funded BEFORE INSERT ON post_origin FOR EACH ROW "
        "EXECUTE FUNCTION post_origin_funded()"
    )
    op.execute(
        "CREATE TRIGGER post_funded BEFORE UPDATE OF weekly_hours, left_on ON post FOR EACH ROW "
        "EXECUTE FUNCTION post_funded()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER post_funded")
    else:
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    op.drop_index(op.f('ix_post_origin_vacancy_id'), table_name='post_origin')
    op.drop_table('post_origin')
    op.drop_table('offer')
    op.drop_table('interview_help')
    op.drop_table('interview')
    op.drop_index('ix_employment_check_chase', table_name='employment_check')
    op.drop_index(op.f('ix_employment_check_by_id'), table_name='employment_check')
    op.drop_table('employment_check')
    op.drop_index(op.f('ix_candidacy_note_by_id'), table_name='candidacy_note')
    op.drop_index('ix_candidacy_note', table_name='candidacy_note')
    op.drop_table('candidacy_note')
    op.drop_index(op.f('ix_candidacy_event_by_id'), table_name='candidacy_event')
    op.drop_index('ix_candidacy_event', table_name='candidacy_event')
    op.drop_table('candidacy_event')
    op.drop_table('vacancy_hiring')
    op.drop_index('ix_candidacy_stage', table_name='candidacy')
    op.drop_index(op.f('ix_candidacy_person_id'), table_name='candidacy')
    op.drop_table('candidacy')
    op.drop_index('uq_team_visit_open', table_name='team_visit', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_index(op.f('ix_team_visit_person_id'), table_name='team_visit')
    op.drop_index(op.f('ix_team_visit_asked_by'), table_name='team_visit')
    op.drop_table('team_visit')
    op.drop_table('team_preparation')
    op.drop_table('past_invitation')
    op.drop_index(op.f('ix_declared_line_manager_email'), table_name='declared_line_manager')
    op.drop_table('declared_line_manager')
