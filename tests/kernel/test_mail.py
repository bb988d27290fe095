"""Mail is queued with the work, sent until it is taken, and never carries a stranger's header (F11-F16)."""

import email
import email.policy
import threading
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from recovery_college.kernel import clock, mail_server
from recovery_college.kernel.db import db, session, transaction
from recovery_college.kernel.mail import (
    CLAIM,
    LONGEST_WAIT,
    MailState,
    OutgoingMail,
    _claim,
    is_address,
    message_of,
    queue_mail,
    send_waiting_mail,
    wait_after,
)
from recovery_college.kernel.mail_server import Connection, MailServer, NotAccepted, NotReached, NotTaken
from recovery_college.kernel.settings import SettingsProblem
from tests.factories.mail_server import Handler, free_port, serving, silent

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SENDER = "psw@fenside.example"


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(mail_server, "TIMEOUT_SECONDS", 1.0)
    with clock.held_at(NOON):
        yield


def to_port(
    app: Flask, monkeypatch: pytest.MonkeyPatch, port: int, scheme: str = "smtp", query: str = ""
) -> None:
    """Point the app at a server on loopback."""
    server = MailServer.of(f"{scheme}://127.0.0.1:{port}{query}", SENDER)
    monkeypatch.setitem(app.extensions, "mail_server", server)


def queued(subject: str = "Your place", to: str = "ada@fenside.example") -> OutgoingMail:
    with transaction() as s:
        return queue_mail(s, to, subject, "Dear Ada,\n\n.\nSee you on Monday £5.\n", "welcome")


def kept() -> list[OutgoingMail]:
    db.session.remove()
    return list(session().scalars(select(OutgoingMail).order_by(OutgoingMail.created_at)))


def facts() -> tuple[str, int, str, timedelta]:
    """State, attempts, problem and how long until the next try, of the only mail."""
    (mail,) = kept()
    db.session.rollback()
    return mail.state.value, mail.attempts, mail.last_problem, mail.next_try_at - clock.now()


def test_mail_is_written_with_the_work_or_not_at_all(app: Flask) -> None:
    def unfinished_work() -> None:
        with transaction() as s:
            queue_mail(s, "ada@fenside.example", "Never", "", "welcome")
            raise LookupError

    with pytest.raises(LookupError):
        unfinished_work()
    queued()
    assert [mail.subject for mail in kept()] == ["Your place"]


def test_without_a_server_all_stays_in_the_outbox(app: Flask) -> None:
    queued()
    assert app.extensions["mail_server"] is None
    assert send_waiting_mail(app) == 0
    assert facts() == ("queued", 0, "", timedelta(0))


@pytest.mark.loopback
def test_works(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.held_at(NOON - timedelta(seconds=1)):
        first = queued("Your place – confirmed")
    queued("Second", "bea@fenside.example")
    handler = Handler()
    with serving(handler) as port:
        to_port(app, monkeypatch, port)
        assert send_waiting_mail(app) == 2
        assert send_waiting_mail(app) == 0
    assert [envelope.rcpt_tos for envelope in handler.taken] == [
        ["ada@fenside.example"],
        ["bea@fenside.example"],
    ]
    content = handler.taken[0].content
    assert isinstance(content, bytes)
    arrived = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(arrived, EmailMessage)
    assert (arrived["From"], arrived["To"]) == (SENDER, "ada@fenside.example")
    assert arrived["Subject"] == "Your place – confirmed"
    assert arrived["Message-ID"] == f"<{first.id}@fenside.example>"
    assert arrived.get_content().replace("\r\n", "\n") == "Dear Ada,\n\n.\nSee you on Monday £5.\n"
    assert {(mail.state, mail.attempts, mail.sent_at) for mail in kept()} == {(MailState.SENT, 1, NOON)}


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("fault", "problem", "state"),
    [
        ("refuses", "connection refused", "queued"),
        ("hangs", "no answer in time", "queued"),
        ("4xx", "not taken now (451)", "queued"),
        ("4xx to the address", "not taken now (450)", "queued"),
        ("421", "server not ready (421)", "queued"),
        ("5xx", "not accepted (554)", "failed"),
        ("5xx to the address", "not accepted (550)", "failed"),
        ("drops after DATA", "connection dropped", "queued"),
        ("TLS error", "no safe connection (TLS)", "queued"),
        ("TLS not offered", "server lacks what is needed", "queued"),
        ("no sign-in offered", "server lacks what is needed", "queued"),
    ],
)
def test_a_bad_server(
    app: Flask, monkeypatch: pytest.MonkeyPatch, fault: str, problem: str, state: str
) -> None:
    handlers = {
        "4xx": Handler(on_data="451 try again ada@fenside.example"),
        "4xx to the address": Handler(on_rcpt="450 mailbox busy"),
        "421": Handler(on_rcpt="421 closing"),
        "5xx": Handler(on_data="554 no ada@fenside.example here"),
        "5xx to the address": Handler(on_rcpt="550 no such user"),
        "drops after DATA": Handler(drops=True),
    }
    places = {"refuses": nullcontext(free_port()), "hangs": silent()}
    queued()
    with places.get(fault) or serving(handlers.get(fault, Handler())) as port:
        scheme = "smtps" if fault == "TLS error" else "smtp"
        query = "?starttls=yes" if fault == "TLS not offered" else ""
        to_port(app, monkeypatch, port, scheme, query)
        if fault == "no sign-in offered":
            server = MailServer.of(f"smtp://name:word@127.0.0.1:{port}?starttls=no", SENDER)
            monkeypatch.setitem(app.extensions, "mail_server", server)
        assert send_waiting_mail(app) == 0
    assert facts() == (state, 1, problem, timedelta(minutes=1))


