"""Taking vacancies in: the one way for those typed by hand, for tables and for NHS Jobs (V1-V3, V6).

Works on thousands at once: what is known is read first, then each row is weighed in memory, then all is
written. Nothing here commits: the caller's transaction holds the whole file or nothing of it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from recovery_college.access.rules import Actor
from recovery_college.audit.rules import Event
from recovery_college.audit.services import event_of, record_many
from recovery_college.careers.band_rule import (
    StoredRule,
    ask_the_rule,
    due_day,
    is_breach,
    keep_due_day,
    rule_of_today,
    stored_rules,
    verdict_of,
)
from recovery_college.careers.bands import Band, BandReading, BandSource
from recovery_college.careers.consideration import VacancySnapshot, asks_still_right, material_changes
from recovery_college.careers.intake_known import facts_of, look_alikes, what_is_known
from recovery_college.careers.intake_teams import Teams
from recovery_college.careers.models import Vacancy, VacancyBand
from recovery_college.careers.rules import PswFlag, VacancySource, VacancyStatus, status_on
from recovery_college.careers.vacancy_row import GivenVacancy, band_reading, reading_to_keep
from recovery_college.imports.kind import Outcome
from recovery_college.imports.rules import Refusal
from recovery_college.kernel import clock
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.wording import day

PLAIN_TEXT = ("title", "site", "employer", "salary", "url", "description", "band", "manager_email")
PLAIN = ("weekly_hours", "service_area", "setting", "contract", "posted_on", "closes_on")


@dataclass
class _Tally:
    """What came of it, as it is gathered."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    bands_unknown: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    new_rows: list[dict[str, Any]] = field(default_factory=list)
    new_bands: list[dict[str, Any]] = field(default_factory=list)
    elsewhere: Counter[str] = field(default_factory=Counter)


def take_in(
    s: Session,
    actor: Actor,
    given: Sequence[GivenVacancy],
    employers: Sequence[str] = (),
    when_no_band: str = "",
) -> Outcome:
    """Add or change the vacancies given, in the caller's transaction; flag each by the rule of today.

    `employers` are the names whose vacancies are taken (empty: all); a vacancy without an employer is taken.
    `when_no_band` is what else to say where a vacancy is left without a band that can be read.
    Refuses a row whose reference belongs to another employer's vacancy, or whose dates contradict.
    """
    return _Intake(s, actor, employers, when_no_band).run(given)


