"""The end of a post: the last day and why, in one of a few words that tell moving on from the rest (P7)."""

from datetime import date
from uuid import UUID

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.considerations import Refused
from recovery_college.careers.models import Post
from recovery_college.careers.post_queries import posts_for
from recovery_college.kernel.db import transaction

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
