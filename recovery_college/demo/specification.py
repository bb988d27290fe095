"""The demo's specification: our own text, marked DEMO. No awarding organisation wrote, owns or approved it."""

from recovery_college.courses.specification import (
    MANDATORY,
    CriterionSpec,
    OutcomeSpec,
    Specification,
    UnitGroup,
    UnitSpec,
)

LEVEL = 4
_LEARN = tuple[str, tuple[str, ...]]
_UNITS: tuple[tuple[str, str, int, int, tuple[_LEARN, ...]], ...] = (
    (
        "DEMO-1", "The values and limits of peer support", 3, 20,
        (
            (
                "understand what peer support is and where it comes from",
                (
                    "describe peer support in their own words, with two examples",
                    "explain how peer support grew out of self-help and mutual aid",
                    "compare peer support with two other ways of helping",
                ),
            ),
            (
                "understand the values a peer support worker works by",
                (
                    "explain what mutuality, hope and choice mean in a working day",
                    "assess their own values against those of peer support",
                    "describe a situation in which two of these values pull apart",
                ),
            ),
            (
                "know the limits of the role",
                (
                    "set out what a peer support worker does not do, and who does it instead",
                    "explain how to keep a boundary kindly when it is tested",
                ),
            ),
        ),
    ),
    (
        "DEMO-2", "Using lived experience with care", 4, 26,
        (
            (
                "be able to decide what of their own story to share",
                (
                    "explain three reasons for sharing lived experience and three for not sharing it",
                    "plan what they would share with one person, and why",
                    "show in a role play how to share briefly and hand the talk back",
                ),
            ),
            (
                "be able to look after themselves while they use their story",
                (
                    "describe the signs that a talk is becoming too much for them",
                    "make a plan for staying well at work that names who helps",
                ),
            ),
            (
                "understand language and stigma",
                (
                    "analyse the words used about mental health in a leaflet or a report",
                    "explain how stigma changes what people ask for",
                    "rewrite a paragraph in words the person it is about would accept",
                ),
            ),
        ),
    ),
    (
        "DEMO-3", "Listening, and talking so that people are heard", 3, 20,
        (
            (
                "be able to listen actively",
                (
                    "show open questions, reflecting and summing up in an observed talk",
                    "explain how silence can help and when it does not",
                    "review a recorded role play and name two things to do differently",
                ),
            ),
            (
                "be able to support somebody who is distressed",
                (
                    "describe how to stay beside a person who is distressed without taking over",
                    "explain when and how to call for help on a ward and in the community",
                ),
            ),
            (
                "be able to work with difference",
                (
                    "explain how culture, faith and language shape what recovery means",
                    "describe how to work through an interpreter",
                    "adapt one activity so that a person with a sensory loss can take part",
                ),
            ),
        ),
    ),
    (
        "DEMO-4", "Working in a team and keeping people safe", 3, 22,
        (
            (
                "know the team and its duties",
                (
                    "describe who works in a mental health team and what each is answerable for",
                    "explain what supervision is for and how to use it",
                    "write a clear, fair note of a talk that the person may read",
                ),
            ),
            (
                "understand confidentiality and its limits",
                (
                    "explain what is kept confidential, what is not, and how to say so beforehand",
                    "describe what they would do with something they were asked to keep secret",
                ),
            ),
            (
                "know how to act on a concern",
                (
                    "recognise five signs that a child or an adult may be at risk",
                    "follow the local steps for passing on a concern, on an example",
                    "explain what whistleblowing is and who protects those who do it",
                ),
            ),
        ),
    ),
    (
        "DEMO-5", "Planning recovery together", 3, 20,
        (
            (
                "understand personal recovery",
                (
                    "explain personal recovery and how it differs from getting rid of symptoms",
                    "describe what helped and what hindered in two published stories",
                    "explain what co-production asks of a service",
                ),
            ),
            (
                "be able to plan with a person",
                (
                    "help a person to name a goal in their own words",
                    "break the goal into steps and agree who does what",
                    "review a plan together and change it",
                ),
            ),
            (
                "be able to support a move from one service to the next",
                (
                    "map what a person needs at a move between services",
                    "plan an ending that the person has a say in",
                ),
            ),
        ),
    ),
)  # fmt: skip


def _unit(code: str, title: str, credit: int, glh: int, outcomes: tuple[_LEARN, ...]) -> UnitSpec:
    return UnitSpec(
        code,
        title,
        LEVEL,
        credit,
        glh,
        tuple(
            OutcomeSpec(
                str(n),
                text,
                tuple(CriterionSpec(f"{n}.{m}", criterion) for m, criterion in enumerate(criteria, start=1)),
            )
            for n, (text, criteria) in enumerate(outcomes, start=1)
        ),
    )


DEMO_SPECIFICATION = Specification(
    title="Peer Support Worker training (DEMO specification)",
    version="DEMO 1",
    groups=(UnitGroup(MANDATORY, tuple(_unit(*unit) for unit in _UNITS)),),
    min_credit=sum(unit[2] for unit in _UNITS),
)
"""Five units at Level 4 with eight criteria each: forty in all, sixteen credits."""
