"""What about the settings of an installation needs attention."""

import os
from typing import Literal

from recovery_college.kernel.settings import Settings

Level = Literal["stop", "note"]


def findings(settings: Settings) -> list[tuple[Level, str]]:
    """Each finding with its level: "stop" keeps `serve` from starting, "note" is for the person who runs it."""
    found: list[tuple[Level, str]] = []
    local = settings.public_base_url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
    if not settings.is_https and not local:
        found.append(
            ("stop", "RC_PUBLIC_BASE_URL is http: sign-ins would cross the network unprotected. Use https.")
        )
    if settings.secret_key and len(settings.secret_key) < 32:
        found.append(
            (
                "stop",
                "RC_SECRET_KEY is shorter than 32 characters. Remove it and run `recovery-college init`.",
            )
        )
    if settings.demo_password and not local:
        found.append(("stop", "RC_DEMO_PASSWORD is set. It is for demonstrations on one's own machine only."))
    if any(host.is_loopback for host in settings.feed_host_list):
        found.append(
            (
                "note" if local else "stop",
                "RC_FEED_HOSTS names this very machine, which is for trials only: name the services out there.",
            )
        )
    if settings.org_name == "Your Trust":
        found.append(("note", "RC_ORG_NAME is not set: pages and certificates say “Your Trust”."))
    if settings.mail_url == "outbox":
        found.append(("note", "RC_MAIL_URL is not set: messages wait in the outbox and are not sent."))
    if settings.database.startswith("sqlite"):
        found.append(("note", "The database is the embedded SQLite: right for one machine."))
    found.append(
        ("note", "There is no second factor at sign-in yet. Keep the service inside the Trust's network.")
    )
    if any(name.startswith("RC_OIDC_") for name in os.environ):
        found.append(
            ("note", "RC_OIDC_ settings are given, but single sign-on is not there yet: they do nothing.")
        )
    found.append(
        ("note", "There is no backup command yet. docs/operations.md says how to copy everything safely.")
    )
    return found
