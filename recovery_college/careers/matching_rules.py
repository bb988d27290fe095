"""Whether a post suits somebody, said in words (P2). Pure; it suggests, and never decides.

There is no score: each wish is met, missing, or the advert does not say. A match is "fits" when nothing is missing,
"nearly" when exactly one thing is. The conditions in matching_facts give the same answers in SQL.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from recovery_college.careers.preference_rules import Day, SiteEase, TimeOfDay, Wishes
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.careers.terms_rules import DEFAULT

FEW = 8
"""A number of people below this is never shown to who may not see them by name (P1)."""


class Wish(StrEnum):
    """What is compared. The order is the order in which reasons are told."""

    HOURS = "hours"
    PLACE = "place"
    SERVICE = "service"
    SETTING = "setting"
    CONTRACT = "contract"
    DAYS = "days"
    TIMES = "times of day"
    START = "start"


class MatchKind(StrEnum):
    """How well it suits."""

    FITS = "fits"
    NEARLY = "nearly"
    NOT = "does not fit"


class HowMany(StrEnum):
    """How many people there are, in words that tell no number (P1)."""

    NONE = "none just now"
    SOME = "some"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What a vacancy offers, as far as it says. `days` and `times` are those on which the work must be done.

    `start_weeks` is how long after its last day to apply a post usually begins, as the Trust set it: what an
    earliest start is compared with.
    """

    weekly_hours: Decimal | None = None
    area: ServiceArea | None = None
    setting: Setting | None = None
    contract: ContractKind | None = None
    site: str = ""
    days: frozenset[Day] = frozenset()
    times: frozenset[TimeOfDay] = frozenset()
    job_share: bool = False
    closes_on: date | None = None
    start_weeks: int = DEFAULT.start_weeks


@dataclass(frozen=True, slots=True)
class Match:
    """The comparison of one person's wishes with one post. `as_share`: it fits only as half of a job share."""

    met: tuple[Wish, ...]
    missing: tuple[Wish, ...]
    not_said: tuple[Wish, ...]
    as_share: bool = False

    @property
    def kind(self) -> MatchKind:
        """Fits, nearly or not."""
        return kind_of(len(self.missing))


def kind_of(missing: int) -> MatchKind:
    """Nothing missing fits; one thing is nearly."""
    return MatchKind.FITS if missing == 0 else MatchKind.NEARLY if missing == 1 else MatchKind.NOT


def how_many(count: int) -> HowMany:
    """A number of people as a word."""
    return HowMany.NONE if count == 0 else HowMany.SOME if count < FEW else HowMany.SEVERAL


def match(wishes: Wishes, post: PostFacts, today: date) -> Match:
    """Compare wish by wish. Somebody who does not mind, and an advert that does not say, miss nothing."""
    asked: dict[Wish, bool] = {}
    silent: list[Wish] = []

    def compare(wish: Wish, minds: bool, says: bool, suits: bool) -> None:
        if not says:
            silent.append(wish)
        else:
            asked[wish] = not minds or suits

    alone = _hours_suit(wishes, post.weekly_hours)
    share = post.job_share and wishes.job_share and _could_share(wishes, post.weekly_hours)
    compare(Wish.HOURS, True, post.weekly_hours is not None, alone or share)
    compare(Wish.PLACE, bool(wishes.sites), bool(post.site), post.site in wishes.sites)
    compare(Wish.SERVICE, bool(wishes.areas), post.area is not None, post.area in wishes.areas)
    compare(Wish.SETTING, bool(wishes.settings), post.setting is not None, post.setting in wishes.settings)
    compare(
        Wish.CONTRACT, bool(wishes.contracts), post.contract is not None, post.contract in wishes.contracts
    )
    # Of a job share nobody works every day: who takes which is for the two to agree (see pair_suits).
    shared = share and not alone
    suits_days = bool(post.days & wishes.days) if shared else post.days <= wishes.days
    suits_times = bool(post.times & wishes.times) if shared else post.times <= wishes.times
    compare(Wish.DAYS, bool(wishes.days), bool(post.days), suits_days)
    compare(Wish.TIMES, bool(wishes.times), bool(post.times), suits_times)
    if wishes.earliest_start is not None:
        compare(Wish.START, True, True, wishes.earliest_start <= starts_by(post, today))
    return Match(
        met=tuple(wish for wish in Wish if asked.get(wish) is True),
        missing=tuple(wish for wish in Wish if asked.get(wish) is False),
        not_said=tuple(silent),
        as_share=share and not alone and post.weekly_hours is not None,
    )


def starts_by(post: PostFacts, today: date) -> date:
    """By when somebody should be able to begin."""
    return (post.closes_on or today) + timedelta(weeks=post.start_weeks)


