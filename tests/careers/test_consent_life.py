"""Consents, yeses, blocks and closing in any order: after every step no manager sees more than is given (P1).

The register is plain Python and knows nothing of the product. Whatever a manager is handed must hold exactly the
fields that the register says are given, and be there exactly when it says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update

from recovery_college.careers import consent_queries
from recovery_college.careers.consent_models import CandidateBlock
from recovery_college.careers.consent_queries import profile_as_manager_sees
from recovery_college.careers.consent_rules import (
    COUNTED,
    SHAREABLE,
    Consent,
    ConsentField,
    ConsentPurpose,
    VacancyAnswerKind,
)
from recovery_college.careers.consent_services import answer_vacancy, block, save_consents, unblock
from recovery_college.careers.considerations import VacancyNotFound
from recovery_college.careers.matching_rules import HowMany
from recovery_college.careers.models import Vacancy
from recovery_college.careers.people_match_queries import fit_of_vacancy
from recovery_college.careers.preference_models import CandidatePreference
from recovery_college.careers.preference_services import save_statement, set_looking
from recovery_college.careers.rules import VacancyStatus
from recovery_college.kernel.db import session, transaction
from tests.factories.candidates import a_candidate, an_open_post, fields_shown
from tests.factories.careers import a_manager

POSTS = 2
posts = st.integers(0, POSTS - 1)
MANAGER, INTRODUCE = ConsentPurpose.MANAGER, ConsentPurpose.INTRODUCE
# What a profile can show here: the rest is empty, and empty cannot be told from not given.
FILLED = frozenset({ConsentField.NAME, ConsentField.EMAIL, ConsentField.STATEMENT})


@dataclass
class Register:
    """What is given, said, blocked and open, kept by hand."""

    given: set[Consent] = field(default_factory=set)
    yes: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    is_open: set[int] = field(default_factory=lambda: set(range(POSTS)))
    looking: bool = True

    def shown(self, post: int) -> frozenset[ConsentField]:
        """The fields the post's manager may see now."""
        fields = {one for one, purpose in self.given if purpose is MANAGER}
        sees = post in self.yes and post in self.is_open and post not in self.blocked
        return frozenset(fields) if sees and ConsentField.NAME in fields else frozenset()


class Life(RuleBasedStateMachine):
    """One graduate and two vacancies of two managers."""

    @initialize()
    def begin(self) -> None:
        session().rollback()
        with transaction() as s:  # whoever came before is not counted in this life
            s.execute(update(CandidatePreference).values(counted=False))
        self.managers = [a_manager(f"Manager{n}") for n in range(POSTS)]
        self.posts: list[UUID] = [an_open_post(one).id for one in self.managers]
        self.who = a_candidate(consents=())
        save_statement(self.who, "I listen.", 0)
        self.register = Register()
        self.blocks: dict[int, UUID] = {}

    @rule(
        fields=st.sets(st.sampled_from(SHAREABLE)),
        counted=st.booleans(),
        purpose=st.sampled_from([MANAGER, INTRODUCE]),
    )
    def consent(self, fields: set[ConsentField], counted: bool, purpose: ConsentPurpose) -> None:
        wanted: set[Consent] = {(one, purpose) for one in fields} | ({COUNTED} if counted else set())
        save_consents(self.who, wanted)
        self.register.given = wanted

    @rule(post=posts, answer=st.sampled_from(list(VacancyAnswerKind)))
    def answer(self, post: int, answer: VacancyAnswerKind) -> None:
        try:
            answer_vacancy(self.who, self.posts[post], answer)
        except VacancyNotFound:
            return
        if answer is VacancyAnswerKind.YES:
            if post not in self.register.yes:
                self.register.given.add((ConsentField.NAME, MANAGER))
            self.register.yes.add(post)
        else:
            self.register.yes.discard(post)

    @rule(post=posts)
    def keep_away(self, post: int) -> None:
        block(self.who, manager_id=self.managers[post].person_id)
        self.register.blocked.add(post)
        self.register.yes.discard(post)

    @rule(post=posts)
    def forget_it(self, post: int) -> None:
        live = (
            session()
            .query(CandidateBlock.id)
            .filter(
                CandidateBlock.person_id == self.who.person_id,
                CandidateBlock.manager_id == self.managers[post].person_id,
                CandidateBlock.ended_at.is_(None),
            )
        )
        for (block_id,) in live.all():
            unblock(self.who, block_id)
        self.register.blocked.discard(post)

    @rule(post=posts, is_open=st.booleans())
    def open_or_close(self, post: int, is_open: bool) -> None:
        status = VacancyStatus.ADVERTISED if is_open else VacancyStatus.CLOSED
        with transaction() as s:
            s.execute(update(Vacancy).where(Vacancy.id == self.posts[post]).values(status=status))
        (self.register.is_open.add if is_open else self.register.is_open.discard)(post)

    @rule(looking=st.booleans())
    def look(self, looking: bool) -> None:
        set_looking(self.who, looking)
        self.register.looking = looking

    @invariant()
    def nobody_sees_more_than_is_given(self) -> None:
        session().rollback()
        for post in range(POSTS):
            for manager in range(POSTS):
                profile = profile_as_manager_sees(
                    self.managers[manager], self.who.person_id, self.posts[post]
                )
                seen = fields_shown(profile) - {ConsentField.HOURS} if profile else frozenset()
                wanted = self.register.shown(post) if manager == post else frozenset()
                assert seen <= wanted
                assert seen & FILLED == wanted & FILLED
            # Words before a yes rest on being counted and looking, and on no block.
            fit = fit_of_vacancy(self.managers[post], self.posts[post])
            counts = COUNTED in self.register.given and self.register.looking
            assert fit is not None
            assert fit.kind is (HowMany.SOME if counts else HowMany.NONE)


def test_no_manager_ever_sees_more_than_is_given(app: Flask) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=4, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_the_register_notices_a_consent_that_is_not_asked_for(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: were every field shown after a yes, the check after the step would fail."""
    life = Life()
    life.begin()
    life.answer(0, VacancyAnswerKind.YES)
    life.nobody_sees_more_than_is_given()
    monkeypatch.setattr(consent_queries, "given_for", lambda consents, purpose: frozenset(SHAREABLE))
    with pytest.raises(AssertionError):
        life.nobody_sees_more_than_is_given()


def test_the_register_notices_a_block_that_shows_in_the_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other twin: were a blocked graduate not counted, the words would tell."""
    life = Life()
    life.begin()
    life.consent(set(), True, MANAGER)
    life.keep_away(0)
    life.nobody_sees_more_than_is_given()
    set_looking(life.who, False)  # what leaving the blocked out would come to
    with pytest.raises(AssertionError):
        life.nobody_sees_more_than_is_given()
