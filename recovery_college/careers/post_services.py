"""The end of a post: the last day and why, in one of a few words that tell moving on from the rest (P7)."""

from datetime import date
from uuid import UUID

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.considerations import Refused
from recovery_college.careers.follow_up_rules import FOLLOW_UP_MONTHS
from recovery_college.careers.models import Post
from recovery_college.careers.offer_models import PostFollowUp
from recovery_college.careers.post_queries import posts_for
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction

LONGEST_LINE = 300
LEAVING_KINDS = (
    "moved on to a better post",
    "moved to another team",
    "training or study",
    "the contract ended",
    "retired",
    "own choice",
    "another reason",
)


class PostNotFound(LookupError):
    """There is no such post, or none that this actor may know of."""


class FollowUpChanged(Exception):
    """Somebody wrote this one down after the page was opened."""


def end_post(actor: Actor, post_id: UUID, left_on: date, kind: str) -> None:
    """Record the last day and why. Twice the same is once; a wrong day is put right by saying it again."""
    if not may(actor, Permission.POST_CHANGE):
        raise PostNotFound
    if kind not in LEAVING_KINDS:
        raise Refused("Choose why", {"kind": "Choose why the post ends"})
    with transaction() as s:
        if not posts_for(actor, post_id=post_id):
            raise PostNotFound
        row = s.get_one(Post, post_id, with_for_update=True, populate_existing=True)
        if left_on < row.started_on:
            text = "This day is before the first day of the post"
            raise Refused(text, {"left_on": text})
        if (row.left_on, row.leaving_kind) == (left_on, kind):
            return
        row.left_on, row.leaving_kind = left_on, kind
        s.flush()
        record(s, actor, "ended post", "post", post_id, kind=kind)


def record_follow_up(
    actor: Actor, post_id: UUID, months: int, asked_on: date, words: str, version: int
) -> None:
    """Write down that somebody asked how it goes, and in a line what was said. The holder of the post reads it.

    Never one's own: somebody else asks. Raises PostNotFound, FollowUpChanged, Refused with what is wrong by box.
    """
    words = " ".join(words.split())
    if not may(actor, Permission.POST_CHANGE) or actor.person_id is None:
        raise PostNotFound
    with transaction() as s:
        view = next(iter(posts_for(actor, post_id=post_id)), None)
        if view is None or view.is_own or months not in FOLLOW_UP_MONTHS:
            raise PostNotFound
        if not view.started_on <= asked_on <= clock.today():
            text = "Enter a day since the post began, and not after today"
            raise Refused(text, {"asked_on": text})
        row = s.get(PostFollowUp, (post_id, months), with_for_update=True, populate_existing=True)
        if row is not None and (row.asked_on, row.words) == (asked_on, words):
            return
        if (row.version if row else 0) != version:
            raise FollowUpChanged
        if row is None:
            row = PostFollowUp(post_id=post_id, months=months, version=0)
            s.add(row)
        row.asked_on, row.words, row.by_id = asked_on, words[:LONGEST_LINE], actor.person_id
        row.version = version + 1
        s.flush()
        record(s, actor, "followed up post", "post", post_id, months=months)