def _hours_suit(wishes: Wishes, hours: Decimal | None) -> bool:
    if hours is None:
        return True
    least, most = wishes.least_hours, wishes.most_hours
    return (least is None or least <= hours) and (most is None or hours <= most)


def _could_share(wishes: Wishes, hours: Decimal | None) -> bool:
    """Whether a share of these hours can be as small as this person needs it."""
    return hours is None or wishes.least_hours is None or wishes.least_hours < hours


def pair_suits(one: Wishes, other: Wishes, post: PostFacts, today: date) -> bool:
    """Whether two people could hold the post together: hours add up, days fit, and all else suits both (P2).

    Every hour must be somebody's: the least of both together is no more than the post, the most no less. Among many
    people `job_share_rules` finds the pairs.
    """
    return all(_could_be_half(wishes, post, today) for wishes in (one, other)) and _make_a_whole(
        one, other, post
    )


_SHARED = frozenset({Wish.HOURS, Wish.DAYS, Wish.TIMES})


def _could_be_half(wishes: Wishes, post: PostFacts, today: date) -> bool:
    """Whether somebody could hold a part of the post, with whoever else."""
    if post.weekly_hours is None or not wishes.job_share or not _could_share(wishes, post.weekly_hours):
        return False
    return _SHARED.issuperset(match(wishes, post, today).missing)


def _make_a_whole(one: Wishes, other: Wishes, post: PostFacts) -> bool:
    """Whether two who could each hold a part cover all of it together."""
    hours = post.weekly_hours or Decimal(0)
    least = (one.least_hours or Decimal(0)) + (other.least_hours or Decimal(0))
    if not least <= hours <= (one.most_hours or hours) + (other.most_hours or hours):
        return False
    days = not (one.days and other.days) or post.days <= one.days | other.days
    times = not (one.times and other.times) or post.times <= one.times | other.times
    return days and times


@dataclass(frozen=True, slots=True)
class Fit:
    """What a recruiting manager may know before anybody said yes: no name, no number (P1).

    `kind` counts those whom it fits, `nearly` those with one thing missing. It does not depend on whom anybody
    blocked, so that nobody blocked can infer it. `met`, `missing` and `not_said` are sentences.
    """

    kind: HowMany
    nearly: HowMany = HowMany.NONE
    met: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    not_said: tuple[str, ...] = ()
    job_share: bool = False


_MET = {
    Wish.HOURS: "The hours fit",
    Wish.PLACE: "The place fits",
    Wish.SERVICE: "The kind of service fits",
    Wish.SETTING: "The setting fits",
    Wish.CONTRACT: "The contract fits",
    Wish.DAYS: "The days fit",
    Wish.TIMES: "The times of day fit",
    Wish.START: "They could start in time",
}
_MISSING = {
    Wish.HOURS: "Others would need different hours",
    Wish.PLACE: "Others would need a different place",
    Wish.SERVICE: "Others look for a different service",
    Wish.SETTING: "Others look for a different setting",
    Wish.CONTRACT: "Others look for a different kind of contract",
    Wish.DAYS: "Others would need different days agreed",
    Wish.TIMES: "Others would need different times of day agreed",
    Wish.START: "Others could only start later",
}
_NOT_SAID = {
    Wish.HOURS: "The vacancy does not say how many hours",
    Wish.PLACE: "The vacancy does not say where",
    Wish.SERVICE: "The vacancy does not say for which service",
    Wish.SETTING: "The vacancy does not say ward or community",
    Wish.CONTRACT: "The vacancy does not say which contract",
}


def fit_summary(
    post: PostFacts, fitting: int, missing_one: Collection[Wish], nearly: int, pair: bool = False
) -> Fit:
    """What a manager is told, from how many fit and what those who nearly do are missing."""
    says = [wish for wish in Wish if wish is not Wish.START and _says(post, wish)]
    kind = how_many(fitting)
    return Fit(
        kind=kind,
        nearly=how_many(nearly),
        met=tuple(_MET[wish] for wish in says) if fitting else (),
        missing=tuple(_MISSING[wish] for wish in Wish if wish in missing_one),
        not_said=tuple(words for wish, words in _NOT_SAID.items() if not _says(post, wish)),
        job_share=pair,
    )


def _says(post: PostFacts, wish: Wish) -> bool:
    said = {
        Wish.HOURS: post.weekly_hours,
        Wish.PLACE: post.site,
        Wish.SERVICE: post.area,
        Wish.SETTING: post.setting,
        Wish.CONTRACT: post.contract,
        Wish.DAYS: post.days,
        Wish.TIMES: post.times,
        Wish.START: True,
    }
    return bool(said[wish])


def is_far(wishes: Wishes, post: PostFacts) -> bool:
    """Whether the place is one they reach only if need be."""
    return wishes.sites.get(post.site) is SiteEase.IF_NEED_BE
