"""An interview goes by mail to whom it concerns, as an invitation that calendars take up, move and take out."""

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from recovery_college.access.rules import Role
from recovery_college.careers.candidacy_own_services import declare_line_manager, withdraw
from recovery_college.careers.candidacy_rules import EndReason, Move, Stage
from recovery_college.careers.candidacy_services import (
    Meeting,
    call_off_interview,
    move_candidacy,
    plan_interview,
)
from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.kernel.mail import OutgoingMail, queue_mail, send_waiting_mail
from recovery_college.kernel.mail_server import MailServer
from tests.factories.candidacies import a_candidacy, the_candidacy
from tests.factories.candidates import a_candidate, an_open_post, shows_all
from tests.factories.careers import a_manager, email_of
from tests.factories.mail_server import Handler, serving
from tests.factories.people import signed_in

NOON = datetime(2027, 3, 22, 12, tzinfo=UTC)
PLACE = "Room 2; ask for “Morgan”, at the desk"


def sent_about(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """Everything of interviews that a real mail server took, oldest first."""
    handler = Handler()
    with serving(handler) as port:
        server = MailServer.of(f"smtp://127.0.0.1:{port}", "psw@fenside.example")
        monkeypatch.setitem(app.extensions, "mail_server", server)
        send_waiting_mail(app)
    read = email.policy.default
    whole = [email.message_from_bytes(one.original_content or b"", policy=read) for one in handler.taken]
    return [one for one in whole if one.is_multipart()]


def invitation(mail: EmailMessage) -> tuple[str, str, int, str, str]:
    """Method by header and by content, sequence, attendee and the address it went to."""
    words, calendar = mail.iter_parts()
    assert words.get_content_type() == "text/plain"
    assert calendar.get_content_type() == "text/calendar"
    lines = calendar.get_content().replace("\r\n", "\n").replace("\n ", "").splitlines()
    read = dict(line.split(":", 1) for line in lines)
    assert calendar["Content-Type"].params["method"] == read["METHOD"]
    assert read["LOCATION"].replace("\\", "") == PLACE
    attendee = next(line for name, line in read.items() if name.startswith("ATTENDEE;"))
    return read["METHOD"], read["UID"], int(read["SEQUENCE"]), attendee, str(mail["To"])


@pytest.mark.loopback
def test_planned_changed_called_off_reach_both_calendars(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    manager, greta = a_manager(), shows_all(a_candidate())
    with clock.held_at(NOON):
        post = an_open_post(manager, title="Peer support worker")
        row = a_candidacy(greta, post, Stage.SHORTLISTED, manager)
        meeting = Meeting(NOON + timedelta(days=6, hours=14), 45, PLACE)  # the clocks change before it
        assert plan_interview(manager, row.id, meeting, row.version)
        plan_interview(manager, row.id, meeting, row.version + 1)  # nothing is new, so nothing is sent
        plan_interview(manager, row.id, Meeting(meeting.starts_at, 30, PLACE), row.version + 2)
        call_off_interview(manager, row.id, row.version + 3)
        call_off_interview(manager, row.id, row.version + 4)
        mails = sent_about(app, monkeypatch)
    found = [invitation(mail) for mail in mails]
    assert len({uid for _, uid, *_ in found}) == 1
    for address in (email_of(greta), email_of(manager)):
        own = [(method, number, to) for method, _, number, to, went in found if went == address]
        there = f"mailto:{address}"
        assert own == [("REQUEST", 0, there), ("REQUEST", 1, there), ("CANCEL", 2, there)]
    assert len(found) == 6
    for mail in mails:
        whole = "".join(part.get_content() for part in mail.iter_parts()) + str(mail["Subject"])
        assert "Greta" not in whole
        assert "eer support" not in whole
    words = next(mails[0].iter_parts()).get_content()
    assert "29 March 2027 at 3am" in words, "in London, after the clocks changed"


@pytest.mark.parametrize("end", ["withdraws", "not progressing"])
def test_an_end_takes_the_interview_out_of_calendars(app: Flask, end: str) -> None:
    manager, greta = a_manager(), a_candidate()
    post = an_open_post(manager)
    row = a_candidacy(greta, post, Stage.SHORTLISTED, manager)
    plan_interview(manager, row.id, Meeting(clock.now() + timedelta(days=2), 45, PLACE), row.version)
    if end == "withdraws":
        withdraw(greta, row.id)
    else:
        reason = Move(Stage.NOT_PROGRESSING, EndReason.OTHER, "Somebody else was further on")
        move_candidacy(manager, row.id, reason, the_candidacy(greta, post).version)
    waiting = session().scalars(select(OutgoingMail).where(OutgoingMail.purpose == "interview"))
    calls = [mail for mail in waiting if "METHOD:CANCEL" in (mail.calendar or "")]
    assert {mail.recipient for mail in calls} == {email_of(greta), email_of(manager)}


def test_who_leads_the_candidate_is_not_written_to(app: Flask) -> None:
    manager, greta, hr = a_manager(), a_candidate(), signed_in(Role.HR)
    post = an_open_post(manager)
    row = a_candidacy(greta, post, Stage.SHORTLISTED, manager)
    declare_line_manager(greta, email_of(manager))
    plan_interview(hr, row.id, Meeting(clock.now() + timedelta(days=2), 45, PLACE), row.version)
    waiting = session().scalars(select(OutgoingMail).where(OutgoingMail.purpose == "interview"))
    assert [mail.recipient for mail in waiting] == [email_of(greta)]


def test_a_calendar_without_a_method_is_refused(app: Flask) -> None:
    with pytest.raises(ValueError, match="method"):
        queue_mail(session(), "ada@fenside.example", "x", "x", "x", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
