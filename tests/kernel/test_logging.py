"""The log follows a request and holds nothing a person typed."""

import json
import logging
from uuid import uuid4

import pytest
import structlog
from flask import Flask

from recovery_college.kernel.logging import init_logging, without_words

SECRETS = ("ada.lovelace", "correct-horse", "Lovelace", "one-time-token")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    written = capsys.readouterr()
    assert written.out == ""
    return [json.loads(line) for line in written.err.splitlines()]


def test_each_request_is_one_json_line_with_the_id_the_answer_bears(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    answer = app.test_client().get("/sign-in")
    (line,) = lines(capsys)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["event"], line["method"], line["rule"], line["status"]) == (
        "request",
        "GET",
        "/sign-in",
        200,
    )
    assert "at" in line


def test_no_line_holds_what_was_typed(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    client = app.test_client()
    client.get("/sign-in?name=Lovelace")
    client.post(
        "/sign-in?name=Lovelace", data={"email": "ada.lovelace@b.example", "password": "correct-horse"}
    )
    client.get("/welcome/one-time-token")
    client.get("/Lovelace")
    text = capsys.readouterr().err
    assert text.count('"event": "request"') == 4
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_bug_is_told_without_its_words(settings: object, capsys: pytest.CaptureFixture[str]) -> None:
    typed = "".join(["Love", "lace"])
    app = Flask("small")
    init_logging(app)

    @app.get(f"/{uuid4()}")
    def page() -> str:
        raise LookupError(typed)

    path = next(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == "page")
    assert app.test_client().get(path).status_code == 500
    text = capsys.readouterr().err
    assert '"kind": "LookupError"' in text
    assert "raise LookupError(typed)" in text
    assert typed not in text


def test_libraries_lines_are_json_too(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    logging.getLogger("huey.consumer").info("every step")
    logging.getLogger("huey.consumer").warning("the disk is %s", "full")
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("the disk is full", "warning", "huey.consumer")


def test_two_apps_do_not_tell_everything_twice(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    init_logging(Flask("second"))
    capsys.readouterr()
    logging.getLogger("library").warning("once")
    assert len(lines(capsys)) == 1


def test_nothing_of_a_request_is_left_for_the_next(app: Flask) -> None:
    app.test_client().get("/sign-in")
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_words_would_be_there_without_the_guard() -> None:
    try:
        raise LookupError("Lovelace")
    except LookupError as error:
        event: structlog.typing.EventDict = {"event": "x", "exc_info": error}
    assert "Lovelace" in str(dict(event))
    assert sorted(without_words(None, "error", event)) == ["event", "kind", "where"]
