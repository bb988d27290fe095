"""The gate: closed unless a Room said who may; a GET cannot write; foreign hosts and foreign addresses go nowhere."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask
from sqlalchemy import select

from recovery_college.access.gate import init_gate
from recovery_college.access.room import Room
from recovery_college.access.rules import Permission, Role
from recovery_college.app import create_app
from recovery_college.kernel.db import aside, db, session, transaction
from recovery_college.kernel.settings import Settings
from recovery_college.people.models import Person
from tests.factories.people import a_person, signed_in
from tests.house.world import World
from tests.page_client import PageClient


def hello() -> str:
    return "hello"


def test_a_route_without_a_permission_cannot_be_written() -> None:
    room = Room("lockless", __name__)
    with pytest.raises(TypeError, match="permission"):
        room.page("/x")(hello)  # type: ignore[call-arg]
    for add in (
        lambda: room.route("/x")(hello),
        lambda: room.get("/x")(hello),
        lambda: room.post("/x")(hello),
        lambda: room.add_url_rule("/x", "x", hello),
    ):
        with pytest.raises(TypeError, match="permission"):
            add()


def gated(*blueprints: Blueprint) -> Flask:
    """A small app behind the gate, with nobody signed in."""
    app = Flask(__name__)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    app.add_url_rule("/bare", "bare", hello)
    init_gate(app, lambda: None, "/sign-in")
    return app


def test_a_plain_blueprint_and_a_bare_route_are_closed() -> None:
    plain = Blueprint("plain", __name__)
    plain.add_url_rule("/plain", "hello", hello)
    room = Room("open", __name__)
    room.page("/open", permission=Permission.PUBLIC)(hello)
    client = gated(plain, room).test_client()
    assert client.get("/plain").status_code == 404
    assert client.get("/bare").status_code == 404
    assert client.get("/open").status_code == 200


def test_a_route_added_behind_the_gates_back_is_closed() -> None:
    """A room's rule added by Blueprint's own method has no entry in `needs`, so the gate does not know it."""
    room = Room("sly", __name__)
    Blueprint.add_url_rule(room, "/sly", "sly", hello)
    assert gated(room).test_client().get("/sly").status_code == 404


def test_every_endpoint_of_the_app_is_named_in_a_room(world: World) -> None:
    needs = world.app.extensions["needs"]
    assert {rule.endpoint for rule in world.rules()} == set(needs)


def test_static_files_are_open_and_the_folder_is_not(client: PageClient) -> None:
    browser = client.client
    with browser.get("/static/src/app.css") as answer:
        assert answer.status_code == 200
    for path in ("/static/", "/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static/src"):
        assert browser.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "path", ["/account", "/audit", "/people", "/cohorts/00000000-0000-4000-8000-000000000000/quality"]
)
def test_head_is_refused_like_get_and_options_tells_nothing(client: PageClient, path: str) -> None:
    browser = client.client
    assert browser.head(path).status_code == 303
    assert browser.head(path).location.startswith("/sign-in")
    assert browser.options(path).location.startswith("/sign-in")
    browser = client.wear(signed_in(Role.MANAGER)).client
    assert browser.head(path).status_code == browser.get(path).status_code
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        assert browser.open(path, method=method).status_code in (400, 403, 404, 405), method


def test_an_unknown_host_is_refused(client: PageClient) -> None:
    browser = client.client
    assert browser.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
    assert browser.get("/sign-in", headers={"Host": "127.0.0.1.evil.example"}).status_code == 400
    assert browser.get("/sign-in", headers={"Host": "127.0.0.1:8000"}).status_code == 200


def test_a_forwarded_host_is_not_believed(client: PageClient) -> None:
    page = client.client.get(
        "/sign-in", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    )
    assert page.status_code == 200
    assert "evil.example" not in page.get_data(as_text=True)


EVIL = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/\r\nLocation: https://evil.example",
    "%2f%2fevil.example",
    "evil.example",
    "/ /evil.example",
    "/\u2028/evil.example",
)


@pytest.mark.parametrize("wanted", EVIL)
def test_next_never_leads_elsewhere(client: PageClient, wanted: str) -> None:
    browser = client.wear(signed_in(Role.TUTOR)).client
    answer = browser.get("/sign-in", query_string={"next": wanted})
    assert answer.status_code == 303
    assert answer.location in ("/", "/%E2%80%A8/evil.example")
    assert "evil.example" not in dict(answer.headers).get("Set-Cookie", "")


def test_next_leads_back_within_the_site(client: PageClient) -> None:
    """The twin: a good address is followed, so the list above does not pass by refusing everything."""
    browser = client.wear(signed_in(Role.TUTOR)).client
    assert browser.get("/sign-in", query_string={"next": "/account?a=b"}).location == "/account?a=b"


def writing_app(settings: Settings) -> Flask:
    """The app with three pages more: one that writes in a GET, one that asks the database to, one that may."""
    app = create_app(settings)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    room = Room("writing", __name__)

    def in_a_transaction() -> str:
        with transaction() as s:
            s.add(Person(given_name="In", family_name="Transaction"))
        return "written"

    def behind_its_back() -> str:
        session().connection().exec_driver_sql("UPDATE person SET given_name = 'Changed'")
        session().commit()
        return "written"

    def beside() -> str:
        with aside() as s:
            for person in s.scalars(select(Person)):
                person.given_name = "Changed"
        return "written"

    for view in (in_a_transaction, behind_its_back, beside):
        room.page(f"/{view.__name__}", permission=Permission.PUBLIC, methods=("GET", "POST"))(view)
    app.register_blueprint(room)
    app.extensions["needs"] |= room.needs
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def writer(app: Flask, settings: Settings) -> Flask:
    a_person("Before")
    session().rollback()
    return writing_app(settings)


def names() -> list[str]:
    session().rollback()
    return list(session().scalars(select(Person.given_name)))


def test_a_get_that_writes_fails_and_nothing_is_written(writer: Flask, app: Flask) -> None:
    for path in ("/in_a_transaction", "/behind_its_back"):
        with writer.app_context():
            assert writer.test_client().get(path).status_code >= 500
            db.session.remove()
            db.engine.dispose()
    assert names() == ["Before"]


def test_the_same_code_writes_in_a_post(writer: Flask, app: Flask) -> None:
    """The twin: what was refused above is refused because it was a GET."""
    with writer.app_context():
        assert writer.test_client().post("/behind_its_back").status_code == 200
        db.engine.dispose()
    assert names() == ["Changed"]


def test_only_a_note_beside_the_request_may_write_in_a_get(writer: Flask, app: Flask) -> None:
    with writer.app_context():
        assert writer.test_client().get("/beside").status_code == 200
        db.engine.dispose()
    assert names() == ["Changed"]


def test_a_post_without_a_token_is_refused_on_every_route(world: World) -> None:
    for rule in world.rules():
        if "POST" in (rule.methods or set()):
            answer = world.client("admin").post(world.path(rule, "admin"), data={"outcome": "met"})
            assert answer.status_code == 400, rule.rule


def test_the_character_nul_is_a_bad_request(client: PageClient) -> None:
    """PostgreSQL takes no NUL in a text: without this it would be a bug's page."""
    client.wear(signed_in(Role.SYSADMIN))
    assert client.get("/people?search=a%00b").status == 400
    assert client.get("/verify/%00").status == 400
    token = client.get("/account/password").hidden("csrf_token")
    said = {"csrf_token": token, "name": "A\0B", "email": "a@b.example", "role": "hr"}
    assert client.post("/people/invite", data=said).status == 400
