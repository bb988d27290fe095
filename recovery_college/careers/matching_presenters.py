"""Why a post suits somebody, or does not, in their own words; and a profile as the lines a manager reads."""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from recovery_college.careers.consent_rules import ApplicationWay, CandidateProfile, VacancyAnswerKind
from recovery_college.careers.matching_rules import (
    Fit,
    HowMany,
    Match,
    MatchKind,
    PostFacts,
    Wish,
    is_far,
    starts_by,
)
from recovery_college.careers.pay import pay_for_hours
from recovery_college.careers.preference_queries import OwnAnswer
from recovery_college.careers.preference_rules import Day, SiteEase, TimeOfDay, Wishes
from recovery_college.careers.presenters import Tag
from recovery_college.careers.rules import ContractKind, ServiceArea, Setting
from recovery_college.careers.vacancy_list import VacancyRow
from recovery_college.kernel.wording import begun, day, hours, plain_number

KIND_TAGS = {
    MatchKind.FITS: Tag("Fits", "green", "tick"),
    MatchKind.NEARLY: Tag("Nearly fits", "blue", "arrow"),
    MatchKind.NOT: Tag("Does not fit", "grey", "dot"),
}
SERVICES = {
    ServiceArea.YOUNG_PEOPLE: "young people",
    ServiceArea.ADULT: "adults",
    ServiceArea.OLDER_PEOPLE: "older people",
}
SETTINGS = {Setting.WARD: "on a ward", Setting.COMMUNITY: "in the community"}
CONTRACTS = {
    ContractKind.PERMANENT: "permanent",
    ContractKind.FIXED_TERM: "fixed-term",
    ContractKind.BANK: "bank work",
    ContractKind.APPRENTICESHIP: "an apprenticeship",
}
NOT_SAID = {
    Wish.HOURS: "how many hours",
    Wish.PLACE: "where it is",
    Wish.SERVICE: "whom it is for",
    Wish.SETTING: "ward or community",
    Wish.CONTRACT: "which contract",
    Wish.DAYS: "which days",
    Wish.TIMES: "which times of day",
}
ANSWERS = {
    VacancyAnswerKind.YES: "You said yes",
    VacancyAnswerKind.NO: "You said no",
    VacancyAnswerKind.WITHDRAWN: "You took your yes back",
}
WAYS = {
    ApplicationWay.HERE: "You applied here",
    ApplicationWay.BY_LINK: "You applied at the advert",
    ApplicationWay.INTRODUCTION: "You asked to be introduced",
}
HOW_MANY = {
    HowMany.NONE: "Graduates who fit just now: none",
    HowMany.SOME: "Graduates who fit just now: some",
    HowMany.SEVERAL: "Graduates who fit just now: several",
}


def reasons_met(wishes: Wishes, post: PostFacts, found: Match) -> list[str]:
    """What fits, wish by wish; where somebody does not mind, nothing is claimed."""
    return [
        words
        for wish in found.met
        if _minds(wishes, wish) and (words := _met(wish, wishes, post, found.as_share))
    ]


def reasons_missing(wishes: Wishes, post: PostFacts, found: Match, today: date) -> list[str]:
    """What does not, wish by wish: the "why not"."""
    return [_missing(wish, wishes, post, today) for wish in found.missing]


def silence(found: Match) -> str:
    """What the advert does not say, in one sentence; empty when it says all."""
    words = [NOT_SAID[wish] for wish in found.not_said if wish in NOT_SAID]
    return f"The advert does not say {listed(words, 'or')}." if words else ""


def wishes_as_facts(wishes: Wishes, change: str) -> list[dict[str, Any]]:
    """One's wishes as a list of facts, each with its change link."""
    return [{"key": key, "value": value, "href": change} for key, value in _wish_lines(wishes)]


