"""Writing the next version of the band rule, and taking back one that has not come to count (V2)."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor, Permission, may
from recovery_college.audit.services import record
from recovery_college.careers.band_rule import stored_rules
from recovery_college.careers.bands import in_order
from recovery_college.careers.considerations import Refused
from recovery_college.careers.models import Consideration, PswRule, Vacancy
from recovery_college.careers.rule_draft import RuleDraft, faults_of_draft
from recovery_college.careers.rule_models import PswRuleNote
from recovery_college.kernel import clock
from recovery_college.kernel.db import transaction


class RuleChanged(Exception):
    """Somebody wrote or withdrew a version after the page was opened."""


def write_rule(actor: Actor, draft: RuleDraft, after: int) -> int:
    """Write the version that follows version `after`; its number.

    The one before ends on the day before. Nothing that is flagged already changes: each vacancy keeps the version
    that flagged it. Sent twice, it is written once. Raises Refused by box, and RuleChanged when `after` is no
    longer the newest.
    """
    if not may(actor, Permission.VACANCY_EDIT) or actor.person_id is None:
        raise PermissionError("only HR writes the band rule")
    with transaction() as s:
        latest = _latest(s)
        if latest.version == after + 1 and _says_the_same(s, latest, draft):
            return latest.version
        if latest.version != after:
            raise RuleChanged
        faults = faults_of_draft(draft, stored_rules(s)[latest.version].rule, clock.today())
        if faults or draft.valid_from is None:
            raise Refused("Check the new version", faults)
        version = latest.version + 1
        latest.valid_to = draft.valid_from - timedelta(days=1)
        row = PswRule(
            version=version,
            bands=[band.value for band in in_order(draft.bands)],
            exclusions=list(draft.exclusions),
            valid_from=draft.valid_from,
            valid_to=None,
            go_live_on=latest.go_live_on,
        )
        s.add(row)
        s.flush()
        s.add(PswRuleNote(version=version, why=draft.why, written_by=actor.person_id, written_at=clock.now()))
        record(
            s,
            actor,
            "wrote band rule",
            "psw rule",
            version,
            bands=";".join(row.bands),
            left_out=len(row.exclusions),
            valid_from=draft.valid_from.isoformat(),
        )
        return version


def withdraw_rule(actor: Actor, version: int) -> None:
    """Take back the newest version before its first day; the one before it goes on. Only HR.

    Raises Refused when it counts already or has flagged anything, RuleChanged when it is not the newest.
    """
    if not may(actor, Permission.VACANCY_EDIT):
        raise PermissionError("only HR withdraws a version of the band rule")
    with transaction() as s:
        latest = _latest(s)
        if latest.version != version:
            raise RuleChanged
        if latest.valid_from <= clock.today() or version == 1 or _is_used(s, version):
            raise Refused("This version counts already, so it stays. Write a new one instead.")
        note = s.get(PswRuleNote, version)
        if note is not None:
            s.delete(note)
            s.flush()
        s.delete(latest)
        s.flush()
        s.execute(update(PswRule).where(PswRule.version == version - 1).values(valid_to=None))
        record(s, actor, "withdrew band rule", "psw rule", version)


def _latest(s: Session) -> PswRule:
    """The newest version, locked so that two people write one after the other."""
    newest = s.scalars(select(PswRule).order_by(PswRule.version.desc()).limit(1).with_for_update()).one()
    s.refresh(newest)
    return newest


def _says_the_same(s: Session, latest: PswRule, draft: RuleDraft) -> bool:
    note = s.get(PswRuleNote, latest.version)
    return (
        latest.bands == [band.value for band in in_order(draft.bands)]
        and latest.exclusions == list(draft.exclusions)
        and latest.valid_from == draft.valid_from
        and note is not None
        and note.why == draft.why
    )


def _is_used(s: Session, version: int) -> bool:
    return any(
        s.scalar(select(func.count()).select_from(table).where(table.rule_version == version))
        for table in (Vacancy, Consideration)
    )
