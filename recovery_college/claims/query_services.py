"""Answering what the awarding organisation queried about a line (A12)."""

from uuid import UUID

from sqlalchemy import select

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.claim_models import Claim, ClaimAnswer, ClaimLine
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record
from recovery_college.claims.claim_queries import LineRow, line_rows
from recovery_college.claims.claim_services import LONGEST_TEXT, ClaimRefused, NoSuchClaim
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction


def answer_query(
    actor: Actor, cohort_id: UUID, line_id: UUID, answer: str, claims_again: bool, seen: UUID
) -> LineRow:
    """Keep the college's answer to a query. With `claims_again` the unit leaves its run: it is verified again,
    may be returned and put right, and can stand on a later run. `seen`: the reply the page showed.

    Sent twice, it is answered once. Raises NoSuchClaim, ClaimRefused.
    """
    with transaction() as s:
        cohort = cohort_known_to(actor, cohort_id)
        if cohort is None or actor.person_id is None or not may(actor, Permission.CLAIM_PREPARE):
            raise NoSuchClaim
        row = s.scalars(
            select(ClaimLine)
            .join(Claim, ClaimLine.claim_id == Claim.id)
            .where(ClaimLine.id == line_id, Claim.cohort_id == cohort_id)
            .with_for_update(of=ClaimLine)
            .execution_options(populate_existing=True)
        ).one_or_none()
        line = next(iter(line_rows(ClaimLine.id == line_id)), None) if row else None
        if row is None or line is None or line.reply_id is None:
            raise NoSuchClaim
        words = answer.strip()
        if line.answer and line.reply_id == seen and line.answer == words:
            return line
        if not line.is_queried or line.reply_id != seen:
            raise ClaimRefused(
                "This query is answered already, or the awarding organisation has replied since."
            )
        if not words or len(words) > LONGEST_TEXT:
            raise ClaimRefused(f"Write the answer, in {LONGEST_TEXT:,} characters or fewer", "answer")
        s.add(
            ClaimAnswer(
                reply_id=line.reply_id, answer=words, claims_again=claims_again,
                answered_by=actor.person_id, answered_at=clock.now(),
            )
        )  # fmt: skip
        s.flush()
        if claims_again:
            row.ended_at = clock.now()
            s.flush()
        record(s, actor, "answered query", "claim", row.claim_id, line=str(line_id), again=claims_again)
        return line