@pytest.mark.loopback
@pytest.mark.parametrize("fault", ["refuses", "hangs", "5xx"])
def test_a_sender_that_does_not_listen_calls_it_sent(
    app: Flask, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The known-bad twin: whatever the server says or does not say, the mail is ticked off."""
    listening = Connection.send

    def careless(self: Connection, to: str, message: EmailMessage) -> None:
        with suppress(NotReached, NotTaken, NotAccepted):
            listening(self, to, message)

    monkeypatch.setattr(Connection, "send", careless)
    queued()
    handler = Handler(on_rcpt="550 no such user")
    places = {"refuses": nullcontext(free_port()), "hangs": silent()}
    with places.get(fault) or serving(handler) as port:
        to_port(app, monkeypatch, port)
        assert send_waiting_mail(app) == 1
    assert (facts()[0], handler.taken) == ("sent", [])


@pytest.mark.loopback
def test_what_was_not_taken_is_sent_later_and_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    queued()
    to_port(app, monkeypatch, free_port())
    assert send_waiting_mail(app) == 0
    handler = Handler()
    with serving(handler) as port:
        to_port(app, monkeypatch, port)
        with clock.held_at(NOON + timedelta(seconds=59)):
            assert send_waiting_mail(app) == 0
        with clock.held_at(NOON + timedelta(seconds=60)):
            assert send_waiting_mail(app) == 1
            assert send_waiting_mail(app) == 0
    assert len(handler.taken) == 1
    assert facts()[:3] == ("sent", 2, "")


@pytest.mark.loopback
def test_a_dropped_connection_repeats_the_same_message_id(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued()
    handler = Handler(drops=True)
    with serving(handler) as port:
        to_port(app, monkeypatch, port)
        assert send_waiting_mail(app) == 0
        handler.drops = False
        with clock.held_at(NOON + timedelta(minutes=1)):
            assert send_waiting_mail(app) == 1
    ids = {email.message_from_bytes(bytes(one.content or b""))["Message-ID"] for one in handler.taken}
    assert (len(handler.taken), len(ids)) == (2, 1)


@pytest.mark.loopback
def test_one_bad_address_does_not_hold_up_the_next(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    class OneUnknown(Handler):
        async def handle_RCPT(self, server, session, envelope, address, options):  # type: ignore[no-untyped-def]
            self.on_rcpt = "550 unknown" if address.startswith("ada@") else ""
            return await super().handle_RCPT(server, session, envelope, address, options)

    queued()
    queued(to="bea@fenside.example")
    with serving(OneUnknown()) as port:
        to_port(app, monkeypatch, port)
        assert send_waiting_mail(app) == 1
    assert {mail.recipient[:3]: mail.state.value for mail in kept()} == {"ada": "failed", "bea": "sent"}


@pytest.mark.loopback
def test_two_senders_never_send_one_mail_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(12):
        queued()
    handler = Handler()
    sent: list[int] = []
    start = threading.Barrier(3)

    def send() -> None:
        with app.app_context():
            start.wait(5)
            sent.append(send_waiting_mail(app))

    with serving(handler) as port:
        to_port(app, monkeypatch, port)
        threads = [threading.Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sum(sent) == len(handler.taken) == 12
    assert {mail.attempts for mail in kept()} == {1}


def test_a_claim_by_a_sender_that_died_runs_out(app: Flask) -> None:
    queued()
    assert _claim() is not None
    assert _claim() is None
    with clock.held_at(NOON + CLAIM):
        again = _claim()
    assert again is not None
    assert again.attempts == 2


@pytest.mark.loopback
def test_switching_mail_on_does_not_send_what_is_old(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    queued()
    handler = Handler()
    with serving(handler) as port, clock.held_at(NOON + LONGEST_WAIT + timedelta(seconds=1)):
        queued("New")
        to_port(app, monkeypatch, port)
        assert send_waiting_mail(app) == 1
    assert [(mail.subject, mail.state.value) for mail in kept()] == [
        ("Your place", "failed"),
        ("New", "sent"),
    ]


def test_waits_grow_up_to_four_hours() -> None:
    assert [wait_after(n) // timedelta(minutes=1) for n in (1, 2, 3, 4, 8, 9, 50)] == [
        1,
        2,
        4,
        8,
        128,
        240,
        240,
    ]


@pytest.mark.parametrize(
    "to",
    [
        "", "ada", "ada@", "@b.example", "ada@b.example\nBcc: eve@c.example", "ada@b.example\r\n", "a b@c.example",
        "ada@b.example,eve@c.example", "<ada@b.example>", "Ada <ada@b.example>", "ada@b@c.example", "ada@b.example ",
        "ada@b..example",
    ],
)  # fmt: skip
def test_only_one_plain_address_is_taken(app: Flask, to: str) -> None:
    assert not is_address(to)
    assert is_address("ada@b.example")
    with pytest.raises(ValueError, match="address"), transaction() as s:
        queue_mail(s, to, "Subject", "Body", "welcome")
    assert kept() == []


@given(st.text(max_size=80), st.text(max_size=200))
def test_no_subject_or_body_adds_a_header(subject: str, body: str) -> None:
    class Sink:
        def add(self, mail: OutgoingMail) -> None:
            self.mail = mail

    sink = Sink()
    queue_mail(sink, "ada@b.example", subject + "\r\nBcc: eve@c.example", body, "welcome")  # type: ignore[arg-type]
    sink.mail.id = None  # type: ignore[assignment]
    wire = message_of(sink.mail, MailServer("h", 25, SENDER)).as_bytes()
    arrived = email.message_from_bytes(wire, policy=email.policy.default)
    assert sorted(name.lower() for name in arrived.keys()) == [  # noqa: SIM118
        "auto-submitted", "content-transfer-encoding", "content-type", "date", "from", "message-id",
        "mime-version", "subject", "to",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("ftp://h", SENDER), ("smtp://", SENDER), ("smtp://h:x", SENDER), ("smtp://h/path", SENDER),
        ("smtp://h?starttls=maybe", SENDER), ("smtp://h", ""), ("smtp://h", "a@b.example\nBcc: c@d.example"),
        ("", SENDER),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_said_at_the_start(url: str, sender: str) -> None:
    with pytest.raises(SettingsProblem, match="RC_MAIL"):
        MailServer.of(url, sender)


def test_settings_are_read_with_the_password_kept_quiet() -> None:
    server = MailServer.of("smtp://na%40me:p%3Aw@host:587", SENDER)
    assert server is not None
    assert (server.name, server.password, server.port, server.starttls, server.tls) == (
        "na@me",
        "p:w",
        587,
        True,
        False,
    )
    assert "p:w" not in repr(server)
    plain = MailServer.of("smtp://relay", SENDER)
    safe = MailServer.of("smtps://relay", SENDER)
    assert plain is not None
    assert safe is not None
    assert (plain.port, plain.starttls, safe.port, safe.tls) == (25, False, 465, True)
