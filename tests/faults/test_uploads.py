"""F1, F21, F22, F25: killed or cut in the middle of an upload, storage not writable, session ended while typing."""

from __future__ import annotations

import http.client
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import EnvironBuilder

from recovery_college.access.rules import Role
from recovery_college.assessment import evidence_services
from recovery_college.assessment.evidence_models import Evidence, EvidenceDraft, EvidenceFile
from recovery_college.assessment.evidence_services import sweep_files
from recovery_college.kernel import clock
from recovery_college.people.models import SignInSession
from tests.factories.evidence import A_PDF
from tests.faults.knocking import rule_of
from tests.faults.test_killed_server import serving
from tests.house.test_access_matrix import plausible, token_of
from tests.house.world import World

pytestmark = pytest.mark.loopback
TYPED = "I wrote this while the storage broke"


def the_form(world: World) -> tuple[str, dict[str, Any], Any]:
    """Where the student hands in, what they send, and the browser they do it with."""
    rule = rule_of(world, "assessment.evidence_new")
    said = {**plausible(world, rule)["student"], "body": TYPED}
    world.refresh()
    client = world.client("student")
    return world.path(rule, "student"), {**said, "csrf_token": token_of(client, "student")}, client


def with_file(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "files": (io.BytesIO(A_PDF * 3000), "work.pdf")}


def found(world: World) -> tuple[int, int]:
    """How many pieces of evidence with these words' student there are, and files of theirs."""
    with world.session() as s:
        return (
            s.scalar(select(func.count()).select_from(Evidence)) or 0,
            s.scalar(select(func.count()).select_from(EvidenceFile)) or 0,
        )


def stored(world: World) -> set[Path]:
    folder = world.app.extensions["settings"].data_dir / "files" / "evidence"
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def before(world: World) -> Iterator[tuple[tuple[int, int], set[Path]]]:
    """What is there before; whatever a test left in storage is taken away."""
    with world.app.app_context(), clock.held_at(clock.now() + timedelta(days=2)):
        sweep_files(world.app.extensions["storage"])  # what other tests stored and no row of this world knows
    world.refresh()  # and every file of this world is there, whoever cleared the folder meanwhile
    there = stored(world)
    yield found(world), there
    for path in stored(world) - there:
        path.unlink()


def body_of(said: dict[str, Any]) -> tuple[str, bytes]:
    environ = EnvironBuilder(method="POST", data=with_file(said)).get_environ()
    return str(environ["CONTENT_TYPE"]), environ["wsgi.input"].read()


def post(port: int, path: str, kind: str, body: bytes, cookie: str, cut: int | None = None) -> int:
    """Send it, all or up to `cut` bytes, and give the status; 0 when no answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest("POST", path, skip_host=True)
        for name, value in (
            ("Host", "127.0.0.1:8000"),
            ("Cookie", cookie),
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
        ):
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[:cut])
        if cut is not None:
            return 0
        return connection.getresponse().status
    except (http.client.HTTPException, OSError):
        return 0
    finally:
        connection.close()


def sent(world: World, moment: str, cut: int | None = None) -> int:
    path, said, client = the_form(world)
    cookie = client.get_cookie("rc", domain="127.0.0.1") or client.get_cookie("rc")
    assert cookie is not None
    kind, body = body_of(said)
    with serving(world, moment) as port:
        return post(port, path, kind, body, f"rc={cookie.value}", cut)


def test_killed_between_file_and_rows_leaves_no_row_and_the_sweep_takes_the_file(
    world: World, before: tuple[tuple[int, int], set[Path]]
) -> None:
    assert sent(world, "upload") == 0
    assert found(world) == before[0]
    assert len(stored(world) - before[1]) == 1
    with world.app.app_context(), clock.held_at(clock.now() + timedelta(days=2)):
        assert sweep_files(world.app.extensions["storage"]) == 1
    assert stored(world) == before[1]


def test_cut_half_way_leaves_nothing(world: World, before: tuple[tuple[int, int], set[Path]]) -> None:
    assert sent(world, "never", cut=50_000) == 0
    assert (found(world), stored(world)) == before


def test_whole_it_arrives(world: World, before: tuple[tuple[int, int], set[Path]]) -> None:
    """The twin of the two above: the same request, neither killed nor cut."""
    assert sent(world, "never") == 303
    assert found(world) == (before[0][0] + 1, before[0][1] + 1)


@contextmanager
def not_writable(world: World) -> Iterator[None]:
    """A file lies where the folder for evidence should be: nothing can be stored, whoever the service runs as."""
    folder: Path = world.app.extensions["settings"].data_dir / "files" / "evidence"
    aside = folder.with_name("evidence-aside")
    folder.rename(aside)
    folder.write_bytes(b"")
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


def answer_of(world: World) -> Any:
    path, said, client = the_form(world)
    with not_writable(world):
        return client.post(path, data=with_file(said), content_type="multipart/form-data")


def test_storage_not_writable_is_told_and_what_was_typed_is_kept(world: World) -> None:
    pieces = found(world)
    answer = answer_of(world)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, TYPED in page) == (503, True)
    assert int(answer.headers["Retry-After"]) > 0
    assert "Traceback" not in page
    assert found(world) == pieces


def rows_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the service keep the rows first and the files afterwards."""
    real = evidence_services._keep

    def careless(actor: Any, storage: Any, enrolment_id: Any, given: Any) -> Any:
        class Later:
            def put(self, key: str, content: bytes) -> None:
                held.append((key, content))

            def delete(self, key: str) -> None: ...

        held: list[tuple[str, bytes]] = []
        made = real(actor, Later(), enrolment_id, given)  # type: ignore[arg-type]
        for key, content in held:
            storage.put(key, content)
        return made

    monkeypatch.setattr(evidence_services, "_keep", careless)


def test_a_careless_order_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad twin: rows first, files afterwards; the row is there and its file is not."""
    rows_first(monkeypatch)
    pieces = found(world)
    assert answer_of(world).status_code == 503
    assert found(world) != pieces


def test_session_ended_while_typing(world: World) -> None:
    """F25: nothing is saved without a session; what was saved before is there after signing in again."""
    path, said, client = the_form(world)
    draft = {**said, "deed": "draft", "body": "Saved before", "seen": "1"}
    saved = client.post(path, data=draft, headers={"Accept": "application/json"})
    assert saved.status_code == 200, saved.get_data(as_text=True)
    with world.app.app_context():
        from recovery_college.kernel.db import transaction

        with transaction() as s:
            person = world.mine.actors[Role.STUDENT].session_id
            s.execute(update(SignInSession).where(SignInSession.id == person).values(ended_at=clock.now()))
    late = client.post(
        path, data={**draft, "body": "Typed after", "seen": "2"}, headers={"Accept": "application/json"}
    )
    assert late.status_code == 401
    assert "Typed after" in late.get_data(as_text=True)
    with world.session() as s:
        bodies = [fields.get("body") for fields in s.scalars(select(EvidenceDraft.fields))]
    assert "Saved before" in bodies
    assert "Typed after" not in bodies


def test_a_request_too_large_is_refused_before_it_is_read(world: World) -> None:
    path, _, client = the_form(world)
    said = {"CONTENT_LENGTH": str(60 * 1024 * 1024), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = client.post(path, environ_overrides=said)
    assert answer.status_code == 413
    assert "50 MB" in answer.get_data(as_text=True)
