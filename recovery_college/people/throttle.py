"""Slowing down guesses: wrong tries are counted in the database, so that every worker process counts together."""

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from recovery_college.kernel import clock
from recovery_college.kernel.db import session
from recovery_college.people.models import WrongTry

WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=1)


class TooManyTries(Exception):
    """Guessing is paused. `wait` is the number of seconds until one may try again."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


def key_of(secret: str, kind: str, text: str) -> str:
    """The keyed digest under which tries of one kind at one account or from one address are counted."""
    return hmac.new(secret.encode(), f"{kind}:{text.strip().casefold()}".encode(), hashlib.sha256).hexdigest()


def check_tries(key: str, most: int) -> None:
    """Raise TooManyTries when there were `most` wrong tries under this key in the last 15 minutes."""
    since = clock.now() - WINDOW
    tries, first = (
        session().execute(
            select(func.count(), func.min(WrongTry.at)).where(WrongTry.key == key, WrongTry.at > since)
        )
    ).one()
    if tries >= most:
        raise TooManyTries(max(1, int((first + WINDOW - clock.now()).total_seconds())))


def count_wrong_try(s: Session, *keys: str) -> None:
    """Count a wrong try under each key, and forget those of yesterday."""
    at = clock.now()
    s.add_all([WrongTry(key=key, at=at) for key in keys])
    s.execute(delete(WrongTry).where(WrongTry.at < at - KEPT))


def forget_tries(s: Session, key: str) -> None:
    """Forget the wrong tries under a key, because the right answer was given."""
    s.execute(delete(WrongTry).where(WrongTry.key == key))
