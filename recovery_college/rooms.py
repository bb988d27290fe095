"""Which rooms are open, and the way between them. A Trust may open the vacancy part alone (RC_PARTS)."""

from flask import request, url_for

from recovery_college.access.room import Room
from recovery_college.access.rules import Actor, Permission, may
from recovery_college.careers.pages import room as careers
from recovery_college.graduation.tasks import JOBS as GRADUATION_JOBS
from recovery_college.graduation.views import room as graduation
from recovery_college.kernel.mail import send_queued_mail
from recovery_college.kernel.settings import Settings
from recovery_college.kernel.tasks import Sweep, Task
from recovery_college.people.views import room as people
from recovery_college.privacy.views import room as privacy
from recovery_college.reporting.pages import room as reporting

COLLEGE: tuple[Room, ...] = (graduation,)
ALWAYS: tuple[Room, ...] = (people, reporting, careers, privacy)

# Each room lists its own in tasks.py.
JOBS: tuple[Task | Sweep, ...] = (send_queued_mail, *GRADUATION_JOBS)

_WAYS = (
    ("Home", "reporting.home", Permission.SIGNED_IN),
    ("Vacancies", "careers.vacancy_list", Permission.PSW_POSTS_SEE),
    ("Considerations", "careers.consideration_list", Permission.CONSIDERATION_SEE),
    ("Consideration report", "reporting.consideration_report", Permission.REPORT_CONSIDERATION),
)


def rooms(settings: Settings) -> tuple[Room, ...]:
    """The rooms to register: all, or only what considering vacancies needs."""
    return ALWAYS if settings.parts == "careers" else (*COLLEGE, *ALWAYS)


def navigation(actor: Actor | None, settings: Settings) -> list[dict[str, object]]:
    """The main ways for this actor: text, address, and whether it is where they are."""
    if actor is None:
        return []
    open_rooms = {room.name for room in rooms(settings)}
    ways: list[dict[str, object]] = []
    for text, endpoint, permission in _WAYS:
        if endpoint.split(".")[0] in open_rooms and may(actor, permission):
            href = url_for(endpoint)
            here = request.path == href or (href != "/" and request.path.startswith(href + "/"))
            ways.append({"text": text, "href": href, "current": here})
    return ways
