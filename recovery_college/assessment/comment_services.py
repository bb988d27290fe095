"""Keeping the bank of comments: write, change, put away, bring back. Nothing is deleted, and each is on the record."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.assessment.comment_queries import bank_criterion
from recovery_college.assessment.marking_models import FeedbackComment
from recovery_college.assessment.queries import cohort_known_to
from recovery_college.audit.services import record
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction
from recovery_college.kernel.refusals import DeedRefused

LONGEST_COMMENT = 2000
MOST_COMMENTS = 100


class NoSuchComment(LookupError):
    """The comment, its criterion or the cohort is not there, or the actor may not know of it."""


class CommentRefused(DeedRefused):
    """Why the comment was not kept."""


class StaleComment(Exception):
    """Somebody changed it after the page was drawn. `theirs` is its text now."""

    def __init__(self, theirs: str) -> None:
        super().__init__()
        self.theirs = theirs


def add_comment(actor: Actor, cohort_id: UUID, criterion_id: UUID, text: str, *, shared: bool) -> UUID:
    """Keep a comment for a criterion: one's own, or `shared` with every tutor of the college. Twice is once."""
    with transaction() as s:
        owner = None if shared else _tutor(actor, cohort_id, criterion_id)
        writer = _tutor(actor, cohort_id, criterion_id)
        words = _checked(text)
        there = s.scalars(
            select(FeedbackComment).where(
                FeedbackComment.criterion_id == criterion_id, FeedbackComment.owner_id.is_not_distinct_from(owner),
                FeedbackComment.retired_at.is_(None),
            )
        ).all()  # fmt: skip
        same = next((one for one in there if one.text == words), None)
        if same is not None:
            return same.id
        if len(there) >= MOST_COMMENTS:
            raise CommentRefused(f"There are {MOST_COMMENTS} comments here already. Put one away first")
        comment = FeedbackComment(
            criterion_id=criterion_id, owner_id=owner, text=words, version=1, written_by=writer,
            written_at=clock.now(), retired_at=None,
        )  # fmt: skip
        s.add(comment)
        s.flush()
        record(s, actor, "added comment", "comment", comment.id, criterion=str(criterion_id), shared=shared)
        return comment.id


def change_comment(actor: Actor, cohort_id: UUID, comment_id: UUID, text: str, version: int) -> None:
    """Change the words of a comment. What was put into feedback before stays as it was."""
    with transaction() as s:
        comment = _comment(s, actor, cohort_id, comment_id)
        words = _checked(text)
        if comment.text == words:
            return
        if comment.version != version:
            raise StaleComment(comment.text)
        comment.text, comment.version, comment.written_at = words, comment.version + 1, clock.now()
        if comment.owner_id is None and actor.person_id is not None:
            comment.written_by = actor.person_id
        record(s, actor, "changed comment", "comment", comment.id, version=comment.version)


def retire_comment(actor: Actor, cohort_id: UUID, comment_id: UUID, *, back: bool = False) -> None:
    """Put a comment away, so that it is no longer offered; or bring it back."""
    with transaction() as s:
        comment = _comment(s, actor, cohort_id, comment_id)
        if (comment.retired_at is not None) is back:
            comment.retired_at = None if back else clock.now()
            record(s, actor, "brought back comment" if back else "retired comment", "comment", comment.id)


def _tutor(actor: Actor, cohort_id: UUID, criterion_id: UUID) -> UUID:
    """The tutor's person, once cohort and criterion are theirs to mark."""
    cohort = cohort_known_to(actor, cohort_id)
    if cohort is None or actor.person_id is None or not may(actor, Permission.DECISION_RECORD):
        raise NoSuchComment
    if bank_criterion(cohort, criterion_id) is None:
        raise NoSuchComment
    return actor.person_id


def _comment(s: Session, actor: Actor, cohort_id: UUID, comment_id: UUID) -> FeedbackComment:
    """A comment the actor may change: the college's, or their own."""
    comment = s.scalars(
        select(FeedbackComment)
        .where(FeedbackComment.id == comment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if comment is None:
        raise NoSuchComment
    person_id = _tutor(actor, cohort_id, comment.criterion_id)
    if comment.owner_id not in (None, person_id):
        raise NoSuchComment
    return comment


def _checked(text: str) -> str:
    words = text.strip().replace("\r\n", "\n")
    if not words:
        raise CommentRefused("Write the comment")
    if len(words) > LONGEST_COMMENT:
        raise CommentRefused(f"Use {LONGEST_COMMENT:,} characters or fewer")
    return words
