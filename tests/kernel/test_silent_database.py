"""A PostgreSQL that takes the connection and then says nothing keeps nobody waiting for longer than a few seconds."""

import socket
import time

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from recovery_college import app


@pytest.mark.loopback
def test_it_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "DATABASE_ANSWERS_WITHIN", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://college@127.0.0.1:{silent.getsockname()[1]}/college"
        engine = create_engine(url, **app._engine_options(url))
        began = time.monotonic()
        with pytest.raises(OperationalError), engine.connect():
            pass
        assert time.monotonic() - began < 10
