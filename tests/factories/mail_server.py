"""A real mail server on loopback that behaves as badly as a test asks."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Handler:
    """Takes mail unless told otherwise; `taken` holds each mail whose whole text arrived."""

    def __init__(self, on_rcpt: str = "", on_data: str = "250 OK", drops: bool = False) -> None:
        self.on_rcpt = on_rcpt
        self.on_data = on_data
        self.drops = drops
        self.taken: list[Envelope] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.on_rcpt:
            return self.on_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        if self.drops:
            assert server.transport is not None
            server.transport.abort()
            await asyncio.sleep(0)
        return self.on_data


@contextmanager
def serving(handler: Handler) -> Iterator[int]:
    """The port it listens on."""
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def hold() -> None:
            with suppress(OSError):
                while True:
                    held.append(listener.accept()[0])

        thread = threading.Thread(target=hold, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for one in held:
                one.close()
