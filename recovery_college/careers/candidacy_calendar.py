"""An interview as a calendar file (RFC 5545): one stable UID, a SEQUENCE that grows, CANCELLED when called off.

It goes into calendars that other people may see, so it says "Interview" and the reference and nothing else.
"""

from datetime import UTC, datetime, timedelta

LINE = 75


def interview_calendar(
    *,
    uid: str,
    sequence: int,
    changed_at: datetime,
    starts_at: datetime,
    minutes: int,
    reference: str,
    place: str,
    organisation: str,
    cancelled: bool,
    organiser: str = "",
    attendee: str = "",
) -> str:
    """The file's text. Times are in UTC, so that a clock change moves nothing.

    With an attendee it is an invitation to that address alone (RFC 5546), which asks for no reply: people answer
    by writing to each other. Without one it is a copy to keep.
    """
    method = "CANCEL" if cancelled else "REQUEST" if attendee else "PUBLISH"
    people = (
        [
            f"ORGANIZER:mailto:{organiser}",
            f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=FALSE:mailto:{attendee}",
        ]
        if attendee
        else []
    )
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//recovery-college//interviews//EN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{_utc(changed_at)}",
        f"DTSTART:{_utc(starts_at)}",
        f"DTEND:{_utc(starts_at + timedelta(minutes=minutes))}",
        f"SUMMARY:{_text(f'Interview ({reference})')}",
        f"LOCATION:{_text(place)}",
        f"DESCRIPTION:{_text(organisation)}",
        *people,
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
        "CLASS:PRIVATE",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """Words as RFC 5545 wants them: separators escaped, no line break that could add a property."""
    plain = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join("".join(one for one in line if one.isprintable()) for line in plain.splitlines())


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, never cutting a letter in two."""
    pieces: list[bytes] = [b""]
    for letter in line:
        encoded = letter.encode()
        room = LINE if len(pieces) == 1 else LINE - 1
        if len(pieces[-1]) + len(encoded) > room:
            pieces.append(b"")
        pieces[-1] += encoded
    return "\r\n ".join(piece.decode() for piece in pieces)
