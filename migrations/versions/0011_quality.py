"""The sampling plan, interim checks, observations, standardisation, actions, more resubmissions; with their guards.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FIXED = {
    "sampling_plan": "A sampling plan is never changed; draw more",
    "interim_check": "An interim check is never changed; record a new one",
    "practice_observation": "An observation is never changed; record a new one",
    "standardisation_meeting": "A standardisation meeting is never changed; record a new one",
    "standardisation_unit": "A standardisation meeting is never changed; record a new one",
    "standardisation_person": "A standardisation meeting is never changed; record a new one",
}
# Rows that change only in the columns named last, each once.
KEPT = {
    "sampling_pick": (
        "A pick is never dropped or changed; set it aside with a reason",
        ("id", "plan_id", "enrolment_id", "unit_id", "stage", "reason", "added_by", "added_at"),
        ("set_aside_why", "set_aside_by", "set_aside_at"),
    ),
    "quality_action": (
        "An action is never changed; only done",
        (
            "id", "owner_id", "what", "act_by_on", "check_id", "observation_id", "meeting_id", "raised_by",
            "raised_at",
        ),
        ("done_note", "done_by", "done_at"),
    ),
    "resubmission_request": (
        "A request for more resubmissions is never changed; ask again",
        ("id", "enrolment_id", "criterion_id", "reason", "asked_by", "asked_at"),
        ("agreed", "answered_by", "answered_at"),
    ),
}
KEYS = {
    "sampling_plan": (("id",), ("cohort_id", "number")),
    "sampling_pick": (("id",), ("enrolment_id", "unit_id", "stage")),
    "interim_check": (("id",),),
    "practice_observation": (("id",),),
    "standardisation_meeting": (("id",),),
    "standardisation_unit": (("meeting_id", "unit_id"),),
    "standardisation_person": (("meeting_id", "person_id"),),
    "quality_action": (("id",),),
    "resubmission_request": (("id",),),
}

OWN = "Nobody quality-assures their own decision (A10)"
SELF = "Nobody assesses or verifies themselves (A10)"
CONFLICT = "Nobody judges where they declared a conflict of interest (A10)"


def in_conflict(one: str, other: str) -> str:
    """That two people share a declared conflict of interest."""
    return (
        "EXISTS (SELECT 1 FROM conflict_of_interest k WHERE k.ended_at IS NULL AND "
        f"((k.person_id = {one} AND k.with_person_id = {other}) OR "
        f"(k.person_id = {other} AND k.with_person_id = {one})))"
    )


def decided(condition: str, narrower: str) -> str:
    """That a decision of the student's is such."""
    return (
        "EXISTS (SELECT 1 FROM decision d JOIN assessment_criterion c ON c.id = d.criterion_id "
        "LEFT JOIN countersignature s ON s.decision_id = d.id "
        f"WHERE d.enrolment_id = NEW.enrolment_id AND {narrower} AND {condition})"
    )


def student(condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM enrolment e WHERE e.id = NEW.enrolment_id AND {condition})"


IN_UNIT = "c.unit_id = NEW.unit_id"
IN_CRITERION = "c.id = NEW.criterion_id"
ANSWERED = "NEW.answered_by IS NOT NULL AND "
# Name, event, table, when it is refused, and why.
GUARDS = (
    (
        "interim_check_own", "INSERT", "interim_check",
        decided("(d.decided_by = NEW.checked_by OR s.signed_by = NEW.checked_by)", IN_UNIT), OWN,
    ),
    ("interim_check_self", "INSERT", "interim_check", student("e.person_id = NEW.checked_by"), SELF),
    (
        "interim_check_conflict", "INSERT", "interim_check",
        student(in_conflict("NEW.checked_by", "e.person_id"))
        + " OR "
        + decided(in_conflict("NEW.checked_by", "d.decided_by"), IN_UNIT),
        CONFLICT,
    ),
    (
        "practice_observation_conflict", "INSERT", "practice_observation",
        in_conflict("NEW.observed_by", "NEW.assessor_id"), CONFLICT,
    ),
    *(
        guard
        for event in ("INSERT", "UPDATE")
        for guard in (
            (
                f"resubmission_{event.lower()}_own", event, "resubmission_request",
                ANSWERED
                + "("
                + decided("(d.decided_by = NEW.answered_by OR s.signed_by = NEW.answered_by)", IN_CRITERION)
                + " OR "
                + student("e.person_id = NEW.answered_by")
                + ")",
                OWN,
            ),
            (
                f"resubmission_{event.lower()}_conflict", event, "resubmission_request",
                ANSWERED + student(in_conflict("NEW.answered_by", "e.person_id")), CONFLICT,
            ),
        )
    ),
)  # fmt: skip


