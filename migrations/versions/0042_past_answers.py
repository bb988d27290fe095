"""What past graduates answered before answers became wishes becomes their wishes, where they have none of their own.

Revision: 0042, after 0041

The way down takes nothing away: the wishes are theirs by now.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

LONGEST_PLACE, MOST_PLACES = 200, 60
"""As preference_rules had it when this was written."""

invitation = sa.table(
    "past_invitation",
    sa.column("person_id", sa.Uuid()),
    sa.column("answered_at", sa.DateTime(timezone=True)),
    sa.column("most_hours", sa.Numeric(4, 2)),
    sa.column("places", sa.String()),
    sa.column("may_contact", sa.Boolean()),
    sa.column("wishes_version", sa.Integer()),
)
preference = sa.table(
    "candidate_preference",
    sa.column("person_id", sa.Uuid()),
    sa.column("looking", sa.Boolean()),
    sa.column("counted", sa.Boolean()),
    sa.column("most_hours", sa.Numeric(4, 2)),
    *(sa.column(name, sa.Integer()) for name in ("areas", "settings", "contracts", "days", "times")),
    sa.column("job_share", sa.Boolean()),
    sa.column("anywhere", sa.Boolean()),
    sa.column("alerts", sa.String()),
    sa.column("version", sa.Integer()),
    sa.column("updated_at", sa.DateTime(timezone=True)),
)
place = sa.table(
    "candidate_site",
    sa.column("person_id", sa.Uuid()),
    sa.column("site", sa.String()),
    sa.column("ease", sa.String()),
)
vacancy = sa.table("vacancy", sa.column("site", sa.String()), sa.column("posted_on", sa.Date()))
college = sa.table("site", sa.column("name", sa.String()))


def upgrade() -> None:
    bind = op.get_bind()
    answers = bind.execute(
        sa.select(invitation)
        .outerjoin(preference, preference.c.person_id == invitation.c.person_id)
        .where(
            invitation.c.may_contact.is_(True),
            invitation.c.wishes_version.is_(None),
            sa.func.coalesce(preference.c.version, 0) == 0,
        )
    ).all()
    known = _places_known(bind) if answers else []
    for answer in answers:
        places = _places_named(answer.places, known)
        wishes = {"most_hours": answer.most_hours, "anywhere": not places, "version": 1}
        whose = preference.c.person_id == answer.person_id
        # A row of version 0 holds how often they are written to, or that they have a break: their own word, kept.
        if not bind.execute(sa.update(preference).where(whose).values(**wishes)).rowcount:
            bind.execute(sa.insert(preference).values(_new_row(answer) | wishes))
        for name in places:
            bind.execute(sa.insert(place).values(person_id=answer.person_id, site=name, ease="easily"))
        bind.execute(
            sa.update(invitation).where(invitation.c.person_id == answer.person_id).values(wishes_version=1)
        )


def downgrade() -> None:
    """Leave them: nobody can tell any more which of these wishes somebody has looked at since, and agrees with."""


def _new_row(answer: Any) -> dict[str, Any]:
    """What saving an answer leaves: nobody is counted or shown by it."""
    return {
        "person_id": answer.person_id,
        "looking": True,
        "counted": False,
        **dict.fromkeys(("areas", "settings", "contracts", "days", "times"), 0),
        "job_share": False,
        "alerts": "weekly",
        "updated_at": answer.answered_at,
    }


def _places_known(bind: sa.Connection) -> list[str]:
    """The places as they are called here: where posts were advertised in the last year, and the college's own."""
    since = datetime.now(UTC).date() - timedelta(days=365)
    used = (
        sa.select(vacancy.c.site)
        .where(vacancy.c.posted_on >= since, vacancy.c.site != "")
        .group_by(vacancy.c.site)
        .order_by(sa.func.count().desc(), vacancy.c.site)
        .limit(MOST_PLACES)
    )
    return [*bind.scalars(used), *bind.scalars(sa.select(college.c.name).limit(MOST_PLACES))]


def _places_named(text: str, known: list[str]) -> list[str]:
    """`preference_rules.places_named` as it was when this was written."""
    names = {one.casefold(): one for one in known}
    found: dict[str, None] = {}
    for part in re.split(r"[,;/\n]|\band\b|\bor\b", text, flags=re.IGNORECASE):
        said = " ".join(part.split())[:LONGEST_PLACE]
        if said:
            whole = re.compile(rf"(?<!\w){re.escape(said.casefold())}(?!\w)")
            fitting = [name for word, name in sorted(names.items()) if whole.search(word)]
            found.update(dict.fromkeys(fitting or [said]))
    return list(found)[:MOST_PLACES]
