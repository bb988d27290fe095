"""F34: when the trail cannot be written, nothing happens: no change without its line, no view without its note."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from recovery_college.assessment import services
from recovery_college.kernel.db import is_sqlite
from tests.faults.knocking import changed, deeds, do, everything, rule_of
from tests.house.test_access_matrix import ask, plausible
from tests.house.world import World

# A file that waits to be checked is not yet anything the college knows.
WAITING = frozenset({"import_upload"})
# A page of what stands there changes nothing when it is sent back as it came: other words, then.
OTHERWISE = {
    "assessment.due_date_show": {"title": "Another account"},
    "careers.my_alerts": {"often": "daily"},
    "careers.deputy_list": {"deputy_email": "manager.theirs@canary.example"},
    "careers.availability_edit": {"looking": "no"},
    "careers.post_follow_up": {"words": "Said otherwise"},
    "careers.terms_edit": {"reply_days": "11"},
    "courses.cohort_edit": {"title": "Another course"},
    "courses.criterion_edit": {"text": "Explain another point"},
    "courses.group_edit": {"min_units": "1"},
    "courses.outcome_edit": {"text": "Understand another topic"},
    "graduation.my_record": {"preferred_name": "Another"},
    "graduation.student_edit": {"preferred_name": "Another"},
    "quality.engagement_days": {"ends_on-day": "27"},
    "quality.staff_competence": {"competence": "Assesses the first unit"},
}
# These say again what stands in the world, find nothing there to do, or show first what they would do.
SAYS_AGAIN = frozenset(
    {
        "assessment.back_ask",
        "assessment.bulk_undo",
        "assessment.pause_ask",
        "careers.candidacy_begin",  # refused: nobody in the world has a start agreed
        "careers.duty_list",
        "careers.my_candidacy_interview",
        "careers.past_invite",
        "careers.rule_new",
        "careers.rule_withdraw",
        "careers.second_read_draw",
        "careers.team_visit",
        "careers.look_alike_differ",
        "careers.vacancy_bring_back",
        "careers.vacancy_link_managers",
        "careers.vacancy_withdraw",
        "courses.unit_renumber",
        "fairness.appeal_told",
        "graduation.verify_code",
        "quality.conflicts_cohort",
    }
)
VIEWS = (
    ("graduation.certificate_pdf", "graduate"),
    ("assessment.marking_cell", "iqa"),
    ("quality.quality_unit", "iqa"),
)


def break_the_trail(world: World) -> None:
    """The database refuses every new line of the trail from now on."""
    with world.session() as s:
        if is_sqlite(s.connection().engine):
            s.execute(
                text(
                    "CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'full'); END"
                )
            )
        else:
            s.execute(
                text(
                    "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'full'; END $$"
                )
            )
            s.execute(
                text(
                    "CREATE TRIGGER full_up BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION full_up()"
                )
            )
        s.commit()


def unrecorded(world: World) -> dict[str, set[str]]:
    """The deeds that still changed something, with the tables they changed."""
    found = {}
    for rule, who in deeds(world):
        world.refresh()
        data = {**plausible(world, rule)[who], **OTHERWISE.get(rule.endpoint, {})}
        break_the_trail(world)
        before = everything(world)
        ask(world, rule, "POST", who, data)
        tables = changed(before, everything(world)) - WAITING
        if tables:
            found[rule.endpoint] = tables
    return found


def test_no_deed_without_its_line(world: World) -> None:
    assert unrecorded(world) == {}


def test_the_same_deeds_change_something_while_the_trail_is_whole(world: World) -> None:
    """The twin: the deeds above are real ones."""
    idle = set()
    for rule, who in deeds(world):
        world.refresh()
        data = {**plausible(world, rule)[who], **OTHERWISE.get(rule.endpoint, {})}
        before = everything(world, frozenset({"wrong_try"}))
        ask(world, rule, "POST", who, data)
        if not changed(before, everything(world, frozenset({"wrong_try"}))):
            idle.add(rule.endpoint)
    assert idle == SAYS_AGAIN


def test_a_deed_that_forgets_its_line_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: recording a decision without recording that it was recorded."""
    monkeypatch.setattr(services, "record_many", lambda *args, **details: None)
    break_the_trail(world)
    before = everything(world)
    _, answer = do(world, "assessment.decision_record", "tutor")
    assert answer.status_code == 303
    assert "decision" in changed(before, everything(world))


def test_what_was_typed_is_kept(world: World) -> None:
    break_the_trail(world)
    _, answer = do(world, "assessment.decision_record", "tutor", feedback="You were clear about boundaries")
    assert answer.status_code >= 500
    assert "You were clear about boundaries" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("endpoint", "who"), VIEWS)
def test_nothing_sensitive_is_shown_without_a_note(world: World, endpoint: str, who: str) -> None:
    rule = rule_of(world, endpoint)
    _, shown = ask(world, rule, "GET", who, {})
    assert shown.status_code == 200
    shown.close()
    break_the_trail(world)
    _, answer = ask(world, rule, "GET", who, {})
    assert answer.status_code >= 500
    assert world.mine.canaries["released feedback"][0] not in answer.get_data(as_text=True)
