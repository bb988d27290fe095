"""Turning eligibility into the groups a clerk works with."""

from collections.abc import Sequence
from dataclasses import dataclass

from recovery_college.courses.rules import EnrolmentStatus
from recovery_college.graduation.queries import Standing


@dataclass(frozen=True, slots=True)
class Groups:
    """The students of a cohort by what their certificate needs."""

    ready: tuple[Standing, ...]
    nearly: tuple[Standing, ...]
    not_yet: tuple[Standing, ...]
    left: tuple[Standing, ...]
    graduated: tuple[Standing, ...]


def in_groups(standings: Sequence[Standing]) -> Groups:
    """Ready; one thing away; not yet; left the course; graduated. In each, the order of the register."""
    ready: list[Standing] = []
    nearly: list[Standing] = []
    not_yet: list[Standing] = []
    left: list[Standing] = []
    graduated: list[Standing] = []
    for standing in standings:
        missing = sum(not line.ok for line in standing.eligibility.lines)
        if standing.certificate is not None or standing.graduated_on is not None:
            graduated.append(standing)
        elif standing.eligibility.eligible:
            ready.append(standing)
        elif standing.place.status is EnrolmentStatus.WITHDRAWN:
            left.append(standing)
        elif missing == 1:
            nearly.append(standing)
        else:
            not_yet.append(standing)
    return Groups(tuple(ready), tuple(nearly), tuple(not_yet), tuple(left), tuple(graduated))
