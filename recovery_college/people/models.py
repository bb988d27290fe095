"""Persons, their accounts and roles, and the sessions and links by which they come in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from recovery_college.access.rules import Role
from recovery_college.kernel.db import Base, Moment, Word, one_of
from recovery_college.kernel.ids import new_id


class Person(Base):
    """Somebody the college knows. No diagnosis, no NHS number: there is no field for either (D1)."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    student_ref: Mapped[str | None] = mapped_column(String(40), unique=True)
    given_name: Mapped[str] = mapped_column(String(200))
    family_name: Mapped[str] = mapped_column(String(200))
    preferred_name: Mapped[str] = mapped_column(String(200), default="")
    pronouns: Mapped[str] = mapped_column(String(60), default="", server_default="")
    certificate_name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    date_of_birth: Mapped[date | None]
    uln: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    is_made_up: Mapped[bool] = mapped_column(default=False)


class Account(Base):
    """A way to sign in. A person may have more than one; duties are kept apart by person, not by account."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    person: Mapped[Person] = relationship()


class RoleGrant(Base):
    """That a person holds a role, from when, by whom, until when."""

    __tablename__ = "role_grant"
    __table_args__ = (
        one_of("role", Role),
        Index(
            "uq_role_grant_live",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    role: Mapped[Role] = mapped_column(Word(Role))
    granted_at: Mapped[datetime] = mapped_column(Moment)
    granted_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInSession(Base):
    """One signed-in browser. The cookie holds a token; only its hash is here, so a copy of the table opens nothing."""

    __tablename__ = "sign_in_session"
    __table_args__ = (one_of("role", Role),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(Word(Role))
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class WrongTry(Base):
    """A guess that was wrong: at a password, by account and by address, or at a certificate's code, by address.

    `key` is a keyed digest, so the table tells nobody who or where.
    """

    __tablename__ = "wrong_try"
    __table_args__ = (Index("ix_wrong_try_key", "key", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class OneTimeLink(Base):
    """A link that lets a person choose a password once, within its time."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
