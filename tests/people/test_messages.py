"""Messages: each person reads their own; the system administrator sees how they fare, not what they say."""

import pytest
from flask import Flask

from recovery_college.access.rules import Role
from recovery_college.kernel.db import transaction
from recovery_college.kernel.mail import queue_mail
from tests.factories.people import a_person, an_account, signed_in
from tests.page_client import PageClient


@pytest.fixture
def written(app: Flask) -> None:
    an_account(a_person("Amina"), Role.STUDENT, email="amina@home.example")
    with transaction() as s:
        queue_mail(s, "amina@home.example", "Good news", "Hello Amina, something is ready", "certificate")


def test_the_system_administrator_reads_neither_address_nor_words(client: PageClient, written: None) -> None:
    page = client.wear(signed_in(Role.SYSADMIN)).get("/people/outbox")
    assert "home.example" in page.words
    assert "Queued" in page.words
    for told in ("amina", "Amina", "Good news", "something is ready"):
        assert told not in page.text


def test_the_person_reads_it(client: PageClient, app: Flask) -> None:
    me = a_person("Amina")
    actor = signed_in(Role.STUDENT, person=me)
    with transaction() as s:
        here = app.extensions["settings"].public_base_url
        words = f"Hello Amina,\n\nsomething is ready\n{here}/considerations\n{here}.elsewhere.example/x"
        queue_mail(s, actor.email, "Good news", words, "certificate")
        queue_mail(s, "other@home.example", "Other news", "Not for you", "certificate")
    page = client.wear(actor).get("/account/messages")
    assert "Hello Amina," in page.words
    assert '<a href="/considerations">' in page.text
    assert "elsewhere.example" in page.words
    assert not [link for link in page.links if "elsewhere" in link]
    assert "Other news" not in page.text
    assert "/account/messages" in client.get("/account").links


def test_nothing_yet(client: PageClient, written: None) -> None:
    assert "No messages yet" in client.wear(signed_in(Role.TUTOR)).get("/account/messages").words


def test_needs_sign_in(client: PageClient, app: Flask) -> None:
    assert client.get("/account/messages").status == 303
