"""F23: the clock goes back, by an hour of summer time or by hand. What came later still counts as later."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from recovery_college.assessment.models import Decision
from recovery_college.audit.models import AuditEvent
from recovery_college.audit.services import verify_chain
from recovery_college.kernel import clock
from tests.faults.knocking import rule_of
from tests.house.test_access_matrix import ask, plausible
from tests.house.world import World

FIRST, SECOND = "Said before the clock went back", "Said after it"


def decided_twice(world: World) -> list[Decision]:
    """Two decisions on one cell with the clock put back by two hours between them, in the order they were made."""
    rule = rule_of(world, "assessment.decision_record")
    said = plausible(world, rule)["tutor"]
    now = clock.now()
    with clock.held_at(now):
        _, answer = ask(world, rule, "POST", "tutor", {**said, "feedback": FIRST})
        assert answer.status_code == 303
    with world.session() as s:
        seen = s.scalars(select(Decision.id).where(Decision.feedback == FIRST)).one()
    with clock.held_at(now - timedelta(hours=2)):
        _, answer = ask(world, rule, "POST", "tutor", {**said, "feedback": SECOND, "seen": str(seen)})
        assert answer.status_code == 303  # the session of two hours ahead still holds, and nothing is refused
        page = world.client("tutor").get(world.path(rule, "tutor"))
        assert page.get_data(as_text=True).count(SECOND) >= 1
    with world.session() as s:
        return list(
            s.scalars(select(Decision).where(Decision.feedback.in_((FIRST, SECOND))).order_by(Decision.id))
        )


def test_the_later_decision_counts_and_the_trail_is_whole(world: World) -> None:
    assert [one.feedback for one in decided_twice(world)] == [FIRST, SECOND]
    with world.session() as s:
        assert verify_chain(s).problem is None
        events = s.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


def test_by_the_time_written_down_the_wrong_one_would_count(world: World) -> None:
    """The known-bad twin: whoever takes the newest by `recorded_at` takes the decision that was replaced."""
    first, second = decided_twice(world)
    assert max((first, second), key=lambda one: one.recorded_at) is first
