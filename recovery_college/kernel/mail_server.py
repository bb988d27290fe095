"""Talking to a mail server: what can go wrong there, sorted by what we should do about it."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from recovery_college.kernel.settings import SettingsProblem

# For each answer of the server. A whole mail needs about eight answers.
TIMEOUT_SECONDS = 20.0
EXAMPLE = "smtp://name:password@host:587?starttls=yes"


class NotReached(Exception):
    """The server cannot be talked to: try later, with every mail. The text says the kind of trouble."""


class NotTaken(Exception):
    """The server does not take this mail now: try it later."""


class NotAccepted(Exception):
    """The server will never take this mail."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. `sender` is the one address it comes from."""

    host: str
    port: int
    sender: str
    tls: bool = False
    starttls: bool = False
    name: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str, sender: str) -> Self | None:
        """Read RC_MAIL_URL; None for "outbox". Raises SettingsProblem in plain words."""
        if url == "outbox":
            return None
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise SettingsProblem(f"RC_MAIL_URL is not an address like {EXAMPLE}.") from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
            raise SettingsProblem(f'RC_MAIL_URL must be "outbox" or look like {EXAMPLE}.')
        if sender.count("@") != 1 or any(sign.isspace() or sign in '<>,;"' for sign in sender):
            raise SettingsProblem(
                "RC_MAIL_FROM must be the one address mail is sent from, like psw@trust.example."
            )
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=port or (465 if tls else 25),
            sender=sender,
            tls=tls,
            starttls=not tls and _asks_starttls(parts),
            name=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


def _asks_starttls(parts: SplitResult) -> bool:
    """Whether the connection must be encrypted before use. A password never travels bare unless told to."""
    asked = parse_qs(parts.query).get("starttls", ["yes" if parts.password else "no"])
    if asked not in (["yes"], ["no"]):
        raise SettingsProblem("RC_MAIL_URL: starttls is yes or no.")
    return asked == ["yes"]


class Connection:
    """One connection for several mails, opened with the first. Call `close` at the end."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._open: smtplib.SMTP | None = None

    def send(self, to: str, message: EmailMessage) -> None:
        """Hand over one mail. Raises NotReached, NotTaken or NotAccepted."""
        smtp = self._opened()
        try:
            smtp.send_message(message, self._server.sender, [to])
        except smtplib.SMTPRecipientsRefused as refused:
            code, _ = next(iter(refused.recipients.values()))
            raise _answer(code) from None
        except smtplib.SMTPServerDisconnected as trouble:
            raise _unreached(trouble) from trouble
        except smtplib.SMTPResponseException as refused:
            raise _answer(refused.smtp_code) from None
        except (OSError, smtplib.SMTPException) as trouble:
            raise _unreached(trouble) from trouble

    def close(self) -> None:
        """Say goodbye and close, whatever state the connection is in."""
        if self._open is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._open.quit()
            self._open.close()
            self._open = None

    def _opened(self) -> smtplib.SMTP:
        if self._open is None:
            try:
                self._open = self._greeted()
            except (OSError, smtplib.SMTPException) as trouble:
                raise _unreached(trouble) from trouble
        return self._open

    def _greeted(self) -> smtplib.SMTP:
        """Connect, encrypt and sign in; a connection that gets no further than half way is closed."""
        server = self._server
        smtp: smtplib.SMTP
        if server.tls:
            safe = ssl.create_default_context()
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=safe)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        try:
            if server.starttls:
                smtp.starttls(context=ssl.create_default_context())
            if server.name:
                smtp.login(server.name, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _answer(code: int) -> NotReached | NotTaken | NotAccepted:
    """Sort an answer to one mail (RFC 5321 4.2.1): 5xx is for ever, 421 hangs up, all else is for now."""
    if code == 421:
        return NotReached("server not ready (421)")
    return (
        NotAccepted(f"not accepted ({code})") if 500 <= code <= 599 else NotTaken(f"not taken now ({code})")
    )


def _unreached(trouble: Exception) -> NotReached:
    """Name the kind of trouble without its words, which may hold names and addresses."""
    cause: BaseException | None = trouble
    while cause is not None:
        if isinstance(cause, TimeoutError):
            return NotReached("no answer in time")
        if isinstance(cause, ssl.SSLError):
            return NotReached("no safe connection (TLS)")
        if isinstance(cause, ConnectionRefusedError):
            return NotReached("connection refused")
        cause = cause.__context__
    if isinstance(trouble, smtplib.SMTPServerDisconnected):
        return NotReached("connection dropped")
    if isinstance(trouble, smtplib.SMTPNotSupportedError):
        return NotReached("server lacks what is needed")
    if isinstance(trouble, smtplib.SMTPAuthenticationError):
        return NotReached(f"sign-in refused ({trouble.smtp_code})")
    if isinstance(trouble, smtplib.SMTPResponseException):
        return NotReached(f"server not ready ({trouble.smtp_code})")
    return NotReached(f"no connection ({type(trouble).__name__})")
