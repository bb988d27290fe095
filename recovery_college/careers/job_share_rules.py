"""Which two people could hold a post together (P2): the exact answer, however many would share.

Pure. `matching_rules.pair_suits` says what a pair is; this says the same of whole crowds, without comparing each
with each. Most people are alike in what counts here, and of those who are not only the least hours somebody needs
and the most they can give decide: for each set of days that may be wanting the best of them stand in one short list.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from uuid import UUID

from recovery_college.careers.matching_rules import PostFacts
from recovery_college.careers.preference_rules import Day, TimeOfDay, mask_of

_TIMES = len(TimeOfDay)


@dataclass(frozen=True, slots=True)
class Share:
    """What somebody could take of a post: hours from and to, and when, a bit each as `needed` has them."""

    least: Decimal
    most: Decimal
    when: int


@dataclass(frozen=True, slots=True)
class Whole:
    """What two must cover together: the hours, and the days and times on which the work must be done."""

    hours: Decimal
    days: int = 0
    times: int = 0

    @property
    def needed(self) -> int:
        """Days and times as one number."""
        return self.days << _TIMES | self.times

    def share(self, least: Decimal | None, most: Decimal | None, days: int, times: int) -> Share:
        """What somebody of these wishes could take of it. No limit and no days named is all of it."""
        return Share(
            least or Decimal(0),
            min(most or self.hours, self.hours),
            ((days or self.days) & self.days) << _TIMES | (times or self.times) & self.times,
        )

    def is_held_alone(self, one: Share) -> bool:
        """Whether one person could hold it: of those nobody is paired."""
        return one.least <= self.hours <= one.most and one.when == self.needed

    def is_held_by(self, one: Share, other: Share) -> bool:
        """Whether two cover it: every hour is somebody's, and so is every day and time."""
        return (
            one.least + other.least <= self.hours <= one.most + other.most
            and one.when | other.when == self.needed
        )


def whole_of(post: PostFacts) -> Whole | None:
    """What two would cover of a post; None where it does not say how many hours it is."""
    if post.weekly_hours is None:
        return None
    return Whole(post.weekly_hours, mask_of(post.days, Day), mask_of(post.times, TimeOfDay))


class Sharers:
    """Everybody who could take a part of one post, and who among them could find another for the rest."""

    def __init__(self, whole: Whole, shares: Mapping[Share, int]) -> None:
        """`shares` says how many people there are of each; who could hold the post alone is left out."""
        self._whole = whole
        self._counts = {one: count for one, count in shares.items() if not whole.is_held_alone(one)}
        self._best: dict[int, tuple[list[Decimal], list[Decimal]]] = {}
        self._answers: dict[Share, bool] = {}

    def any_pair(self) -> bool:
        """Whether any two of them make a whole."""
        return any(self.has_other(one) for one in self._counts)

    def has_other(self, one: Share) -> bool:
        """Whether somebody of this share, who is one of them, could hold the post with another of them."""
        if one not in self._counts:
            return False
        if one not in self._answers:
            self._answers[one] = self._finds(one)
        return self._answers[one]

    def _finds(self, one: Share) -> bool:
        whole = self._whole
        if whole.is_held_by(one, one):
            # Two who each are a half of it hold it together, so only who stands alone in that has to look further.
            return self._counts[one] > 1 or any(
                whole.is_held_by(one, other) for other in self._counts if other != one
            )
        leasts, mosts = self._best_of(whole.needed & ~one.when)
        place = bisect_right(leasts, whole.hours - one.least)
        return place > 0 and mosts[place - 1] >= whole.hours - one.most

    def _best_of(self, wanting: int) -> tuple[list[Decimal], list[Decimal]]:
        """Of who can take all of this: the least hours, rising, and the most hours that up to there somebody gives."""
        if wanting not in self._best:
            best: dict[Decimal, Decimal] = {}
            for one in self._counts:
                if one.when & wanting == wanting:
                    best[one.least] = max(one.most, best.get(one.least, one.most))
            leasts = sorted(best)
            self._best[wanting] = leasts, list(accumulate((best[least] for least in leasts), max))
        return self._best[wanting]


def sharers_of(whole: Whole, shares: Iterable[Share]) -> Sharers:
    """Sharers from people one by one."""
    counts: dict[Share, int] = {}
    for one in shares:
        counts[one] = counts.get(one, 0) + 1
    return Sharers(whole, counts)


def pairs_of(whole: Whole, people: Sequence[tuple[UUID, Share]], most: int) -> list[tuple[UUID, UUID]]:
    """The first pairs who could hold it together, in the order of the people.

    Whoever could have no other is passed over, so each look along the list finds a pair or began at one found before.
    """
    known = sharers_of(whole, (share for _, share in people))
    able = [(one, share) for one, share in people if known.has_other(share)]
    found: list[tuple[UUID, UUID]] = []
    for place, (one, share) in enumerate(able):
        for other, theirs in able[place + 1 :]:
            if whole.is_held_by(share, theirs):
                found.append((one, other))
                if len(found) == most:
                    return found
    return found
