"""Seeded vacancies: every way a band is written, two years of them, most of the due ones considered."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from recovery_college.careers.bands import read_bands
from recovery_college.careers.consideration import REASONS, ConsiderationAnswer
from recovery_college.careers.rules import ContractKind
from recovery_college.demo.adverts import Advert, Answer, add_vacancy
from recovery_college.demo.earlier import MadeTeam
from recovery_college.demo.rows import Rows

TITLES = (
    *("Support worker", "Healthcare assistant", "Recovery worker", "Ward clerk", "Medical secretary"),
    *(
        "Assistant practitioner",
        "Activity co-ordinator",
        "Link worker",
        "Staff nurse",
        "Occupational therapist",
    ),
    *("Team manager", "Clinical psychologist", "Pharmacist", "Receptionist", "Housekeeper"),
)
BANDS = (
    *("Band 2", "Band 3", "NHS AfC: Band 3", "Band 2/3", "Bands 3-4", "Band 4", "Band 4 (Annex 21)", "3"),
    *("Band 5", "Band 5", "Bands 5 to 6", "Band 6", "Band 7", "Band 8a", "band 8b", "Band 9", "Band 1"),
    *("VSM", "Consultant", "", "Band 12", "See advert"),
)
HOURS = tuple(Decimal(text) for text in ("7.5", "15", "18.75", "22.5", "30", "37.5", "37.5", "37.5"))
DAYS_BACK = 730
REASON_CODES = tuple(reason.code for reason in REASONS[:-1])
SITES = ("Northmere", "Southmere", "Eastmere")


def add_seed_vacancies(
    rows: Rows,
    teams: Sequence[MadeTeam],
    managers: Sequence[tuple[str, UUID]],
    go_live_on: date,
    count: int,
    today: date,
    random: Random,
) -> Iterator[None]:
    """Gather so many vacancies, oldest first; the caller writes between them."""
    for number in range(count):
        arrived_on = today - timedelta(days=DAYS_BACK - 1 - number * DAYS_BACK // count)
        posted_on = None if random.random() < 0.05 else arrived_on + timedelta(days=random.randrange(-1, 8))
        closes_on = posted_on + timedelta(days=14 + random.randrange(15)) if posted_on else None
        email, manager_id = random.choice(managers)
        is_known = random.random() < 0.96
        advert = Advert(
            reference=f"SEED-{number + 1:06d}",
            title=random.choice(TITLES),
            band=random.choice(BANDS),
            weekly_hours=random.choice(HOURS),
            team=random.choice(teams),
            contract=random.choice(tuple(ContractKind)),
            site=random.choice(SITES),
            arrived_on=arrived_on,
            posted_on=posted_on,
            closes_on=closes_on,
            manager_email=email if is_known else f"somebody{number}@seed.example",
            manager_id=manager_id if is_known else None,
            employer="Made-up NHS Foundation Trust",
            description="A made-up vacancy of a seeded college.",
        )
        add_vacancy(rows, advert, go_live_on, today, _answer(advert, today, random) if is_known else None)
        yield


def _answer(advert: Advert, today: date, random: Random) -> Answer | None:
    """Seven in ten possible PSW roles are answered, most of them within a week, before they close."""
    if not {"2", "3", "4"}.intersection(read_bands(advert.band, advert.title).bands) or random.random() < 0.3:
        return None
    day = advert.arrived_on + timedelta(days=random.randrange(1, 7) if random.random() < 0.85 else 15)
    if day > today or (advert.closes_on is not None and day > advert.closes_on):
        return None
    answer = random.choice(tuple(ConsiderationAnswer))
    is_not = answer is ConsiderationAnswer.NOT_A_PSW_ROLE
    return Answer(answer, day, random.choice(REASON_CODES) if is_not else None)
