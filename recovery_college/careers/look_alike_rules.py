"""Which vacancies look like one another (V6): shown side by side, and never merged by themselves. Pure.

Two look alike when their titles say the same, and they close within a week of one another and are of one team; or one
of them names no team, and they close on one day or within a week at one site. Two different teams never look alike.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

NEAR = timedelta(days=7)
_BAND = re.compile(r"\bbands?\s*[0-9]\w*(?:\s*(?:[-/&,]|to|or|and)\s*[0-9]\w*)*")
_SMALL_WORDS = frozenset({"a", "an", "and", "at", "for", "in", "of", "the", "to"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What a vacancy is compared by. `key` is what the caller knows it by."""

    key: Hashable
    title: str
    team: Hashable | None
    site: str
    closes_on: date


@lru_cache(maxsize=20_000)
def plain_title(title: str) -> str:
    """A title without what makes no difference: case, marks, the order and the number of its words, and a band."""
    words = re.findall(r"\w+", _BAND.sub(" ", title.casefold().replace("’", "").replace("'", "")))
    said = sorted({word.removesuffix("s") for word in words if word not in _SMALL_WORDS})
    return " ".join(said) or " ".join(title.casefold().split())


def look_alike(one: Facts, other: Facts) -> bool:
    """Whether two vacancies look alike."""
    days = abs(one.closes_on - other.closes_on)
    if plain_title(one.title) != plain_title(other.title) or days > NEAR:
        return False
    if one.team is not None and other.team is not None:
        return one.team == other.team
    return not days or (bool(_site(one)) and _site(one) == _site(other))


def alike_among(vacancies: Iterable[Facts]) -> list[list[Facts]]:
    """Groups of vacancies of which each looks like another of its group, the nearest closing date first.

    No two are compared that need not be: along the closing dates of a team or a site neighbours decide.
    """
    everybody = sorted(vacancies, key=lambda one: one.closes_on)
    leader = list(range(len(everybody)))

    def join(places: Sequence[int]) -> None:
        for place in places[1:]:
            leader[_top(leader, place)] = _top(leader, places[0])

    by_team: dict[Hashable, list[int]] = defaultdict(list)
    by_site: dict[Hashable, list[int]] = defaultdict(list)
    by_day: dict[Hashable, list[int]] = defaultdict(list)
    for place, one in enumerate(everybody):
        title = plain_title(one.title)
        by_day[title, one.closes_on].append(place)
        if one.team is not None:
            by_team[title, one.team].append(place)
        if site := _site(one):
            by_site[title, site].append(place)
    for places in by_day.values():
        if any(everybody[place].team is None for place in places):
            join(places)
    for places in by_team.values():
        for before, here in pairwise(places):
            if everybody[here].closes_on - everybody[before].closes_on <= NEAR:
                join((before, here))
    for places in by_site.values():
        for order in (places, places[::-1]):
            nameless: int | None = None
            for here in order:
                if (
                    nameless is not None
                    and abs(everybody[here].closes_on - everybody[nameless].closes_on) <= NEAR
                ):
                    join((nameless, here))
                if everybody[here].team is None:
                    nameless = here
    groups: dict[int, list[Facts]] = defaultdict(list)
    for place, one in enumerate(everybody):
        groups[_top(leader, place)].append(one)
    return [group for group in groups.values() if len(group) > 1]


def _top(leader: list[int], place: int) -> int:
    while leader[place] != place:
        leader[place] = leader[leader[place]]
        place = leader[place]
    return place


def _site(one: Facts) -> str:
    return " ".join(one.site.casefold().split())