class _Intake:
    """One run over the rows given."""

    def __init__(self, s: Session, actor: Actor, employers: Sequence[str], when_no_band: str) -> None:
        self.when_no_band = when_no_band
        self.s = s
        self.actor = actor
        self.employers = {" ".join(name.split()).casefold() for name in employers}
        self.today = clock.today()
        self.now: datetime = clock.now()
        self.tally = _Tally()
        self.rules = stored_rules(s)
        self.rule = rule_of_today(self.rules, self.today)
        self.seen: set[str] = set()

    def run(self, given: Sequence[GivenVacancy]) -> Outcome:
        taken = [row for row in given if self._is_ours(row)]
        self.known = what_is_known(self.s, taken)
        self.teams = Teams(self.s, self.known)
        for row in taken:
            self._take(row)
        tally = self.tally
        self._write()
        self._tell()
        record_many(self.s, tally.events)
        return Outcome(
            tally.created, tally.updated, tally.unchanged, tuple(tally.refusals), tuple(tally.warnings)
        )

    def _is_ours(self, row: GivenVacancy) -> bool:
        employer = str(row.said.get("employer") or "")
        if not self.employers or not employer or " ".join(employer.split()).casefold() in self.employers:
            return True
        self.tally.elsewhere[employer] += 1
        return False

    def _take(self, row: GivenVacancy) -> None:
        if row.remarks:
            self.tally.warnings.append(f"Line {row.line}: {row.remarks}")
        found, reference = self._find(row)
        if reference is None:
            self._refuse(row, "reference", row.reference, _OTHER_EMPLOYER)
            return
        if reference in self.seen:
            self._refuse(row, "reference", row.reference, "The same vacancy stands twice in this file")
            return
        self.seen.add(reference)
        posted = row.said.get("posted_on", found and found.posted_on)
        closes = row.said.get("closes_on", found and found.closes_on)
        if posted and closes and closes < posted:
            reason = f"The closing date is before the posting date, {day(posted)}"
            self._refuse(row, "closes_on", closes.isoformat(), reason)
            return
        if found is None:
            self._add(row, reference)
        else:
            self._change(found, row)

    def _find(self, row: GivenVacancy) -> tuple[Vacancy | None, str | None]:
        """The vacancy that this row speaks of, and the reference it has or is to have (None: refused)."""
        if row.source_id and (found := self.known.by_source_id.get(row.source_id)):
            return found, found.reference
        found = self.known.by_reference.get(row.reference)
        if found is None or row.source is not VacancySource.NHS_JOBS:
            return found, row.reference
        theirs, ours = found.employer.casefold(), str(row.said.get("employer") or "").casefold()
        if (not theirs or not ours or theirs == ours) and found.source_id in (None, row.source_id):
            return found, found.reference
        # Another vacancy has this reference already: the feed's own id tells this one apart.
        other = self.known.by_reference.get(row.source_id)
        return None, None if other or row.source_id == row.reference else row.source_id

    def _refuse(self, row: GivenVacancy, column: str, value: str, reason: str) -> None:
        self.tally.refusals.append(Refusal(row.line, column, value, reason))

    # ---- a new vacancy ---------------------------------------------------------------------------------

    def _add(self, row: GivenVacancy, reference: str) -> None:
        said = row.said
        team, directorate = self.teams.of(row)
        reading = band_reading(str(said.get("band") or ""), said["title"], row.band_queried)
        posted_on = said.get("posted_on")
        verdict = verdict_of(reading, said["title"], posted_on, self.rule, self.today)
        source = row.first_source or row.source
        base = VacancyStatus.ADVERTISED if source is VacancySource.NHS_JOBS else VacancyStatus.DRAFT
        status = status_on(base, posted_on, said.get("closes_on"), self.today)
        vacancy_id = new_id()
        values: dict[str, Any] = {
            "id": vacancy_id,
            "reference": reference,
            "source": source,
            "source_id": row.source_id or None,
            **{_COLUMN.get(name, name): said.get(name) or "" for name in PLAIN_TEXT},
            **{name: said.get(name) for name in PLAIN},
            "band_source": reading.source,
            "team_id": team.id if team else None,
            "directorate_id": directorate,
            "manager_id": self.known.managers.get(said.get("manager_email") or ""),
            "status": status,
            "flag": verdict.flag,
            "flag_overridden": "",
            "rule_version": verdict.rule_version,
            "why": verdict.why,
            "flagged_on": self.today if verdict.flag is not PswFlag.NO else None,
            "consideration_due_on": verdict.due_on,
            "advertised_before_considered": is_breach(
                verdict.flag,
                status,
                posted_on,
                self.rule.go_live_on,
                None,
                self.today,
                arrived_advertised=True,
            ),
            "still_right_asked": False,
            "version": 1,
            "created_at": self.now,
            "updated_at": self.now,
        }
        tally = self.tally
        tally.new_rows.append(values)
        tally.new_bands += [{"vacancy_id": vacancy_id, "band": band} for band in reading.bands]
        tally.created += 1
        tally.bands_unknown += not reading.known
        tally.events.append(
            event_of(
                self.actor,
                "added vacancy",
                "vacancy",
                vacancy_id,
                source=row.source.value,
                possible_psw_role=verdict.flag.value,
                rule=verdict.rule_version,
            )
        )

    # ---- one that is known -----------------------------------------------------------------------------

    def _change(self, vacancy: Vacancy, row: GivenVacancy) -> None:
        before_values = facts_of(vacancy)
        old_bands = self.known.bands.get(vacancy.id, ())
        before = self._snapshot(vacancy, old_bands)
        self._say(vacancy, row)
        old = BandReading(
            old_bands,
            vacancy.band_source is not BandSource.UNREADABLE,
            vacancy.band_source,
            before_values["band_text"],
        )
        new = band_reading(vacancy.band_text, vacancy.title, row.band_queried)
        kept = reading_to_keep(old, new)
        bands_changed = kept.bands != old_bands or kept.known != old.known
        vacancy.band_source = kept.source
        if kept is old:
            vacancy.band_text = before_values["band_text"]
        if bands_changed or (before.title != vacancy.title and self.rule.rule.exclusions):
            ask_the_rule(vacancy, kept, self.rule, self.today)
        if bands_changed:
            self.s.execute(delete(VacancyBand).where(VacancyBand.vacancy_id == vacancy.id))
            self.tally.new_bands += [{"vacancy_id": vacancy.id, "band": band} for band in kept.bands]
            self.known.bands[vacancy.id] = kept.bands
        self._settle(vacancy, row, before_values)
        if (
            row.source is VacancySource.NHS_JOBS
        ):  # its check says it each time, as what helps is to upload it again
            self.tally.bands_unknown += not kept.known
        changed = [name for name, value in facts_of(vacancy).items() if value != before_values[name]]
        if not changed and not bands_changed:
            self.tally.unchanged += 1
            return
        self._ask_again(vacancy, before, self._snapshot(vacancy, kept.bands))
        vacancy.version += 1
        vacancy.updated_at = self.now
        self.tally.updated += 1
        names = sorted({*changed, *(("bands",) if bands_changed else ())})
        self.tally.events.append(
            event_of(
                self.actor,
                "changed vacancy",
                "vacancy",
                vacancy.id,
                source=row.source.value,
                changed=" ".join(names),
                possible_psw_role=vacancy.flag.value,
            )
        )

    def _say(self, vacancy: Vacancy, row: GivenVacancy) -> None:
        """Put what the source says into the vacancy; what it does not speak of stays as it is."""
        said = row.said
        for name in PLAIN_TEXT:
            keeps = name in ("band", "manager_email") or row.source is VacancySource.NHS_JOBS
            if name in said and (said[name] or not keeps):
                setattr(vacancy, _COLUMN.get(name, name), said[name] or "")
        for name in PLAIN:
            if name in said and (said[name] is not None or row.source is not VacancySource.NHS_JOBS):
                setattr(vacancy, name, said[name])
        if row.source_id and vacancy.source_id is None:
            vacancy.source, vacancy.source_id = VacancySource.NHS_JOBS, row.source_id
        if "team" in said or "directorate" in said:
            team, directorate = self.teams.of(row)
            if "team" in said:
                vacancy.team_id = team.id if team else None
            vacancy.directorate_id = directorate or (
                None if "directorate" in said else vacancy.directorate_id
            )

    def _settle(self, vacancy: Vacancy, row: GivenVacancy, before: dict[str, Any]) -> None:
        """Let the manager, the status and the breach follow from what was said."""
        if vacancy.manager_email != before["manager_email"] or (
            vacancy.manager_id is None and vacancy.manager_email
        ):
            vacancy.manager_id = self.known.managers.get(vacancy.manager_email)
        if vacancy.status is not VacancyStatus.WITHDRAWN:
            if vacancy.left_feed_on is not None and self._is_back(vacancy, row, before):
                vacancy.left_feed_on = None
            on_a_site = vacancy.source is VacancySource.NHS_JOBS
            base = VacancyStatus.ADVERTISED if on_a_site else VacancyStatus.DRAFT
            if vacancy.left_feed_on is not None:
                base = VacancyStatus.CLOSED
            vacancy.status = status_on(base, vacancy.posted_on, vacancy.closes_on, self.today)
        rule = self._rule_of(vacancy)
        keep_due_day(vacancy, rule.go_live_on, self.today, rule.days)
        breach = is_breach(
            vacancy.flag,
            vacancy.status,
            vacancy.posted_on,
            rule.go_live_on,
            self.known.considered_on.get(vacancy.id),
            self.today,
        )
        was = vacancy.advertised_before_considered and vacancy.flag is PswFlag.YES
        vacancy.advertised_before_considered = was or breach

    def _is_back(self, vacancy: Vacancy, row: GivenVacancy, before: dict[str, Any]) -> bool:
        """Whether a vacancy that left its feed runs again: the feed shows it, or it was given new dates."""
        if row.source is VacancySource.NHS_JOBS:
            return True
        return any(getattr(vacancy, name) != before[name] for name in ("posted_on", "closes_on"))

    def _ask_again(self, vacancy: Vacancy, before: VacancySnapshot, after: VacancySnapshot) -> None:
        """A material change supersedes the answer; a changed text only asks whether it is still right."""
        live = self.known.live.get(vacancy.id)
        if live is None:
            return
        what = material_changes(before, after)
        if what:
            live.superseded_at, live.superseded_why = self.now, f"The {' and the '.join(what)} changed"
            vacancy.still_right_asked = False
            if vacancy.flag is PswFlag.YES and vacancy.consideration_due_on is not None:
                rule = self._rule_of(vacancy)
                vacancy.consideration_due_on = due_day(
                    vacancy.posted_on, rule.go_live_on, self.today, rule.days
                )
            self.tally.events.append(
                event_of(
                    self.actor,
                    "superseded consideration",
                    "vacancy",
                    vacancy.id,
                    consideration=str(live.id),
                    changed=" ".join(what),
                )
            )
        elif asks_still_right(before, after):
            vacancy.still_right_asked = True

    def _rule_of(self, vacancy: Vacancy) -> StoredRule:
        return self.rules.get(vacancy.rule_version or 0, self.rule)

    def _snapshot(self, vacancy: Vacancy, bands: tuple[Band, ...]) -> VacancySnapshot:
        team = self.known.team_names.get(vacancy.team_id, "") if vacancy.team_id else ""
        return VacancySnapshot(
            vacancy.title, vacancy.description, bands, vacancy.weekly_hours, team, vacancy.setting
        )

    # ---- at the end ------------------------------------------------------------------------------------

    def _write(self) -> None:
        self.s.flush()
        if self.tally.new_rows:
            self.s.execute(insert(Vacancy), self.tally.new_rows)
        if self.tally.new_bands:
            self.s.execute(insert(VacancyBand), self.tally.new_bands)

    def _tell(self) -> None:
        tally = self.tally
        tally.warnings += self.teams.told()
        if tally.bands_unknown:
            tally.warnings.append(_without_band(tally.bands_unknown) + self.when_no_band)
        for employer, number in sorted(tally.elsewhere.items()):
            noun = "vacancy" if number == 1 else "vacancies"
            tally.warnings.append(f"Left out {number} {noun} of another employer: {employer}")
        tally.warnings += look_alikes(self.s, tally.new_rows, self.known.team_names)


def _without_band(count: int) -> str:
    said = "1 vacancy has" if count == 1 else f"{count:,} vacancies have"
    waits = "It waits" if count == 1 else "They wait"
    return (
        f"{said} no band that we can read. {waits} under “Band not known” until a person says the band, "
        "and no manager is asked before."
    )


_COLUMN = {"band": "band_text"}
_OTHER_EMPLOYER = "Another employer's vacancy has this reference. Give this one a reference of its own"