def message_of(table: str) -> str:
    return FIXED[table] if table in FIXED else KEPT[table][0]


def changed(table: str, differs: str) -> str:
    """When an update of a kept table is refused: a kept column differs, or one that is set once is set again."""
    _, kept, once = KEPT[table]
    other = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in kept)
    return other + "".join(f" OR (OLD.{one} IS NOT NULL AND NEW.{one} {differs} OLD.{one})" for one in once)


def key() -> sa.Column:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def reference(name: str, to: str, **options: bool) -> sa.Column:
    wanted = {"nullable": False, **options}
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{to}.id", ondelete="RESTRICT"), **wanted)


def moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def word(name: str, size: int) -> sa.Column:
    return sa.Column(name, sa.String(size), nullable=False)


def prose(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def day(name: str) -> sa.Column:
    return sa.Column(name, sa.Date(), nullable=False)


def tables() -> None:
    op.create_table(
        "sampling_plan", key(), reference("cohort_id", "cohort"), number("number"), number("seed"),
        number("new_percent"), number("usual_percent"), number("least_students"), prose("why"), prose("inputs"),
        reference("made_by", "person"), moment("made_at"),
        sa.UniqueConstraint("cohort_id", "number", name=op.f("uq_sampling_plan_cohort_id_number")),
        sa.CheckConstraint(
            "new_percent BETWEEN 1 AND 100 AND usual_percent BETWEEN 1 AND 100",
            name=op.f("ck_sampling_plan_percents"),
        ),
        sa.CheckConstraint(
            "least_students >= 1 AND number >= 1 AND seed >= 0", name=op.f("ck_sampling_plan_counts")
        ),
    )  # fmt: skip
    op.create_table(
        "sampling_pick", key(), reference("plan_id", "sampling_plan"), reference("enrolment_id", "enrolment"),
        reference("unit_id", "unit"), word("stage", 40), prose("reason"),
        reference("added_by", "person", nullable=True), moment("added_at"), prose("set_aside_why", True),
        reference("set_aside_by", "person", nullable=True), moment("set_aside_at", True),
        sa.UniqueConstraint(
            "enrolment_id", "unit_id", "stage", name=op.f("uq_sampling_pick_enrolment_id_unit_id_stage")
        ),
        sa.CheckConstraint("stage IN ('interim', 'summative')", name=op.f("ck_sampling_pick_stage")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_sampling_pick_reason")),
        sa.CheckConstraint(
            "(set_aside_at IS NULL) = (set_aside_by IS NULL) AND (set_aside_at IS NULL) = (set_aside_why IS NULL)",
            name=op.f("ck_sampling_pick_set_aside"),
        ),
    )  # fmt: skip
    op.create_table(
        "interim_check", key(), reference("enrolment_id", "enrolment"), reference("unit_id", "unit"),
        word("finding", 40), prose("comment"), reference("checked_by", "person"), moment("checked_at"),
        sa.CheckConstraint("finding IN ('sound', 'action needed')", name=op.f("ck_interim_check_finding")),
    )  # fmt: skip
    op.create_index("ix_interim_check_place", "interim_check", ["enrolment_id", "unit_id", "checked_at"])
    op.create_table(
        "practice_observation", key(), reference("assessor_id", "person"), day("observed_on"), word("seen", 40),
        prose("went_well"), prose("to_develop"), reference("observed_by", "person"), moment("recorded_at"),
        sa.CheckConstraint(
            "seen IN ('giving feedback', 'observing a student', 'professional discussion', "
            "'teaching and assessing in a session')",
            name=op.f("ck_practice_observation_seen"),
        ),
        sa.CheckConstraint("assessor_id <> observed_by", name=op.f("ck_practice_observation_somebody_else")),
    )  # fmt: skip
    op.create_table(
        "standardisation_meeting", key(), day("held_on"), word("title", 200), prose("agreed"),
        reference("recorded_by", "person"), moment("recorded_at"),
    )  # fmt: skip
    op.create_table(
        "standardisation_unit", reference("meeting_id", "standardisation_meeting", primary_key=True),
        reference("unit_id", "unit", primary_key=True),
    )  # fmt: skip
    op.create_table(
        "standardisation_person", reference("meeting_id", "standardisation_meeting", primary_key=True),
        reference("person_id", "person", primary_key=True),
    )  # fmt: skip
    op.create_table(
        "quality_action", key(), reference("owner_id", "person"), prose("what"), day("act_by_on"),
        reference("check_id", "interim_check", nullable=True),
        reference("observation_id", "practice_observation", nullable=True),
        reference("meeting_id", "standardisation_meeting", nullable=True), reference("raised_by", "person"),
        moment("raised_at"), prose("done_note", True), reference("done_by", "person", nullable=True),
        moment("done_at", True),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (done_note IS NULL)",
            name=op.f("ck_quality_action_done"),
        ),
    )  # fmt: skip
    op.create_index("ix_quality_action_due", "quality_action", ["done_at", "act_by_on"])
    op.create_table(
        "resubmission_request", key(), reference("enrolment_id", "enrolment"),
        reference("criterion_id", "assessment_criterion"), prose("reason"), reference("asked_by", "person"),
        moment("asked_at"), sa.Column("agreed", sa.Boolean(), nullable=True),
        reference("answered_by", "person", nullable=True), moment("answered_at", True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (agreed IS NULL)",
            name=op.f("ck_resubmission_request_answered"),
        ),
        sa.CheckConstraint(
            "answered_by IS NULL OR asked_by <> answered_by", name=op.f("ck_resubmission_request_somebody_else")
        ),
    )  # fmt: skip
    op.create_index("ix_resubmission_request_cell", "resubmission_request", ["enrolment_id", "criterion_id"])
    for table, column in (
        ("sampling_plan", "made_by"), ("sampling_pick", "plan_id"), ("sampling_pick", "unit_id"),
        ("interim_check", "unit_id"), ("interim_check", "checked_by"), ("practice_observation", "assessor_id"),
        ("practice_observation", "observed_by"), ("quality_action", "owner_id"),
    ):  # fmt: skip
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    tables()
    if op.get_bind().dialect.name == "sqlite":
        upgrade_sqlite()
    else:
        upgrade_postgresql()


def upgrade_sqlite() -> None:
    def refuse(name: str, when: str, text: str) -> None:
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{text}'); END")

    for table in FIXED:
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table}", message_of(table))
    for table in KEPT:
        refuse(f"{table}_no_update", f"BEFORE UPDATE ON {table} WHEN {changed(table, 'IS NOT')}", message_of(table))
    for table, keys in KEYS.items():
        refuse(f"{table}_no_delete", f"BEFORE DELETE ON {table}", message_of(table))
        same = " OR ".join("(" + " AND ".join(f"t.{c} = NEW.{c}" for c in one) + ")" for one in keys)
        refuse(
            f"{table}_no_replace",
            f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} t WHERE {same})",
            f"{message_of(table)} (it is there already)",
        )
    for name, event, table, when, text in GUARDS:
        refuse(name, f"BEFORE {event} ON {table} WHEN {when}", text)


def upgrade_postgresql() -> None:
    def function(name: str, body: str) -> None:
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")

    def refusal(text: str) -> str:
        return f"RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation';"

    for table in KEYS:
        function(f"{table}_refuse", refusal(message_of(table)))
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {table}_refuse()"
        )
        events = "DELETE OR UPDATE" if table in FIXED else "DELETE"
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE {events} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({changed(table, 'IS DISTINCT FROM')}) EXECUTE FUNCTION {table}_refuse()"
        )
    for name, event, table, when, text in GUARDS:
        function(name, f"IF {when} THEN {refusal(text)} END IF; RETURN NEW;")
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    """Take the tables away with what they hold; every guard stands on one of them."""
    if op.get_bind().dialect.name != "sqlite":
        for name in (*(f"{table}_refuse" for table in KEYS), *(guard[0] for guard in GUARDS)):
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    for table in (
        "resubmission_request", "quality_action", "standardisation_person", "standardisation_unit",
        "standardisation_meeting", "practice_observation", "interim_check", "sampling_pick", "sampling_plan",
    ):  # fmt: skip
        op.drop_table(table)
