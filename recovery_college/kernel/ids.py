"""Identifiers: unguessable, and in the order they were made, which keeps indexes compact."""

import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """A version 7 UUID (RFC 9562): 48 bits of milliseconds, then 74 random bits from the system's source."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | secrets.randbits(80)
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return uuid.UUID(int=value | 0x7 << 76 | 0x2 << 62)


def new_token(size: int = 32) -> str:
    """A random URL-safe token of `size` bytes."""
    return secrets.token_urlsafe(size)
