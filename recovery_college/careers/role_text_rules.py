"""The college's words for managers: what a peer support worker brings, a role paragraph, a person specification.

Pure. The starter words stand until the college saves its own; each saved version stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from recovery_college.careers.rules import ServiceArea, Setting

EVERYWHERE = "everywhere"
KINDS_OF_TEAM: tuple[str, ...] = (
    EVERYWHERE,
    *(setting.value for setting in Setting),
    *(area.value for area in ServiceArea),
)
"""For which teams a text about what a peer support worker brings can be written."""
LONGEST_ROLE_TEXT = 4000


@dataclass(frozen=True, slots=True)
class RoleText:
    """One version of the words. `brings` has a text for each kind of team, a point on each line."""

    version: int
    brings: Mapping[str, str]
    paragraph: str
    specification: str

    def brings_to(self, setting: Setting | None, area: ServiceArea | None) -> tuple[str, ...]:
        """The points for one team: those of every team, then those of its setting and its service."""
        kinds = [EVERYWHERE, *(kind.value for kind in (setting, area) if kind is not None)]
        return tuple(line for kind in kinds for line in lines_of(self.brings.get(kind, "")))

    def specification_lines(self) -> tuple[str, ...]:
        """The points of the person specification."""
        return lines_of(self.specification)


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text that say something, without marks of a list before them."""
    return tuple(said for line in text.splitlines() if (said := line.strip().lstrip("-*•").strip()))


STARTER = RoleText(
    0,
    {
        EVERYWHERE: "Somebody who has been there: people who have given up on services often talk to a peer first.\n"
        "Hope that can be seen: recovery stands in the room, with a job and a name badge.\n"
        "A view from the other side: how a letter, a ward round or a locked door feels to the person it is "
        "meant for.",
        Setting.WARD.value: "Time on the ward for what falls between the rules: a walk, a form, the first phone "
        "call home, the way back after leave.",
        Setting.COMMUNITY.value: "Company on first steps outside: a group, a gym, a bus, a move to another "
        "service.",
        ServiceArea.YOUNG_PEOPLE.value: "Somebody beside a young person, and their parents, when they move to "
        "adult services, school, college or work.",
        ServiceArea.ADULT.value: "",
        ServiceArea.OLDER_PEOPLE.value: "",
    },
    "This post is open to people who have lived through mental health difficulties of their own, or have cared "
    "for somebody who has, and who want to use that experience at work. You will build trust by listening, share "
    "what helped you where it is useful, and support people to find their own way forward. You will be part of "
    "the team, with training, regular supervision and the support of other peer workers. You decide how much of "
    "your own story you tell.",
    "Essential: lived experience of mental health difficulties, or of caring for somebody with them, and the "
    "wish to use it to support others\n"
    "Essential: peer support training completed or under way\n"
    "Essential: able to listen without judging, and to keep what is said in confidence\n"
    "Essential: able to look after your own wellbeing at work, with support\n"
    "Essential: able to write short, clear notes\n"
    "Desirable: experience of paid or voluntary work with people\n"
    "Desirable: knowledge of local services and groups",
)
"""What a new college starts from."""
