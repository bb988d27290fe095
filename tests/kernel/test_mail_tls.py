"""Mail over STARTTLS and TLS, against a real server with a real certificate: taken, or nothing travels bare."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from recovery_college.kernel import mail_server
from recovery_college.kernel.mail_server import Connection, MailServer, NotReached
from tests.factories.mail_server import Handler, free_port

pytestmark = pytest.mark.loopback
SENDER = "psw@fenside.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> trustme.CA:
    """Who signs certificates here, as a Trust's own authority does."""
    return trustme.CA()


@pytest.fixture(autouse=True)
def it_is_trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts that authority, told as docs/operations.md says."""
    monkeypatch.setattr(mail_server, "TIMEOUT_SECONDS", 3.0)
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


class Watching(Handler):
    """Also notes whether each mail came over an encrypted connection, and who signed in."""

    def __init__(self) -> None:
        super().__init__()
        self.encrypted: list[bool] = []
        self.names: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.encrypted.append(session.ssl is not None)
        return await super().handle_DATA(server, session, envelope)

    def sign_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.names.append(given.login.decode())
        return AuthResult(success=given.password == b"p:w", handled=False)


@contextmanager
def serving(handler: Watching, issued: trustme.LeafCert, *, at_once: bool = False) -> Iterator[int]:
    """The port of a server with this certificate: STARTTLS asked for before anything else, or TLS at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    how: dict[str, object] = (
        {"ssl_context": context}
        if at_once
        else {
            "tls_context": context,
            "require_starttls": True,
            "authenticator": handler.sign_in,
            "auth_require_tls": True,
        }
    )
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **how)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def send(url: str) -> None:
    message = EmailMessage()
    message["Subject"] = "Your place"
    message.set_content("See you on Monday.")
    server = MailServer.of(url, SENDER)
    assert server is not None
    connection = Connection(server)
    try:
        connection.send("ada@fenside.example", message)
    finally:
        connection.close()


def test_starttls_with_a_sign_in(authority: trustme.CA) -> None:
    handler = Watching()
    with serving(handler, authority.issue_cert("127.0.0.1")) as port:
        send(f"smtp://na%40me:p%3Aw@127.0.0.1:{port}")
    assert (len(handler.taken), handler.encrypted, handler.names) == (1, [True], ["na@me"])


def test_starttls_without_a_sign_in_and_tls_from_the_start(authority: trustme.CA) -> None:
    handler = Watching()
    with serving(handler, authority.issue_cert("127.0.0.1")) as port:
        send(f"smtp://127.0.0.1:{port}?starttls=yes")
    with serving(handler, authority.issue_cert("127.0.0.1"), at_once=True) as port:
        send(f"smtps://127.0.0.1:{port}")
    assert len(handler.taken) == 2
    assert handler.encrypted[0]


def wrong(kind: str, authority: trustme.CA) -> trustme.LeafCert:
    """A certificate that must not be taken."""
    if kind == "another authority":
        return trustme.CA().issue_cert("127.0.0.1")
    if kind == "another host":
        return authority.issue_cert("mail.elsewhere.example")
    return authority.issue_cert("127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1))


KINDS = ("another authority", "another host", "expired")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_wrong_certificate_gets_neither_mail_nor_password(
    authority: trustme.CA, kind: str, scheme: str
) -> None:
    handler = Watching()
    with (
        serving(handler, wrong(kind, authority), at_once=scheme == "smtps") as port,
        pytest.raises(NotReached, match=r"^no safe connection \(TLS\)$"),
    ):
        send(f"{scheme}://name:p%3Aw@127.0.0.1:{port}")
    assert (handler.taken, handler.names) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_that_does_not_look_would_have_sent_it(
    authority: trustme.CA, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known-bad twin: smtplib's own way without a context, which takes any certificate."""
    monkeypatch.setattr(ssl, "create_default_context", ssl._create_unverified_context)
    handler = Watching()
    with serving(handler, wrong(kind, authority)) as port:
        send(f"smtp://name:p%3Aw@127.0.0.1:{port}")
    assert (len(handler.taken), handler.names) == (1, ["name"])


def test_a_server_that_wants_starttls_is_not_sent_to_bare(authority: trustme.CA) -> None:
    handler = Watching()
    with (
        serving(handler, authority.issue_cert("127.0.0.1")) as port,
        pytest.raises(Exception, match=r"530"),
    ):
        send(f"smtp://127.0.0.1:{port}")
    assert handler.taken == []


def test_a_wrong_password_is_told_apart(authority: trustme.CA) -> None:
    handler = Watching()
    with (
        serving(handler, authority.issue_cert("127.0.0.1")) as port,
        pytest.raises(NotReached, match=r"sign-in refused \(535\)"),
    ):
        send(f"smtp://name:wrong@127.0.0.1:{port}")
    assert handler.taken == []