def profile_as_facts(profile: CandidateProfile) -> list[dict[str, Any]]:
    """A profile as a manager reads it. A line that was not shared is not there at all."""
    lines: list[tuple[str, str | None]] = []
    if profile.graduated_year is not None:
        lines.append(("Graduated", f"In {profile.graduated_year}"))
    lines.append(("Hours", hours_words(profile.least_hours, profile.most_hours)))
    if profile.job_share:
        lines.append(("Job share", "Would share a job"))
    if profile.sites:
        lines.append(("Places", _sites(dict(profile.sites))))
    lines += [
        ("Would like to work with", listed([SERVICES[one] for one in profile.areas or ()])),
        ("Setting", listed([SETTINGS[one] for one in profile.settings or ()])),
        ("Days", _days(profile.days or ())),
        ("Times of day", listed([one.value for one in profile.times or ()])),
        ("Contract", listed([CONTRACTS[one] for one in profile.contracts or ()])),
        ("Could start", f"From {day(profile.earliest_start)}" if profile.earliest_start else ""),
    ]
    as_written = (("Name", profile.name), ("Email", profile.email))
    return [
        *({"key": key, "value": value} for key, value in as_written if value),
        *({"key": key, "value": _capital(value)} for key, value in lines if value),
    ]


def hours_words(least: object, most: object) -> str:
    """ "15 to 22.5 hours a week", "at least 15 hours a week", or nothing."""
    if least is None and most is None:
        return ""
    if most is None:
        return f"at least {hours(least)}"  # type: ignore[arg-type]
    if least is None or least == most:
        return f"{'at most ' if least is None else ''}{hours(most)}"  # type: ignore[arg-type]
    return f"{plain_number(least, 2)} to {hours(most)}"  # type: ignore[arg-type]


def my_pay(row: VacancyRow, wishes: Wishes, found: Match, today: date) -> str:
    """What the band pays for one's own hours: those of the post, or of one's half where it would be shared."""
    weekly = row.vacancy.weekly_hours
    if found.as_share and weekly is not None:
        weekly = min(weekly, wishes.most_hours or weekly / 2)
    pay = pay_for_hours(row.bands, weekly, today)
    return f"{pay.in_words} for {hours(pay.weekly_hours)}, basic pay by the national scales" if pay else ""


def answer_words(said: OwnAnswer) -> str:
    """What somebody said to a vacancy and how they went on, in one line."""
    parts = [ANSWERS[said.answer]] if said.answer else []
    parts += [words for way, words in WAYS.items() if way in said.ways]
    if not said.is_open:
        parts.append("This vacancy is closed")
    return ". ".join(parts)


def listed(words: Iterable[str], joiner: str = "and") -> str:
    """Words as people list them: "a, b and c"."""
    found = list(words)
    return f"{', '.join(found[:-1])} {joiner} {found[-1]}" if len(found) > 1 else "".join(found)


def fit_words(fit: Fit) -> list[str]:
    """What a manager is told before anybody said yes, in sentences."""
    told = [*fit.met, *fit.missing]
    if fit.nearly is not HowMany.NONE and fit.kind is HowMany.NONE:
        told.insert(0, "Some nearly fit")
    if fit.job_share:
        told.insert(0, "Two people could share this job between them")
    return told


def _minds(wishes: Wishes, wish: Wish) -> bool:
    return bool(
        {
            Wish.HOURS: wishes.least_hours or wishes.most_hours,
            Wish.PLACE: wishes.sites,
            Wish.SERVICE: wishes.areas,
            Wish.SETTING: wishes.settings,
            Wish.CONTRACT: wishes.contracts,
            Wish.DAYS: wishes.days,
            Wish.TIMES: wishes.times,
            Wish.START: wishes.earliest_start,
        }[wish]
    )


