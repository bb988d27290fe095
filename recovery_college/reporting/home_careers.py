"""What needs somebody today around vacancies and jobs: managers, HR, and whoever looks for a post."""

from recovery_college.access.rules import Actor, Role
from recovery_college.careers.candidacy_own_queries import own_candidacies
from recovery_college.careers.compliance_queries import AnswersWaiting, compliance_strip
from recovery_college.careers.matching_rules import MatchKind
from recovery_college.careers.offer_queries import checks_due
from recovery_college.careers.pipeline_queries import waiting_for
from recovery_college.careers.post_match_queries import counts_for
from recovery_college.careers.post_queries import count_to_ask
from recovery_college.careers.preference_queries import own_wishes
from recovery_college.careers.queries import bands_to_read, considerations_waiting, count_open_posts
from recovery_college.careers.second_read_queries import reads_waiting
from recovery_college.kernel import clock
from recovery_college.kernel.wording import clock as at_clock
from recovery_college.kernel.wording import in_london
from recovery_college.reporting.home_lines import Home, Need, plural, short_day, some


def manager_home(actor: Actor) -> Home:
    """A manager's vacancies, second reads and candidates."""
    return Home(
        needs=[
            *_considerations(considerations_waiting(actor)),
            *_read_again(actor),
            *_candidates(actor),
            *_to_ask(actor),
        ]
    )


def _candidates(actor: Actor) -> list[Need]:
    """People who wait too long in a stage, and for HR the checks to ask about."""
    waiting = waiting_for(actor)
    due = checks_due(actor)
    return some(
        Need(
            waiting,
            plural(waiting, "candidate has waited too long", "candidates have waited too long"),
            "/pipeline?waiting=yes",
        ),
        Need(due, plural(due, "check to ask about", "checks to ask about"), "/checks?due=yes"),
    )


def _to_ask(actor: Actor) -> list[Need]:
    """People in post whom it is time to ask how it goes."""
    count = count_to_ask(actor)
    words = plural(count, "person in post to ask how it goes", "people in post to ask how it goes")
    return some(Need(count, words, "/posts/follow-ups"))


def _read_again(actor: Actor) -> list[Need]:
    """Second reads that wait for this actor: to read or settle for HR, to reply to for a manager."""
    count = len(reads_waiting(actor))
    if actor.role is Role.MANAGER:
        words = plural(count, "second read to reply to", "second reads to reply to")
    else:
        words = plural(count, "second read to do or settle", "second reads to do or settle")
    return some(Need(count, words, "/considerations/second-read?waiting=yes"))


def _considerations(waiting: AnswersWaiting) -> list[Need]:
    calm = waiting.count - waiting.overdue
    overdue = plural(
        waiting.overdue, "vacancy is overdue for a decision", "vacancies are overdue for a decision"
    )
    words = plural(waiting.count, "vacancy waits for an answer", "vacancies wait for an answer")
    note = f"{calm} of them not overdue" if waiting.overdue and calm else ""
    return some(
        Need(waiting.overdue, overdue, "/considerations?state=overdue"),
        Need(waiting.count, words, "/considerations", note),
    )


def hr_home(actor: Actor) -> Home:
    """Everything around vacancies, and how the rule was kept."""
    bands, waiting = bands_to_read(actor), considerations_waiting(actor)
    nobody = waiting.nobody
    return Home(
        needs=[
            *_considerations(waiting),
            *some(
                Need(
                    nobody,
                    plural(nobody, "vacancy has nobody to ask", "vacancies have nobody to ask"),
                    "/vacancies?queue=nobody",
                ),
                Need(bands, plural(bands, "band to read", "bands to read"), "/vacancies?queue=bands"),
            ),
            *_read_again(actor),
            *_candidates(actor),
            *_to_ask(actor),
        ],
        compliance=compliance_strip(actor),
    )


def job_needs(actor: Actor) -> list[Need]:
    """Where somebody stands with the jobs they said yes to, the next interview, and what fits of the open ones."""
    under_way = [one for one in own_candidacies(actor) if not one.stage.is_over]
    meetings = sorted(
        one.interview.starts_at
        for one in under_way
        if one.interview and not one.interview.cancelled_at and one.interview.starts_at >= clock.now()
    )
    note = ""
    if meetings:
        first = in_london(meetings[0])
        note = f"interview on {first:%A} {short_day(first.date())} at {at_clock(first)}"
    own = own_wishes(actor)
    compares = own.version and own.looking and own.counted
    fits = counts_for(actor, own.wishes)[MatchKind.FITS] if compares else 0
    count = len(under_way)
    return some(
        Need(
            count,
            plural(count, "job you said yes to", "jobs you said yes to"),
            "/my-future/candidacies",
            note,
        ),
        Need(
            fits,
            plural(fits, "job that fits what you would like", "jobs that fit what you would like"),
            "/my-future/jobs",
        ),
    )


def open_post_needs(actor: Actor) -> list[Need]:
    """The jobs that are open to peer support workers."""
    posts = count_open_posts(actor)
    words = plural(posts, "open job for a peer support worker", "open jobs for peer support workers")
    return some(Need(posts, words, "/vacancies"))
