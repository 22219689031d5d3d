"""What is done with a protected file, and by whom it is asked for, leaves no word of it behind: in no other table, log line,
task, cache, mail, file or error page."""

import base64
import json
import logging
from collections.abc import Iterator
from logging.config import DictConfigurator

import pytest
import structlog
from celery import current_app
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client, TestCase
from django.urls import get_resolver, reverse
from redis import Redis

from core.logs import without_secrets
from solidarity.models.protected import FileRead
from solidarity.protection import alarms, services, views
from tests import factories
from tests.pages.test_access import patterns
from tests.solidarity import canaries, crawl
from tests.solidarity.canaries import NUMBERS, TABLES, found_in

pytestmark = [pytest.mark.django_db, pytest.mark.walk]


class Lines(logging.Handler):
    """Every line as production would write it, from the least of them on."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        configured = DictConfigurator(settings.LOGGING).configure_formatter(
            dict(settings.LOGGING["formatters"]["structured"])
        )
        self.setFormatter(configured)
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))


@pytest.fixture
def lines():
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler.written
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def people(db) -> canaries.People:
    return canaries.people()


@pytest.fixture
def hidden(people) -> canaries.Hidden:
    return canaries.hide(people, factories.ResidencyProgrammeFactory())


def visits(people: canaries.People, hidden: canaries.Hidden) -> None:
    """Those who are named do everything on the file's pages; the others try each of its addresses."""
    access = hidden.file.accesses.order_by("pk").first().pk
    given = {"code": hidden.file.code, "field": "identity", "pk": access}
    protected = [(name, e) for name, e in patterns(get_resolver()) if e.callback.__module__ == views.__name__]
    assert len(protected) >= 10
    for client in (people.named, people.opener, people.second, *people.strangers.values()):
        for name, entry in protected:
            address = reverse(name, kwargs={key: given[key] for key in crawl.parameters(entry)})
            for method in ("get", "post"):
                getattr(client, method)(address, {"text": f"{canaries.SECRET} posted"} if method == "post" else None)
    stranger = Client()
    door = stranger.get(reverse("solidarity:protected-file", args=[hidden.file.code]), follow=True)
    page = crawl.Links()
    page.feed(door.content.decode())
    for link in (link for link in page.found if "next=" in link):
        stranger.get(link)


def test_no_log_line_tells_of_it(people, lines):
    hidden = canaries.hide(people, factories.ResidencyProgrammeFactory())
    visits(people, hidden)
    assert len(lines) > 200
    assert any("/protection/" in line for line in lines)
    assert [line for line in lines if found_in(line, hidden.patterns())] == []


@pytest.mark.parametrize(
    "path",
    [
        "/protection/7K2Q-9FHM/",
        "/protection/7K2Q-9FHM/access/771390001/end/",
        "/x/?next=%2Fprotection%2F7K2Q-9FHM%2Ferase%2F",
    ],
)
def test_addresses_are_masked_wherever_they_stand(path):
    masked = without_secrets(settings.SECRET_PATHS)(None, "", {"request": f"GET {path}", "n": [f"{path}", {"a": path}]})
    assert "7K2Q" not in json.dumps(masked)
    assert "77139" not in json.dumps(masked)


def test_an_error_on_its_pages_tells_nothing(people, hidden, lines, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("invented fault")

    monkeypatch.setattr(services, "unseal", fails)
    people.opener.raise_request_exception = False
    address = reverse("solidarity:protected-text", args=[hidden.file.code, "identity"])
    answers = [crawl.ask(people.opener, address, "post"), crawl.ask(people.opener, address, "put")]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.opener.user)
    answers.append(crawl.ask(strict, address, "post"))
    assert [answer.status for answer in answers] == [500, 405, 403]
    patterns = {name: text for name, text in hidden.patterns().items() if "code" not in name}
    assert [found_in(answer.text, patterns) for answer in answers] == [[], [], []]
    assert FileRead.objects.filter(user=people.opener.user, field="identity").exists()
    assert [line for line in lines if found_in(line, hidden.patterns())] == []


# --- what is kept ---


def rows() -> Iterator[tuple[str, str]]:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (text,) in cursor.fetchall():
                yield table, text


def test_no_table_holds_a_word_in_clear_and_no_other_one_a_trace(people, hidden):
    visits(people, hidden)
    words = {name: pattern for name, pattern in hidden.patterns().items() if "word" in name}
    gone = {name: pattern for name, pattern in hidden.patterns().items() if "erased" in name}
    told, seen = [], set()
    for table, text in rows():
        seen.add(table)
        told += [(table, name) for name in found_in(text, words | gone if table in TABLES else hidden.patterns())]
    assert seen >= TABLES - {"solidarity_erasureevent"}
    assert told == []


def test_no_other_table_changes_with_it(people):
    programme = factories.ResidencyProgrammeFactory()
    before = {(table, text) for table, text in rows() if table not in TABLES}
    canaries.hide(people, programme)
    assert {(table, text) for table, text in rows() if table not in TABLES} == before


def test_no_session_message_mail_file_or_cache_holds_it(people):
    valkey = Redis.from_url(settings.CACHES["default"]["LOCATION"])
    current_app.control.purge()
    cache.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        hidden = canaries.hide(people, factories.ResidencyProgrammeFactory())
        visits(people, hidden)
    queued = list(queue(valkey))
    assert any("tell_protection_officers" in text for text in queued)
    assert alarms.tell() == 1
    officers = {client.user.email for client in (people.opener, people.second, people.strangers["protection-officer"])}
    assert {message.to[0] for message in mail.outbox} == officers
    kept = [
        *queued,
        *(str(message.message()) + message.body for message in mail.outbox),
        *(str(SessionStore().decode(session.session_data)) for session in Session.objects.all()),
        *(str(cookie.value) for client in all_of(people) for cookie in client.cookies.values()),
        *files(),
    ]
    current_app.control.purge()
    assert [text[:300] for text in kept if found_in(text, hidden.patterns())] == []


def all_of(people: canaries.People) -> list[Client]:
    return [people.opener, people.second, people.named, *people.strangers.values()]


def queue(valkey: Redis) -> Iterator[str]:
    """Everything that the broker and the cache hold; what a task is given is packed once more."""
    for key in valkey.scan_iter():
        kind = valkey.type(key)
        found = [key]
        if kind == b"list":
            found += valkey.lrange(key, 0, -1)
        elif kind == b"string":
            found.append(valkey.get(key))
        elif kind == b"hash":
            found += valkey.hgetall(key).values()
        for value in found:
            yield value.decode("utf-8", "replace")
            if b'"body"' in value:
                yield base64.b64decode(json.loads(value)["body"]).decode("utf-8", "replace")


def files() -> Iterator[str]:
    for folder in default_storage.listdir("")[0] if default_storage.exists("") else ():
        for name in default_storage.listdir(folder)[1]:
            with default_storage.open(f"{folder}/{name}") as file:
                yield f"{name} {file.read()!r}"


def test_the_numbers_are_as_unmistakable_as_the_words(hidden):
    """The search looks for them: rows numbered otherwise would pass it unseen."""
    assert hidden.file.pk > NUMBERS
    assert all(access.pk > NUMBERS for access in hidden.file.accesses.all())
    text = f"{canaries.WHY} {hidden.file.code} {hidden.file.pk} 29 février 2024"
    assert len(found_in(text, hidden.patterns())) == 4
    assert found_in(f"{hidden.file.code.lower().replace('-', '%2D')}", hidden.patterns()) == ["its code"]
