"""Outgoing mail: a row written in the caller's transaction, and a sender that tries until it is taken.

A mail is sent at least once. When a connection drops after the whole text was handed over, nobody can know
whether the server took it; it is sent again with the same Message-ID, by which mail systems see the double.
"""

import re
import uuid
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from typing import Any, cast

import structlog
from flask import Flask, current_app
from sqlalchemy import Index, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery_college.kernel import clock
from recovery_college.kernel.db import Base, Moment, Word, one_of, transaction
from recovery_college.kernel.ids import new_id
from recovery_college.kernel.mail_server import Connection, MailServer, NotAccepted, NotReached, NotTaken
from recovery_college.kernel.settings import Settings
from recovery_college.kernel.tasks import sweep

log = structlog.get_logger(__name__)

# Letters, digits and the signs RFC 5322 allows in an address that needs no quotes; nothing that ends a header.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)
LONGEST_SUBJECT = 200

# Longer than one mail can keep a sender busy: after it, a mail claimed by a sender that died is free again.
CLAIM = timedelta(minutes=15)
# Older mail is given up: its links and dates no longer help, and switching mail on must not send last year's.
LONGEST_WAIT = timedelta(days=3)
MOST_AT_ONCE = 200


class MailState(StrEnum):
    """Where a mail is."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class OutgoingMail(Base):
    """One message to one person. `last_problem` names the kind of trouble, never an address.

    `calendar` is an iCalendar object that goes beside the words, kept here so that it is sent as it was queued.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (one_of("state", MailState), Index("ix_outgoing_mail_waiting", "state", "next_try_at"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(Moment)
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    body: Mapped[str] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(40))
    state: Mapped[MailState] = mapped_column(Word(MailState), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    last_problem: Mapped[str] = mapped_column(String(60), default="")
    next_try_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)


def is_address(text: str) -> bool:
    """Whether `text` is exactly one plain mail address. Who may lack one is asked this before a mail is queued."""
    return ADDRESS.fullmatch(text) is not None and ".." not in text


def queue_mail(
    s: Session, to: str, subject: str, body: str, purpose: str, calendar: str | None = None
) -> OutgoingMail:
    """Write a mail into the caller's transaction; it goes out once that is committed, or not at all.

    `purpose` is a word of ours such as "welcome". Raises ValueError for an address that is not exactly one, and
    for a calendar that does not say its METHOD (RFC 5546), by which mail programs know what it asks.
    Line breaks in the subject become spaces, so that nobody's title can add a header.
    """
    if not is_address(to):
        raise ValueError("that is not one plain mail address")
    if calendar is not None and METHOD.search(calendar) is None:
        raise ValueError("that is no calendar with a method")
    now = clock.now()
    mail = OutgoingMail(
        created_at=now,
        recipient=to,
        subject=CONTROL.sub(" ", subject).strip()[:LONGEST_SUBJECT],
        body=body,
        calendar=calendar,
        purpose=purpose,
        next_try_at=now,
    )
    s.add(mail)
    return mail


def init_mail(app: Flask, settings: Settings) -> None:
    """Read where mail goes, once. Raises SettingsProblem when it cannot be understood."""
    app.extensions["mail_server"] = MailServer.of(settings.mail_url, settings.mail_from)


@sweep(minutes=1)
def send_queued_mail() -> None:
    """Send what is due each minute, in a job: no page waits for a mail server."""
    send_waiting_mail(cast(Any, current_app)._get_current_object())


def send_waiting_mail(app: Flask) -> int:
    """Send the mail that is due and return how many the server took. Without a server all of it stays.

    Needs an application context. No transaction is open while the server is talked to, and trouble with the
    server itself ends the round.
    """
    server: MailServer | None = app.extensions["mail_server"]
    if server is None:
        return 0
    sent = 0
    _give_up_old()
    connection = Connection(server)
    try:
        for _ in range(MOST_AT_ONCE):
            mail = _claim()
            if mail is None:
                break
            try:
                connection.send(mail.recipient, message_of(mail, server))
            except NotAccepted as answer:
                _settle(mail, MailState.FAILED, str(answer))
            except NotTaken as answer:
                _settle(mail, MailState.QUEUED, str(answer))
            except NotReached as trouble:
                _settle(mail, MailState.QUEUED, str(trouble))
                break
            else:
                _settle(mail, MailState.SENT, "")
                sent += 1
    finally:
        connection.close()
    return sent


def message_of(mail: OutgoingMail, server: MailServer) -> EmailMessage:
    """Return the mail as it goes over the wire, with an id that is the same at every attempt.

    It is plain text; where it carries a calendar, that is the other reading of the same message, as calendars expect.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = server.sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = mail.created_at
    message["Message-ID"] = f"<{mail.id}@{server.sender.rsplit('@', 1)[1]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body, charset="utf-8", cte="quoted-printable")
    method = METHOD.search(mail.calendar) if mail.calendar else None
    if mail.calendar and method:
        # In base64, because folded lines end in what some servers cut off.
        message.add_alternative(
            mail.calendar, subtype="calendar", charset="utf-8", cte="base64", params={"method": method[1]}
        )
    return message


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts: 1, 2, 4, 8 ... minutes, never above 4 hours."""
    return timedelta(minutes=min(2 ** min(attempts - 1, 10), 240))


def _give_up_old() -> None:
    with transaction() as s:
        now = clock.now()
        waiting = OutgoingMail.state == MailState.QUEUED
        old = (OutgoingMail.created_at < now - LONGEST_WAIT, OutgoingMail.next_try_at <= now)
        s.execute(update(OutgoingMail).where(waiting, *old).values(state=MailState.FAILED))


def _claim() -> OutgoingMail | None:
    """Take the next mail that is due, so that no other sender does, and return it as it is now.

    The claim is the one statement that moves `next_try_at` on: of two senders only one changes the row.
    """
    now = clock.now()
    due = (OutgoingMail.state == MailState.QUEUED, OutgoingMail.next_try_at <= now)
    with transaction() as s:
        while True:
            first = select(OutgoingMail.id).where(*due).order_by(OutgoingMail.next_try_at, OutgoingMail.id)
            chosen = s.scalar(first.limit(1))
            if chosen is None:
                return None
            claim = (
                update(OutgoingMail)
                .where(OutgoingMail.id == chosen, *due)
                .values(attempts=OutgoingMail.attempts + 1, next_try_at=now + CLAIM)
                .execution_options(synchronize_session=False)
            )
            if s.execute(claim).rowcount == 1:  # type: ignore[attr-defined]
                return s.get_one(OutgoingMail, chosen, populate_existing=True)


def _settle(mail: OutgoingMail, state: MailState, problem: str) -> None:
    """Write down what became of an attempt, unless the claim ran out and another sender has the mail now."""
    now = clock.now()
    mine = (OutgoingMail.id == mail.id, OutgoingMail.attempts == mail.attempts)
    result = {
        "state": state,
        "last_problem": problem,
        "sent_at": now if state is MailState.SENT else None,
        "next_try_at": now + wait_after(mail.attempts),
    }
    with transaction() as s:
        s.execute(
            update(OutgoingMail).where(*mine).values(result).execution_options(synchronize_session=False)
        )
    log.info(
        "mail", id=str(mail.id), purpose=mail.purpose, state=state, attempts=mail.attempts, problem=problem
    )
