"""Saving the college's words about the role: a new version beside the old ones."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.consideration_models import RoleTextVersion
from recovery_college.careers.considerations import Refused, VacancyNotFound
from recovery_college.careers.role_text_rules import KINDS_OF_TEAM, LONGEST_ROLE_TEXT
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction


class TextChanged(Exception):
    """Somebody saved another version since this one was opened."""


def save_role_text(
    actor: Actor, brings: Mapping[str, str], paragraph: str, specification: str, seen: int
) -> int:
    """Save the words as the next version, and return its number. Only the college may.

    `seen` is the version the writer's page showed. Raises TextChanged when it is not the newest any more, and
    Refused with what is wrong by box.
    """
    if not may(actor, Permission.ROLE_TEXT_EDIT) or actor.person_id is None:
        raise VacancyNotFound
    texts = {kind: (brings.get(kind) or "").strip() for kind in KINDS_OF_TEAM}
    paragraph, specification = paragraph.strip(), specification.strip()
    errors = {}
    if not texts["everywhere"]:
        errors["everywhere"] = "Write what a peer support worker brings to any team."
    if not paragraph:
        errors["paragraph"] = "Write the role paragraph."
    if not specification:
        errors["specification"] = "Write the person specification."
    for name, text in {**texts, "paragraph": paragraph, "specification": specification}.items():
        if len(text) > LONGEST_ROLE_TEXT:
            errors[name] = f"Shorten the text to {LONGEST_ROLE_TEXT:,} characters or fewer."
    if errors:
        raise Refused("Check the words", errors)
    with transaction() as s:
        newest = s.scalar(select(func.max(RoleTextVersion.version))) or 0
        if newest != seen:
            raise TextChanged
        s.add(
            RoleTextVersion(
                version=newest + 1,
                brings=texts,
                paragraph=paragraph,
                specification=specification,
                saved_by=actor.person_id,
                saved_at=clock.now(),
            )
        )
        try:
            s.flush()
        except IntegrityError:
            raise TextChanged from None
        record(s, actor, "saved role text", "role text", newest + 1)
    return newest + 1