def _met(wish: Wish, wishes: Wishes, post: PostFacts, as_share: bool) -> str:
    if wish is Wish.HOURS and post.weekly_hours is not None:
        if as_share:
            return f"It is {hours(post.weekly_hours)}, and could be shared by two people"
        return f"{hours(post.weekly_hours)[:1].upper()}{hours(post.weekly_hours)[1:]} is what you want"
    if wish is Wish.PLACE:
        return f"You can get to {post.site}{' if need be' if is_far(wishes, post) else ' easily'}"
    if wish is Wish.SERVICE and post.area:
        return f"It is with {SERVICES[post.area]}"
    if wish is Wish.SETTING and post.setting:
        return f"It is {SETTINGS[post.setting]}"
    if wish is Wish.CONTRACT and post.contract:
        return f"It is {CONTRACTS[post.contract]}"
    if wish is Wish.DAYS:
        return "You would agree the days with whoever shares it" if as_share else "You can work its days"
    if wish is Wish.TIMES:
        return (
            "You would agree the times with whoever shares it"
            if as_share
            else "You can work its times of day"
        )
    return "You could start in time" if wish is Wish.START else ""


def _missing(wish: Wish, wishes: Wishes, post: PostFacts, today: date) -> str:
    if wish is Wish.HOURS and post.weekly_hours is not None:
        wanted = hours_words(wishes.least_hours, wishes.most_hours)
        return f"It is {hours(post.weekly_hours)}, and you want {wanted}"
    if wish is Wish.PLACE:
        return f"It is at {post.site}, which is not one of your places"
    if wish is Wish.SERVICE and post.area:
        wanted = listed([SERVICES[one] for one in ServiceArea if one in wishes.areas], "or")
        return f"It is with {SERVICES[post.area]}, and you chose {wanted}"
    if wish is Wish.SETTING and post.setting:
        return f"It is {SETTINGS[post.setting]}"
    if wish is Wish.CONTRACT and post.contract:
        return f"It is {CONTRACTS[post.contract]}"
    if wish is Wish.DAYS:
        return f"It is worked on {_days([one for one in Day if one in post.days])}"
    if wish is Wish.TIMES:
        return f"It is worked in {listed([one.value for one in TimeOfDay if one in post.times])}"
    return f"It begins by about {day(starts_by(post, today))}, before you could start"


def _wish_lines(wishes: Wishes) -> list[tuple[str, str]]:
    share = "Would share a job" if wishes.job_share else ""
    lines = [
        ("Hours", hours_words(wishes.least_hours, wishes.most_hours) or "I do not mind"),
        ("Job share", share or "No"),
        ("Places", _sites(wishes.sites) or "Any place"),
        (
            "Working with",
            listed([SERVICES[one] for one in ServiceArea if one in wishes.areas]) or "I do not mind",
        ),
        ("Setting", listed([SETTINGS[one] for one in Setting if one in wishes.settings]) or "I do not mind"),
        ("Days", _days([one for one in Day if one in wishes.days]) or "Any day"),
        (
            "Times of day",
            listed([one.value for one in TimeOfDay if one in wishes.times]) or "Any time",
        ),
        (
            "Contract",
            listed([CONTRACTS[one] for one in ContractKind if one in wishes.contracts]) or "I do not mind",
        ),
        ("Could start", f"From {day(wishes.earliest_start)}" if wishes.earliest_start else "Now"),
    ]
    return [(key, _capital(value)) for key, value in lines]


def _sites(sites: dict[str, SiteEase]) -> str:
    easily = sorted(site for site, ease in sites.items() if ease is SiteEase.EASILY)
    if_need_be = sorted(site for site, ease in sites.items() if ease is SiteEase.IF_NEED_BE)
    parts = [listed(easily), f"if need be {listed(if_need_be)}" if if_need_be else ""]
    return "; ".join(part for part in parts if part)


def _days(days: Collection[StrEnum]) -> str:
    chosen = [one for one in Day if one in days]
    if chosen == list(Day)[:5]:
        return "Monday to Friday"
    return listed([one.value for one in chosen])


def _capital(value: str | None) -> str:
    return begun(value) if value else ""
